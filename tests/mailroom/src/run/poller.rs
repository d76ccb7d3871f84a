//! The loop: wait for an interval or a push, ask what waits at the labels, give up after ten failures in a row.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use serde_json::json;

use super::status::Status;
use super::{Failure, Wake};
use crate::exception::{self, Exception};
use crate::jmap::Jmap;
use crate::logging::{Level, Log};

/// Failures in a row that end the service.
const MOST_FAILURES: u32 = 10;

/// Everything that a poll needs.
pub(super) struct Poller<'a> {
    pub(super) jmap: &'a Jmap,
    /// Ids of the labels' mailboxes.
    pub(super) labels: Vec<String>,
    pub(super) status: Status,
    pub(super) log: Log,
    /// Seconds; a negative one raises as soon as the loop waits.
    pub(super) interval: i64,
    /// Seconds that a push waits for more.
    pub(super) debounce: i64,
}

/// What the loop does next.
enum Next {
    Poll(&'static str),
    Stop(&'static str),
}

impl Poller<'_> {
    /// Polls until a signal stops it.
    pub(super) fn run(&self, wakes: &Receiver<Wake>) -> Result<(), Failure> {
        let mut failures = 0;
        loop {
            match self.next(wakes)? {
                Next::Poll(trigger) => failures = self.poll(trigger, failures),
                Next::Stop(signal) => {
                    self.log.write(Level::Info, "service", "shutdown_signal_received", &[("signal", json!(signal))]);
                    self.log.write(Level::Info, "service", "service_stopped", &[]);
                    return Ok(());
                }
            }
            if failures >= MOST_FAILURES {
                let fields = [("consecutive_failures", json!(failures))];
                self.log.write(Level::Critical, "poller", "too_many_consecutive_failures", &fields);
                return Err(Failure::Logged);
            }
        }
    }

    /// Waits for the interval to pass, for a push, or for a signal.
    fn next(&self, wakes: &Receiver<Wake>) -> Result<Next, Exception> {
        let interval = u64::try_from(self.interval)
            .map_err(|_| Exception::new(exception::VALUE, "'timeout' must be a non-negative number"))?;
        match wakes.recv_timeout(Duration::from_secs(interval)) {
            Ok(Wake::Stop(signal)) => Ok(Next::Stop(signal)),
            Ok(Wake::Push) => Ok(self.debounced(wakes)),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => Ok(Next::Poll("scheduled")),
        }
    }

    /// Lets pushes that come close together be one poll.
    fn debounced(&self, wakes: &Receiver<Wake>) -> Next {
        let end = Instant::now() + Duration::from_secs(u64::try_from(self.debounce).unwrap_or(0));
        loop {
            match wakes.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(Wake::Stop(signal)) => return Next::Stop(signal),
                Ok(Wake::Push) => {}
                Err(_) => return Next::Poll("push"),
            }
        }
    }

    /// One poll; returns the failures in a row after it.
    fn poll(&self, trigger: &'static str, failures: u32) -> u32 {
        match self.jmap.waiting(&self.labels) {
            Ok(waiting) => {
                self.status.polled(trigger);
                let level = if trigger == "push" { Level::Info } else { Level::Debug };
                let fields = [("trigger", json!(trigger)), ("emails_waiting", json!(waiting))];
                self.log.write(level, "poller", "poll_completed", &fields);
                0
            }
            Err(error) => {
                let failures = failures + 1;
                let fields = [("consecutive_failures", json!(failures)), ("exception", json!(error.traceback()))];
                self.log.write(Level::Error, "poller", "poll_failed", &fields);
                failures
            }
        }
    }
}
