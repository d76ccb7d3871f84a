//! The namespace with its Pod Security labels, made or raised by one request.

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};

use crate::deploy::run::Run;
use crate::deploy::{FIELD_MANAGER, LEVEL, LEVEL_LABELS, Presence};

/// The labels of a namespace that enforces, warns of and audits *restricted*.
pub(crate) fn labels() -> Map<String, Value> {
    LEVEL_LABELS.iter().map(|label| ((*label).to_owned(), LEVEL.into())).collect()
}

/// Makes the namespace, or raises its labels, where the plan said so: with the labels in the request that creates it, no
/// pod is ever in it without them. Right labels need no write, and so no right to write them.
///
/// # Errors
/// Exit 3 where the API server refuses it.
pub(crate) fn ensure(run: &mut Run<'_>) -> Result<()> {
    let (session, facts) = (run.session, &run.state.namespace);
    let name = &session.request.namespace;
    run.stages.begin("namespace", name);
    if !facts.needs_write() {
        let said =
            if facts.presence == Presence::Unreadable { "may not be read, left as it is" } else { "is restricted" };
        run.stages.done(&format!("{name} {said}"));
        return Ok(());
    }
    // The plan has named whose labels are taken over.
    let applied = session.kubectl.apply(&manifest(name).to_string(), FIELD_MANAGER, &["--force-conflicts"]);
    applied.with_context(|| format!("cannot write namespace {name}; nothing was deployed"))?;
    let made = if facts.presence == Presence::Missing { "made" } else { "raised" };
    run.stages.done(&format!("{name} {made}: enforce, warn and audit are {LEVEL}"));
    Ok(())
}

fn manifest(name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels()}})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_three_labels_come_with_the_namespace() {
        let manifest = manifest("n");
        for label in LEVEL_LABELS {
            assert_eq!(manifest["metadata"]["labels"][label], LEVEL);
        }
        assert_eq!(manifest["metadata"]["labels"].as_object().map(Map::len), Some(3));
    }
}
