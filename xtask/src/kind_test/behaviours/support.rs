//! What the stories of several themes share.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::kind_test::behaviour::{Behaviour, Helms, expect, expect_that};
use crate::kind_test::case::Case;
use crate::kind_test::installing::{Installed, image_values};
use crate::kind_test::wait::Look;
use crate::parallel;
use crate::tools::Running;

/// The labels of the app's pod, and of the gate's.
pub(in crate::kind_test) const APP: &str = "app.kubernetes.io/component=app";
pub(in crate::kind_test) const GATE: &str = "app.kubernetes.io/component=gate";
/// A gate's pod ran 1 s after its Job was made; a gate was over 3 s after it had begun.
pub(super) const SOON: Duration = Duration::from_secs(60);
/// A mailbox that no account has.
pub(in crate::kind_test) const MISSING: &str = "Nowhere To Be Found";

/// A behaviour that is shown with Helm 4, and with Helm 3 where that is asked for.
pub(super) const fn both(name: &'static str, summary: &'static str, story: fn(&Case<'_>) -> Result<()>) -> Behaviour {
    Behaviour { helm: Helms::Both, ..Behaviour::new(name, summary, story) }
}

/// A behaviour that is shown with Helm 4.
pub(super) const fn four(name: &'static str, summary: &'static str, story: fn(&Case<'_>) -> Result<()>) -> Behaviour {
    Behaviour { helm: Helms::Four, ..Behaviour::new(name, summary, story) }
}

/// A configuration of one category.
pub(in crate::kind_test) fn plain() -> Value {
    json!({"config": {"triage": {"categories": ["Feed"]}}})
}

/// One that needs another mailbox.
pub(in crate::kind_test) fn with_missing() -> Value {
    json!({"config": {"triage": {"categories": ["Feed"], "screener_mailbox": MISSING}}})
}

/// The UID of the one pod of the app.
pub(super) fn app_pod(case: &Case<'_>) -> Result<String> {
    of_app_pod(case, "uid")
}

/// The name of the one pod of the app.
pub(super) fn app_pod_name(case: &Case<'_>) -> Result<String> {
    of_app_pod(case, "name")
}

fn of_app_pod(case: &Case<'_>, key: &str) -> Result<String> {
    let pods = case.kubectl.list("pods", &case.namespace, APP)?;
    let found: Vec<_> = pods.iter().filter_map(|pod| pod["metadata"][key].as_str()).collect();
    expect("pods of the app", &1, &found.len())?;
    Ok(found[0].to_owned())
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

/// Has each session answered late, so often (a number, or `"always"`): time to look at a gate. The app waits up to 5 s.
pub(in crate::kind_test) fn slow_sessions(case: &Case<'_>, times: &Value, millis: u32) -> Result<()> {
    fault(case, &json!({"on": {"path": "/jmap/session"}, "times": times, "fault": {"kind": "slow", "millis": millis}}))
}

/// What a command prints in a gate's container, once one runs and the command succeeds.
pub(super) fn in_gate(case: &Case<'_>, command: &str) -> Result<String> {
    case.until(&format!("`{command}` in a gate that runs"), SOON, || {
        let pods = case.kubectl.list("pods", &case.namespace, GATE)?;
        let running = pods.iter().find(|pod| pod["status"]["phase"] == "Running");
        let Some(name) = running.and_then(|pod| pod["metadata"]["name"].as_str()) else {
            return Ok(Look::NotYet(format!("{} pods, none runs", pods.len())));
        };
        let said = case.kubectl.exec(name, "gate", &case.namespace, &["sh", "-c", command])?.checked()?;
        Ok(Look::Done(said.stdout))
    })
}

/// Installs, and does something with its gate meanwhile; gives what came of both.
pub(super) fn while_it_installs<T: Send>(
    meanwhile: impl FnOnce() -> Result<T> + Send,
    install: impl FnOnce() -> Result<Installed>,
) -> Result<(T, Installed)> {
    let (installed, done) = parallel::both(install, meanwhile);
    Ok((done?, installed?))
}

/// How a deploy that was started ends: its exit code, none after a signal.
pub(super) fn ended(case: &Case<'_>, deploy: &mut Running) -> Result<Option<i32>> {
    case.until("the deploy to end", SOON, || {
        let ended = deploy.wait(Duration::from_millis(100))?;
        Ok(ended.map_or_else(|| Look::NotYet("it runs".to_owned()), |ended| Look::Done(ended.code())))
    })
}

/// Each mailbox and each group of the account exists once, and Feed is among them.
pub(super) fn each_once(case: &Case<'_>) -> Result<()> {
    for what in ["mailboxes", "groups"] {
        let all = case.front().names(&case.account, what)?;
        let mut once = all.clone();
        once.dedup();
        expect(&format!("the {what}, each once"), &once, &all)?;
        expect_that(&format!("the {what}"), "Feed among them", &format!("{all:?}"), all.contains(&"Feed".to_owned()))?;
    }
    Ok(())
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

/// The version of every object of the namespace, and of the namespace itself: it changes with any write.
pub(super) fn everything(case: &Case<'_>) -> Result<BTreeMap<String, String>> {
    let kinds = "deployments,replicasets,jobs,pods,secrets,configmaps,services,serviceaccounts,roles,rolebindings";
    let mut objects = case.kubectl.list(kinds, &case.namespace, "")?;
    objects.push(case.kubectl.get("namespace", &case.namespace, "")?.context("the namespace is there")?);
    let text =
        |object: &Value, pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let versions = objects.iter().map(|object| {
        let name = format!("{}/{}", text(object, "/kind"), text(object, "/metadata/name"));
        (name, format!("{} {}", text(object, "/metadata/uid"), text(object, "/metadata/resourceVersion")))
    });
    Ok(versions.collect())
}

/// The configuration in the cluster; none before the first release.
pub(in crate::kind_test) fn deployed_config(case: &Case<'_>) -> Result<Option<String>> {
    let map = case.kubectl.get("configmap", "mailroom-config", &case.namespace)?;
    Ok(map.and_then(|map| Some(map["data"]["config.yaml"].as_str()?.to_owned())))
}

/// The configuration with another polling interval: nothing else to create, and a new pod.
pub(super) fn with_interval(seconds: u32) -> Value {
    json!({"config": {"polling": {"interval": seconds}, "triage": {"categories": ["Feed"]}}})
}

/// Values with another image of the run.
pub(super) fn with_image(mut values: Value, image: &str) -> Value {
    values["image"] = image_values(image);
    values
}
