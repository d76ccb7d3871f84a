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

/// What may not change where the gate says no: the app's pods, the configuration that is deployed, the account's writes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Untouched {
    pods: Vec<(String, bool)>,
    config: Option<String>,
    writes: usize,
}

impl Untouched {
    /// How it is now.
    pub(super) fn of(case: &Case<'_>) -> Result<Self> {
        let pods = case.kubectl.list("pods", &case.namespace, APP)?;
        let ready = |pod: &Value| pod["status"]["containerStatuses"][0]["ready"] == true;
        let pods = pods.iter().map(|pod| (pod["metadata"]["uid"].to_string(), ready(pod))).collect();
        Ok(Self { pods, config: deployed_config(case)?, writes: case.front().writes(&case.account)?.len() })
    }

    /// Expects it to be as it was.
    pub(super) fn still(&self, case: &Case<'_>) -> Result<()> {
        expect("the app's pods, its configuration and the writes to the account", self, &Self::of(case)?)?;
        no_copies(case)
    }

    /// Expects that the app was never there, and the account was left alone.
    pub(super) fn nothing(case: &Case<'_>) -> Result<()> {
        // Without a Deployment there never was a pod of it: nothing here deletes one.
        expect("Deployments", &0, &case.kubectl.list("deployments", &case.namespace, "")?.len())?;
        Self { pods: Vec::new(), config: None, writes: 0 }.still(case)
    }
}

/// The configuration in the cluster; none before the first release.
pub(super) fn deployed_config(case: &Case<'_>) -> Result<Option<String>> {
    let map = case.kubectl.get("configmap", "mailroom-config", &case.namespace)?;
    Ok(map.and_then(|map| Some(map["data"]["config.yaml"].as_str()?.to_owned())))
}

/// The name of the one pod of the app.
pub(super) fn app_pod_name(case: &Case<'_>) -> Result<String> {
    let pods = case.kubectl.list("pods", &case.namespace, APP)?;
    let names: Vec<_> = pods.iter().filter_map(|pod| pod["metadata"]["name"].as_str()).collect();
    expect("pods of the app", &1, &names.len())?;
    Ok(names[0].to_owned())
}

/// The configuration with another polling interval: nothing else to create, and a new pod.
pub(super) fn with_interval(seconds: u32) -> Value {
    json!({"config": {"polling": {"interval": seconds}, "triage": {"categories": ["Feed"]}}})
}

/// Values with another image of the run.
pub(super) fn with_image(mut values: Value, image: &str) -> Value {
    let (repository, tag) = image.rsplit_once(':').unwrap_or((image, "latest"));
    values["image"] = json!({"repository": repository, "tag": tag});
    values
}
