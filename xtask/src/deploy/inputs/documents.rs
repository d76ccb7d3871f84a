//! Helm's manifests, taken apart into objects.

use std::fmt;

use anyhow::{Result, bail};
use serde_json::Value;

use crate::deploy::REVISION_ANNOTATION;
use crate::manifest;

/// The annotation that makes an object a hook.
pub(crate) const HOOK: &str = "helm.sh/hook";

/// One rendered or stored object; it may be a Secret, so its `Debug` tells its reference alone.
#[derive(Clone, PartialEq)]
pub struct Document {
    /// `apiVersion`.
    pub api_version: String,
    /// `kind`.
    pub kind: String,
    /// `metadata.name`.
    pub name: String,
    /// Whether Helm treats it as a hook: it belongs to no release then.
    pub hook: bool,
    /// Its YAML, as Helm wrote it.
    pub text: String,
    /// The same, read.
    pub value: Value,
}

impl Document {
    /// The objects of a render, or of a stored manifest, in its order.
    ///
    /// # Errors
    /// Where a document does not read as objects; its text is no part of the error, since it may be a Secret.
    pub fn read_all(manifests: &str) -> Result<Vec<Self>> {
        let mut documents = Vec::new();
        for text in texts(manifests) {
            let read = manifest::read(text, "");
            if read.objects.is_empty() && !read.findings.is_empty() {
                bail!("a manifest that Helm keeps does not read as a Kubernetes object");
            }
            for object in read.objects {
                let value: Value = object.root.read().unwrap_or_default();
                let hook = value.pointer("/metadata/annotations").is_some_and(|all| all.get(HOOK).is_some());
                let (kind, name) = (object.reference.kind, object.reference.name);
                documents.push(Self {
                    api_version: object.api_version,
                    kind,
                    name,
                    hook,
                    text: text.to_owned(),
                    value,
                });
            }
        }
        Ok(documents)
    }

    /// The object's reference as people write it: `Deployment/mailroom`.
    pub fn reference(&self) -> String {
        format!("{}/{}", self.kind, self.name)
    }

    /// The object as kubectl takes it, with the API group where it has one: `deployment.apps/mailroom`.
    pub fn resource(&self) -> String {
        let kind = self.kind.to_lowercase();
        match self.api_version.split_once('/') {
            Some((group, _)) => format!("{kind}.{group}/{}", self.name),
            None => format!("{kind}/{}", self.name),
        }
    }

    /// The value of an annotation in the object's own metadata.
    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.value.get("metadata")?.get("annotations")?.get(key)?.as_str()
    }

    /// The revision that the object is stamped with.
    pub fn stamp(&self) -> Option<&str> {
        self.annotation(REVISION_ANNOTATION)
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Document({})", self.reference())
    }
}

/// The texts between lines that begin with `---`.
fn texts(manifests: &str) -> Vec<&str> {
    let mut texts = Vec::new();
    let (mut start, mut at) = (0, 0);
    for line in manifests.split_inclusive('\n') {
        if line.starts_with("---") {
            texts.push(&manifests[start..at]);
            start = at + line.len();
        }
        at += line.len();
    }
    texts.push(&manifests[start..]);
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn helms_manifests_are_taken_apart() {
        let text = "---\n# Source: c/templates/a.yaml\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  x: |\n    --- no\n---\n# only a comment\n---\napiVersion: batch/v1\nkind: Job\nmetadata: {name: b, annotations: {helm.sh/hook: pre-install, mailroom/release-revision: \"3\"}}\n";
        let documents = Document::read_all(text).unwrap();
        let seen: Vec<_> = documents.iter().map(|it| (it.resource(), it.hook, it.stamp())).collect();
        assert_eq!(seen, [("configmap/a".to_owned(), false, None), ("job.batch/b".to_owned(), true, Some("3"))]);
        assert!(documents[0].text.starts_with("# Source"), "{}", documents[0].text);
        assert_eq!(documents[0].value["data"]["x"], "--- no\n");
        assert_eq!(format!("{documents:?}"), "[Document(ConfigMap/a), Document(Job/b)]");
    }

    #[test]
    fn a_document_that_does_not_read_is_an_error_without_its_text() {
        for text in ["a: 'CANARY", "kind: Secret\nmetadata: {name: CANARY}"] {
            let message = format!("{:#}", Document::read_all(text).unwrap_err());
            assert!(!message.contains("CANARY"), "{message}");
        }
    }
}
