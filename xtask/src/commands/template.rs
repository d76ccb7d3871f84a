//! `cargo xtask template`.

use std::path::PathBuf;

use anyhow::Result;

use super::options::{ChartOption, JudgeOptions, refuse_secrets_in_argv};
use crate::chart::{self, Chart, Scenario};
use crate::exit::{self, Failure};
use crate::lint::{self, Settings};
use crate::report::{self, Console};
use crate::secrets;
use crate::tools::{ChartCall, Helm, Values};

/// Render the chart, and judge the render
///
/// The manifests go to stdout, the verdict of lint to stderr and into the exit code.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    chart: ChartOption,

    /// Render ci/NAME-values.yaml with placeholder secrets [default: default]
    #[arg(long, value_name = "NAME", conflicts_with_all = ["files", "set", "set_string"])]
    scenario: Option<String>,

    /// Values file; the later ones win
    #[arg(short = 'f', long = "values", value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Set a value, as Helm does
    #[arg(long, value_name = "K=V")]
    set: Vec<String>,

    /// Set a value as a string, as Helm does
    #[arg(long, value_name = "K=V")]
    set_string: Vec<String>,

    /// Name of the release [default: the chart's name]
    #[arg(long, value_name = "NAME")]
    release: Option<String>,

    /// Namespace [default: the chart's name]
    #[arg(short, long, value_name = "NS")]
    namespace: Option<String>,

    /// Print the values of Secrets instead of `***`
    #[arg(long)]
    show_secrets: bool,

    #[command(flatten)]
    judge: JudgeOptions,
}

impl Args {
    /// Renders, judges, prints both; the exit code is the verdict's.
    pub fn run(self, console: Console) -> Result<u8> {
        refuse_secrets_in_argv(&self.set)?;
        refuse_secrets_in_argv(&self.set_string)?;
        let chart = self.chart.open()?;
        let settings = self.judge.settings();
        let call = self.call(&chart, &settings, console)?;
        let mask = secrets::mask_of(&call.values.files)?;
        let helm = Helm::find(console)?.masking(mask.clone());
        let rendered = lint::render(&helm, &chart, &call)?;
        let shown = if self.show_secrets { rendered.text.clone() } else { secrets::masked(&rendered.text, &mask) };
        report::product(&shown)?;
        let verdict = lint::one(&rendered, &chart, &settings);
        console.note(mask.hide(verdict.text().trim_end()));
        if !rendered.failure.is_empty() {
            return Err(Failure::error(exit::FINDINGS, "helm refused to render the chart"));
        }
        if verdict.errors() > 0 {
            return Err(Failure::error(exit::FINDINGS, format!("template {}", verdict.conclusion())));
        }
        Ok(exit::OK)
    }

    /// What Helm is asked for: a scenario, or the files and settings given, over placeholder secrets if they set none.
    fn call(&self, chart: &Chart, settings: &Settings, console: Console) -> Result<ChartCall> {
        let given = !(self.files.is_empty() && self.set.is_empty() && self.set_string.is_empty());
        let mut call = if given {
            let mut call = chart.plain().call(chart, settings);
            if secrets::in_files(&self.files)? {
                call.values.files.clear();
            } else if chart.has_secrets_example {
                console.note(format_args!("secrets: placeholders of {}, since no -f sets any", chart::SECRETS_EXAMPLE));
            }
            call.values.files.extend(self.files.iter().cloned());
            call.values = Values { set: self.set.clone(), set_string: self.set_string.clone(), ..call.values };
            call
        } else {
            self.scenario(chart)?.call(chart, settings)
        };
        if let Some(release) = &self.release {
            call.release.clone_from(release);
        }
        if let Some(namespace) = &self.namespace {
            call.namespace.clone_from(namespace);
        }
        Ok(call)
    }

    /// The scenario that was named, else `default`, else `values.yaml` as it stands.
    fn scenario(&self, chart: &Chart) -> Result<Scenario> {
        match &self.scenario {
            Some(name) => chart.scenario(name),
            None if chart.scenarios()?.iter().any(|scenario| scenario.name == chart::DEFAULT) => {
                chart.scenario(chart::DEFAULT)
            }
            None => Ok(chart.plain()),
        }
    }
}
