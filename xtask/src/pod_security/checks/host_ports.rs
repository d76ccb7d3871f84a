//! `hostPorts`, baseline, since v1.0: no container takes a port of the node.
//!
//! Restricted field: every container's `ports[*].hostPort`.
//! Allowed: unset, `0`.

use std::collections::BTreeSet;

use crate::pod_security::check::{Check, Forbidden, Revision};
use crate::pod_security::places::Offenders;
use crate::pod_security::text::plural;
use crate::pod_security::{Level, Pod};

pub(in crate::pod_security) const CHECK: Check = Check {
    id: "hostPorts",
    level: Level::Baseline,
    revisions: &[Revision::since(0, judge)],
    overrides: &[],
    fix: "remove hostPort (hostNetwork sets it too), and reach the pod through a Service",
};

fn judge(pod: &Pod) -> Option<Forbidden> {
    // Upstream sorts the ports as text: 1000 comes before 80.
    let mut ports = BTreeSet::new();
    let offenders = Offenders::of_containers(&pod.spec, |container| {
        let bad = container.ports.iter().enumerate().filter(|(_, port)| port.host_port != 0);
        let fields = bad.map(|(index, port)| {
            ports.insert(port.host_port.to_string());
            format!("ports[{index}].hostPort")
        });
        fields.collect::<Vec<_>>()
    });
    let verb = plural(offenders.containers.len(), "uses", "use");
    offenders.forbid("hostPort", |who| {
        let ports: Vec<String> = ports.into_iter().collect();
        format!("{who} {verb} {} {}", plural(ports.len(), "hostPort", "hostPorts"), ports.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::pod_security::testing::{ALWAYS, assert_allowed, assert_forbidden, spec};

    #[test]
    fn unset_and_zero_are_allowed() {
        let ports = json!([{"containerPort": 80}, {"hostPort": 0}, {"hostPort": null}, null]);
        assert_allowed(&CHECK, ALWAYS, &spec(json!({"containers": [{"ports": ports}, {"ports": null}]})));
    }

    #[test]
    fn ports_are_listed_once_and_sorted_as_text() {
        let ports = json!([{"hostPort": 80}, {"containerPort": 1}, {"hostPort": 1000}]);
        assert_forbidden(
            &CHECK,
            ALWAYS,
            &spec(json!({
                "initContainers": [{"name": "i", "ports": ports}],
                "containers": [{"name": "good"}, {"name": "c", "ports": [{"hostPort": 80}]}],
                "ephemeralContainers": [{"name": "e", "ports": [{"hostPort": -1}]}],
            })),
            r#"hostPort (containers "i", "c", "e" use hostPorts -1, 1000, 80)"#,
            &[
                "spec.initContainers[0].ports[0].hostPort",
                "spec.initContainers[0].ports[2].hostPort",
                "spec.containers[1].ports[0].hostPort",
                "spec.ephemeralContainers[0].ports[0].hostPort",
            ],
        );
    }

    #[test]
    fn verb_and_noun_have_their_own_numbers() {
        let pod = |containers| spec(json!({"containers": containers}));
        let (one, two) = (json!({"name": "a", "ports": [{"hostPort": 1}]}), json!([{"hostPort": 1}, {"hostPort": 2}]));
        assert_forbidden(
            &CHECK,
            ALWAYS,
            &pod(json!([one, one])),
            r#"hostPort (containers "a", "a" use hostPort 1)"#,
            &["spec.containers[0].ports[0].hostPort", "spec.containers[1].ports[0].hostPort"],
        );
        assert_forbidden(
            &CHECK,
            ALWAYS,
            &pod(json!([{"name": "a", "ports": two}])),
            r#"hostPort (container "a" uses hostPorts 1, 2)"#,
            &["spec.containers[0].ports[0].hostPort", "spec.containers[0].ports[1].hostPort"],
        );
    }
}
