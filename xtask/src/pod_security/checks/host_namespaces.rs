//! `hostNamespaces`, baseline, since v1.0: a pod shares none of the node's namespaces.
//!
//! Restricted fields: `spec.hostNetwork`, `spec.hostPID`, `spec.hostIPC`.
//! Allowed: unset, `false`.

use crate::pod_security::check::{Check, Forbidden, Revision};
use crate::pod_security::{Level, Pod};

pub(in crate::pod_security) const CHECK: Check = Check {
    id: "hostNamespaces",
    level: Level::Baseline,
    revisions: &[Revision::since(0, judge)],
    overrides: &[],
    fix: "remove hostNetwork, hostPID and hostIPC",
};

fn judge(pod: &Pod) -> Option<Forbidden> {
    let spec = &pod.spec;
    let shared: Vec<&str> =
        [("hostNetwork", spec.host_network), ("hostPID", spec.host_pid), ("hostIPC", spec.host_ipc)]
            .into_iter()
            .filter_map(|(field, value)| (value == Some(true)).then_some(field))
            .collect();
    let details: Vec<String> = shared.iter().map(|field| format!("{field}=true")).collect();
    let paths = shared.iter().map(|field| format!("spec.{field}")).collect();
    (!shared.is_empty()).then(|| Forbidden { reason: "host namespaces", detail: details.join(", "), paths })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::pod_security::testing::{ALWAYS, assert_allowed, assert_forbidden, spec};

    #[test]
    fn unset_and_false_are_allowed() {
        assert_allowed(&CHECK, ALWAYS, &spec(json!({})));
        assert_allowed(&CHECK, ALWAYS, &spec(json!({"hostNetwork": false, "hostPID": null, "hostIPC": false})));
    }

    #[test]
    fn each_namespace_is_forbidden() {
        for field in ["hostNetwork", "hostPID", "hostIPC"] {
            let message = format!("host namespaces ({field}=true)");
            assert_forbidden(&CHECK, ALWAYS, &spec(json!({field: true})), &message, &[&format!("spec.{field}")]);
        }
    }

    #[test]
    fn all_are_listed_in_upstreams_order() {
        assert_forbidden(
            &CHECK,
            ALWAYS,
            &spec(json!({"hostIPC": true, "hostPID": true, "hostNetwork": true})),
            "host namespaces (hostNetwork=true, hostPID=true, hostIPC=true)",
            &["spec.hostNetwork", "spec.hostPID", "spec.hostIPC"],
        );
    }
}
