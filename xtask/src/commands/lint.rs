//! `cargo xtask lint`.

use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result};

use super::options::{ChartOption, Format, JudgeOptions};
use crate::exit::{self, Failure};
use crate::lint;
use crate::report::{self, Console, LintReport};
use crate::tools::Helm;
use crate::{paths, rules};

/// Judge every scenario of the chart, or rendered manifests
///
/// Helm lints and renders each scenario; each document is read as Kubernetes reads it, each pod in it is judged by the
/// Pod Security Standards, and the whole by rules of our own.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    chart: ChartOption,

    /// Judge rendered YAML or JSON instead of a chart; `-` is stdin
    #[arg(long, value_name = "FILE|-", conflicts_with = "chart")]
    manifests: Vec<String>,

    #[command(flatten)]
    judge: JudgeOptions,

    /// How to print the verdict
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// Explain one rule: what it asks for, and why
    #[arg(long, value_name = "RULE", conflicts_with = "list")]
    explain: Option<String>,

    /// List every rule
    #[arg(long)]
    list: bool,
}

impl Args {
    /// Judges, prints the verdict on stdout, and gives 0, or 1 where there is an error among the findings.
    pub fn run(self, console: Console) -> Result<u8> {
        if self.list {
            report::product(&rules::catalogue::list())?;
            return Ok(exit::OK);
        }
        if let Some(rule) = &self.explain {
            report::product(&rules::catalogue::explain(rule)?)?;
            return Ok(exit::OK);
        }
        let verdict = if self.manifests.is_empty() { self.lint_chart(console)? } else { self.lint_manifests()? };
        match self.format {
            Format::Json => report::product(&verdict.json()?)?,
            Format::Text => report::product(&verdict.text())?,
        }
        conclude(&verdict, console)
    }

    fn lint_chart(&self, console: Console) -> Result<LintReport> {
        let chart = self.chart.open()?;
        let helm = Helm::find(console)?;
        console.detail(format_args!("linting `{}` with helm {}", paths::shown(&chart.dir), helm.version));
        lint::chart(&chart, &helm, &self.judge.settings())
    }

    fn lint_manifests(&self) -> Result<LintReport> {
        let inputs =
            self.manifests.iter().map(|name| Ok((shown(name).to_owned(), read(name)?))).collect::<Result<Vec<_>>>()?;
        Ok(lint::manifests(&inputs, self.judge.pod_security))
    }
}

/// The closing line on stderr, and the exit code.
fn conclude(verdict: &LintReport, console: Console) -> Result<u8> {
    if verdict.errors() > 0 {
        return Err(Failure::error(exit::FINDINGS, format!("lint {}", verdict.conclusion())));
    }
    console.note(format_args!("lint {}", verdict.conclusion()));
    Ok(exit::OK)
}

fn read(name: &str) -> Result<Vec<u8>> {
    if name == "-" {
        let mut text = Vec::new();
        std::io::stdin().read_to_end(&mut text).context("cannot read stdin")?;
        return Ok(text);
    }
    std::fs::read(Path::new(name)).map_err(|error| Failure::usage(format!("--manifests `{name}`: {error}")))
}

fn shown(name: &str) -> &str {
    if name == "-" { "stdin" } else { name }
}
