//! What a check has to say: one type for the reader, pod security and our own rules.

use serde::Serialize;

/// How much a finding weighs: an error makes `lint` end with 1, a warning is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Ends the command with exit 1.
    Error,
    /// Shown, and nothing more.
    Warning,
}

/// The Kubernetes object that a finding is about; empty strings where a document has no such field.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ObjectRef {
    /// `kind` as written.
    pub kind: String,
    /// `metadata.name`, or `metadata.generateName` where there is no name.
    pub name: String,
    /// `metadata.namespace` as written; charts usually leave it out.
    pub namespace: String,
}

/// One problem, with the place and the way out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// The rule's id: `pod-security/<upstream id>`, or kebab-case for our own.
    pub rule: String,
    /// Error or warning.
    pub severity: Severity,
    /// The template or file it comes from, relative to the workspace where it lies in it.
    pub source: String,
    /// The object, where there is one.
    pub object: ObjectRef,
    /// The field, as in `spec.template.spec.containers[0].image`; empty where it is about the whole.
    pub path: String,
    /// What is wrong.
    pub message: String,
    /// How to mend it.
    pub fix: String,
}
