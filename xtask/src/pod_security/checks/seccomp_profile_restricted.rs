//! `seccompProfile_restricted`, restricted, since v1.19: every container has a filter of system calls.
//!
//! Restricted field: `securityContext.seccompProfile.type` of the pod and of every container.
//! Allowed: `RuntimeDefault`, `Localhost`; no profile on a container where the pod has one.
//! Since v1.25 pods with `os.name: windows` are exempt. Overrides `seccompProfile_baseline`.

use super::seccomp_profile_baseline::{REASON, judge_fields};
use crate::pod_security::check::{Check, Forbidden, Revision};
use crate::pod_security::places::Offenders;
use crate::pod_security::{Level, Pod};

pub(in crate::pod_security) const CHECK: Check = Check {
    id: "seccompProfile_restricted",
    level: Level::Restricted,
    revisions: &[Revision::since(19, judge), Revision::since(25, judge_outside_windows)],
    overrides: &["seccompProfile_baseline"],
    fix: "set seccompProfile.type to RuntimeDefault in the securityContext of the pod, and to Unconfined nowhere",
};

fn judge_outside_windows(pod: &Pod) -> Option<Forbidden> {
    if pod.spec.is_windows() { None } else { judge(pod) }
}

/// What is set comes first; only where nobody sets a forbidden type it matters who sets nothing.
fn judge(pod: &Pod) -> Option<Forbidden> {
    judge_fields(pod).or_else(|| judge_unset(pod))
}

fn judge_unset(pod: &Pod) -> Option<Forbidden> {
    if pod.spec.security_context.seccomp_profile.is_some() {
        return None;
    }
    Offenders::of_containers(&pod.spec, |container| {
        container.security_context.seccomp_profile.is_none().then_some("securityContext.seccompProfile.type")
    })
    .forbid(REASON, |who| {
        format!("pod or {who} must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\"")
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::pod_security::testing::{assert_allowed, assert_forbidden, spec};

    fn context(kind: &str) -> Value {
        json!({"seccompProfile": {"type": kind}})
    }

    #[test]
    fn a_profile_is_allowed_and_inherited() {
        for kind in ["RuntimeDefault", "Localhost"] {
            assert_allowed(&CHECK, 19..=37, &spec(json!({"securityContext": context(kind), "containers": [{}]})));
            assert_allowed(&CHECK, 19..=37, &spec(json!({"containers": [{"securityContext": context(kind)}]})));
        }
    }

    #[test]
    fn a_container_overrides_a_good_pod() {
        assert_forbidden(
            &CHECK,
            19..=37,
            &spec(json!({
                "securityContext": context("RuntimeDefault"),
                "containers": [{"name": "a"}, {"name": "b", "securityContext": context("Unconfined")}],
            })),
            "seccompProfile (container \"b\" must not set securityContext.seccompProfile.type to \"Unconfined\")",
            &["spec.containers[1].securityContext.seccompProfile.type"],
        );
    }

    #[test]
    fn no_profile_is_forbidden_where_the_pod_has_none_either() {
        let pod = spec(json!({
            "initContainers": [{"name": "i", "securityContext": {"seccompProfile": null}}],
            "containers": [{"name": "c", "securityContext": context("RuntimeDefault")}],
            "ephemeralContainers": [{"name": "e"}],
        }));
        assert_allowed(&CHECK, 0..=18, &pod);
        assert_forbidden(
            &CHECK,
            19..=37,
            &pod,
            "seccompProfile (pod or containers \"i\", \"e\" must set securityContext.seccompProfile.type to \
             \"RuntimeDefault\" or \"Localhost\")",
            &[
                "spec.initContainers[0].securityContext.seccompProfile.type",
                "spec.ephemeralContainers[0].securityContext.seccompProfile.type",
            ],
        );
    }

    #[test]
    fn set_and_unset_are_not_said_together() {
        let containers = json!([{"name": "a"}, {"name": "b", "securityContext": context("")}]);
        assert_forbidden(
            &CHECK,
            19..=37,
            &spec(json!({"containers": containers})),
            r#"seccompProfile (container "b" must not set securityContext.seccompProfile.type to "")"#,
            &["spec.containers[1].securityContext.seccompProfile.type"],
        );
        assert_forbidden(
            &CHECK,
            19..=37,
            &spec(json!({"securityContext": context("Unconfined"), "containers": [{"name": "a"}]})),
            r#"seccompProfile (pod must not set securityContext.seccompProfile.type to "Unconfined")"#,
            &["spec.securityContext.seccompProfile.type"],
        );
    }

    #[test]
    fn windows_is_exempt_since_v1_25() {
        let pod = |os: &str| spec(json!({"os": {"name": os}, "containers": [{"name": "c"}]}));
        let message = "seccompProfile (pod or container \"c\" must set securityContext.seccompProfile.type to \
                       \"RuntimeDefault\" or \"Localhost\")";
        let paths = ["spec.containers[0].securityContext.seccompProfile.type"];
        assert_allowed(&CHECK, 25..=37, &pod("windows"));
        assert_forbidden(&CHECK, 19..=24, &pod("windows"), message, &paths);
        assert_forbidden(&CHECK, 19..=37, &pod("linux"), message, &paths);
    }
}
