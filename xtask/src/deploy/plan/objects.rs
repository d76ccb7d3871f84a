//! The objects that are there under the names of the render: whose they are, and which of their fields others set.

use anyhow::Result;
use serde_json::Value;

use crate::deploy::fields::{annotation, number, text, uid};
use crate::deploy::inputs::documents::HOOK;
use crate::deploy::plan::others;
use crate::deploy::{Document, Live, REVISION_ANNOTATION, Render, Session, Verdict};

/// By these Helm knows its own objects (helm, `pkg/action/validate.go`).
const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
const RELEASE_NAME: &str = "meta.helm.sh/release-name";
const RELEASE_NAMESPACE: &str = "meta.helm.sh/release-namespace";
/// By this the chart marks the gate's objects, which Helm does not own.
const INSTANCE: &str = "app.kubernetes.io/instance";

/// The objects that are there, each with the render's; Secrets hold their values, so never print these as they are.
///
/// # Errors
/// Exit 3 where the API server cannot be asked.
pub(crate) fn existing<'r>(session: &Session, render: &'r Render) -> Result<Vec<(Value, &'r Document)>> {
    let resources: Vec<String> = render.documents.iter().map(Document::resource).collect();
    let mut args = vec!["get"];
    args.extend(resources.iter().map(String::as_str));
    args.extend([
        "--namespace",
        &session.request.namespace,
        "--ignore-not-found",
        "--show-managed-fields",
        "--output",
        "json",
    ]);
    let captured = session.kubectl.run(&args)?.checked()?;
    if captured.stdout.trim().is_empty() {
        return Ok(Vec::new());
    }
    let mut answer: Value = captured.json()?;
    let items = match answer.get_mut("items").map(Value::take) {
        Some(Value::Array(items)) => items,
        _ => vec![answer],
    };
    let field = |item: &Value, pointer: &str| item.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let with_document = items.into_iter().filter_map(|item| {
        let (kind, name) = (field(&item, "/kind")?, field(&item, "/metadata/name")?);
        let document = render.documents.iter().find(|it| it.kind == kind && it.name == name)?;
        Some((item, document))
    });
    Ok(with_document.collect())
}

/// The Deployment among them.
pub(crate) fn live(existing: &[(Value, &Document)], render: &Render) -> Option<Live> {
    let (object, _) =
        existing.iter().find(|(_, document)| document.kind == "Deployment" && document.name == render.deployment)?;
    Some(Live {
        uid: uid(object).to_owned(),
        generation: number(object, "/metadata/generation"),
        stamp: annotation(object, REVISION_ANNOTATION).map(str::to_owned),
        replicas: object.pointer("/spec/replicas").and_then(Value::as_u64).unwrap_or(1),
        ready: number(object, "/status/readyReplicas"),
        image: text(object, "/spec/template/spec/containers/0/image").to_owned(),
    })
}

/// What speaks against a deploy over these objects.
pub(crate) fn judge(session: &Session, existing: &[(Value, &Document)]) -> Verdict {
    let mut verdict = Verdict::default();
    for (object, document) in existing {
        match owner(object, document, &session.request.release, &session.request.namespace) {
            Owner::Ours => {}
            other => {
                verdict.refusals.push(foreign_object(session, object, document, &other));
                continue;
            }
        }
        others::judge(session, object, document, &mut verdict);
    }
    verdict
}

/// Whose an object is.
#[derive(Debug, PartialEq, Eq)]
enum Owner {
    Ours,
    Release(String),
    Nobody,
}

fn owner(object: &Value, document: &Document, release: &str, namespace: &str) -> Owner {
    let label =
        |key: &str| object.pointer("/metadata/labels").and_then(|labels| labels.get(key)).and_then(Value::as_str);
    if document.hook {
        let is_hook = annotation(object, HOOK).is_some();
        return if is_hook && label(INSTANCE) == Some(release) { Owner::Ours } else { Owner::Nobody };
    }
    match (annotation(object, RELEASE_NAME), annotation(object, RELEASE_NAMESPACE)) {
        (Some(name), Some(space)) if (name, space) == (release, namespace) && label(MANAGED_BY) == Some("Helm") => {
            Owner::Ours
        }
        (Some(name), Some(space)) if (name, space) != (release, namespace) => Owner::Release(format!("{space}/{name}")),
        _ => Owner::Nobody,
    }
}

/// One that is in the way, with the way out.
fn foreign_object(session: &Session, object: &Value, document: &Document, owner: &Owner) -> String {
    let (reference, resource) = (document.reference(), document.resource());
    let kubectl = session.kubectl_words();
    let delete = format!("{kubectl} delete {resource}");
    let selector = |value: &Value| value.pointer("/spec/selector").cloned();
    let selects_otherwise = selector(object) != selector(&document.value);
    match owner {
        Owner::Release(other) => {
            format!("{reference} is of release {other}: give this one another name with --release")
        }
        Owner::Nobody if document.hook => {
            format!(
                "{reference} is there and no gate of this release; Helm would delete it to make the gate. If it can go:\n{delete}"
            )
        }
        _ if selects_otherwise => format!(
            "{reference} is there and of no release, and its selector, which cannot be changed, is another. If it can go:\n{delete}"
        ),
        _ => format!(
            "{reference} is there and of no release. To hand it over:\n{kubectl} label {resource} {MANAGED_BY}=Helm\n\
             {kubectl} annotate {resource} {RELEASE_NAME}={} {RELEASE_NAMESPACE}={}\nor, if it can go:\n{delete}",
            session.request.release, session.request.namespace
        ),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document(hook: bool) -> Document {
        let (kind, name, api_version) = ("Job".to_owned(), "j".to_owned(), "batch/v1".to_owned());
        Document { api_version, kind, name, hook, text: String::new(), value: json!({}) }
    }

    fn object(labels: &Value, annotations: &Value) -> Value {
        json!({"metadata": {"name": "j", "labels": labels, "annotations": annotations}})
    }

    #[test]
    fn an_object_is_ours_by_all_three_marks_of_helm() {
        let of = |managed: &str, name: &str, space: &str| {
            let object = object(&json!({MANAGED_BY: managed}), &json!({RELEASE_NAME: name, RELEASE_NAMESPACE: space}));
            owner(&object, &document(false), "r", "n")
        };
        assert_eq!(of("Helm", "r", "n"), Owner::Ours);
        assert_eq!(of("kubectl", "r", "n"), Owner::Nobody);
        assert_eq!(of("Helm", "other", "n"), Owner::Release("n/other".to_owned()));
        assert_eq!(of("Helm", "r", "m"), Owner::Release("m/r".to_owned()));
        assert_eq!(owner(&object(&json!({}), &json!({})), &document(false), "r", "n"), Owner::Nobody);
    }

    #[test]
    fn a_hook_is_ours_by_its_annotation_and_its_instance() {
        let hook = json!({HOOK: "pre-install"});
        assert_eq!(owner(&object(&json!({INSTANCE: "r"}), &hook), &document(true), "r", "n"), Owner::Ours);
        assert_eq!(owner(&object(&json!({INSTANCE: "s"}), &hook), &document(true), "r", "n"), Owner::Nobody);
        assert_eq!(owner(&object(&json!({INSTANCE: "r"}), &json!({})), &document(true), "r", "n"), Owner::Nobody);
    }
}
