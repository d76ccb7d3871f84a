//! What the API server says to the render, admission included, in a dry run that keeps nothing.

use anyhow::Result;
use serde_json::{Value, json};

use crate::deploy::{Document, Mode, Render, Session, Verdict};
use crate::parallel;
use crate::tools::ToolError;

/// How Helm signs what it writes.
const HELM: &str = "helm";
/// A name that the API server completes may have this many bytes before its own five.
const LONGEST_PREFIX: usize = 50;

/// Said for an admission webhook that has side effects: no verdict, so no refusal either.
const NO_DRY_RUN: &str = "does not support dry run";

/// Asks the API server to judge the objects that are going to be written; their namespace must be there.
///
/// # Errors
/// Exit 3 where kubectl cannot be started.
pub(crate) fn ask(session: &Session, render: &Render) -> Result<Verdict> {
    let (hooks, mut objects): (Vec<_>, Vec<_>) = render.documents.iter().partition(|document| document.hook);
    if session.request.mode == Mode::GateOnly {
        objects.clear();
    }
    let (objects, hooks) =
        parallel::both(|| (!objects.is_empty()).then(|| dry_apply(session, &objects)), || dry_create(session, &hooks));
    let mut verdict = Verdict::default();
    if let Some(objects) = objects {
        objects?.add_to(&mut verdict);
    }
    hooks?.add_to(&mut verdict);
    Ok(verdict)
}

/// The objects of the release, applied over what is there. Conflicts are another question: see `managers`.
fn dry_apply(session: &Session, objects: &[&Document]) -> Result<Answer> {
    let manifests = list(&objects.iter().map(|document| document.value.clone()).collect::<Vec<_>>());
    // Server-side apply refuses a field that it does not know by itself: kubectl need not look for one beforehand.
    let own = ["--dry-run=server", "--force-conflicts", "--validate=false"];
    let more = [&own[..], &["--namespace", &session.request.namespace]].concat();
    Answer::of(session.kubectl.apply(&manifests, HELM, &more).map(|captured| captured.stderr))
}

/// The gate's objects, made anew each time: under names that the API server completes, since the last ones may be there.
fn dry_create(session: &Session, hooks: &[&Document]) -> Result<Answer> {
    let manifests = list(&hooks.iter().map(|document| nameless(document)).collect::<Vec<_>>());
    let tried = session.kubectl.try_create(&manifests, &session.request.namespace, &[])?;
    Ok(Answer { failed: !tried.success(), stderr: tried.stderr })
}

fn list(items: &[Value]) -> String {
    json!({ "apiVersion": "v1", "kind": "List", "items": items }).to_string()
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

/// What kubectl said, and whether it failed.
struct Answer {
    failed: bool,
    stderr: String,
}

impl Answer {
    /// A refusal is an answer; that kubectl could not be started is an error.
    fn of(answer: Result<String>) -> Result<Self> {
        match answer {
            Ok(stderr) => Ok(Self { failed: false, stderr }),
            Err(error) => match error.downcast_ref::<ToolError>() {
                Some(refused) => Ok(Self { failed: true, stderr: refused.stderr.clone() }),
                None => Err(error),
            },
        }
    }

    fn add_to(&self, verdict: &mut Verdict) {
        for line in self.stderr.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (list, sentence) = match line.strip_prefix("Warning: ") {
                Some(warning) => (&mut verdict.warnings, format!("the API server warns: {warning}")),
                None if !self.failed || is_log(line) => continue,
                None if line.contains(NO_DRY_RUN) => {
                    (&mut verdict.warnings, format!("the API server cannot judge in advance: {line}"))
                }
                None => (&mut verdict.refusals, format!("the API server would refuse it: {line}")),
            };
            if !list.contains(&sentence) {
                list.push(sentence);
            }
        }
    }
}

/// A line of client-go's own log, as `E1125 09:24:58.182697   17244 memcache.go:265] ...`: it precedes what kubectl says.
fn is_log(line: &str) -> bool {
    let mut bytes = line.bytes();
    bytes.next().is_some_and(|level| b"EWIF".contains(&level)) && bytes.take(4).filter(u8::is_ascii_digit).count() == 4
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(failed: bool, stderr: &str) -> Verdict {
        let mut verdict = Verdict::default();
        Answer { failed, stderr: stderr.to_owned() }.add_to(&mut verdict);
        verdict
    }

    const STDERR: &str = "E1125 09:24:58.182697   17244 memcache.go:265] couldn't get resource list\n\
                          Warning: would violate PodSecurity\nWarning: would violate PodSecurity\n\
                          The Deployment \"m\" is invalid: spec.selector: field is immutable\n";

    #[test]
    fn a_warning_is_shown_once_and_what_made_it_fail_is_a_refusal() {
        let verdict = verdict(true, STDERR);
        assert_eq!(verdict.warnings, ["the API server warns: would violate PodSecurity"]);
        assert_eq!(verdict.refusals.len(), 1, "{:?}", verdict.refusals);
        assert!(verdict.refusals[0].ends_with("field is immutable"), "{:?}", verdict.refusals);
    }

    #[test]
    fn a_webhook_that_cannot_judge_in_advance_refuses_nothing() {
        let said = "Error from server (BadRequest): admission webhook \"w\" does not support dry run\n";
        let verdict = verdict(true, said);
        assert_eq!((verdict.refusals.len(), verdict.warnings.len()), (0, 1));
    }

    #[test]
    fn what_an_answer_says_beside_its_warnings_is_no_refusal() {
        assert!(verdict(false, STDERR).refusals.is_empty());
    }
}
