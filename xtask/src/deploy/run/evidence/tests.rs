use serde_json::json;

use super::*;
use crate::deploy::testing;

/// All that is there after a rollout of revision 2 that is done; each test breaks one thing.
struct There {
    deployment: Value,
    config: Value,
    pod: Value,
    more: Vec<Value>,
}

fn there() -> There {
    let of = |kind: &str| {
        let render = testing::render();
        render.documents.into_iter().find(|it| it.kind == kind && !it.hook).expect("one of the kind").value
    };
    let mut deployment = of("Deployment");
    deployment["metadata"] = json!({"name": "mailroom", "uid": "d", "generation": 4, "annotations": {
        REVISION_ANNOTATION: "2"}});
    deployment["status"] = json!({"observedGeneration": 4, "availableReplicas": 1});
    let pod = json!({"kind": "Pod", "metadata": {"name": "p", "ownerReferences": [{"uid": "s"}], "annotations": {"checksum/config": "c1"}},
        "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}],
            "containerStatuses": [{"imageID": "registry/app@sha256:a"}]}});
    There { deployment, config: of("ConfigMap"), pod, more: Vec::new() }
}

fn judge(there: &There, replicas: u64) -> Rollout {
    let mut render = testing::render();
    render.replicas = replicas;
    for document in render.documents.iter_mut().filter(|it| it.kind == "Deployment") {
        document.value["spec"]["replicas"] = replicas.into();
    }
    let set = json!({"kind": "ReplicaSet", "metadata": {"name": "s", "uid": "s", "ownerReferences": [{"uid": "d"}]},
        "spec": {"template": there.deployment["spec"]["template"]}});
    let mut items = vec![there.deployment.clone(), set, there.pod.clone()];
    items.extend(there.more.iter().cloned());
    let planned = |kind: &str| render.documents.iter().find(|it| it.kind == kind && !it.hook).expect("one of the kind");
    let existing = [(there.deployment.clone(), planned("Deployment")), (there.config.clone(), planned("ConfigMap"))];
    rollout(&Look::of(json!({"items": items})), &existing, &render, "2", "sha256:a")
}

fn lacks(there: &There) -> String {
    match judge(there, 1) {
        Rollout::NotYet(lacks) => lacks,
        other => panic!("{other:?}"),
    }
}

#[test]
fn all_of_it_together_is_the_proof() {
    let Rollout::Done(seen) = judge(&there(), 1) else { panic!("not done") };
    assert!(seen.iter().any(|line| line.contains("sha256:a")), "{seen:?}");
}

#[test]
fn each_piece_of_evidence_is_needed() {
    let broken = |name: &str, break_it: fn(&mut There)| {
        let mut there = there();
        break_it(&mut there);
        let lacks = lacks(&there);
        assert!(lacks.contains(name), "{name}: {lacks}");
    };
    broken("of revision 1, not of 2", |it| it.deployment["metadata"]["annotations"][REVISION_ANNOTATION] = "1".into());
    broken("generation 5", |it| it.deployment["metadata"]["generation"] = 5.into());
    broken("0 of 1 pods available", |it| it.deployment["status"]["availableReplicas"] = 0.into());
    broken("ConfigMap/mailroom-config does not hold", |it| it.config["data"]["config.yaml"] = "a: 2\n".into());
    broken("Deployment/mailroom does not hold", |it| {
        it.deployment["spec"]["template"]["spec"]["containers"][0]["image"] = "app:2".into();
    });
    broken("`kubectl-set` added spec.paused", |it| {
        it.deployment["spec"]["paused"] = true.into();
        let set = json!({"f:spec": {"f:paused": {}}});
        it.deployment["metadata"]["managedFields"] = json!([{"manager": "kubectl-set", "fieldsV1": set}]);
    });
    broken("another configuration", |it| it.pod["metadata"]["annotations"]["checksum/config"] = "c0".into());
    broken("not ready", |it| it.pod["status"]["conditions"][0]["status"] = "False".into());
    broken("an earlier one", |it| it.pod["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z".into());
    broken("2 there", |it| it.more.push(it.pod.clone()));
}

#[test]
fn another_image_is_told_apart_from_a_rollout_that_lacks_something() {
    let mut there = there();
    there.pod["status"]["containerStatuses"][0]["imageID"] = "registry/app@sha256:b".into();
    assert!(matches!(judge(&there, 1), Rollout::OtherImage(which) if which.contains("sha256:b")));
    there.pod["status"]["containerStatuses"][0]["imageID"] = "".into();
    assert!(matches!(judge(&there, 1), Rollout::OtherImage(_)));
}

#[test]
fn at_no_replicas_no_pod_may_be_left() {
    let mut there = there();
    there.deployment["spec"]["replicas"] = 0.into();
    assert!(matches!(judge(&there, 0), Rollout::NotYet(lacks) if lacks.contains("still ending")));
    there.pod["status"]["phase"] = "Succeeded".into();
    assert!(matches!(judge(&there, 0), Rollout::Done(_)));
}
