//! What the tests of this folder share: the chart's own objects, as Helm would render them.

use serde_json::{Value, json};

use super::Render;

/// The labels of the gate's pods.
pub(crate) fn gate_labels() -> Value {
    json!({"app.kubernetes.io/name": "mailroom-gate", "app.kubernetes.io/instance": "mailroom"})
}

/// A render with a gate that reads its own copies, and a Deployment of one replica.
pub(crate) fn render() -> Render {
    let hook = json!({"helm.sh/hook": "pre-install,pre-upgrade", "mailroom/release-revision": "1"});
    let copy = |kind: &str, data: Value| json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": "mailroom-gate", "annotations": hook}, "data": data});
    let gate = json!({
        "apiVersion": "batch/v1", "kind": "Job",
        "metadata": {"name": "mailroom-gate", "labels": gate_labels(), "annotations": hook},
        "spec": {"activeDeadlineSeconds": 240, "template": {"metadata": {"labels": gate_labels()}, "spec": {
            "terminationGracePeriodSeconds": 5, "restartPolicy": "Never",
            "containers": [{"name": "gate", "image": "app:1", "command": ["/bin/sh", "/app/preflight.sh"],
                "envFrom": [{"secretRef": {"name": "mailroom-gate"}}]}],
            "volumes": [{"name": "files", "configMap": {"name": "mailroom-gate"}}],
        }}},
    });
    let deployment = json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "mailroom", "annotations": {"mailroom/release-revision": "1"}},
        "spec": {"replicas": 1, "template": {"metadata": {"annotations": {"checksum/config": "c1"}}, "spec": {
            "containers": [{"name": "mailroom", "image": "app:1"}]}}},
    });
    let config = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "mailroom-config"}, "data": {"config.yaml": "a: 1\n"}});
    let all = [
        copy("ConfigMap", json!({"config.yaml": "a: 1\n"})),
        copy("Secret", json!({"T": "dA=="})),
        gate,
        config,
        deployment,
    ];
    let text: Vec<String> = all.iter().map(Value::to_string).collect();
    Render::read(&text.join("\n---\n")).expect("a render")
}
