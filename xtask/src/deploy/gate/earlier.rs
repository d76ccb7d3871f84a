//! No two gates of one release at once: each would create the contact groups that the other has not created yet.

use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::Value;

use crate::deploy::Render;
use crate::deploy::fields::{covers, holds, name, text};
use crate::deploy::run::look::{Look, Scope};
use crate::deploy::run::{PAUSE, Run};
use crate::exit::{self, Failure};

/// How much longer than its deadline and grace an earlier gate may take until its pod is seen to have ended.
const SLACK: Duration = Duration::from_secs(30);

/// Waits until no gate of this release is alive, whoever started it; gives the look that showed it, and whether there was
/// one to wait for.
///
/// # Errors
/// Exit 4 where one lives on past its deadline; exit 130 at a signal; exit 3 where the API server cannot be asked.
pub(crate) fn wait_until_none(run: &mut Run<'_>) -> Result<(Look, bool)> {
    let gate = &run.render.gate;
    let (start, limit) = (Instant::now(), gate.deadline + gate.grace + SLACK);
    let mut waited = false;
    loop {
        let look = Look::take(run.session, Scope::Gate)?;
        let Some(alive) = alive(&look, run.render) else { return Ok((look, waited)) };
        waited = true;
        if start.elapsed() > limit {
            return Err(Failure::error(
                exit::GATE,
                format!(
                    "the gate could not run: {alive} of an earlier gate is still there after {} s, and two gates at once \
                     create contact groups twice; nothing was deployed. See `{} describe {alive}`, and when it may go: \
                     `{} delete {alive}`",
                    limit.as_secs(),
                    run.session.kubectl_words(),
                    run.session.kubectl_words(),
                ),
            ));
        }
        run.stages.at(&format!("waiting for {alive} of an earlier gate to end"));
        run.stages.tick();
        run.session.interrupt.pause(PAUSE)?;
    }
}

/// A pod of a gate that has not ended, or a Job that may still make one, as kubectl takes it.
fn alive(look: &Look, render: &Render) -> Option<String> {
    let labels = render.gate_document()?.value.pointer("/spec/template/metadata/labels")?;
    let labelled = |object: &&Value| object.pointer("/metadata/labels").is_some_and(|there| covers(there, labels));
    let ended = |pod: &Value| ["Succeeded", "Failed"].contains(&text(pod, "/status/phase"));
    let pod = look.all("Pod").filter(labelled).find(|pod| !ended(pod)).map(|pod| format!("pod/{}", name(pod)));
    let open = |job: &&Value| !holds(job, "Complete") && !holds(job, "Failed");
    pod.or_else(|| look.all("Job").filter(labelled).find(open).map(|job| format!("job/{}", name(job))))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::deploy::testing;

    fn alive_with(kind: &str, labels: &Value, status: &Value) -> Option<String> {
        let item = json!({"kind": kind, "metadata": {"name": "x", "labels": labels}, "status": status});
        alive(&Look::of(json!({"items": [item]})), &testing::render())
    }

    #[test]
    fn only_what_can_still_run_a_gate_of_this_release_is_waited_for() {
        let ours = testing::gate_labels();
        assert_eq!(alive_with("Pod", &ours, &json!({"phase": "Running"})).as_deref(), Some("pod/x"));
        assert_eq!(alive_with("Pod", &ours, &json!({"phase": "Pending"})).as_deref(), Some("pod/x"));
        assert_eq!(alive_with("Pod", &ours, &json!({"phase": "Failed"})), None);
        assert_eq!(
            alive_with("Pod", &json!({"app.kubernetes.io/instance": "other"}), &json!({"phase": "Running"})),
            None
        );
        assert_eq!(alive_with("Job", &ours, &json!({})).as_deref(), Some("job/x"));
        let complete = json!({"conditions": [{"type": "Complete", "status": "True"}]});
        assert_eq!(alive_with("Job", &ours, &complete), None);
    }
}
