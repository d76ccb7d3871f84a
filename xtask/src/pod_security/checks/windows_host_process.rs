//! `windowsHostProcess`, baseline, since v1.0: no container runs as a process of a Windows node.
//!
//! Restricted field: `securityContext.windowsOptions.hostProcess` of the pod and of every container.
//! Allowed: unset, `false`.

use crate::pod_security::check::{Check, Forbidden, Revision};
use crate::pod_security::places::Offenders;
use crate::pod_security::{Level, Pod};

pub(in crate::pod_security) const CHECK: Check = Check {
    id: "windowsHostProcess",
    level: Level::Baseline,
    revisions: &[Revision::since(0, judge)],
    overrides: &[],
    fix: "remove windowsOptions.hostProcess",
};

fn judge(pod: &Pod) -> Option<Forbidden> {
    Offenders::of_contexts(&pod.spec, |context| {
        (context.windows_options.host_process == Some(true)).then_some("windowsOptions.hostProcess")
    })
    .forbid("hostProcess", |who| format!("{who} must not set securityContext.windowsOptions.hostProcess=true"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::pod_security::testing::{ALWAYS, assert_allowed, assert_forbidden, spec};

    #[test]
    fn unset_and_false_are_allowed() {
        for options in [json!(null), json!({}), json!({"hostProcess": null}), json!({"hostProcess": false})] {
            let context = json!({"windowsOptions": options});
            let containers = json!([{"securityContext": context}]);
            assert_allowed(&CHECK, ALWAYS, &spec(json!({"securityContext": context, "containers": containers})));
        }
    }

    #[test]
    fn pod_and_containers_are_forbidden() {
        let bad = json!({"windowsOptions": {"hostProcess": true}});
        assert_forbidden(
            &CHECK,
            ALWAYS,
            &spec(json!({"securityContext": bad, "containers": [{"name": "c"}]})),
            "hostProcess (pod must not set securityContext.windowsOptions.hostProcess=true)",
            &["spec.securityContext.windowsOptions.hostProcess"],
        );
        assert_forbidden(
            &CHECK,
            ALWAYS,
            &spec(json!({"containers": [{"name": "c", "securityContext": bad}]})),
            r#"hostProcess (container "c" must not set securityContext.windowsOptions.hostProcess=true)"#,
            &["spec.containers[0].securityContext.windowsOptions.hostProcess"],
        );
        assert_forbidden(
            &CHECK,
            ALWAYS,
            &spec(json!({
                "securityContext": bad,
                "initContainers": [{"name": "i", "securityContext": bad}],
                "ephemeralContainers": [{"name": "e", "securityContext": bad}],
            })),
            r#"hostProcess (pod and containers "i", "e" must not set securityContext.windowsOptions.hostProcess=true)"#,
            &[
                "spec.securityContext.windowsOptions.hostProcess",
                "spec.initContainers[0].securityContext.windowsOptions.hostProcess",
                "spec.ephemeralContainers[0].securityContext.windowsOptions.hostProcess",
            ],
        );
    }
}
