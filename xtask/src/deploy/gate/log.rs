//! The gate's log: shown as it comes, and read for what is missing.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use anyhow::Result;
use serde_json::Value;

use crate::deploy::Session;
use crate::deploy::fields::{name, text};
use crate::deploy::gate::job::NO;
use crate::report::Stages;
use crate::tools::{Running, Stream};

/// How long the log of a pod that has ended may take to arrive.
const REST: Duration = Duration::from_secs(5);

/// The log of one pod.
#[derive(Debug)]
pub(crate) struct GateLog {
    following: Option<Running>,
    /// Pod and container.
    of: Option<(String, String)>,
    /// Whether the log was read to its end.
    whole: bool,
    sender: Sender<String>,
    arrived: Receiver<String>,
    lines: Vec<String>,
}

impl GateLog {
    /// Nothing is followed yet.
    pub(crate) fn new() -> Self {
        let (sender, arrived) = channel();
        Self { following: None, of: None, whole: false, sender, arrived, lines: Vec::new() }
    }

    /// Follows the log of a gate's pod, once its container has started, and reads the rest once it has ended.
    ///
    /// # Errors
    /// Exit 3 where kubectl cannot be started.
    pub(crate) fn follow(&mut self, session: &Session, pod: &Value) -> Result<()> {
        let Some(status) = pod.pointer("/status/containerStatuses/0") else { return Ok(()) };
        let is = |state: &str| status.pointer(&format!("/state/{state}")).is_some();
        if self.following.is_none() && (is("running") || is("terminated")) {
            self.start(session, name(pod), text(status, "/name"))?;
        }
        if is("terminated") {
            self.read_whole(session, Duration::ZERO)?;
        }
        Ok(())
    }

    fn start(&mut self, session: &Session, pod: &str, container: &str) -> Result<()> {
        let args = ["logs", "--follow", pod, "--container", container, "--namespace", &session.request.namespace];
        let (sender, console) = (self.sender.clone(), session.console);
        let on_line = move |stream: Stream, line: &str| match stream {
            Stream::Stdout => drop(sender.send(line.to_owned())),
            Stream::Stderr => console.detail(format_args!("kubectl logs: {line}")),
        };
        self.following = Some(session.kubectl.stream(&args, on_line)?);
        self.of = Some((pod.to_owned(), container.to_owned()));
        Ok(())
    }

    /// Reads what following has missed, once it has ended: of a container that ends at once it gives no line at all.
    fn read_whole(&mut self, session: &Session, limit: Duration) -> Result<()> {
        let (Some(following), Some((pod, container))) = (&mut self.following, &self.of) else { return Ok(()) };
        if self.whole || following.wait(limit)?.is_none() {
            return Ok(());
        }
        let log = session.kubectl.logs(pod, container, &session.request.namespace, &[])?;
        let fresh: Vec<String> = self.arrived.try_iter().collect();
        let missed = log.stdout.lines().skip(self.lines.len() + fresh.len()).map(str::to_owned);
        for line in fresh.iter().cloned().chain(missed) {
            drop(self.sender.send(line));
        }
        self.whole = log.success();
        Ok(())
    }

    /// Shows what has arrived.
    pub(crate) fn show(&mut self, stages: &mut Stages) {
        for line in self.arrived.try_iter() {
            stages.line(&format!("| {line}"));
            self.lines.push(line);
        }
    }

    /// Shows the rest of the log of a pod that has ended.
    ///
    /// # Errors
    /// Exit 3 where kubectl cannot be started.
    pub(crate) fn finish(&mut self, session: &Session, stages: &mut Stages) -> Result<()> {
        self.read_whole(session, REST)?;
        self.show(stages);
        Ok(())
    }

    /// See [`rows`].
    pub(crate) fn rows(&self) -> Vec<String> {
        rows(self.lines.iter().map(String::as_str))
    }
}

/// The rows that a gate names below its verdict, as `Section: name`; none where it names none.
pub(crate) fn rows<'l>(log: impl Iterator<Item = &'l str>) -> Vec<String> {
    let after = log.skip_while(|line| !line.starts_with(NO)).skip(1);
    let rows = after.skip_while(|line| line.is_empty()).take_while(|line| line.starts_with("  "));
    rows.map(|row| row.trim().to_owned()).collect()
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
