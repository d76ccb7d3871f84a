//! `xtask deploy`: done with evidence, or nothing changed and the reason named.

use anyhow::{Context, Result};
use serde_json::json;

use super::support::{APP, MISSING, app_pod, both, fault, no_copies, plain, with_missing};
use crate::kind_test::behaviour::{Behaviour, expect, expect_that};
use crate::kind_test::case::Case;

pub(super) const BEHAVIOURS: &[Behaviour] = &[
    both(
        "deploy-refuses-first-install",
        "a first install with a mailbox missing is refused by its name, and leaves no credentials",
        refuses_first_install,
    ),
    both(
        "deploy-creates-on-request",
        "`--apply-setup` creates what is missing; two plain deploys after it keep the pod",
        creates_on_request,
    ),
    both(
        "deploy-refuses-upgrade",
        "an upgrade with a mailbox missing is refused; pod and account are as before",
        refuses_upgrade,
    ),
    Behaviour {
        waits: true,
        ..both(
            "deploy-rolls-back",
            "a rollout that fails after its gate goes back to the revision that ran",
            rolls_back,
        )
    },
    both(
        "deploy-asks-the-gate-alone",
        "`--gate-only` says yes and no, and leaves neither objects nor a revision",
        asks_the_gate_alone,
    ),
];

fn refuses_first_install(case: &Case<'_>) -> Result<()> {
    let refused = case.deploy(&plain(), &[])?;
    refused.expect("the deploy", 4, "Missing      Mailboxes: Feed")?;
    refused.expect("what it says of the cluster", 4, "Runs now     nothing, as before")?;
    expect("pods of the app", &0, &case.kubectl.list("pods", &case.namespace, APP)?.len())?;
    no_copies(case)?;
    expect("writes to the account", &Vec::new(), &case.front().writes(&case.account)?)
}

fn creates_on_request(case: &Case<'_>) -> Result<()> {
    case.deploy(&plain(), &["--apply-setup"])?.expect(
        "the first deploy",
        0,
        "Done         release mailroom, revision 1",
    )?;
    let mailboxes = case.front().names(&case.account, "mailboxes")?;
    expect_that(
        "the account's mailboxes",
        "Feed among them",
        &format!("{mailboxes:?}"),
        mailboxes.contains(&"Feed".into()),
    )?;
    let pod = app_pod(case)?;
    let writes = case.front().writes(&case.account)?.len();
    for revision in ["revision 2", "revision 3"] {
        case.deploy(&plain(), &[])?.expect(
            "a plain deploy",
            0,
            &format!("Done         release mailroom, {revision}"),
        )?;
    }
    expect("the UID of the pod", &pod, &app_pod(case)?)?;
    expect("writes to the account, all told", &writes, &case.front().writes(&case.account)?.len())?;
    no_copies(case)
}

fn refuses_upgrade(case: &Case<'_>) -> Result<()> {
    case.deploy(&plain(), &["--apply-setup"])?.expect("the first deploy", 0, "Done")?;
    let (pod, writes) = (app_pod(case)?, case.front().writes(&case.account)?.len());
    let refused = case.deploy(&with_missing(), &[])?;
    refused.expect("the upgrade", 4, &format!("Missing      Mailboxes: {MISSING}"))?;
    refused.expect("what it says of the cluster", 4, "Runs now     revision 1, as before (1 of 1 pods available)")?;
    expect("the UID of the pod", &pod, &app_pod(case)?)?;
    expect("writes to the account, all told", &writes, &case.front().writes(&case.account)?.len())?;
    no_copies(case)
}

fn rolls_back(case: &Case<'_>) -> Result<()> {
    case.deploy(&plain(), &["--apply-setup"])?.expect("the first deploy", 0, "Done")?;
    // The gate asks for one session; the app, which would be next, finds Fastmail down until its third restart.
    let down = json!({"on": {"path": "/jmap/session"}, "skip": 1, "times": 4,
        "fault": {"kind": "status", "status": 503, "reason": "Down For Tea"}});
    fault(case, &down)?;
    let mut changed = plain();
    changed["config"]["polling"]["interval"] = 61.into();
    let failed = case.deploy(&changed, &[])?;
    failed.expect("the upgrade", 5, "Rollback     to the manifest of revision 1: done, without a gate")?;
    failed.expect("what it says of the cluster", 5, "Runs now     revision 1, as before")?;
    let config = case.kubectl.get("configmap", "mailroom-config", &case.namespace)?.context("no ConfigMap")?;
    let text = config["data"]["config.yaml"].as_str().unwrap_or_default();
    expect_that("the configuration after the rollback", "interval: 60", text, text.contains("interval: 60"))
}

fn asks_the_gate_alone(case: &Case<'_>) -> Result<()> {
    case.deploy(&plain(), &["--gate-only"])?.expect("the question before setup", 4, "Missing      Mailboxes: Feed")?;
    case.deploy(&plain(), &["--apply-setup"])?.expect("the deploy", 0, "Done         release mailroom, revision 1")?;
    case.deploy(&plain(), &["--gate-only"])?.expect("the question after setup", 0, "passed: everything")?;
    let jobs = case.kubectl.list("jobs.batch", &case.namespace, "")?;
    let names: Vec<_> = jobs.iter().filter_map(|job| job["metadata"]["name"].as_str()).collect();
    expect("the Jobs that are left", &vec!["mailroom-gate"], &names)?;
    let releases = case.kubectl.list("secrets", &case.namespace, "owner=helm")?.len();
    expect("revisions", &1, &releases)?;
    no_copies(case)
}
