//! The gate's own pod: how it ends when it is told to, and that nobody takes it for the app's.

use std::time::Duration;

use anyhow::{Result, anyhow};
use serde_json::json;

use super::support::{APP, GATE, Untouched, fault, four, plain};
use crate::kind_test::behaviour::{Behaviour, expect, expect_that};
use crate::kind_test::case::Case;
use crate::kind_test::wait::Look;

pub(super) const BEHAVIOURS: &[Behaviour] = &[
    four("gate-ends-at-sigterm", "a gate that gets SIGTERM ends setup at once, and is no success", ends_at_sigterm),
    four("gate-pod-not-selected", "the Deployment's selector finds the app's pod, and not the gate's", not_selected),
];

/// A gate's pod ran 1 s after its Job was made.
const SOON: Duration = Duration::from_secs(60);

fn ends_at_sigterm(case: &Case<'_>) -> Result<()> {
    // Time to send it: the app waits up to 5 s for an answer.
    fault(
        case,
        &json!({"on": {"path": "/jmap/session"}, "times": "always", "fault": {"kind": "slow", "millis": 4000}}),
    )?;
    let (sent, installed) = std::thread::scope(|scope| {
        let sender = scope.spawn(|| terminate_gate(case));
        let installed = case.install(&plain(), false);
        (sender.join().unwrap_or_else(|_| Err(anyhow!("the sender panicked"))), installed)
    });
    sent?;
    installed?.refused("the install", "stopped by a signal")?;
    Untouched::nothing(case)
}

/// Sends the gate what the kubelet would send it, once its setup runs and waits for the server.
fn terminate_gate(case: &Case<'_>) -> Result<()> {
    case.until("the gate's setup to run", SOON, || {
        let pods = case.kubectl.list("pods", &case.namespace, GATE)?;
        let running = pods.iter().find(|pod| pod["status"]["phase"] == "Running");
        let Some(name) = running.and_then(|pod| pod["metadata"]["name"].as_str()) else {
            return Ok(Look::NotYet(format!("{} pods, none runs", pods.len())));
        };
        // The script makes this folder before it sets its trap and starts setup, and the report only with setup.
        let send = "ls /tmp/tmp.*/report >/dev/null && kill -TERM 1";
        case.kubectl.exec(name, "gate", &case.namespace, &["sh", "-c", send])?.checked()?;
        Ok(Look::Done(()))
    })
}

fn not_selected(case: &Case<'_>) -> Result<()> {
    case.install(&plain(), true)?.done("the install")?;
    let gates = case.kubectl.list("pods", &case.namespace, GATE)?.len();
    expect_that("pods of the gate", "some", &gates.to_string(), gates > 0)?;
    let deployment = case.kubectl.get("deployment", "mailroom", &case.namespace)?.unwrap_or_default();
    let labels = deployment["spec"]["selector"]["matchLabels"].as_object().cloned().unwrap_or_default();
    let selector: Vec<_> =
        labels.iter().map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default())).collect();
    let names = |selector: &str| -> Result<Vec<String>> {
        let pods = case.kubectl.list("pods", &case.namespace, selector)?;
        Ok(pods.iter().map(|pod| pod["metadata"]["name"].to_string()).collect())
    };
    expect("the pods that the Deployment's selector finds", &names(APP)?, &names(&selector.join(","))?)
}
