//! What the namespace is like: there or not, its Pod Security labels and who set them, and whose pods they would refuse.

use anyhow::{Context, Result};
use serde_json::Value;

use crate::deploy::{FIELD_MANAGER, LEVEL, LEVEL_LABELS, Namespace, Presence, Session};
use crate::exit::{self, Failure};
use crate::pod_security::{self, Origin, Pod, Policy};
use crate::tools::kubectl::{Reason, reason};

/// The label that pins the policy of `enforce` to a version.
const ENFORCE_VERSION: &str = "pod-security.kubernetes.io/enforce-version";
/// The label by which a pod says which release it is of.
const INSTANCE: &str = "app.kubernetes.io/instance";

/// Refuses the namespaces that belong to the cluster, or to everybody.
///
/// # Errors
/// Exit 1.
pub(crate) fn refuse_system(namespace: &str) -> Result<()> {
    let whose = match namespace {
        "default" => "everybody's: *restricted* would refuse the pods of others",
        _ if namespace.starts_with("kube-") => "the cluster's own",
        _ => return Ok(()),
    };
    let way_out = "name another with --namespace; it is made if it is not there";
    Err(Failure::error(exit::FINDINGS, format!("namespace `{namespace}` is {whose}; {way_out}")))
}

/// Asks for the namespace, and where its labels are going to be raised, for the pods in it.
///
/// # Errors
/// Exit 3 where the API server cannot be asked.
pub(crate) fn ask(session: &Session) -> Result<Namespace> {
    look(session).with_context(|| Failure::new(exit::ENVIRONMENT, "cannot ask the cluster"))
}

fn look(session: &Session) -> Result<Namespace> {
    let request = &session.request;
    let absent = |presence| Ok(Namespace { presence, ..Namespace::default() });
    let found = match session.kubectl.json(&["get", "namespace", &request.namespace, "--show-managed-fields"]) {
        Ok(found) => found,
        Err(error) => match reason(&error) {
            Reason::NotFound => return absent(Presence::Missing),
            Reason::Forbidden => return absent(Presence::Unreadable),
            _ => return Err(error),
        },
    };
    let mut facts = of_object(&found);
    if !facts.labels_to_raise.is_empty() {
        // Where pods may not be listed, the rights that are asked for next say so.
        let pods = session.kubectl.list("pods", &request.namespace, "").unwrap_or_default();
        facts.refused_pods = pods.iter().filter_map(|pod| refused(pod, &request.release)).collect();
    }
    Ok(facts)
}

fn of_object(namespace: &Value) -> Namespace {
    let label =
        |key: &str| namespace.pointer("/metadata/labels").and_then(|labels| labels.get(key)).and_then(Value::as_str);
    let terminating = namespace.pointer("/status/phase").and_then(Value::as_str) == Some("Terminating")
        || namespace.pointer("/metadata/deletionTimestamp").is_some();
    let to_raise = LEVEL_LABELS.iter().filter(|key| label(key) != Some(LEVEL));
    let labels_to_raise =
        to_raise.map(|key| ((*key).to_owned(), label(key).unwrap_or("not set").to_owned(), manager_of(namespace, key)));
    Namespace {
        presence: if terminating { Presence::Terminating } else { Presence::Active },
        labels_to_raise: labels_to_raise.collect(),
        refused_pods: Vec::new(),
        pinned_version: label(ENFORCE_VERSION).filter(|version| *version != "latest").map(str::to_owned),
    }
}

/// The other field manager that set a label.
fn manager_of(namespace: &Value, label: &str) -> Option<String> {
    let entries = namespace.pointer("/metadata/managedFields")?.as_array()?;
    let field = format!("f:{label}");
    let owns = |entry: &&Value| {
        entry.pointer("/fieldsV1/f:metadata/f:labels").is_some_and(|labels| labels.get(&field).is_some())
    };
    let manager = entries.iter().find(owns)?.get("manager")?.as_str()?;
    (manager != FIELD_MANAGER).then(|| manager.to_owned())
}

/// A pod of another release that *restricted* would refuse, as `name (reasons)`.
fn refused(pod: &Value, release: &str) -> Option<String> {
    let metadata = pod.get("metadata")?;
    let ours =
        metadata.pointer("/labels").and_then(|labels| labels.get(INSTANCE)).and_then(Value::as_str) == Some(release);
    if ours {
        return None;
    }
    let name = metadata.get("name")?.as_str()?;
    let judged: Pod = serde_json::from_value(pod.clone()).ok()?;
    let violations = pod_security::evaluate(&Policy::default(), &judged.defaulted(Origin::Pod));
    (!violations.is_empty()).then(|| format!("{name} ({})", pod_security::aggregate_reason(&violations)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn namespace(labels: &Value) -> Value {
        let entry = json!({"manager": "kubectl-label", "fieldsV1": {"f:metadata": {"f:labels": {
            ".": {}, "f:pod-security.kubernetes.io/enforce": {}}}}});
        json!({"metadata": {"name": "n", "labels": labels, "managedFields": [entry]}, "status": {"phase": "Active"}})
    }

    #[test]
    fn the_namespaces_of_the_cluster_are_refused() {
        for name in ["default", "kube-system", "kube-public", "kube-x"] {
            assert_eq!(exit::code_of(&refuse_system(name).unwrap_err()), exit::FINDINGS, "{name}");
        }
        refuse_system("mailroom").unwrap();
        refuse_system("defaults").unwrap();
    }

    #[test]
    fn right_labels_need_no_write() {
        let all: Value = LEVEL_LABELS.iter().map(|label| ((*label).to_owned(), json!("restricted"))).collect();
        let facts = of_object(&namespace(&all));
        assert_eq!((facts.presence, facts.needs_write()), (Presence::Active, false));
    }

    #[test]
    fn weaker_labels_are_named_with_their_manager() {
        let labels = json!({"pod-security.kubernetes.io/enforce": "baseline", "pod-security.kubernetes.io/warn": "restricted", ENFORCE_VERSION: "v1.20"});
        let facts = of_object(&namespace(&labels));
        let [enforce, audit] = &facts.labels_to_raise[..] else { panic!("{facts:?}") };
        assert_eq!((enforce.1.as_str(), enforce.2.as_deref()), ("baseline", Some("kubectl-label")));
        assert_eq!((audit.0.as_str(), audit.1.as_str(), &audit.2), (LEVEL_LABELS[2], "not set", &None));
        assert_eq!(facts.pinned_version.as_deref(), Some("v1.20"));
    }

    #[test]
    fn a_namespace_that_goes_is_terminating() {
        let mut going = namespace(&json!({}));
        going["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
        assert_eq!(of_object(&going).presence, Presence::Terminating);
    }

    #[test]
    fn the_pods_of_others_are_judged_by_restricted() {
        let pod = |release: &str, context: Value| {
            json!({"metadata": {"name": "p", "labels": {INSTANCE: release}}, "spec": {"securityContext": {"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}},
                   "containers": [{"name": "c", "securityContext": context}]}})
        };
        let good = json!({"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}});
        assert_eq!(refused(&pod("other", good.clone()), "mailroom"), None);
        assert_eq!(refused(&pod("mailroom", json!({"privileged": true})), "mailroom"), None);
        let told = refused(&pod("other", json!({"privileged": true})), "mailroom").unwrap();
        assert!(told.starts_with("p (privileged, "), "{told}");
    }
}
