//! What the probe tells: when the last poll succeeded, and how the event source is.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::json;

use crate::logging::object;

/// Shared by the loop, the event source and the probe.
#[derive(Debug, Clone)]
pub(super) struct Status {
    interval: i64,
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug)]
struct Inner {
    last_success: Option<SystemTime>,
    last_trigger: Option<&'static str>,
    event_source: &'static str,
    reconnects: u64,
}

impl Status {
    /// A service that has not polled yet; without an event source there is nothing to connect.
    pub(super) fn new(interval: i64, has_event_source: bool) -> Self {
        let event_source = if has_event_source { "connecting" } else { "disabled" };
        let inner = Inner { last_success: None, last_trigger: None, event_source, reconnects: 0 };
        Self { interval, inner: Arc::new(Mutex::new(inner)) }
    }

    /// A poll succeeded now.
    pub(super) fn polled(&self, trigger: &'static str) {
        let mut inner = self.lock();
        inner.last_success = Some(SystemTime::now());
        inner.last_trigger = Some(trigger);
    }

    /// The event source is open.
    pub(super) fn connected(&self) {
        self.lock().event_source = "connected";
    }

    /// The event source failed; after a clean close it still counts as connected.
    pub(super) fn disconnected(&self) {
        self.lock().event_source = "disconnected";
    }

    /// The event source is opened once more.
    pub(super) fn reconnecting(&self) {
        self.lock().reconnects += 1;
    }

    /// Whether the service is healthy at `now`, and the probe's JSON.
    ///
    /// Healthy is: no poll has succeeded yet, or the last success is younger than two intervals. So an interval of 0 is
    /// unhealthy from the first success on, and polls that never succeed are healthy until the service gives up.
    pub(super) fn report(&self, now: SystemTime) -> (bool, String) {
        let inner = self.lock();
        let age = now.duration_since(inner.last_success.unwrap_or(UNIX_EPOCH)).unwrap_or(Duration::ZERO).as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "seconds between polls")]
        let healthy = inner.last_success.is_none() || age < 2.0 * self.interval as f64;
        let report = [
            ("status", json!(if healthy { "healthy" } else { "unhealthy" })),
            ("last_poll_age_seconds", json!((age * 10.0).round() / 10.0)),
            ("last_poll_trigger", json!(inner.last_trigger)),
            ("eventsource", json!({ "reconnects": inner.reconnects, "status": inner.event_source })),
        ];
        (healthy, object(&report))
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Healthy and age at `seconds` after a success, of a service with this interval.
    fn after(seconds: u64, interval: i64) -> (bool, f64) {
        let status = Status::new(interval, true);
        status.polled("scheduled");
        let success = status.lock().last_success.unwrap();
        let (healthy, report) = status.report(success + Duration::from_secs(seconds));
        let report: serde_json::Value = serde_json::from_str(&report).unwrap();
        (healthy, report["last_poll_age_seconds"].as_f64().unwrap())
    }

    #[test]
    fn a_success_is_good_for_two_intervals() {
        assert_eq!(after(119, 60), (true, 119.0));
        assert_eq!(after(120, 60), (false, 120.0));
        assert_eq!(after(0, 0), (false, 0.0));
    }

    #[test]
    fn before_the_first_success_the_age_is_that_of_the_epoch() {
        let status = Status::new(0, false);
        let (healthy, report) = status.report(UNIX_EPOCH + Duration::from_secs(1_700_000_000));
        assert!(healthy);
        assert_eq!(
            report,
            r#"{"status":"healthy","last_poll_age_seconds":1700000000.0,"last_poll_trigger":null,"eventsource":{"reconnects":0,"status":"disabled"}}"#
        );
    }
}
