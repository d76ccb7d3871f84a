//! `runAsUser`, restricted, since v1.23: nobody asks for root by number.
//!
//! Restricted field: `securityContext.runAsUser` of the pod and of every container.
//! Allowed: unset, any number but `0`. Since v1.35 anything in a pod with `hostUsers: false`.

use crate::pod_security::check::{Check, Forbidden, Revision};
use crate::pod_security::places::Offenders;
use crate::pod_security::{Level, Pod};

pub(in crate::pod_security) const CHECK: Check = Check {
    id: "runAsUser",
    level: Level::Restricted,
    revisions: &[Revision::since(23, judge), Revision::since(35, judge_outside_user_namespaces)],
    overrides: &[],
    fix: "set runAsUser to a number above 0, or leave it to the image",
};

fn judge_outside_user_namespaces(pod: &Pod) -> Option<Forbidden> {
    if pod.spec.has_user_namespace() { None } else { judge(pod) }
}

fn judge(pod: &Pod) -> Option<Forbidden> {
    Offenders::of_contexts(&pod.spec, |context| (context.run_as_user == Some(0)).then_some("runAsUser"))
        .forbid("runAsUser=0", |who| format!("{who} must not set runAsUser=0"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::pod_security::testing::{assert_allowed, assert_forbidden, spec};

    #[test]
    fn unset_and_other_users_are_allowed() {
        for user in [json!(null), json!(1), json!(-1), json!(i64::MAX)] {
            let context = json!({"runAsUser": user});
            let containers = json!([{"securityContext": context}, {}]);
            assert_allowed(&CHECK, 23..=37, &spec(json!({"securityContext": context, "containers": containers})));
        }
    }

    #[test]
    fn root_is_forbidden_for_pod_and_containers_since_v1_23() {
        let root = json!({"runAsUser": 0});
        let containers = |name: &str| json!([{"name": name, "securityContext": root}]);
        let pod = spec(json!({
            "securityContext": root,
            "initContainers": containers("i"),
            "containers": containers("c"),
            "ephemeralContainers": containers("e"),
        }));
        assert_allowed(&CHECK, 0..=22, &pod);
        assert_forbidden(
            &CHECK,
            23..=37,
            &pod,
            r#"runAsUser=0 (pod and containers "i", "c", "e" must not set runAsUser=0)"#,
            &[
                "spec.securityContext.runAsUser",
                "spec.initContainers[0].securityContext.runAsUser",
                "spec.containers[0].securityContext.runAsUser",
                "spec.ephemeralContainers[0].securityContext.runAsUser",
            ],
        );
    }

    #[test]
    fn an_explicit_user_namespace_relaxes_since_v1_35() {
        let pod = |host_users| spec(json!({"hostUsers": host_users, "securityContext": {"runAsUser": 0}}));
        let message = "runAsUser=0 (pod must not set runAsUser=0)";
        let paths = ["spec.securityContext.runAsUser"];
        assert_allowed(&CHECK, 35..=37, &pod(json!(false)));
        assert_forbidden(&CHECK, 23..=34, &pod(json!(false)), message, &paths);
        assert_forbidden(&CHECK, 23..=37, &pod(json!(true)), message, &paths);
        assert_forbidden(&CHECK, 23..=37, &pod(json!(null)), message, &paths);
    }
}
