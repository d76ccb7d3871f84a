//! `procMount`, baseline, since v1.0: the default masks of `/proc` keep the kernel out of reach.
//!
//! Restricted field: every container's `securityContext.procMount`.
//! Allowed: unset, `Default`; since v1.35 anything in a pod with `hostUsers: false`.

use std::collections::BTreeSet;

use crate::pod_security::check::{Check, Forbidden, Revision};
use crate::pod_security::places::Offenders;
use crate::pod_security::text::quoted;
use crate::pod_security::{Level, Pod};

pub(in crate::pod_security) const CHECK: Check = Check {
    id: "procMount",
    level: Level::Baseline,
    revisions: &[Revision::since(0, judge), Revision::since(35, judge_outside_user_namespaces)],
    overrides: &[],
    fix: "remove procMount",
};

fn judge_outside_user_namespaces(pod: &Pod) -> Option<Forbidden> {
    if pod.spec.has_user_namespace() { None } else { judge(pod) }
}

/// The rule without the relaxation for user namespaces.
pub(super) fn judge(pod: &Pod) -> Option<Forbidden> {
    let mut values = BTreeSet::new();
    Offenders::of_containers(&pod.spec, |container| {
        let value = container.security_context.proc_mount.as_deref().filter(|value| *value != "Default");
        values.extend(value);
        value.map(|_| "securityContext.procMount")
    })
    .forbid("procMount", |who| format!("{who} must not set securityContext.procMount to {}", quoted(values)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::pod_security::testing::{ALWAYS, assert_allowed, assert_forbidden, spec};

    #[test]
    fn unset_and_default_are_allowed() {
        for context in [json!({}), json!({"procMount": null}), json!({"procMount": "Default"})] {
            assert_allowed(&CHECK, ALWAYS, &spec(json!({"containers": [{"securityContext": context}]})));
        }
    }

    #[test]
    fn other_values_are_listed_once_and_sorted() {
        let containers = |values: &[&str]| -> Vec<_> {
            values.iter().map(|value| json!({"name": "c", "securityContext": {"procMount": value}})).collect()
        };
        assert_forbidden(
            &CHECK,
            ALWAYS,
            &spec(json!({
                "initContainers": containers(&["Unmasked"]),
                "containers": containers(&["Default", "", "Unmasked"]),
                "ephemeralContainers": containers(&["default"]),
            })),
            r#"procMount (containers "c", "c", "c", "c" must not set securityContext.procMount to "", "Unmasked", "default")"#,
            &[
                "spec.initContainers[0].securityContext.procMount",
                "spec.containers[1].securityContext.procMount",
                "spec.containers[2].securityContext.procMount",
                "spec.ephemeralContainers[0].securityContext.procMount",
            ],
        );
    }

    #[test]
    fn an_explicit_user_namespace_relaxes_since_v1_35() {
        let pod = |host_users| {
            let container = json!({"name": "c", "securityContext": {"procMount": "Unmasked"}});
            spec(json!({"hostUsers": host_users, "containers": [container]}))
        };
        let message = r#"procMount (container "c" must not set securityContext.procMount to "Unmasked")"#;
        let paths = ["spec.containers[0].securityContext.procMount"];
        assert_allowed(&CHECK, 35..=37, &pod(json!(false)));
        assert_forbidden(&CHECK, 0..=34, &pod(json!(false)), message, &paths);
        assert_forbidden(&CHECK, ALWAYS, &pod(json!(true)), message, &paths);
        assert_forbidden(&CHECK, ALWAYS, &pod(json!(null)), message, &paths);
    }
}
