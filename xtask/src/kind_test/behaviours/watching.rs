//! The app's pods as a watch shows them: every change, where samples would miss what is short.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Result;

use super::support::APP;
use crate::kind_test::case::Case;
use crate::kind_test::wait::Look;
use crate::tools::{Running, Stream};

/// One line for each change of a pod: UID, whether its container runs, and its exit status once it has ended.
const COLUMNS: &str = "jsonpath={.metadata.uid}|{.status.containerStatuses[0].state.running.startedAt}|{.status.containerStatuses[0].state.terminated.exitCode}{\"\\n\"}";

/// kubectl answers its first request within a second.
const BEGUN: Duration = Duration::from_secs(30);

/// A change of a pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) uid: String,
    pub(super) running: bool,
    pub(super) exit: Option<i32>,
}

impl Change {
    fn parse(line: &str) -> Option<Self> {
        let mut parts = line.split('|');
        let (uid, started, exit) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Self { uid: uid.to_owned(), running: !started.is_empty(), exit: exit.parse().ok() })
    }
}

/// A watch over the app's pods of a behaviour.
pub(super) struct PodWatch {
    kubectl: Running,
    changes: Arc<Mutex<Vec<Change>>>,
}

impl PodWatch {
    /// Begins to watch; the app runs already, and its pod is the first change.
    pub(super) fn begin(case: &Case<'_>) -> Result<Self> {
        let changes = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&changes);
        let args = ["get", "pods", "--watch", "--namespace", &case.namespace, "--selector", APP, "--output", COLUMNS];
        let kubectl = case.kubectl.stream(&args, move |stream, line| {
            if stream == Stream::Stdout
                && let Some(change) = Change::parse(line)
            {
                seen.lock().unwrap_or_else(PoisonError::into_inner).push(change);
            }
        })?;
        let watch = Self { kubectl, changes };
        watch.until(case, "the watch over the pods to begin", BEGUN, |changes| !changes.is_empty())?;
        Ok(watch)
    }

    /// Waits until the changes fulfil a condition.
    pub(super) fn until(
        &self,
        case: &Case<'_>,
        what: &str,
        limit: Duration,
        holds: impl Fn(&[Change]) -> bool,
    ) -> Result<Vec<Change>> {
        case.until(what, limit, || {
            let changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner).clone();
            Ok(if holds(&changes) { Look::Done(changes) } else { Look::NotYet(format!("{changes:?}")) })
        })
    }

    /// Ends the watch; gives all changes.
    pub(super) fn end(self) -> Vec<Change> {
        self.kubectl.terminate();
        self.changes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The most pods whose containers ran at one time.
pub(super) fn most_running(changes: &[Change]) -> usize {
    let mut running = BTreeMap::new();
    let counts = changes.iter().map(|change| {
        running.insert(&change.uid, change.running);
        running.values().filter(|running| **running).count()
    });
    counts.max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Change, most_running};

    #[test]
    fn counts_those_that_run_at_one_time() {
        let changes = |lines: &[&str]| lines.iter().filter_map(|line| Change::parse(line)).collect::<Vec<_>>();
        assert_eq!(most_running(&changes(&["a|t|", "a||0", "b||", "b|t|"])), 1);
        assert_eq!(most_running(&changes(&["a|t|", "b||", "b|t|", "a||0"])), 2);
        assert_eq!(changes(&["a||137"])[0].exit, Some(137));
    }
}
