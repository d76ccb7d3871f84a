//! What a program that ended has left, and the error that it makes.

use std::fmt;
use std::process::ExitStatus;

use anyhow::Result;

use super::redact::Mask;
use crate::exit::{ENVIRONMENT, Failure};

/// How many of the last lines of stderr an error repeats.
const LAST_LINES: usize = 12;

/// What a program that ended has left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Captured {
    /// The command line, masked.
    pub command: String,
    /// The exit code; none where a signal ended it.
    pub code: Option<i32>,
    /// stdout as it came, secrets included: it is the product that was asked for.
    pub stdout: String,
    /// stderr, masked.
    pub stderr: String,
    status: String,
}

impl Captured {
    pub(crate) fn new(
        command: String,
        status: ExitStatus,
        stdout: Vec<u8>,
        stderr: &[u8],
        mask: &Mask,
    ) -> Result<Self> {
        let stdout = String::from_utf8(stdout)
            .map_err(|error| Failure::environment(format!("`{command}` wrote something that is no UTF-8: {error}")))?;
        let stderr = mask.hide(&String::from_utf8_lossy(stderr));
        Ok(Self { command, code: status.code(), stdout, stderr, status: described(status) })
    }

    /// Whether it ended with 0.
    pub fn success(&self) -> bool {
        self.code == Some(0)
    }

    /// Itself where it ended with 0, else the error.
    ///
    /// # Errors
    /// A [`ToolError`], exit 3.
    pub fn checked(self) -> Result<Self> {
        if self.success() { Ok(self) } else { Err(self.error().into()) }
    }

    /// stdout as JSON.
    ///
    /// # Errors
    /// Exit 3 where it is not the JSON that was asked for; its text is not repeated, since it may hold secrets.
    pub(crate) fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_str(&self.stdout).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            let category = error.classify();
            let place = format!("line {line}, column {column}: {category:?} error");
            Failure::environment(format!("`{}` wrote no JSON of the expected form ({place})", self.command))
        })
    }

    /// It as an error, for a caller that has judged it to be one.
    pub fn error(&self) -> ToolError {
        ToolError::new(&self.command, self.code, &self.status, &self.stderr)
    }
}

/// A program that ended as it should not have; `main` makes it exit 3 unless the caller says otherwise.
#[derive(Debug)]
pub struct ToolError {
    /// The exit code; none where a signal ended the program.
    pub code: Option<i32>,
    /// All of its stderr, masked.
    pub stderr: String,
    summary: String,
    said: Failure,
}

impl ToolError {
    pub(crate) fn new(command: &str, code: Option<i32>, status: &str, stderr: &str) -> Self {
        let lines: Vec<&str> = stderr.lines().filter(|line| !line.trim().is_empty()).collect();
        let last = &lines[lines.len().saturating_sub(LAST_LINES)..];
        let said = if last.is_empty() { "nothing on stderr".to_owned() } else { last.join("\n  ") };
        let summary = format!("`{command}` ended with {status}");
        Self { code, stderr: stderr.to_owned(), summary, said: Failure::new(ENVIRONMENT, said) }
    }
}

impl fmt::Display for ToolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.summary)
    }
}

impl std::error::Error for ToolError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.said)
    }
}

/// `status 1` or `signal 9`.
pub(crate) fn described(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt as _;
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("status {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => "an unknown status".to_owned(),
    }
}
