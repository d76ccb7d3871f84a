//! `hostProbesAndHostLifecycle`, baseline, since v1.34: the kubelet asks the pod itself, not a host that the pod names.
//!
//! Restricted fields: `httpGet.host` and `tcpSocket.host` in every container's `livenessProbe`, `readinessProbe`,
//! `startupProbe`, `lifecycle.postStart` and `lifecycle.preStop`.
//! Allowed: unset, empty; not even `localhost`, which is the node's. Header fields named `Host` are free.

use std::collections::BTreeSet;

use crate::pod_security::check::{Check, Forbidden, Revision};
use crate::pod_security::places::Offenders;
use crate::pod_security::pod::{Container, Handler};
use crate::pod_security::text::{plural, quoted};
use crate::pod_security::{Level, Pod};

pub(in crate::pod_security) const CHECK: Check = Check {
    id: "hostProbesAndHostLifecycle",
    level: Level::Baseline,
    revisions: &[Revision::since(34, judge)],
    overrides: &[],
    fix: "remove host: the kubelet then asks the pod's own address; a name for the server goes into httpHeaders",
};

fn judge(pod: &Pod) -> Option<Forbidden> {
    let (mut names, mut hosts) = (BTreeSet::new(), BTreeSet::new());
    let offenders = Offenders::of_containers(&pod.spec, |container| {
        let fields: Vec<String> = hosts_of(container)
            .filter(|(_, _, host)| !host.is_empty())
            .map(|(handler, action, host)| {
                hosts.insert(host);
                format!("{handler}.{action}.host")
            })
            .collect();
        names.extend((!fields.is_empty()).then_some(container.name.as_str()));
        fields
    });
    // The only check that sorts the names of the containers, and lists each once.
    let containers = plural(names.len(), "container", "containers");
    let verb = plural(names.len(), "uses", "use");
    let noun = plural(hosts.len(), "probe or lifecycle host", "probe or lifecycle hosts");
    offenders.forbid("probe or lifecycle host", |_| {
        format!("{containers} {} {verb} {noun} {}", quoted(names), quoted(hosts))
    })
}

/// Every host that the container can name: handler, action, host.
fn hosts_of(container: &Container) -> impl Iterator<Item = (&'static str, &'static str, &str)> {
    let handlers: [(&str, &Handler); 5] = [
        ("livenessProbe", &container.liveness_probe),
        ("readinessProbe", &container.readiness_probe),
        ("startupProbe", &container.startup_probe),
        ("lifecycle.postStart", &container.lifecycle.post_start),
        ("lifecycle.preStop", &container.lifecycle.pre_stop),
    ];
    handlers.into_iter().flat_map(|(name, handler)| {
        [(name, "httpGet", handler.http_get.host.as_str()), (name, "tcpSocket", handler.tcp_socket.host.as_str())]
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::pod_security::testing::{ALWAYS, assert_allowed, assert_forbidden, spec};

    #[test]
    fn unset_and_empty_are_allowed_and_headers_are_free() {
        let container = json!({
            "livenessProbe": {"httpGet": {"port": 80, "httpHeaders": [{"name": "Host", "value": "a"}]}},
            "readinessProbe": {"tcpSocket": {"host": ""}, "httpGet": {"host": null}},
            "startupProbe": {"grpc": {"port": 80}, "tcpSocket": null},
            "lifecycle": {"preStop": {"exec": {"command": ["true"]}}, "postStart": null},
        });
        assert_allowed(&CHECK, ALWAYS, &spec(json!({"containers": [container, {"lifecycle": null}]})));
    }

    #[test]
    fn each_field_of_each_container_type_is_forbidden_since_v1_34() {
        let handlers = ["livenessProbe", "readinessProbe", "startupProbe", "lifecycle.postStart", "lifecycle.preStop"];
        for list in ["initContainers", "containers", "ephemeralContainers"] {
            for (handler, action) in handlers.iter().flat_map(|name| [(name, "httpGet"), (name, "tcpSocket")]) {
                let target = json!({action: {"host": "127.0.0.1"}});
                let mut container = match handler.split_once('.') {
                    Some((outer, inner)) => json!({outer: {inner: target}}),
                    None => json!({*handler: target}),
                };
                container["name"] = json!("a");
                let pod = spec(json!({list: [container]}));
                assert_allowed(&CHECK, 0..=33, &pod);
                assert_forbidden(
                    &CHECK,
                    34..=37,
                    &pod,
                    r#"probe or lifecycle host (container "a" uses probe or lifecycle host "127.0.0.1")"#,
                    &[&format!("spec.{list}[0].{handler}.{action}.host")],
                );
            }
        }
    }

    #[test]
    fn names_and_hosts_are_sorted_and_listed_once() {
        let probe = |host: &str| json!({"httpGet": {"host": host}});
        assert_forbidden(
            &CHECK,
            34..=37,
            &spec(json!({"containers": [
                {"name": "b", "livenessProbe": probe("y"), "readinessProbe": probe("x")},
                {"name": "a", "startupProbe": probe("y")},
                {"name": "b", "startupProbe": probe("y")},
            ]})),
            r#"probe or lifecycle host (containers "a", "b" use probe or lifecycle hosts "x", "y")"#,
            &[
                "spec.containers[0].livenessProbe.httpGet.host",
                "spec.containers[0].readinessProbe.httpGet.host",
                "spec.containers[1].startupProbe.httpGet.host",
                "spec.containers[2].startupProbe.httpGet.host",
            ],
        );
    }

    /// Two containers of one name count as one.
    #[test]
    fn the_number_is_that_of_the_distinct_names() {
        let container = json!({"name": "a", "livenessProbe": {"tcpSocket": {"host": "h"}}});
        assert_forbidden(
            &CHECK,
            34..=37,
            &spec(json!({"containers": [container, container]})),
            r#"probe or lifecycle host (container "a" uses probe or lifecycle host "h")"#,
            &["spec.containers[0].livenessProbe.tcpSocket.host", "spec.containers[1].livenessProbe.tcpSocket.host"],
        );
    }
}
