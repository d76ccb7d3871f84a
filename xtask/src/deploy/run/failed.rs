//! What is done where the gate passed and the rollout failed: the log that tells why, then the way back.

use anyhow::Result;

use crate::deploy::Session;
use crate::deploy::run::causes::Cause;
use crate::deploy::run::pages::Outcome;
use crate::deploy::run::{PAUSE, Run, rollback};

/// How much of a log is shown for a cause.
const LAST_LINES: &str = "--tail=10";
/// How often a log that is not there is asked for again.
const TRIES: usize = 5;
/// What the kubelet says in the place of a log whose container it has just removed.
const NO_LOG: &str = "unable to retrieve container logs for ";

/// The gate passed, and the rollout failed: shows the log, then goes back to what ran before.
pub(super) fn failed(run: &mut Run<'_>, why: String, cause: Option<&Cause>) -> Result<Outcome> {
    run.stages.failed(&why);
    let log = cause.map_or(Vec::new(), |cause| last_lines(run.session, cause));
    for line in &log {
        run.stages.line(&format!("| {line}"));
    }
    let rollback = rollback::run(run)?;
    Ok(Outcome::RolloutFailed { why, log, rollback })
}

/// The end of the log that a cause names; nothing where there is none.
///
/// A container that ended may be removed at that very moment, since the next one has ended too: then that one's log tells
/// the same.
fn last_lines(session: &Session, cause: &Cause) -> Vec<String> {
    let Some((pod, container, before)) = &cause.log else { return Vec::new() };
    let ask = |more: &[&str]| session.kubectl.logs(pod, container, &session.request.namespace, more);
    for _ in 0..TRIES {
        for previous in [*before, !before] {
            let more = if previous { &[LAST_LINES, "--previous"][..] } else { &[LAST_LINES] };
            match ask(more) {
                Ok(log) if log.success() && !log.stdout.starts_with(NO_LOG) => {
                    return log.stdout.lines().map(str::to_owned).collect();
                }
                _ => {}
            }
        }
        if session.interrupt.pause(PAUSE).is_err() {
            break;
        }
    }
    Vec::new()
}
