//! The gate: what it lets through, what it stops, and the ways on from there.

use anyhow::Result;
use serde_json::{Value, json};

use super::support::{
    GATE, MISSING, SOON, Untouched, app_pod, both, each_once, fault, four, no_copies, plain, slow_sessions,
    while_it_installs, with_image, with_missing,
};
use crate::kind_test::behaviour::{Behaviour, expect, expect_contains, expect_that};
use crate::kind_test::case::Case;
use crate::kind_test::installing::Installed;
use crate::kind_test::wait::Look;
use crate::tools::Major;

pub(super) const BEHAVIOURS: &[Behaviour] = &[
    both("gate-recovers", "after a refused upgrade both ways out work: change the configuration, or apply", recovers),
    both(
        "gate-by-plain-helm",
        "plain Helm is gated too, prints the missing names, and provisions on request",
        plain_helm,
    ),
    both("gate-job-deleted", "a gate Job that is deleted while Helm waits is no success", job_deleted),
    four(
        "gate-job-deleted-by-plain-helm",
        "with plain Helm 4 a gate Job that is deleted stops the release just so",
        job_deleted_by_plain_helm,
    ),
    four("gate-unreadable-plan", "a plan that cannot be read, or none at all, is no success", unreadable_plan),
    four(
        "gate-creation-refused",
        "a creation refused half-way stops the release; a rerun makes the rest, once",
        creation_refused,
    ),
];

fn recovers(case: &Case<'_>) -> Result<()> {
    case.install(&plain(), true)?.done("the first install")?;
    let before = Untouched::of(case)?;
    case.install(&with_missing(), false)?.refused("the upgrade", MISSING)?;
    before.still(case)?;

    case.install(&plain(), false)?.done("the configuration changed back")?;
    before.still(case)?;

    case.install(&with_missing(), false)?.refused("the upgrade once more", MISSING)?;
    case.install(&with_missing(), true)?.done("the same with the gate creating what is missing")?;
    let mailboxes = case.front().names(&case.account, "mailboxes")?;
    let there = mailboxes.iter().filter(|name| *name == MISSING).count();
    expect("mailboxes of the missing name", &1, &there)?;
    app_pod(case)?;
    no_copies(case)
}

fn plain_helm(case: &Case<'_>) -> Result<()> {
    let chart = case.chart_in_hand();
    let refused = case.bare_helm(&chart, &plain(), &[])?;
    refused.expect("the first install", 1, "not everything that the configuration names exists")?;
    expect_contains("the missing names", "Mailboxes: Feed", &refused.text)?;
    expect_contains("the way out", "setup.apply=true", &refused.text)?;
    Untouched::nothing(case)?;

    case.bare_helm(&chart, &plain(), &["--set", "setup.apply=true"])?.done("the install that provisions")?;
    let after = Untouched::of(case)?;
    app_pod(case)?;
    case.bare_helm(&chart, &plain(), &[])?.done("the next plain upgrade")?;
    after.still(case)
}

fn job_deleted(case: &Case<'_>) -> Result<()> {
    case.install(&plain(), true)?.done("the first install")?;
    let before = Untouched::of(case)?;
    let refused = while_its_gate_is_deleted(case, || case.deploy(&with_missing(), &[]))?;
    refused.expect("the deploy", 4, "the gate Job was deleted before it had ended")?;
    // Helm 3 takes a deleted Job for a done one and goes on at once: deploy may end it too late, but calls it no success.
    if case.helm == Some(Major::Three) { Ok(()) } else { before.still(case) }
}

/// Helm 3 would go on and call it deployed; Helm 4 looks for the Job in vain until its time-out.
fn job_deleted_by_plain_helm(case: &Case<'_>) -> Result<()> {
    let install = || case.bare_helm(&Case::chart(), &with_missing(), &["--timeout", "10s"]);
    let refused = while_its_gate_is_deleted(case, install)?;
    refused.expect("the install", 1, "mailroom-gate")?;
    expect("pods of the app", &0, &case.kubectl.list("pods", &case.namespace, super::support::APP)?.len())?;
    expect("the configuration", &None, &super::support::deployed_config(case)?)
}

/// Installs with a gate that takes its time, and deletes its Job meanwhile.
fn while_its_gate_is_deleted(case: &Case<'_>, install: impl FnOnce() -> Result<Installed>) -> Result<Installed> {
    slow_sessions(case, &json!("always"), 4000)?;
    let job = gate_job(case)?;
    while_it_installs(|| delete_next_gate(case, &job), install).map(|((), installed)| installed)
}

/// The UID of the gate Job that is there.
fn gate_job(case: &Case<'_>) -> Result<Value> {
    let job = case.kubectl.get("job", "mailroom-gate", &case.namespace)?;
    Ok(job.map_or(Value::Null, |job| job["metadata"]["uid"].clone()))
}

/// Waits for another gate Job whose pod runs, and deletes it.
fn delete_next_gate(case: &Case<'_>, before: &Value) -> Result<()> {
    case.until("the next gate Job to run", SOON, || {
        let job = gate_job(case)?;
        let pods = case.kubectl.list("pods", &case.namespace, GATE)?;
        let running =
            |pod: &Value| pod["metadata"]["ownerReferences"][0]["uid"] == job && pod["status"]["phase"] == "Running";
        Ok(if job != *before && pods.iter().any(running) { Look::Done(()) } else { Look::NotYet(job.to_string()) })
    })?;
    case.kubectl.delete("job", "mailroom-gate", &case.namespace, &["--wait=false"]).map(drop)
}

fn unreadable_plan(case: &Case<'_>) -> Result<()> {
    for oddity in ["Babbling", "Silent", "Truncated"] {
        let values = json!({"config": {"triage": {"categories": [oddity]}}});
        let refused = case.install(&with_image(values, &case.images().odd), false)?;
        refused.refused(&format!("a setup that is {oddity}"), "cannot read the plan")?;
        Untouched::nothing(case)?;
    }
    Ok(())
}

fn creation_refused(case: &Case<'_>) -> Result<()> {
    let refusal = json!({"kind": "refused_creation", "type": "forbidden", "description": "Not Today"});
    fault(case, &json!({"on": {"call": "Mailbox/set"}, "skip": 2, "times": 1, "fault": refusal}))?;
    let refused = case.install(&plain(), true)?;
    refused.refused("the first install", "Mailbox '@ToFeed' was not created: forbidden: Not Today")?;
    let pods = case.kubectl.list("pods", &case.namespace, super::support::APP)?.len();
    expect("pods of the app", &0, &pods)?;
    no_copies(case)?;
    let begun = case.front().writes(&case.account)?.len();
    expect_that("what was created before", "something", &begun.to_string(), begun > 1)?;

    case.install(&plain(), true)?.done("the same again")?;
    each_once(case)
}
