//! The gate Job of this very run, told from every other of its name.
//!
//! Helm's own word does not do: Helm 3 takes a deleted Job for one that is done, and records `Succeeded`.

use std::time::Duration;

use serde_json::Value;

use crate::deploy::fields::{annotation, condition, covers, deleted, holds, list, number, text, uid};
use crate::deploy::run::look::Look;
use crate::deploy::{Document, Gate, REVISION_ANNOTATION};

/// How the script's verdict begins where it says no.
pub(crate) const NO: &str = "gate failed: ";
/// Statuses from here on tell of a signal: whoever ended the gate, it was not its own verdict.
const SIGNALS: u64 = 129;

/// Which Job is meant.
#[derive(Clone, Debug)]
pub(crate) struct GateJob {
    /// Its name.
    pub(crate) name: String,
    /// The revision that it must be stamped with; none for a gate that belongs to no release.
    pub(crate) stamp: Option<String>,
    /// The UIDs of the Jobs that had this name before the run.
    pub(crate) earlier: Vec<String>,
    /// Its UID, once it was seen.
    pub(crate) uid: Option<String>,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Seen<'l> {
    /// It is not there yet.
    NotYet,
    /// It is there and has not ended.
    Running(&'l Value),
    /// It was there and is gone, or is being deleted.
    Gone,
    /// Another one, of another deploy, stands in its place.
    Other,
    /// It is Complete.
    Complete(&'l Value),
    /// It is Failed.
    Failed(&'l Value),
}

/// The gate's verdict, as far as there is evidence for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The Job of this run, as rendered, is Complete.
    Passed {
        /// The image that judged.
        image_id: String,
    },
    /// It ran and said no.
    No {
        /// Its verdict, in its own words.
        said: String,
    },
    /// It did not come to a verdict.
    NotRun {
        /// Why not.
        why: String,
    },
}

impl GateJob {
    /// Of a run that has not begun, before which this was there.
    pub(crate) fn after(before: &Look, name: &str, stamp: Option<String>) -> Self {
        let there = before.find("Job", name).map(uid);
        let earlier = before.told_of("Job", name).chain(there).map(ToOwned::to_owned).collect();
        Self { name: name.to_owned(), stamp, earlier, uid: None }
    }

    /// Looks for it, and from then on knows it by its UID.
    pub(crate) fn see<'l>(&mut self, look: &'l Look) -> Seen<'l> {
        let known = self.uid.clone();
        let is_earlier = |uid: &str| self.earlier.iter().any(|earlier| earlier == uid);
        // One that came and went between two looks is known by its events alone.
        let was_there = || known.is_some() || look.told_of("Job", &self.name).any(|uid| !is_earlier(uid));
        let job = look.find("Job", &self.name).filter(|job| !is_earlier(uid(job)));
        let Some(job) = job else { return if was_there() { Seen::Gone } else { Seen::NotYet } };
        if known.is_some_and(|known| known != uid(job)) || !self.stamped(job) {
            return Seen::Other;
        }
        self.uid = Some(uid(job).to_owned());
        match () {
            () if holds(job, "Complete") => Seen::Complete(job),
            () if holds(job, "Failed") => Seen::Failed(job),
            () if deleted(job) => Seen::Gone,
            () => Seen::Running(job),
        }
    }

    fn stamped(&self, job: &Value) -> bool {
        self.stamp.is_none() || annotation(job, REVISION_ANNOTATION) == self.stamp.as_deref()
    }

    /// The verdict once Helm has ended, whatever Helm said.
    pub(crate) fn verdict(&mut self, look: &Look, gate: &Gate, rendered: &Document) -> Verdict {
        let why = match self.see(look) {
            Seen::Complete(job) => return passed(look, job, rendered),
            Seen::Failed(job) => return failed(look, job, gate.deadline),
            Seen::NotYet => "its Job was never made",
            Seen::Running(_) => "its Job had not ended",
            Seen::Gone => "its Job was deleted before it had ended",
            Seen::Other => "its Job is gone, and another one stands in its place",
        };
        Verdict::NotRun { why: why.to_owned() }
    }
}

/// A Complete Job counts where it is the rendered one, and a pod of it ended with 0.
fn passed(look: &Look, job: &Value, rendered: &Document) -> Verdict {
    if let Some(field) = difference(job, &rendered.value) {
        return Verdict::NotRun {
            why: format!("the Job that is Complete is not the rendered one: its {field} differs"),
        };
    }
    let ended_with_0 = |pod: &Value| {
        let status = pod.pointer("/status/containerStatuses/0")?;
        let ended = status.pointer("/state/terminated")?;
        (ended.get("exitCode")?.as_u64()? == 0).then(|| text(status, "/imageID").to_owned())
    };
    match look.pods_of(job).find_map(ended_with_0) {
        Some(image_id) => Verdict::Passed { image_id },
        None => Verdict::NotRun { why: "its Job is Complete, and no pod of it is left that ended with 0".to_owned() },
    }
}

/// What a gate is: image, command, arguments, and where its files and variables come from.
fn difference(job: &Value, rendered: &Value) -> Option<&'static str> {
    const POD: &str = "/spec/template/spec";
    let differs = |pointer: &str| match (job.pointer(pointer), rendered.pointer(pointer)) {
        (there, Some(wanted)) => !there.is_some_and(|there| covers(there, wanted)),
        (there, None) => there.is_some_and(|there| *there != Value::Array(Vec::new())),
    };
    if list(job, &format!("{POD}/containers")).len() != list(rendered, &format!("{POD}/containers")).len() {
        return Some("number of containers");
    }
    ["image", "command", "args", "env", "envFrom", "volumeMounts"]
        .into_iter()
        .find(|field| differs(&format!("{POD}/containers/0/{field}")))
        .or_else(|| ["initContainers", "volumes"].into_iter().find(|field| differs(&format!("{POD}/{field}"))))
}

fn failed(look: &Look, job: &Value, deadline: Duration) -> Verdict {
    let ended = look.pods_of(job).find_map(|pod| pod.pointer("/status/containerStatuses/0/state/terminated"));
    if let Some(ended) = ended {
        let (status, message) = (number(ended, "/exitCode"), text(ended, "/message").trim());
        if let Some(said) = message.strip_prefix(NO) {
            let said = said.to_owned();
            let own = status < SIGNALS;
            return if own { Verdict::No { said } } else { Verdict::NotRun { why: said } };
        }
        let reason = text(ended, "/reason");
        let more = match reason {
            "OOMKilled" => ": its memory limit is too low".to_owned(),
            // The container runtime's own words: nothing of the image has run yet.
            "StartError" | "ContainerCannotRun" => format!(": {message}"),
            _ => String::new(),
        };
        return Verdict::NotRun {
            why: format!("it ended with status {status} ({reason}) and without a verdict{more}"),
        };
    }
    let failure = condition(job, "Failed").unwrap_or(&Value::Null);
    let why = match text(failure, "/reason") {
        "DeadlineExceeded" => format!("its {} s were over before its pod had ended", deadline.as_secs()),
        reason => format!("its Job failed: {reason}: {}", text(failure, "/message")),
    };
    Verdict::NotRun { why }
}

#[cfg(test)]
mod tests;
