//! Helm's manifests, taken apart into objects.

use anyhow::{Context, Result};
use serde_json::Value;

use super::{Document, REVISION_ANNOTATION};

/// The annotation that makes an object a hook.
const HOOK: &str = "helm.sh/hook";

impl Document {
    /// The objects of a render, or of a stored manifest, in its order.
    ///
    /// # Errors
    /// Where a document does not read as an object; its text is no part of the error, since it may be a Secret.
    pub fn read_all(manifests: &str) -> Result<Vec<Self>> {
        texts(manifests).into_iter().filter_map(|text| Self::read(text).transpose()).collect()
    }

    fn read(text: &str) -> Result<Option<Self>> {
        let value: Value = serde_yaml::from_str(text)
            .map_err(|_| anyhow::anyhow!("a manifest of Helm does not read as YAML"))?;
        if value.is_null() {
            return Ok(None);
        }
        let field = |pointer: &str| value.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        Ok(Some(Self {
            api_version: field("/apiVersion").context("a manifest of Helm has no apiVersion")?,
            kind: field("/kind").context("a manifest of Helm has no kind")?,
            name: field("/metadata/name").context("a manifest of Helm has no metadata.name")?,
            hook: value.pointer("/metadata/annotations").is_some_and(|annotations| annotations.get(HOOK).is_some()),
            text: text.to_owned(),
            value,
        }))
    }

    /// The object's reference as people write it: `Deployment/mailroom`.
    pub fn reference(&self) -> String {
        format!("{}/{}", self.kind, self.name)
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
        let seen: Vec<_> = documents.iter().map(|it| (it.reference(), it.hook, it.stamp())).collect();
        assert_eq!(seen, [("ConfigMap/a".to_owned(), false, None), ("Job/b".to_owned(), true, Some("3"))]);
        assert!(documents[0].text.starts_with("# Source"), "{}", documents[0].text);
    }

    #[test]
    fn a_document_that_does_not_read_is_an_error_without_its_text() {
        for text in ["a: 'CANARY", "kind: Secret\nmetadata: {name: CANARY}", "apiVersion: v1\nkind: Secret\nx: CANARY\n"] {
            let message = format!("{:#}", Document::read_all(text).unwrap_err());
            assert!(!message.contains("CANARY"), "{message}");
        }
    }
}
