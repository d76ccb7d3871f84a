//! When a new cluster is of use: kind's word is not taken for it, since it ends with 0 after a wait that was too short.

use std::time::Duration;

use anyhow::Result;
use serde_json::Value;

use super::cluster::Cluster;
use super::run::Run;
use super::wait::{self, Look};
use crate::interrupt::Interrupt;
use crate::tools::Kubectl;

/// Ready came within 12 s on two cores; a machine that is busy otherwise takes longer.
const LIMIT: Duration = Duration::from_secs(120);

/// The service address of the cluster's DNS: kubeadm gives it the tenth of the service network.
const DNS_ADDRESS: &str = "10.96.0.10";

/// Waits until every node is Ready, and there is one.
///
/// # Errors
/// Where that takes too long; exit 130 at a signal.
pub fn node(cluster: &Cluster, run: &Run) -> Result<()> {
    wait::until("the node to be Ready", LIMIT, &run.interrupt, || {
        let nodes = cluster.kubectl.list("nodes", "", "")?;
        let ready = nodes.iter().filter(|node| condition(node, "Ready") == Some("True")).count();
        Ok(if ready > 0 && ready == nodes.len() {
            Look::Done(())
        } else {
            Look::NotYet(format!("{ready} of {} nodes", nodes.len()))
        })
    })
}

/// Waits for the ServiceAccount `default`, without which no pod is admitted.
///
/// # Errors
/// As [`node`].
pub fn default_account(cluster: &Cluster, run: &Run) -> Result<()> {
    wait::until("the default ServiceAccount", LIMIT, &run.interrupt, || {
        let account = cluster.kubectl.get("serviceaccount", "default", "default")?;
        Ok(account.map_or_else(|| Look::NotYet("none".to_owned()), |_| Look::Done(())))
    })
}

/// Waits until the cluster's DNS answers at its service address.
///
/// # Errors
/// As [`node`].
pub fn dns(cluster: &Cluster, run: &Run) -> Result<()> {
    let name = "kubernetes.default.svc.cluster.local";
    wait::until("the cluster's DNS to answer", LIMIT, &run.interrupt, || {
        Ok(resolve(cluster, run, name)?
            .map_or_else(|| Look::NotYet(format!("no address for {name}")), |_| Look::Done(())))
    })
}

/// What the cluster's DNS answers for a name, asked from the node; none where it has no address.
///
/// The node itself uses the engine's DNS, so the question is asked in a mount namespace with another resolv.conf.
///
/// # Errors
/// Exit 3 where the node cannot be asked.
pub fn resolve(cluster: &Cluster, run: &Run, name: &str) -> Result<Option<String>> {
    let file = "/run/mailroom-resolv.conf";
    let answer = cluster.on_node(
        run,
        &format!(
            "printf 'nameserver {DNS_ADDRESS}\\noptions timeout:1 attempts:1\\n' > {file}; \
             unshare --mount sh -c 'mount --bind {file} /etc/resolv.conf && getent ahostsv4 {name}' || true"
        ),
    )?;
    Ok(answer.split_whitespace().next().map(ToOwned::to_owned))
}

/// Waits until a Deployment runs what was asked for, all of it, and nothing older.
///
/// # Errors
/// As [`node`].
pub fn rolled_out(
    kubectl: &Kubectl,
    namespace: &str,
    name: &str,
    limit: Duration,
    interrupt: &Interrupt,
) -> Result<()> {
    wait::until(&format!("deployment {name} to roll out"), limit, interrupt, || {
        let deployment = kubectl.json(&["get", "deployment", name, "--namespace", namespace])?;
        Ok(if is_rolled_out(&deployment) { Look::Done(()) } else { Look::NotYet(deployment["status"].to_string()) })
    })
}

fn is_rolled_out(deployment: &Value) -> bool {
    let number = |path| deployment.pointer(path).and_then(Value::as_u64).unwrap_or_default();
    let wanted = deployment.pointer("/spec/replicas").and_then(Value::as_u64).unwrap_or(1);
    number("/status/observedGeneration") >= number("/metadata/generation")
        && number("/status/updatedReplicas") == wanted
        && number("/status/availableReplicas") == wanted
        && number("/status/replicas") == wanted
}

/// The status of a condition of an object, as in `True`.
pub fn condition<'o>(object: &'o Value, name: &str) -> Option<&'o str> {
    let conditions = object.pointer("/status/conditions")?.as_array()?;
    conditions.iter().find(|condition| condition["type"] == name)?.get("status")?.as_str()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{condition, is_rolled_out};

    #[test]
    fn a_deployment_is_rolled_out_when_only_the_new_pods_are_there() {
        let with = |generation: u64, observed: u64, updated: u64, available: u64, all: u64| {
            json!({"metadata": {"generation": generation}, "spec": {"replicas": 1}, "status": {
                "observedGeneration": observed, "updatedReplicas": updated, "availableReplicas": available, "replicas": all,
            }})
        };
        assert!(is_rolled_out(&with(2, 2, 1, 1, 1)));
        assert!(!is_rolled_out(&with(2, 1, 1, 1, 1)), "the controller has not seen it");
        assert!(!is_rolled_out(&with(2, 2, 0, 1, 1)), "the old pod is the available one");
        assert!(!is_rolled_out(&with(2, 2, 1, 1, 2)), "the old pod is still there");
        assert!(!is_rolled_out(&with(2, 2, 1, 0, 1)), "the new pod is not ready");
        assert!(!is_rolled_out(&json!({"metadata": {"generation": 1}})));
    }

    #[test]
    fn reads_a_condition() {
        let node = json!({"status": {"conditions": [
            {"type": "DiskPressure", "status": "False"},
            {"type": "Ready", "status": "True"},
        ]}});
        assert_eq!(condition(&node, "Ready"), Some("True"));
        assert_eq!(condition(&node, "Gone"), None);
        assert_eq!(condition(&json!({}), "Ready"), None);
    }
}
