//! Why a gate or a rollout cannot go on, told as soon as the cluster knows it: long before a time-out.

use serde_json::Value;

use crate::deploy::fields::{condition, deleted, list, name, number, text};
use crate::deploy::gate::job::Seen;
use crate::deploy::run::look::Look;

/// Why the kubelet has no container to start, of those that no patience mends.
const NO_CONTAINER: [&str; 7] = [
    "ErrImagePull",
    "ImagePullBackOff",
    "InvalidImageName",
    "ErrImageNeverPull",
    "ImageInspectError",
    "CreateContainerConfigError",
    "CreateContainerError",
];
/// A namespace gets its `default` account a moment after it was made: no pod is made before, and then one is.
const NO_ACCOUNT_YET: &str = "error looking up service account";
/// A quota counts a moment after it was made: no pod is made before, and then one is, or the quota says no.
const NOT_COUNTED_YET: &str = "status unknown for quota";
/// So many restarts are no accident: the third comes after about half a minute of back-off.
const RESTARTS: u64 = 3;

/// A cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cause {
    /// A sentence with the cluster's own reason.
    pub(crate) text: String,
    /// Whether waiting is in vain, so that Helm is ended.
    pub(crate) ends: bool,
    /// The pod and container whose last log lines tell more; whether those of its run before.
    pub(crate) log: Option<(String, String, bool)>,
}

impl Cause {
    /// One for which waiting is in vain.
    pub(crate) fn ends(text: String) -> Self {
        Self { text, ends: true, log: None }
    }
}

/// What holds up the gate.
pub(crate) fn of_gate(look: &Look, seen: Seen<'_>) -> Vec<Cause> {
    match seen {
        Seen::Running(job) => {
            let pods = look.pods_of(job).flat_map(|pod| of_pod(look, pod));
            held(job, "/spec/suspend", "suspended").chain(refused(look, job)).chain(pods).collect()
        }
        Seen::Gone => vec![Cause::ends("the gate Job was deleted before it had ended".to_owned())],
        Seen::Other => vec![Cause::ends("the gate Job is gone, and another one stands in its place".to_owned())],
        Seen::NotYet | Seen::Complete(_) | Seen::Failed(_) => Vec::new(),
    }
}

/// What holds up the rollout of a Deployment.
pub(crate) fn of_rollout(look: &Look, deployment: &Value) -> Vec<Cause> {
    let paused = held(deployment, "/spec/paused", "paused");
    let Some(set) = look.replica_set(deployment) else { return paused.collect() };
    let pods = look.pods_of(set).filter(|pod| !deleted(pod)).flat_map(|pod| of_pod(look, pod));
    paused.chain(refused(look, set)).chain(pods).collect()
}

/// Somebody, or a queue, has stopped it, and may let it go on.
fn held(object: &Value, pointer: &str, word: &str) -> impl Iterator<Item = Cause> {
    let is_held = object.pointer(pointer) == Some(&Value::Bool(true));
    let text = format!("{} {} is {word}: it goes on when that ends", text(object, "/kind"), name(object));
    is_held.then(|| Cause { ends: false, ..Cause::ends(text) }).into_iter()
}

/// The API server made no pod: its admission or a quota forbids it.
fn refused(look: &Look, owner: &Value) -> Option<Cause> {
    let message = look.events(owner, "FailedCreate").filter(|message| !passing(message)).last()?;
    // The names of the pods that it tried differ: said without, so that the cause stays the same.
    let why = message.split_once(" is forbidden: ").map_or(message, |(_, why)| why);
    let final_word = why != message || message.contains("denied the request");
    Some(Cause { ends: final_word, ..Cause::ends(format!("no pod may be made: {why}")) })
}

/// What the API server says for a moment only, while its controllers catch up.
fn passing(message: &str) -> bool {
    [NO_ACCOUNT_YET, NOT_COUNTED_YET].iter().any(|said| message.contains(said))
}

fn of_pod(look: &Look, pod: &Value) -> Vec<Cause> {
    let mut causes = Vec::new();
    let scheduled = condition(pod, "PodScheduled").filter(|it| text(it, "/reason") == "Unschedulable");
    if let Some(scheduled) = scheduled {
        let why = text(scheduled, "/message");
        causes.push(Cause { ends: false, ..Cause::ends(format!("no node takes pod {}: {why}", name(pod))) });
    }
    for status in list(pod, "/status/initContainerStatuses").iter().chain(list(pod, "/status/containerStatuses")) {
        causes.extend(of_container(look, pod, status));
    }
    causes
}

fn of_container(look: &Look, pod: &Value, status: &Value) -> Option<Cause> {
    let waiting = text(status, "/state/waiting/reason");
    if NO_CONTAINER.contains(&waiting) {
        let message = text(status, "/state/waiting/message");
        let message = if message.is_empty() { text(status, "/image") } else { message };
        return Some(Cause::ends(format!("pod {} cannot start: {waiting}: {message}", name(pod))));
    }
    let restarts = number(status, "/restartCount");
    let log = |before: bool| Some((name(pod).to_owned(), text(status, "/name").to_owned(), before));
    let killed = look.events(pod, "Killing").find(|message| message.contains("failed startup probe"));
    if killed.is_some() {
        let why = "its startup probe found nobody in time";
        return Some(Cause {
            log: log(restarts > 0),
            ..Cause::ends(format!("pod {} does not start: {why}", name(pod)))
        });
    }
    if restarts < RESTARTS {
        return None;
    }
    let last = ["/lastState/terminated", "/state/terminated"].into_iter().find_map(|at| status.pointer(at));
    let ended = last.map_or(String::new(), |last| {
        format!(", last with status {} ({})", number(last, "/exitCode"), text(last, "/reason"))
    });
    let before = status.pointer("/state/terminated").is_none();
    Some(Cause { log: log(before), ..Cause::ends(format!("pod {} ended {restarts} times{ended}", name(pod))) })
}

#[cfg(test)]
mod tests;
