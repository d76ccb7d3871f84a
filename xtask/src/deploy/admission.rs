//! What the API server says to the render, admission included, in a dry run that keeps nothing.

use anyhow::Result;
use serde_json::Value;

use super::{Document, Render, Session, Verdict};
use crate::tools::ToolError;

/// How Helm signs what it writes.
const HELM: &str = "helm";
/// A name that the API server completes may have this many bytes before its own five.
const LONGEST_PREFIX: usize = 50;

/// Asks the API server to judge all objects of the render; its namespace must be there.
///
/// # Errors
/// Exit 3 where kubectl cannot be started.
pub(super) fn ask(session: &Session, render: &Render) -> Result<Verdict> {
    let (objects, hooks): (Vec<_>, Vec<_>) = render.documents.iter().partition(|document| !document.hook);
    let (objects, hooks) = std::thread::scope(|scope| {
        let hooks = scope.spawn(|| dry_create(session, &hooks));
        let objects = dry_apply(session, &objects);
        (objects, hooks.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    });
    let mut said = objects?;
    said.extend(hooks?);
    Ok(verdict(&said))
}

/// The objects of the release, applied over what is there. Conflicts are another question: see `managers`.
fn dry_apply(session: &Session, objects: &[&Document]) -> Result<Vec<String>> {
    let manifests = objects.iter().map(|document| document.value.to_string()).collect::<Vec<_>>().join("\n---\n");
    let more = ["--dry-run=server", "--force-conflicts", "--namespace", &session.request.namespace];
    said(session.kubectl.apply(&manifests, HELM, &more).map(|captured| captured.stderr))
}

/// The gate's objects, made anew each time: under names that the API server completes, since the last ones may be there.
fn dry_create(session: &Session, hooks: &[&Document]) -> Result<Vec<String>> {
    let manifests = hooks.iter().map(|document| nameless(document).to_string()).collect::<Vec<_>>().join("\n---\n");
    said(session.kubectl.try_create(&manifests, &session.request.namespace).map(|captured| captured.stderr))
}

fn nameless(document: &Document) -> Value {
    let mut value = document.value.clone();
    if let Some(metadata) = value.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.remove("name");
        let prefix: String = document.name.chars().take(LONGEST_PREFIX).collect();
        metadata.insert("generateName".to_owned(), format!("{prefix}-").into());
    }
    value
}

/// What kubectl said, whether it failed or not; that it could not be started is an error.
fn said(answer: Result<String>) -> Result<Vec<String>> {
    let stderr = answer.or_else(|error| match error.downcast_ref::<ToolError>() {
        Some(failed) => Ok(failed.stderr.clone()),
        None => Err(error),
    })?;
    Ok(stderr.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect())
}

fn verdict(said: &[String]) -> Verdict {
    let mut verdict = Verdict::default();
    for line in said {
        let (list, sentence) = match line.strip_prefix("Warning: ") {
            Some(warning) => (&mut verdict.warnings, format!("the API server warns: {warning}")),
            None => (&mut verdict.refusals, format!("the API server would refuse it: {line}")),
        };
        if !list.contains(&sentence) {
            list.push(sentence);
        }
    }
    verdict
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings_are_shown_once_and_anything_else_is_a_refusal() {
        let said = [
            "Warning: would violate PodSecurity",
            "Warning: would violate PodSecurity",
            "The Deployment \"m\" is invalid: spec.selector: field is immutable",
        ];
        let verdict = verdict(&said.map(str::to_owned));
        assert_eq!(verdict.warnings, ["the API server warns: would violate PodSecurity"]);
        assert_eq!(verdict.refusals.len(), 1);
    }
}
