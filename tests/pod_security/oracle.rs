//! Asks the Go program in `oracle/`, which is built first.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::Value;
use xtask::paths;

use crate::verdicts::Verdicts;

/// The built oracle.
pub(crate) struct Oracle {
    program: PathBuf,
}

#[derive(Deserialize)]
struct Answer {
    pods: Vec<Verdicts>,
    #[serde(default)]
    error: String,
}

impl Oracle {
    /// Builds the program; without Go there is no comparison, and that is an error.
    pub(crate) fn build() -> Result<Self> {
        let program = paths::target().join("pod-security-oracle");
        let build = go().args(["build", "-o"]).arg(&program).arg(".").status();
        let status = build.context("the comparison needs Go 1.26: no `go` on PATH")?;
        ensure!(status.success(), "`go build` of tests/pod_security/oracle failed");
        Ok(Self { program })
    }

    /// The built program.
    #[allow(dead_code, reason = "the comparison of speed starts it as it is")]
    pub(crate) fn program(&self) -> &Path {
        &self.program
    }

    /// The verdicts on the pods of each document, in order.
    pub(crate) fn judge(&self, documents: &[Value]) -> Result<Vec<Vec<Verdicts>>> {
        let mut oracle =
            Command::new(&self.program).arg("cases").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut questions = oracle.stdin.take().context("stdin is piped")?;
        let answers = BufReader::new(oracle.stdout.take().context("stdout is piped")?);
        let verdicts: Vec<Vec<Verdicts>> = std::thread::scope(|scope| {
            let asking =
                scope.spawn(move || documents.iter().try_for_each(|document| writeln!(questions, "{document}")));
            let verdicts = answers.lines().zip(documents).map(|(line, document)| {
                let Answer { pods, error } = serde_json::from_str(&line?)?;
                ensure!(error.is_empty(), "the oracle cannot read {document}: {error}");
                Ok(pods)
            });
            let verdicts = verdicts.collect::<Result<_>>();
            asking.join().expect("writing does not panic").context("the oracle stopped reading")?;
            verdicts
        })?;
        ensure!(oracle.wait()?.success(), "the oracle failed");
        ensure!(verdicts.len() == documents.len(), "{} answers to {} documents", verdicts.len(), documents.len());
        Ok(verdicts)
    }
}

/// The folder of upstream's module, which ships its test fixtures.
pub(crate) fn upstream() -> Result<PathBuf> {
    let output = go().args(["list", "-m", "-f", "{{.Dir}}", "k8s.io/pod-security-admission"]).output()?;
    let dir = PathBuf::from(String::from_utf8(output.stdout)?.trim());
    ensure!(dir.is_absolute(), "`go list` does not know the folder of k8s.io/pod-security-admission");
    Ok(dir)
}

fn go() -> Command {
    let mut go = Command::new("go");
    go.current_dir(dir()).env_remove("GOFLAGS").stderr(Stdio::inherit());
    go
}

fn dir() -> PathBuf {
    Path::new(paths::root()).join("tests/pod_security/oracle")
}
