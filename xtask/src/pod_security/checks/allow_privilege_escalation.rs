//! `allowPrivilegeEscalation`, restricted, since v1.8: no process gains more privileges than its parent, as by set-user-ID.
//!
//! Restricted field: every container's `securityContext.allowPrivilegeEscalation`; pods have no such field.
//! Allowed: `false`, said outright. Since v1.25 pods with `os.name: windows` are exempt.

use crate::pod_security::check::{Check, Forbidden, Revision};
use crate::pod_security::places::Offenders;
use crate::pod_security::{Level, Pod};

pub(in crate::pod_security) const CHECK: Check = Check {
    id: "allowPrivilegeEscalation",
    level: Level::Restricted,
    revisions: &[Revision::since(8, judge), Revision::since(25, judge_outside_windows)],
    overrides: &[],
    fix: "set allowPrivilegeEscalation to false in the securityContext of each container",
};

fn judge_outside_windows(pod: &Pod) -> Option<Forbidden> {
    if pod.spec.is_windows() { None } else { judge(pod) }
}

fn judge(pod: &Pod) -> Option<Forbidden> {
    Offenders::of_containers(&pod.spec, |container| {
        let is_off = container.security_context.allow_privilege_escalation == Some(false);
        (!is_off).then_some("securityContext.allowPrivilegeEscalation")
    })
    .forbid("allowPrivilegeEscalation != false", |who| {
        format!("{who} must set securityContext.allowPrivilegeEscalation=false")
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::pod_security::testing::{assert_allowed, assert_forbidden, spec};

    const MESSAGE: &str = "allowPrivilegeEscalation != false \
                           (container \"c\" must set securityContext.allowPrivilegeEscalation=false)";

    #[test]
    fn false_is_allowed() {
        let off = json!({"allowPrivilegeEscalation": false});
        assert_allowed(&CHECK, 8..=37, &spec(json!({"containers": [{"securityContext": off}]})));
    }

    #[test]
    fn unset_and_true_are_forbidden_in_each_container_type_since_v1_8() {
        for context in [json!(null), json!({}), json!({"allowPrivilegeEscalation": true})] {
            for list in ["initContainers", "containers", "ephemeralContainers"] {
                let pod = spec(json!({list: [{"name": "c", "securityContext": context}]}));
                let path = format!("spec.{list}[0].securityContext.allowPrivilegeEscalation");
                assert_allowed(&CHECK, 0..=7, &pod);
                assert_forbidden(&CHECK, 8..=37, &pod, MESSAGE, &[&path]);
            }
        }
    }

    #[test]
    fn on_the_pod_it_counts_for_nothing() {
        let pod = spec(json!({
            "securityContext": {"allowPrivilegeEscalation": false},
            "initContainers": [{"name": "i"}],
            "containers": [{"name": "c"}],
        }));
        assert_forbidden(
            &CHECK,
            8..=37,
            &pod,
            "allowPrivilegeEscalation != false (containers \"i\", \"c\" must set \
             securityContext.allowPrivilegeEscalation=false)",
            &[
                "spec.initContainers[0].securityContext.allowPrivilegeEscalation",
                "spec.containers[0].securityContext.allowPrivilegeEscalation",
            ],
        );
    }

    #[test]
    fn windows_is_exempt_since_v1_25() {
        let pod = |os| spec(json!({"os": os, "containers": [{"name": "c"}]}));
        let paths = ["spec.containers[0].securityContext.allowPrivilegeEscalation"];
        assert_allowed(&CHECK, 25..=37, &pod(json!({"name": "windows"})));
        assert_forbidden(&CHECK, 8..=24, &pod(json!({"name": "windows"})), MESSAGE, &paths);
        for other in [json!(null), json!({}), json!({"name": "linux"}), json!({"name": "WINDOWS"})] {
            assert_forbidden(&CHECK, 8..=37, &pod(other), MESSAGE, &paths);
        }
    }
}
