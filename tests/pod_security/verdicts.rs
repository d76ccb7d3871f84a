//! Verdicts over all versions, in the form in which the oracle gives them.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use xtask::manifest::{self, Node};
use xtask::pod_security::{self, Level, Origin, Pod, Policy, Version};

/// What is said of one pod.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Verdicts {
    pub(crate) baseline: Vec<Verdict>,
    pub(crate) restricted: Vec<Verdict>,
}

/// A verdict that holds from a minor on, until the next one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Verdict {
    pub(crate) from: u8,
    pub(crate) allowed: bool,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) reason: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) detail: String,
}

impl Verdicts {
    /// The verdict at a level and a minor.
    pub(crate) fn at(&self, level: Level, minor: u8) -> Option<&Verdict> {
        let spans = if level == Level::Baseline { &self.baseline } else { &self.restricted };
        spans.iter().rev().find(|verdict| verdict.from <= minor)
    }

    fn of(pod: &Pod) -> Self {
        Self { baseline: spans(Level::Baseline, pod), restricted: spans(Level::Restricted, pod) }
    }
}

/// Our verdicts on every pod of a document, by the way that `lint` takes.
pub(crate) fn ours(document: &Value) -> Vec<Verdicts> {
    let manifests = manifest::read(text(document), "case");
    let pods = manifests.objects.iter().flat_map(manifest::Object::pods);
    pods.map(|template| {
        let pod = template.pod.map(Node::read::<Pod>).transpose().unwrap_or_else(|error| panic!("{error}: {document}"));
        let origin = if template.bare { Origin::Pod } else { Origin::Template };
        Verdicts::of(&pod.unwrap_or_default().defaulted(origin))
    })
    .collect()
}

/// The document as JSON that is YAML too, for as YAML it is read: there, some characters of the basic plane stand only as
/// `\uXXXX`, and those beyond it only as they are.
fn text(document: &Value) -> String {
    let mut text = String::new();
    for character in document.to_string().chars() {
        match u32::from(character) {
            0x20..0x7f | 0x1_0000.. => text.push(character),
            code => write!(text, "\\u{code:04x}").expect("a String takes all that is written"),
        }
    }
    text
}

fn spans(level: Level, pod: &Pod) -> Vec<Verdict> {
    let mut spans: Vec<Verdict> = Version::all().map(|version| verdict(Policy::new(level, version), pod)).collect();
    spans.dedup_by(|next, known| {
        (next.allowed, &next.reason, &next.detail) == (known.allowed, &known.reason, &known.detail)
    });
    spans
}

fn verdict(policy: Policy, pod: &Pod) -> Verdict {
    let violations = pod_security::evaluate(&policy, pod);
    assert!(
        violations.iter().all(|violation| !violation.paths.is_empty()),
        "a violation names its fields: {violations:?}"
    );
    Verdict {
        from: policy.version.minor(),
        allowed: violations.is_empty(),
        reason: pod_security::aggregate_reason(&violations),
        detail: pod_security::aggregate_detail(&violations),
    }
}
