//! Our verdict on a text beside that of Kubernetes' libraries.

use serde_json::Value;
use xtask::finding::{Finding, Severity};
use xtask::manifest::{Manifests, read};

/// What the oracle says to a text.
#[derive(Debug, serde::Deserialize, serde::Serialize)]
pub(crate) struct Answer {
    /// Why the client refuses the text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) refused: String,
    pub(crate) objects: Vec<Judged>,
}

/// An object as it reaches the API server.
#[derive(Debug, serde::Deserialize, serde::Serialize)]
pub(crate) struct Judged {
    pub(crate) json: String,
    /// Why the server refuses it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) refused: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) unknown: bool,
}

/// How the two verdicts stand to each other.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// Both read the same objects.
    Equal,
    /// Both refuse the text.
    BothRefuse,
    /// We refuse what Kubernetes reads: the rules that do.
    Stricter(Vec<String>),
    /// We read what Kubernetes refuses, or read other values: never to happen.
    Differs(String),
}

/// Compares our reading of a text with the oracle's.
pub(crate) fn compare(text: &str, answer: &Answer) -> Verdict {
    let manifests = read(text, "case");
    let errors = errors(&manifests);
    let refused = !answer.refused.is_empty() || answer.objects.iter().any(|object| !object.refused.is_empty());
    match (errors.is_empty(), refused) {
        (false, true) => Verdict::BothRefuse,
        (false, false) => Verdict::Stricter(errors.into_iter().map(|finding| finding.rule.clone()).collect()),
        (true, true) => Verdict::Differs(format!("Kubernetes refuses it: {answer:?}")),
        (true, false) => {
            let theirs: Result<Vec<Value>, _> =
                answer.objects.iter().map(|object| serde_json::from_str(&object.json)).collect();
            let (ours, Ok(theirs)) = (objects(&manifests), theirs) else {
                return Verdict::Differs("we read what is too deep for JSON".to_owned());
            };
            if ours.len() == theirs.len() && ours.iter().zip(&theirs).all(|(a, b)| same(a, b)) {
                Verdict::Equal
            } else {
                Verdict::Differs(format!("we read {}, Kubernetes {}", Value::from(ours), Value::from(theirs)))
            }
        }
    }
}

/// The findings that make a text untrustworthy.
pub(crate) fn errors(manifests: &Manifests) -> Vec<&Finding> {
    manifests.findings.iter().filter(|finding| finding.severity == Severity::Error).collect()
}

/// The objects as JSON.
pub(crate) fn objects(manifests: &Manifests) -> Vec<Value> {
    manifests.objects.iter().map(|object| object.root.read().expect("every tree is JSON")).collect()
}

/// Equality of values, where a float and a whole number are the same if JSON writes them alike.
///
/// Floats may differ in their last bits: `serde_json` does not round what it reads, Go and the reader do.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(one), Value::Number(other)) => {
            let near = |a: f64, b: f64| (a - b).abs() <= 4.0 * f64::EPSILON * a.abs();
            let floats = one.as_f64().zip(other.as_f64());
            one == other || (one.is_f64() || other.is_f64()) && floats.is_some_and(|(a, b)| near(a, b))
        }
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        _ => a == b,
    }
}
