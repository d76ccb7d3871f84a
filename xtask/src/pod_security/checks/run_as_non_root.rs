//! `runAsNonRoot`, restricted, since v1.0: the kubelet refuses to start a container as root.
//!
//! Restricted field: `securityContext.runAsNonRoot` of the pod and of every container.
//! Allowed: `true`; unset on a container where the pod sets `true`. A user ID does not stand in for it.
//! Since v1.35 anything in a pod with `hostUsers: false`.

use crate::pod_security::check::{Check, Forbidden, Revision};
use crate::pod_security::places::Offenders;
use crate::pod_security::{Level, Pod};

pub(in crate::pod_security) const CHECK: Check = Check {
    id: "runAsNonRoot",
    level: Level::Restricted,
    revisions: &[Revision::since(0, judge), Revision::since(35, judge_outside_user_namespaces)],
    overrides: &[],
    fix: "set runAsNonRoot to true in the securityContext of the pod, and to false nowhere",
};

const REASON: &str = "runAsNonRoot != true";

fn judge_outside_user_namespaces(pod: &Pod) -> Option<Forbidden> {
    if pod.spec.has_user_namespace() { None } else { judge(pod) }
}

/// What is said outright comes first; only where nobody says `false` it matters who says nothing.
fn judge(pod: &Pod) -> Option<Forbidden> {
    judge_false(pod).or_else(|| judge_unset(pod))
}

fn judge_false(pod: &Pod) -> Option<Forbidden> {
    Offenders::of_contexts(&pod.spec, |context| (context.run_as_non_root == Some(false)).then_some("runAsNonRoot"))
        .forbid(REASON, |who| format!("{who} must not set securityContext.runAsNonRoot=false"))
}

fn judge_unset(pod: &Pod) -> Option<Forbidden> {
    if pod.spec.security_context.run_as_non_root.is_some() {
        return None;
    }
    Offenders::of_containers(&pod.spec, |container| {
        container.security_context.run_as_non_root.is_none().then_some("securityContext.runAsNonRoot")
    })
    .forbid(REASON, |who| format!("pod or {who} must set securityContext.runAsNonRoot=true"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::pod_security::testing::{ALWAYS, assert_allowed, assert_forbidden, spec};

    fn pod(of_pod: &Value, of_containers: &[Value]) -> Pod {
        let containers: Vec<_> = of_containers
            .iter()
            .zip('a'..)
            .map(|(value, name)| json!({"name": name, "securityContext": {"runAsNonRoot": value}}))
            .collect();
        spec(json!({"securityContext": {"runAsNonRoot": of_pod}, "containers": containers}))
    }

    #[test]
    fn true_is_allowed_and_inherited() {
        assert_allowed(&CHECK, ALWAYS, &pod(&json!(true), &[json!(null), json!(true)]));
        assert_allowed(&CHECK, ALWAYS, &pod(&json!(null), &[json!(true), json!(true)]));
        assert_allowed(&CHECK, ALWAYS, &spec(json!({"securityContext": {"runAsNonRoot": true}, "containers": [{}]})));
    }

    #[test]
    fn false_is_forbidden_whoever_sets_it() {
        let pod_path = "spec.securityContext.runAsNonRoot";
        let container_path = "spec.containers[1].securityContext.runAsNonRoot";
        assert_forbidden(
            &CHECK,
            ALWAYS,
            &pod(&json!(false), &[json!(true), json!(true)]),
            "runAsNonRoot != true (pod must not set securityContext.runAsNonRoot=false)",
            &[pod_path],
        );
        assert_forbidden(
            &CHECK,
            ALWAYS,
            &pod(&json!(true), &[json!(null), json!(false)]),
            r#"runAsNonRoot != true (container "b" must not set securityContext.runAsNonRoot=false)"#,
            &[container_path],
        );
        assert_forbidden(
            &CHECK,
            ALWAYS,
            &pod(&json!(false), &[json!(null), json!(false), json!(true)]),
            r#"runAsNonRoot != true (pod and container "b" must not set securityContext.runAsNonRoot=false)"#,
            &[pod_path, container_path],
        );
    }

    #[test]
    fn unset_is_forbidden_where_the_pod_does_not_set_it_either() {
        assert_forbidden(
            &CHECK,
            ALWAYS,
            &spec(json!({
                "initContainers": [{"name": "i"}],
                "containers": [{"name": "c", "securityContext": {"runAsNonRoot": true}}],
                "ephemeralContainers": [{"name": "e", "securityContext": {"runAsUser": 10001}}],
            })),
            r#"runAsNonRoot != true (pod or containers "i", "e" must set securityContext.runAsNonRoot=true)"#,
            &[
                "spec.initContainers[0].securityContext.runAsNonRoot",
                "spec.ephemeralContainers[0].securityContext.runAsNonRoot",
            ],
        );
    }

    #[test]
    fn an_explicit_user_namespace_relaxes_since_v1_35() {
        let pod = |host_users: &Value| spec(json!({"hostUsers": host_users, "containers": [{"name": "c"}]}));
        let message = r#"runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true)"#;
        let paths = ["spec.containers[0].securityContext.runAsNonRoot"];
        assert_allowed(&CHECK, 35..=37, &pod(&json!(false)));
        assert_forbidden(&CHECK, 0..=34, &pod(&json!(false)), message, &paths);
        assert_forbidden(&CHECK, ALWAYS, &pod(&json!(true)), message, &paths);
        assert_forbidden(&CHECK, ALWAYS, &pod(&json!(null)), message, &paths);
    }
}
