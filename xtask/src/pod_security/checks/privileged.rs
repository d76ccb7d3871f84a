//! `privileged`, baseline, since v1.0: privileged containers lose nearly all isolation from the node.
//!
//! Restricted field: every container's `securityContext.privileged`.
//! Allowed: unset, `false`.

use crate::pod_security::check::{Check, Forbidden, Revision};
use crate::pod_security::places::Offenders;
use crate::pod_security::{Level, Pod};

pub(in crate::pod_security) const CHECK: Check = Check {
    id: "privileged",
    level: Level::Baseline,
    revisions: &[Revision::since(0, judge)],
    overrides: &[],
    fix: "remove privileged, or set it to false",
};

fn judge(pod: &Pod) -> Option<Forbidden> {
    Offenders::of_containers(&pod.spec, |container| {
        (container.security_context.privileged == Some(true)).then_some("securityContext.privileged")
    })
    .forbid("privileged", |who| format!("{who} must not set securityContext.privileged=true"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::pod_security::testing::{ALWAYS, assert_allowed, assert_forbidden, spec};

    #[test]
    fn unset_and_false_are_allowed() {
        for context in [json!(null), json!({}), json!({"privileged": null}), json!({"privileged": false})] {
            assert_allowed(&CHECK, ALWAYS, &spec(json!({"containers": [{"name": "a", "securityContext": context}]})));
        }
    }

    #[test]
    fn a_container_of_any_type_is_forbidden_in_order() {
        let bad = |name: &str| json!([{"name": "good"}, {"name": name, "securityContext": {"privileged": true}}]);
        assert_forbidden(
            &CHECK,
            ALWAYS,
            &spec(json!({"ephemeralContainers": bad("e"), "containers": bad("c"), "initContainers": bad("i")})),
            r#"privileged (containers "i", "c", "e" must not set securityContext.privileged=true)"#,
            &[
                "spec.initContainers[1].securityContext.privileged",
                "spec.containers[1].securityContext.privileged",
                "spec.ephemeralContainers[1].securityContext.privileged",
            ],
        );
        assert_forbidden(
            &CHECK,
            ALWAYS,
            &spec(json!({"containers": bad("c")})),
            r#"privileged (container "c" must not set securityContext.privileged=true)"#,
            &["spec.containers[1].securityContext.privileged"],
        );
    }

    #[test]
    fn the_pod_has_no_such_field() {
        assert_allowed(&CHECK, ALWAYS, &spec(json!({"securityContext": {"privileged": true}, "containers": [{}]})));
    }
}
