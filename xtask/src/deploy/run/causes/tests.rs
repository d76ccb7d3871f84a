use serde_json::json;

use super::*;

fn job() -> Value {
    json!({"kind": "Job", "metadata": {"name": "g", "uid": "j"}})
}

fn event(about: &str, reason: &str, message: &str) -> Value {
    json!({"kind": "Event", "involvedObject": {"uid": about}, "reason": reason, "message": message})
}

fn pod(status: &Value) -> Value {
    json!({"kind": "Pod", "metadata": {"name": "p", "uid": "p", "ownerReferences": [{"uid": "j"}]}, "status": status})
}

fn container(status: &Value) -> Value {
    pod(&json!({"containerStatuses": [status]}))
}

/// The causes for a gate whose Job is `job()`, each with whether it ends Helm.
fn causes(items: &[Value]) -> Vec<(String, bool)> {
    let look = Look::of(json!({"items": items}));
    of_gate(&look, Seen::Running(&job())).into_iter().map(|cause| (cause.text, cause.ends)).collect()
}

#[test]
fn a_pod_that_admission_or_a_quota_forbids_is_final() {
    let message = "Error creating: pods \"g-x\" is forbidden: exceeded quota: q";
    let expected = [("no pod may be made: exceeded quota: q".to_owned(), true)];
    assert_eq!(causes(&[event("j", "FailedCreate", message)]), expected);
    assert!(causes(&[event("other", "FailedCreate", message)]).is_empty());
    let webhook = "Error creating: admission webhook \"w\" denied the request: no";
    assert!(causes(&[event("j", "FailedCreate", webhook)])[0].1);
}

#[test]
fn what_mends_itself_ends_nothing() {
    let account = "Error creating: pods \"g-x\" is forbidden: error looking up service account n/default: not found";
    assert!(causes(&[event("j", "FailedCreate", account)]).is_empty());
    let quota = "Error creating: pods \"g-x\" is forbidden: status unknown for quota: q, resources: pods";
    assert!(causes(&[event("j", "FailedCreate", quota)]).is_empty());
    let away = "Error creating: Internal error occurred: failed calling webhook \"w\": connection refused";
    assert!(!causes(&[event("j", "FailedCreate", away)])[0].1);
    let conditions =
        json!([{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/1 nodes"}]);
    let unschedulable = causes(&[pod(&json!({"conditions": conditions}))]);
    assert_eq!(unschedulable, [("no node takes pod p: 0/1 nodes".to_owned(), false)]);
}

#[test]
fn a_job_that_is_suspended_and_a_deployment_that_is_paused_are_named_and_waited_for() {
    let mut job = job();
    let suspended = |job: &Value| of_gate(&Look::default(), Seen::Running(job)).pop();
    assert_eq!(suspended(&job), None);
    job["spec"] = json!({"suspend": true});
    let cause = suspended(&job).expect("a cause");
    assert_eq!((&*cause.text, cause.ends), ("Job g is suspended: it goes on when that ends", false));
    let paused = json!({"kind": "Deployment", "metadata": {"name": "d"}, "spec": {"paused": true}});
    let causes = of_rollout(&Look::default(), &paused);
    assert_eq!((&*causes[0].text, causes[0].ends), ("Deployment d is paused: it goes on when that ends", false));
}

#[test]
fn a_container_that_cannot_start_is_final() {
    for reason in NO_CONTAINER {
        let status = json!({"name": "c", "state": {"waiting": {"reason": reason, "message": "why"}}});
        assert_eq!(causes(&[container(&status)]), [(format!("pod p cannot start: {reason}: why"), true)]);
    }
    assert!(causes(&[container(&json!({"state": {"waiting": {"reason": "ContainerCreating"}}}))]).is_empty());
}

#[test]
fn the_third_restart_is_final_and_points_at_the_log_before() {
    let status = |restarts: u64| {
        json!({"name": "c", "restartCount": restarts, "state": {"waiting": {"reason": "CrashLoopBackOff"}},
            "lastState": {"terminated": {"exitCode": 1, "reason": "Error"}}})
    };
    assert!(causes(&[container(&status(2))]).is_empty());
    assert_eq!(
        causes(&[container(&status(3))]),
        [("pod p ended 3 times, last with status 1 (Error)".to_owned(), true)]
    );
    let look = Look::of(json!({"items": [container(&status(3))]}));
    assert_eq!(of_gate(&look, Seen::Running(&job()))[0].log, Some(("p".to_owned(), "c".to_owned(), true)));
}

#[test]
fn a_startup_probe_that_is_used_up_is_final() {
    let killing = event("p", "Killing", "Container c failed startup probe, will be restarted");
    let running = container(&json!({"name": "c", "restartCount": 0, "state": {"running": {}}}));
    assert!(causes(&[running.clone(), killing]).iter().all(|(text, ends)| *ends && text.contains("startup probe")));
    assert!(causes(&[running, event("p", "Killing", "Stopping container c")]).is_empty());
}

#[test]
fn a_job_that_is_gone_or_replaced_is_final() {
    for seen in [Seen::Gone, Seen::Other] {
        assert!(of_gate(&Look::default(), seen)[0].ends);
    }
    assert!(of_gate(&Look::default(), Seen::NotYet).is_empty());
}

#[test]
fn a_rollout_is_judged_by_the_pods_of_its_present_template() {
    // The numbers that the controller gives lag behind: these still say that the template of before is the present one.
    let number = |number: &str| json!({"deployment.kubernetes.io/revision": number});
    let template = |uid: &str| json!({"metadata": {"labels": {"app": "m"}}, "spec": {"containers": [{"image": uid}]}});
    let deployment = json!({"kind": "Deployment", "metadata": {"name": "d", "uid": "d", "annotations": number("1")},
        "spec": {"template": template("new")}});
    let set = |uid: &str, of: &str| {
        let mut template = template(uid);
        template["metadata"]["labels"]["pod-template-hash"] = uid.into();
        json!({"kind": "ReplicaSet", "metadata": {"name": uid, "uid": uid, "ownerReferences": [{"uid": "d"}],
            "annotations": number(of)}, "spec": {"template": template}})
    };
    let broken = |owner: &str| {
        let mut pod =
            container(&json!({"name": "c", "state": {"waiting": {"reason": "ErrImagePull", "message": "m"}}}));
        pod["metadata"]["ownerReferences"][0]["uid"] = owner.into();
        pod
    };
    let causes = |owner: &str| {
        let look = Look::of(json!({"items": [set("old", "1"), set("new", "2"), broken(owner)]}));
        of_rollout(&look, &deployment).len()
    };
    assert_eq!((causes("old"), causes("new")), (0, 1));
}
