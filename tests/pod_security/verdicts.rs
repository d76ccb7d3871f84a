//! Verdicts over all versions, in the form in which the oracle gives them.

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
    let manifests = manifest::read(ascii(document), "case");
    let pods = manifests.objects.iter().flat_map(manifest::Object::pods);
    pods.map(|template| {
        let pod = template.pod.map(Node::read::<Pod>).transpose().unwrap_or_else(|error| panic!("{error}: {document}"));
        let origin = if template.bare { Origin::Pod } else { Origin::Template };
        Verdicts::of(&pod.unwrap_or_default().defaulted(origin))
    })
    .collect()
}

/// The document as JSON in ASCII: YAML, as which it is read, has no place for some characters but as `\uXXXX`.
fn ascii(document: &Value) -> String {
    let escaped = |character: char| -> Vec<String> {
        character.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect()
    };
    let text = document.to_string();
    let plain = |character: char| character.is_ascii() && !character.is_ascii_control();
    text.chars()
        .map(|character| if plain(character) { character.to_string() } else { escaped(character).concat() })
        .collect()
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
