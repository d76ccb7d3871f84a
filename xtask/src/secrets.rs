//! Secret values: found in values files so that they can be masked, and masked in what is shown.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_yaml::Value;

use crate::manifest::{self, Node, Object};
use crate::tools::Mask;

/// The key of the chart's values below which every value is a secret.
pub const KEY: &str = "secrets";
/// What is shown in place of a secret value.
const HIDDEN: &str = "***";
/// [`HIDDEN`] in base64, which the `data` of a Secret holds: what is shown stays a Secret that Kubernetes can read.
const HIDDEN_BASE64: &str = "Kioq";

/// A mask over every value below `secrets` in these values files.
///
/// A file that cannot be read as YAML is an error that names the file and the line, and nothing of its text.
pub fn mask_of(files: &[PathBuf]) -> Result<Mask> {
    let mut found = Vec::new();
    for file in files {
        if let Some(secrets) = read(file)?.get(KEY) {
            collect(secrets, &mut found);
        }
    }
    Ok(Mask::new(found))
}

/// Whether one of these values files sets `secrets`.
pub fn in_files(files: &[PathBuf]) -> Result<bool> {
    for file in files {
        if read(file)?.get(KEY).is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Manifests with the data of every Secret hidden, and every value that `mask` knows.
///
/// The documents of Secrets are written anew, without their comments; all others stay as they are. A document that may
/// be a Secret and cannot be read is withheld.
pub fn masked(manifests: &str, mask: &Mask) -> String {
    let mut shown = String::with_capacity(manifests.len());
    for document in documents(manifests) {
        if document.contains("Secret") {
            shown.push_str(&masked_document(document));
        } else {
            shown.push_str(document);
        }
    }
    mask.hide(&shown)
}

fn read(file: &Path) -> Result<Value> {
    let shown = file.display();
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read the values file `{shown}`"))?;
    serde_yaml::from_str(&text).map_err(|error| {
        let place = error.location().map_or(String::new(), |at| format!(" at line {}", at.line()));
        // serde_yaml's own message may quote the text, and the text may hold secrets.
        anyhow::anyhow!("the values file `{shown}` is not YAML{place}")
    })
}

fn collect(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Number(number) => found.push(number.to_string()),
        Value::Sequence(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Mapping(entries) => entries.values().for_each(|value| collect(value, found)),
        Value::Tagged(tagged) => collect(&tagged.value, found),
        Value::Null | Value::Bool(_) => {}
    }
}

/// The documents of a text, each with the `---` line that opens it.
fn documents(text: &str) -> Vec<&str> {
    let mut documents = Vec::new();
    let mut start = 0;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if line.starts_with("---") && at > start {
            documents.push(&text[start..at]);
            start = at;
        }
        at += line.len();
    }
    documents.push(&text[start..]);
    documents
}

fn masked_document(document: &str) -> String {
    let read = manifest::read(document, "");
    if read.objects.is_empty() && !read.findings.is_empty() {
        return "---\n# a document that cannot be read is not shown, since it may be a Secret\n".to_owned();
    }
    if !read.objects.iter().any(is_secret) {
        return document.to_owned();
    }
    let head = document.lines().take_while(|line| line.starts_with("---") || line.starts_with('#'));
    let mut shown: String = head.flat_map(|line| [line, "\n"]).collect();
    for (index, object) in read.objects.iter().enumerate() {
        if index > 0 {
            shown.push_str("---\n");
        }
        let value = if is_secret(object) { hidden(&object.root) } else { plain(&object.root) };
        let yaml = serde_yaml::to_string(&value).unwrap_or_else(|_| "# not shown\n".to_owned());
        shown.push_str(&yaml.replace(&format!(": {HIDDEN_BASE64}\n"), &format!(": {HIDDEN_BASE64} # {HIDDEN}\n")));
    }
    shown
}

fn is_secret(object: &Object) -> bool {
    object.reference.kind == "Secret"
}

/// The object with the values of its data hidden, the keys kept.
fn hidden(root: &Node) -> Value {
    let mut value = plain(root);
    for (field, stand_in) in [("data", HIDDEN_BASE64), ("stringData", HIDDEN)] {
        match value.get_mut(field) {
            Some(Value::Mapping(entries)) => entries.values_mut().for_each(|value| *value = stand_in.into()),
            Some(other) => *other = stand_in.into(),
            None => {}
        }
    }
    value
}

fn plain(node: &Node) -> Value {
    node.read().unwrap_or_else(|_| HIDDEN.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CANARY: &str = "CANARY-9f3c";

    fn file(text: &str) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("values.yaml");
        std::fs::write(&file, text).unwrap();
        (dir, file)
    }

    #[test]
    fn only_the_data_of_secrets_is_hidden() {
        let text = format!(
            "---\n# Source: a/b.yaml\napiVersion: v1\nkind: Secret\nmetadata:\n  name: s\ndata:\n  A: {CANARY}\nstringData:\n  B: |\n    {CANARY}\n---\nkind: ConfigMap\ndata:\n    a:   b # kept\n"
        );
        let shown = masked(&text, &Mask::new([""; 0]));
        assert!(!shown.contains(CANARY), "{shown}");
        assert!(shown.starts_with("---\n# Source: a/b.yaml\n"), "{shown}");
        assert!(shown.ends_with("---\nkind: ConfigMap\ndata:\n    a:   b # kept\n"), "{shown}");
        let secret = &manifest::read(&shown, "").objects[0];
        assert_eq!(secret.root.get_path(&["data", "A"]).and_then(Node::as_str), Some(HIDDEN_BASE64));
        assert!(shown.contains("  A: Kioq # ***\n"), "{shown}");
    }

    #[test]
    fn a_secret_in_a_list_is_hidden_too() {
        let text = format!(
            "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Secret\n  stringData: {{A: {CANARY}}}\n"
        );
        assert!(!masked(&text, &Mask::new([""; 0])).contains(CANARY));
    }

    #[test]
    fn what_cannot_be_read_is_withheld() {
        let text = format!("---\nkind: Secret\ndata:\n\tA: {CANARY}\n---\nkind: ConfigMap\n");
        let shown = masked(&text, &Mask::new([""; 0]));
        assert!(!shown.contains(CANARY) && shown.ends_with("---\nkind: ConfigMap\n"), "{shown}");
    }

    #[test]
    fn a_secret_of_a_values_file_is_masked_wherever_it_went() {
        let (_dir, file) = file(&format!("secrets:\n  a: {CANARY}\n  b: [12345678]\nimage: plain\n"));
        let mask = mask_of(std::slice::from_ref(&file)).unwrap();
        let shown = masked(&format!("env: {CANARY} 12345678 plain\n"), &mask);
        assert_eq!(shown, "env: *** *** plain\n");
        assert!(in_files(&[file]).unwrap());
    }

    #[test]
    fn a_broken_values_file_is_named_without_its_text() {
        let (_dir, file) = file(&format!("secrets:\n  a: '{CANARY}\n"));
        let message = format!("{:#}", mask_of(&[file]).unwrap_err());
        assert!(message.contains("values.yaml") && message.contains("is not YAML at line"), "{message}");
        assert!(!message.contains(CANARY), "{message}");
    }
}
