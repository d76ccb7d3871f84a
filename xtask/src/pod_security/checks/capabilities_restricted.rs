//! `capabilities_restricted`, restricted, since v1.22: every container drops all capabilities, and may take one back.
//!
//! Restricted fields: every container's `securityContext.capabilities.drop` and `.add`.
//! Required in `drop`: `ALL`, in capitals. Allowed in `add`: unset, empty, `NET_BIND_SERVICE`.
//! Since v1.25 pods with `os.name: windows` are exempt. Overrides `capabilities_baseline`.

use std::collections::BTreeSet;

use super::capabilities_baseline::{forbidden_additions, must_not_include};
use crate::pod_security::check::{Check, Forbidden, Revision};
use crate::pod_security::places::Offenders;
use crate::pod_security::{Level, Pod};

pub(in crate::pod_security) const CHECK: Check = Check {
    id: "capabilities_restricted",
    level: Level::Restricted,
    revisions: &[Revision::since(22, judge), Revision::since(25, judge_outside_windows)],
    overrides: &["capabilities_baseline"],
    fix: "set capabilities.drop to [\"ALL\"] on each container, and add nothing but NET_BIND_SERVICE",
};

fn judge_outside_windows(pod: &Pod) -> Option<Forbidden> {
    if pod.spec.is_windows() { None } else { judge(pod) }
}

fn judge(pod: &Pod) -> Option<Forbidden> {
    let keeping = Offenders::of_containers(&pod.spec, |container| {
        let drops_all = container.security_context.capabilities.drop.iter().any(|name| name == "ALL");
        (!drops_all).then_some("securityContext.capabilities.drop")
    });
    let mut names = BTreeSet::new();
    let adding = Offenders::of_containers(&pod.spec, |container| {
        forbidden_additions(container, &["NET_BIND_SERVICE"], &mut names)
    });

    let reason = "unrestricted capabilities";
    let keeping = keeping.forbid(reason, |who| format!("{who} must set securityContext.capabilities.drop=[\"ALL\"]"));
    let adding = adding.forbid(reason, |who| must_not_include(who, names));
    match (keeping, adding) {
        (Some(keeping), Some(adding)) => Some(Forbidden {
            reason,
            detail: format!("{}; {}", keeping.detail, adding.detail),
            paths: [keeping.paths, adding.paths].concat(),
        }),
        (keeping, adding) => keeping.or(adding),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::pod_security::testing::{assert_allowed, assert_forbidden, spec};

    fn container(capabilities: &Value) -> Value {
        json!({"name": "c", "securityContext": {"capabilities": capabilities}})
    }

    #[test]
    fn all_dropped_is_allowed_with_one_taken_back() {
        for capabilities in [
            json!({"drop": ["ALL"]}),
            json!({"drop": ["KILL", "ALL"], "add": null}),
            json!({"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]}),
        ] {
            assert_allowed(&CHECK, 22..=37, &spec(json!({"containers": [container(&capabilities)]})));
        }
    }

    #[test]
    fn keeping_any_is_forbidden_and_the_spelling_is_exact() {
        for capabilities in
            [json!(null), json!({}), json!({"drop": []}), json!({"drop": ["all"]}), json!({"drop": ["KILL"]})]
        {
            for list in ["initContainers", "containers", "ephemeralContainers"] {
                let pod = spec(json!({list: [container(&json!({"drop": ["ALL"]})), container(&capabilities)]}));
                assert_allowed(&CHECK, 0..=21, &pod);
                assert_forbidden(
                    &CHECK,
                    22..=37,
                    &pod,
                    r#"unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"])"#,
                    &[&format!("spec.{list}[1].securityContext.capabilities.drop")],
                );
            }
        }
    }

    #[test]
    fn a_container_without_a_security_context_keeps_all() {
        assert_forbidden(
            &CHECK,
            22..=37,
            &spec(json!({"containers": [{"name": "c"}]})),
            r#"unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"])"#,
            &["spec.containers[0].securityContext.capabilities.drop"],
        );
    }

    #[test]
    fn adding_others_is_forbidden() {
        let adding = container(&json!({"drop": ["ALL"], "add": ["NET_BIND_SERVICE", "SYS_TIME", "KILL", "KILL"]}));
        assert_forbidden(
            &CHECK,
            22..=37,
            &spec(json!({"ephemeralContainers": [adding]})),
            "unrestricted capabilities (container \"c\" must not include \"KILL\", \"SYS_TIME\" in \
             securityContext.capabilities.add)",
            &[
                "spec.ephemeralContainers[0].securityContext.capabilities.add[1]",
                "spec.ephemeralContainers[0].securityContext.capabilities.add[2]",
                "spec.ephemeralContainers[0].securityContext.capabilities.add[3]",
            ],
        );
    }

    #[test]
    fn keeping_and_adding_are_both_said() {
        let both = container(&json!({"add": ["KILL"]}));
        assert_forbidden(
            &CHECK,
            22..=37,
            &spec(json!({"initContainers": [{"name": "i"}], "containers": [both]})),
            "unrestricted capabilities (containers \"i\", \"c\" must set securityContext.capabilities.drop=[\"ALL\"]; \
             container \"c\" must not include \"KILL\" in securityContext.capabilities.add)",
            &[
                "spec.initContainers[0].securityContext.capabilities.drop",
                "spec.containers[0].securityContext.capabilities.drop",
                "spec.containers[0].securityContext.capabilities.add[0]",
            ],
        );
    }

    #[test]
    fn windows_is_exempt_since_v1_25() {
        let pod = |os: &str| spec(json!({"os": {"name": os}, "containers": [{"name": "c"}]}));
        let message = r#"unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"])"#;
        let paths = ["spec.containers[0].securityContext.capabilities.drop"];
        assert_allowed(&CHECK, 25..=37, &pod("windows"));
        assert_forbidden(&CHECK, 22..=24, &pod("windows"), message, &paths);
        assert_forbidden(&CHECK, 22..=37, &pod("linux"), message, &paths);
        assert_forbidden(&CHECK, 22..=37, &pod("Windows"), message, &paths);
    }
}
