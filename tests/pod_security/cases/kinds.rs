//! The nine kinds with a pod that admission looks at, and the lists.

use serde_json::{Value, json};

use super::rng::Rng;

/// Puts a pod into an object of a kind.
type Wrap = fn(Value) -> Value;

/// Pod first.
pub(crate) const KINDS: [Wrap; 9] = [
    |pod| object("v1", "Pod", pod),
    |pod| workload("v1", "PodTemplate", &json!({"template": pod})),
    |pod| workload("v1", "ReplicationController", &json!({"spec": {"template": pod}})),
    |pod| selecting("ReplicaSet", &pod),
    |pod| selecting("Deployment", &pod),
    |pod| selecting("StatefulSet", &pod),
    |pod| selecting("DaemonSet", &pod),
    |pod| workload("batch/v1", "Job", &json!({"spec": {"template": pod}})),
    |pod| {
        let spec = json!({"schedule": "@daily", "jobTemplate": {"spec": {"template": pod}}});
        workload("batch/v1", "CronJob", &json!({"spec": spec}))
    },
];

fn selecting(kind: &str, pod: &Value) -> Value {
    workload("apps/v1", kind, &json!({"spec": {"selector": {"matchLabels": {"app": "app"}}, "template": pod}}))
}

/// A workload, whose own annotations would be forbidden on a pod: only the template's count.
fn workload(api_version: &str, kind: &str, fields: &Value) -> Value {
    let mut workload = fields.clone();
    workload["metadata"] = json!({"name": "workload", "annotations": {
        "container.apparmor.security.beta.kubernetes.io/app": "unconfined",
        "seccomp.security.alpha.kubernetes.io/pod": "unconfined",
    }});
    object(api_version, kind, workload)
}

fn object(api_version: &str, kind: &str, mut fields: Value) -> Value {
    fields["apiVersion"] = json!(api_version);
    fields["kind"] = json!(kind);
    fields
}

/// Documents without a pod, or with one that is nearly nothing, of every kind.
pub(crate) fn nearly_nothing() -> Vec<Value> {
    let pods = [
        json!({}),
        json!({"metadata": null, "spec": null}),
        json!({"metadata": {"annotations": null}, "spec": {}}),
        json!({"spec": {"containers": null, "initContainers": null, "ephemeralContainers": null, "volumes": null}}),
        json!({"spec": {"containers": [], "initContainers": [], "ephemeralContainers": [], "volumes": []}}),
        json!({"spec": {"containers": [null], "initContainers": [{}], "ephemeralContainers": [{}, null]}}),
        json!({"spec": {"securityContext": {"runAsNonRoot": false, "seccompProfile": {}}, "containers": []}}),
    ];
    let filled = KINDS.iter().flat_map(|wrap| pods.iter().map(|pod| wrap(pod.clone())));
    let nulls = KINDS[1..].iter().map(|wrap| wrap(json!(null)));
    let others = [
        json!({"apiVersion": "v1", "kind": "ReplicationController"}),
        json!({"apiVersion": "v1", "kind": "ReplicationController", "spec": {}}),
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "spec": null}),
        json!({"apiVersion": "batch/v1", "kind": "CronJob", "spec": {"jobTemplate": null}}),
        json!({"apiVersion": "batch/v1", "kind": "CronJob", "spec": {"jobTemplate": {"spec": null}}}),
        json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"spec": "hostPID: true"}}),
        json!({"apiVersion": "v1", "kind": "List", "items": []}),
        json!({"apiVersion": "v1", "kind": "List", "items": null}),
    ];
    filled.chain(nulls).chain(others).collect()
}

/// The documents once more, in lists of up to seven.
pub(crate) fn lists(rng: &mut Rng, mut documents: Vec<Value>) -> Vec<Value> {
    let mut lists = Vec::new();
    while !documents.is_empty() {
        let items = documents.split_off(documents.len().saturating_sub(1 + rng.below(7)));
        let only_pods = items.iter().all(|item| item["kind"] == "Pod");
        let kind = if only_pods && rng.below(2) == 0 { "PodList" } else { "List" };
        lists.push(json!({"apiVersion": "v1", "kind": kind, "items": items}));
    }
    lists
}
