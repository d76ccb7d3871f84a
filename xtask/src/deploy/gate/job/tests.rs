use serde_json::json;

use super::*;
use crate::deploy::testing;

fn job(uid: &str, stamp: &str, condition: &str) -> Value {
    let mut job = testing::render().gate_document().expect("a gate").value.clone();
    job["metadata"]["uid"] = uid.into();
    job["metadata"]["annotations"][REVISION_ANNOTATION] = stamp.into();
    if !condition.is_empty() {
        job["status"] =
            json!({"conditions": [{"type": condition, "status": "True", "reason": "BackoffLimitExceeded"}]});
    }
    job
}

fn pod(owner: &str, status: u64, message: &str) -> Value {
    json!({"kind": "Pod", "metadata": {"name": "p", "ownerReferences": [{"uid": owner}]}, "status": {"containerStatuses": [
        {"name": "gate", "imageID": "sha256:a", "state": {"terminated": {"exitCode": status, "message": message, "reason": "Error"}}}]}})
}

fn look(items: &[Value]) -> Look {
    Look::of(json!({"items": items}))
}

fn of_revision_2() -> GateJob {
    GateJob::after(&look(&[job("old", "1", "Complete"), told("older")]), "mailroom-gate", Some("2".into()))
}

/// An event about a Job of the gate's name.
fn told(uid: &str) -> Value {
    let about = json!({"kind": "Job", "name": "mailroom-gate", "uid": uid});
    json!({"kind": "Event", "involvedObject": about, "reason": "SuccessfulCreate"})
}

fn verdict(mut gate: GateJob, items: &[Value]) -> Verdict {
    let render = testing::render();
    gate.verdict(&look(items), &render.gate, render.gate_document().expect("a gate"))
}

#[test]
fn a_complete_job_of_this_run_with_its_pod_is_a_pass() {
    let passed = verdict(of_revision_2(), &[job("new", "2", "Complete"), pod("new", 0, "")]);
    assert_eq!(passed, Verdict::Passed { image_id: "sha256:a".into() });
}

#[test]
fn no_other_job_is_a_pass() {
    let mut other = job("new", "2", "Complete");
    other["spec"]["template"]["spec"]["containers"][0]["command"] = json!(["true"]);
    let mut more = job("new", "2", "Complete");
    more["spec"]["template"]["spec"]["initContainers"] = json!([{"name": "x"}]);
    let known = GateJob { uid: Some("first".into()), ..of_revision_2() };
    for (what, gate, items) in [
        ("none", of_revision_2(), vec![]),
        ("the one of before", of_revision_2(), vec![job("old", "2", "Complete"), pod("old", 0, "")]),
        ("of another revision", of_revision_2(), vec![job("new", "3", "Complete"), pod("new", 0, "")]),
        ("replaced", known.clone(), vec![job("new", "2", "Complete"), pod("new", 0, "")]),
        ("deleted", known, vec![]),
        ("still running", of_revision_2(), vec![job("new", "2", "")]),
        ("without a pod", of_revision_2(), vec![job("new", "2", "Complete")]),
        ("with another's pod", of_revision_2(), vec![job("new", "2", "Complete"), pod("x", 0, "")]),
        ("with another command", of_revision_2(), vec![other, pod("new", 0, "")]),
        ("with an init container", of_revision_2(), vec![more, pod("new", 0, "")]),
    ] {
        assert!(matches!(verdict(gate, &items), Verdict::NotRun { .. }), "{what}");
    }
}

#[test]
fn a_job_that_came_and_went_between_two_looks_is_gone() {
    assert_eq!(of_revision_2().see(&look(&[])), Seen::NotYet);
    let earlier = [told("old"), told("older"), job("old", "1", "Complete")];
    assert_eq!(of_revision_2().see(&look(&earlier)), Seen::NotYet);
    assert_eq!(of_revision_2().see(&look(&[told("new"), job("old", "1", "Complete")])), Seen::Gone);
    assert_eq!(of_revision_2().see(&look(&[told("new")])), Seen::Gone);
    let there = job("new", "2", "");
    assert_eq!(of_revision_2().see(&look(&[told("new"), there.clone()])), Seen::Running(&there));
}

#[test]
fn a_no_is_the_scripts_own_verdict() {
    let no = |status, message| verdict(of_revision_2(), &[job("new", "2", "Failed"), pod("new", status, message)]);
    assert_eq!(no(1, "gate failed: 2 to create\n"), Verdict::No { said: "2 to create".into() });
    assert_eq!(no(143, "gate failed: stopped by a signal"), Verdict::NotRun { why: "stopped by a signal".into() });
    assert!(matches!(no(137, ""), Verdict::NotRun { why } if why.contains("137")));
    let mut not_started = pod("new", 128, "no such file: /bin/sh");
    not_started["status"]["containerStatuses"][0]["state"]["terminated"]["reason"] = "StartError".into();
    let not_started = verdict(of_revision_2(), &[job("new", "2", "Failed"), not_started]);
    assert!(matches!(not_started, Verdict::NotRun { why } if why.ends_with(": no such file: /bin/sh")));
    let late = verdict(of_revision_2(), &[job("new", "2", "Failed")]);
    assert!(matches!(late, Verdict::NotRun { why } if why.contains("BackoffLimitExceeded")));
}

#[test]
fn a_job_that_is_being_deleted_is_gone() {
    let mut deleted = job("new", "2", "");
    deleted["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z".into();
    assert_eq!(of_revision_2().see(&look(&[deleted])), Seen::Gone);
}
