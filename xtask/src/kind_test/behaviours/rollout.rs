//! A rollout that fails after its gate has passed: the reason is shown, and what ran before serves again.

use anyhow::Result;
use serde_json::{Value, json};

use super::support::{Untouched, app_pod, deployed_config, four, plain, with_image, with_interval};
use crate::kind_test::behaviour::{Behaviour, expect, expect_contains};
use crate::kind_test::case::Case;

pub(super) const BEHAVIOURS: &[Behaviour] = &[
    four(
        "rollout-crashes-first-install",
        "a first install that crashes fails with its log, and says that there is nothing to go back to",
        crashes_at_first,
    ),
    Behaviour {
        waits: true,
        ..four(
            "rollout-never-ready",
            "an upgrade that never listens fails by its startup probe; the old version serves again",
            never_ready,
        )
    },
    Behaviour {
        waits: true,
        ..four(
            "rollout-fails-twice",
            "after two failed rollouts in a row the revision that ran serves, not the one before",
            fails_twice,
        )
    },
];

/// A configuration that the odd image obeys.
fn odd(case: &Case<'_>, word: &str) -> Value {
    with_image(json!({"config": {"triage": {"categories": ["Feed", word]}}}), &case.images().odd)
}

fn crashes_at_first(case: &Case<'_>) -> Result<()> {
    let failed = case.deploy(&odd(case, "Crashing"), &[])?;
    failed.expect("the install", 5, "Rollback     none")?;
    failed.expect("its log", 5, "this one cannot start")?;
    expect_contains("the exit status of the app", "status 7", &failed.text)
}

fn never_ready(case: &Case<'_>) -> Result<()> {
    case.deploy(&plain(), &["--apply-setup"])?.done("the first deploy")?;
    let before = deployed_config(case)?;
    let failed = case.deploy(&odd(case, "Sleeping"), &[])?;
    failed.expect("the upgrade", 5, "its startup probe found nobody in time")?;
    failed.expect("the rollback", 5, "Rollback     to the manifest of revision 1: done, without a gate")?;
    expect("the configuration after the rollback", &before, &deployed_config(case)?)?;
    app_pod(case).map(drop)
}

fn fails_twice(case: &Case<'_>) -> Result<()> {
    case.deploy(&plain(), &["--apply-setup"])?.done("the first deploy")?;
    case.deploy(&with_interval(61), &[])?.done("the second, which is to be gone back to")?;
    let good = deployed_config(case)?;
    for attempt in ["the first failure", "the second failure"] {
        let failed = case.deploy(&odd(case, "Crashing"), &[])?;
        failed.expect(attempt, 5, "to the manifest of revision")?;
        expect(&format!("the configuration after {attempt}"), &good, &deployed_config(case)?)?;
        app_pod(case)?;
    }
    let before = Untouched::of(case)?;
    case.deploy(&with_interval(61), &[])?.done("the good configuration again")?;
    before.still(case)
}
