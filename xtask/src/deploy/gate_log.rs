//! The gate's log: shown as it comes, and read for what is missing.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use anyhow::Result;
use serde_json::Value;

use super::Session;
use super::fields::{name, text};
use crate::report::Stages;
use crate::tools::{Running, Stream};

/// How long the log of a pod that has ended may take to arrive.
const REST: Duration = Duration::from_secs(5);
/// How the script's last words begin where it says no.
const NO: &str = "gate failed: ";

/// The log of one pod.
#[derive(Debug)]
pub(super) struct GateLog {
    following: Option<Running>,
    sender: Sender<String>,
    arrived: Receiver<String>,
    lines: Vec<String>,
}

impl GateLog {
    /// Nothing is followed yet.
    pub(super) fn new() -> Self {
        let (sender, arrived) = channel();
        Self { following: None, sender, arrived, lines: Vec::new() }
    }

    /// Follows the log of a gate's pod, once its container has started.
    ///
    /// # Errors
    /// Exit 3 where kubectl cannot be started.
    pub(super) fn follow(&mut self, session: &Session, pod: &Value) -> Result<()> {
        let status = pod.pointer("/status/containerStatuses/0");
        let started = status.is_some_and(|status| {
            ["/state/running", "/state/terminated"].iter().any(|state| status.pointer(state).is_some())
        });
        let Some(status) = status.filter(|_| started && self.following.is_none()) else { return Ok(()) };
        let args = ["logs", "--follow", name(pod), "--container", text(status, "/name"), "--namespace"];
        let args: Vec<&str> = args.into_iter().chain([session.request.namespace.as_str()]).collect();
        let sender = self.sender.clone();
        let on_line = move |stream: Stream, line: &str| {
            if stream == Stream::Stdout {
                let _nobody_listens = sender.send(line.to_owned());
            }
        };
        self.following = Some(session.kubectl.stream(&args, on_line)?);
        Ok(())
    }

    /// Shows what has arrived.
    pub(super) fn show(&mut self, stages: &mut Stages) {
        for line in self.arrived.try_iter() {
            stages.line(&format!("| {line}"));
            self.lines.push(line);
        }
    }

    /// Shows the rest of the log of a pod that has ended.
    pub(super) fn finish(&mut self, stages: &mut Stages) {
        if let Some(following) = &mut self.following {
            let _late = following.wait(REST);
        }
        self.show(stages);
    }

    /// The rows that the gate names below its verdict, as `Section: name`; none where it names none.
    pub(super) fn rows(&self) -> Vec<String> {
        let after = self.lines.iter().skip_while(|line| !line.starts_with(NO)).skip(1);
        let rows = after.skip_while(|line| line.is_empty()).take_while(|line| line.starts_with("  "));
        rows.map(|row| row.trim().to_owned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(log: &str) -> Vec<String> {
        GateLog { lines: log.lines().map(str::to_owned).collect(), ..GateLog::new() }.rows()
    }

    #[test]
    fn the_rows_below_the_verdict_are_what_is_missing() {
        let log = "gate failed: not everything exists: 2 to create\n\n  Mailboxes: A B\n  Contact Groups: C\n\nThis release was not rolled out.\n  1. no row\n";
        assert_eq!(rows(log), ["Mailboxes: A B", "Contact Groups: C"]);
    }

    #[test]
    fn a_verdict_without_rows_names_none() {
        assert!(rows("gate failed: mailroom setup failed\n\nSetup printed at its end:\n  x\n").is_empty());
        assert!(rows("  Mailboxes: A\ngate passed\n").is_empty());
    }
}
