//! What the stories of several themes share.

use anyhow::Result;
use serde_json::{Value, json};

use crate::kind_test::behaviour::{Behaviour, Helms, expect};
use crate::kind_test::case::Case;

/// The labels of the app's pod, and of the gate's.
pub(super) const APP: &str = "app.kubernetes.io/component=app";
pub(super) const GATE: &str = "app.kubernetes.io/component=gate";
/// A mailbox that no account has.
pub(super) const MISSING: &str = "Nowhere To Be Found";

/// A behaviour that is shown with Helm 4, and with Helm 3 where that is asked for.
pub(super) const fn both(name: &'static str, summary: &'static str, story: fn(&Case<'_>) -> Result<()>) -> Behaviour {
    Behaviour { helm: Helms::Both, ..Behaviour::new(name, summary, story) }
}

/// A behaviour that is shown with Helm 4.
pub(super) const fn four(name: &'static str, summary: &'static str, story: fn(&Case<'_>) -> Result<()>) -> Behaviour {
    Behaviour { helm: Helms::Four, ..Behaviour::new(name, summary, story) }
}

/// A configuration of one category.
pub(super) fn plain() -> Value {
    json!({"config": {"triage": {"categories": ["Feed"]}}})
}

/// One that needs another mailbox.
pub(super) fn with_missing() -> Value {
    json!({"config": {"triage": {"categories": ["Feed"], "screener_mailbox": MISSING}}})
}

/// The UID of the one pod of the app.
pub(super) fn app_pod(case: &Case<'_>) -> Result<String> {
    let pods = case.kubectl.list("pods", &case.namespace, APP)?;
    let uids: Vec<_> = pods.iter().filter_map(|pod| pod["metadata"]["uid"].as_str()).collect();
    expect("pods of the app", &1, &uids.len())?;
    Ok(uids[0].to_owned())
}

/// No copy of the credentials outlives its gate.
pub(super) fn no_copies(case: &Case<'_>) -> Result<()> {
    expect("the gate's Secrets", &0, &case.kubectl.list("secrets", &case.namespace, GATE)?.len())?;
    expect("the gate's ConfigMaps", &0, &case.kubectl.list("configmaps", &case.namespace, GATE)?.len())
}

/// Makes the mail server misbehave for this account, as its admin port takes it.
pub(super) fn fault(case: &Case<'_>, fault: &Value) -> Result<()> {
    case.front().post(&format!("/accounts/{}/faults", case.account.name), fault).map(drop)
}
