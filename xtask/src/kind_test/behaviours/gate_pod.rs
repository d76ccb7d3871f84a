//! The gate's own pod: how it ends when it is told to, and that nobody takes it for the app's.

use anyhow::Result;
use serde_json::json;

use super::support::{APP, GATE, Untouched, four, in_gate, plain, slow_sessions, while_it_installs};
use crate::kind_test::behaviour::{Behaviour, expect, expect_that};
use crate::kind_test::case::Case;

pub(super) const BEHAVIOURS: &[Behaviour] = &[
    four("gate-ends-at-sigterm", "a gate that gets SIGTERM ends setup at once, and is no success", ends_at_sigterm),
    four("gate-pod-not-selected", "the Deployment's selector finds the app's pod, and not the gate's", not_selected),
];

fn ends_at_sigterm(case: &Case<'_>) -> Result<()> {
    slow_sessions(case, &json!("always"), 4000)?;
    // What the kubelet would send, once setup runs and waits for the server: the script makes the folder before it sets
    // its trap and starts setup, and the report only with setup.
    let send = "ls /tmp/tmp.*/report >/dev/null && kill -TERM 1";
    let (_, installed) = while_it_installs(|| in_gate(case, send), || case.install(&plain(), false))?;
    installed.refused("the install", "stopped by a signal")?;
    Untouched::nothing(case)
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
