//! `cargo xtask deploy`.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;

use super::options::{ChartOption, refuse_secrets_in_argv};
use crate::chart;
use crate::deploy::{self, DEFAULT_NAME, Mode, Request};
use crate::duration;
use crate::report::Console;

/// Deploy the chart: show what will change, let the gate judge the configuration, and prove what runs
///
/// Nothing is written before the plan: the cluster is the one named by --context, the one remembered by --remember, or
/// the current one, shown and confirmed on a terminal.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own on the command line")]
pub struct Args {
    /// Context of the cluster [default: the remembered one, else the current one, once confirmed]
    #[arg(long, value_name = "NAME")]
    context: Option<String>,

    /// Kubeconfig to look the context up in [default: KUBECONFIG, else ~/.kube/config]
    #[arg(long, value_name = "FILE")]
    kubeconfig: Option<PathBuf>,

    /// Namespace; it is made, or its labels are raised, where that is needed
    #[arg(short, long, value_name = "NS", default_value = DEFAULT_NAME, value_parser = namespace_name)]
    namespace: String,

    /// Name of the release
    #[arg(long, value_name = "NAME", default_value = DEFAULT_NAME, value_parser = release_name)]
    release: String,

    #[command(flatten)]
    chart: ChartOption,

    /// Values file; the later ones win
    #[arg(short = 'f', long = "values", value_name = "FILE")]
    files: Vec<PathBuf>,

    /// File with the three credentials [default: secrets-values.yaml in the chart]
    #[arg(long, value_name = "FILE")]
    secrets: Option<PathBuf>,

    /// Set a value, as Helm does; not below `secrets`, and not `setup.apply`
    #[arg(long, value_name = "K=V")]
    set: Vec<String>,

    /// Set a value as a string, as Helm does
    #[arg(long, value_name = "K=V")]
    set_string: Vec<String>,

    /// Let the gate create the mailboxes, labels and groups that are missing, in this deploy alone
    #[arg(long, conflicts_with = "gate_only")]
    apply_setup: bool,

    /// Show the plan and change nothing
    #[arg(long, conflicts_with = "gate_only")]
    dry_run: bool,

    /// Ask whether something is missing: run the gate, show its verdict, leave nothing
    #[arg(long)]
    gate_only: bool,

    /// Go on after the plan without a question; needs --context or a remembered cluster
    #[arg(long)]
    yes: bool,

    /// Keep the cluster for later runs in .deploy-target
    #[arg(long, conflicts_with = "dry_run")]
    remember: bool,

    /// How long Helm may wait for the gate, and again for the rollout
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = duration::parse)]
    timeout: Duration,
}

impl Args {
    /// Plans, and deploys where the plan stands and nobody says no.
    pub fn run(self, console: Console) -> Result<u8> {
        for assignments in [&self.set, &self.set_string] {
            refuse_secrets_in_argv(assignments)?;
            deploy::refuse_setup_in_argv(assignments)?;
        }
        let request = self.request()?;
        deploy::run(request, console)
    }

    fn request(self) -> Result<Request> {
        let chart = self.chart.open()?;
        let mode = match (self.dry_run, self.gate_only) {
            (true, _) => Mode::DryRun,
            (_, true) => Mode::GateOnly,
            _ => Mode::Deploy,
        };
        Ok(Request {
            secrets: self.secrets.unwrap_or_else(|| chart.dir.join(chart::SECRETS_FILE)),
            chart,
            release: self.release,
            namespace: self.namespace,
            context: self.context,
            kubeconfig: self.kubeconfig,
            files: self.files,
            set: self.set,
            set_string: self.set_string,
            apply_setup: self.apply_setup,
            mode,
            yes: self.yes,
            remember: self.remember,
            timeout: self.timeout,
        })
    }
}

/// A namespace's name: a DNS label (RFC 1123), as Kubernetes asks for.
fn namespace_name(text: &str) -> Result<String, String> {
    dns_label(text, 63)
}

/// A release's name: Helm takes 53 characters, to leave room for suffixes.
fn release_name(text: &str) -> Result<String, String> {
    dns_label(text, 53)
}

fn dns_label(text: &str, longest: usize) -> Result<String, String> {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let hyphen_at_an_end = text.starts_with('-') || text.ends_with('-');
    if !text.is_empty() && text.len() <= longest && text.bytes().all(fits) && !hyphen_at_an_end {
        Ok(text.to_owned())
    } else {
        Err(format!("take at most {longest} small letters, digits and hyphens, with no hyphen at an end"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_dns_labels() {
        for good in ["mailroom", "a", "7", "a-b-7"] {
            assert_eq!(namespace_name(good).as_deref(), Ok(good));
        }
        for bad in ["", "-a", "a-", "A", "a_b", "a.b", "a/b", "ä", &"a".repeat(64)] {
            assert!(namespace_name(bad).is_err(), "{bad}");
        }
        assert!(release_name(&"a".repeat(53)).is_ok() && release_name(&"a".repeat(54)).is_err());
    }
}
