//! Options that several commands share.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::chart::Chart;
use crate::exit::Failure;
use crate::lint::Settings;
use crate::paths;
use crate::pod_security::Policy;

/// The newest Kubernetes minor version that the schema and the policies know.
pub const NEWEST_KUBERNETES: u32 = 37;

/// How a verdict or a summary is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    Text,
    Json,
}

/// By what a render is judged.
#[derive(Clone, Debug, Args)]
pub struct JudgeOptions {
    /// Pod Security level, and the version of its policy if not the newest: `restricted`, `baseline:v1.30`
    #[arg(long, value_name = "LEVEL[:VERSION]", default_value = "restricted")]
    pub pod_security: Policy,

    /// Kubernetes version that Helm renders for
    #[arg(long, value_name = "1.N", default_value_t = format!("1.{NEWEST_KUBERNETES}"), value_parser = kube_version)]
    pub kube_version: String,
}

impl JudgeOptions {
    /// The settings for lint and render.
    pub fn settings(&self) -> Settings {
        Settings { policy: self.pod_security, kube_version: self.kube_version.clone() }
    }
}

/// Which chart.
#[derive(Clone, Debug, Args)]
pub struct ChartOption {
    /// Folder of the chart [default: helm/mailroom]
    #[arg(long, value_name = "DIR")]
    pub chart: Option<PathBuf>,
}

impl ChartOption {
    /// Opens the chart: the one that was named, else mailroom's.
    pub fn open(&self) -> Result<Chart> {
        Chart::open(&self.chart.clone().unwrap_or_else(paths::chart))
    }
}

/// `1.N`, with N of a Kubernetes that charts can still meet.
fn kube_version(text: &str) -> std::result::Result<String, String> {
    let minor = text.strip_prefix("1.").and_then(|minor| minor.parse::<u32>().ok());
    match minor {
        Some(minor) if format!("1.{minor}") == text && minor <= NEWEST_KUBERNETES => Ok(text.to_owned()),
        Some(minor) if minor > NEWEST_KUBERNETES => {
            Err(format!("the newest Kubernetes known here is 1.{NEWEST_KUBERNETES}"))
        }
        _ => Err("give it as 1.N, as in 1.37".to_owned()),
    }
}

/// Refuses a secret on the command line: an argv is public on its machine.
pub fn refuse_secrets_in_argv(assignments: &[String]) -> Result<()> {
    for assignment in assignments {
        // Helm reads `a=1,b=2` as two assignments, and a backslash as the quoting of the next character.
        for part in assignment.replace('\\', "").split(',') {
            let key = part.split('=').next().unwrap_or_default().trim();
            if key.split(['.', '[']).next() == Some("secrets") {
                return Err(Failure::usage(format!(
                    "`{key}` on the command line can be read by every user of this machine; \
                     put it into a values file and pass that with -f"
                )));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_on_the_command_line_is_refused_without_its_value() {
        for argument in [
            "secrets.jmapToken=canary",
            "a=1,secrets.jmapToken=canary",
            "secrets={canary}",
            " secrets.x=canary",
            r"s\ecrets[0]=canary",
        ] {
            let error = refuse_secrets_in_argv(&[argument.to_owned()]).unwrap_err();
            assert!(!error.to_string().contains("canary"), "{error}");
            assert_eq!(crate::exit::code_of(&error), crate::exit::USAGE);
        }
        refuse_secrets_in_argv(&["image.tag=secrets".to_owned(), "config.secrets_like=1".to_owned()]).unwrap();
    }

    #[test]
    fn a_kubernetes_version_is_a_known_minor() {
        assert_eq!(kube_version("1.25").unwrap(), "1.25");
        for wrong in ["1.38", "v1.30", "1.030", "1.30.1", "2.0", "", "1."] {
            assert!(kube_version(wrong).is_err(), "{wrong}");
        }
    }
}
