//! The cluster's DNS answers for Fastmail's host names with the mail server's Service: the chart knows nothing of it.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::cluster::Cluster;
use super::front::{self, Front};
use super::ready;
use super::run::Run;
use super::wait::{self, Look};

/// Fastmail's host names, which the app has built in.
pub const HOSTS: [&str; 2] = ["api.fastmail.com", "carddav.fastmail.com"];

/// A restart took 1.4 s.
const LIMIT: Duration = Duration::from_secs(90);

const NAMESPACE: &str = "kube-system";
const DEPLOYMENT: &str = "coredns";

/// Points the names at the server and waits until they are answered so.
///
/// # Errors
/// Where the cluster refuses it or does not answer in time; exit 130 at a signal.
pub fn point_at(run: &Run, cluster: &Cluster, front: &Front) -> Result<()> {
    let corefile = corefile(cluster)?;
    apply(run, cluster, &with_rewrites(&corefile)?)?;
    leads_to(run, cluster, Some(&front.address))
}

/// Waits until the names are answered with this address, or with none.
///
/// # Errors
/// Where they are not in time; exit 130 at a signal.
pub fn leads_to(run: &Run, cluster: &Cluster, address: Option<&str>) -> Result<()> {
    for host in HOSTS {
        wait::until(&format!("{host} to lead to {address:?}"), LIMIT, &run.interrupt, || {
            let answer = ready::resolve(cluster, run, host)?;
            Ok(if answer.as_deref() == address { Look::Done(()) } else { Look::NotYet(format!("{answer:?}")) })
        })?;
    }
    Ok(())
}

/// The Corefile as it is.
///
/// # Errors
/// Where the cluster has none.
pub fn corefile(cluster: &Cluster) -> Result<String> {
    let config = cluster.kubectl.json(&["get", "configmap", DEPLOYMENT, "--namespace", NAMESPACE])?;
    let corefile = config.pointer("/data/Corefile").and_then(Value::as_str);
    Ok(corefile.context("the cluster's DNS has no Corefile")?.to_owned())
}

/// Sets the Corefile and restarts the DNS: left to itself it takes over a minute, and its replicas disagree meanwhile.
///
/// # Errors
/// Where the cluster refuses it or the restart takes too long; exit 130 at a signal.
pub fn apply(run: &Run, cluster: &Cluster, corefile: &str) -> Result<()> {
    let config = json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": DEPLOYMENT, "namespace": NAMESPACE},
        "data": {"Corefile": corefile},
    });
    cluster.kubectl.apply(&config.to_string(), "kind-test", &["--force-conflicts"])?;
    let restart = ["rollout", "restart", "deployment", DEPLOYMENT, "--namespace", NAMESPACE];
    cluster.kubectl.run(&restart)?.checked()?;
    ready::rolled_out(&cluster.kubectl, NAMESPACE, DEPLOYMENT, LIMIT, &run.interrupt)
}

/// The Corefile with the same names leading to a Service that does not exist: they cannot be resolved.
///
/// # Errors
/// Where they do not lead to the mail server.
pub fn without_names(corefile: &str) -> Result<String> {
    let service = format!(" {0}.{0}.svc.cluster.local\n", front::NAME);
    ensure!(corefile.contains(&service), "the cluster's Corefile has no rewrite to the mail server:\n{corefile}");
    Ok(corefile.replace(&service, &format!(" nowhere.{}.svc.cluster.local\n", front::NAME)))
}

/// The Corefile with a rewrite of each name at the head of its server block, where all plugins see the new one.
fn with_rewrites(corefile: &str) -> Result<String> {
    const HEAD: &str = ".:53 {\n";
    ensure!(corefile.contains(HEAD), "the cluster's Corefile has no server block for port 53:\n{corefile}");
    let service = format!("{0}.{0}.svc.cluster.local", front::NAME);
    let rewrites = HOSTS.map(|host| format!("    rewrite name exact {host} {service}\n")).concat();
    Ok(corefile.replacen(HEAD, &format!("{HEAD}{rewrites}"), 1))
}

#[cfg(test)]
mod tests {
    use super::{with_rewrites, without_names};

    #[test]
    fn rewrites_both_names_and_keeps_the_rest() {
        let corefile = ".:53 {\n    errors\n    kubernetes cluster.local\n}\n";
        let expected = ".:53 {\n    rewrite name exact api.fastmail.com fastmail.fastmail.svc.cluster.local\n    \
                        rewrite name exact carddav.fastmail.com fastmail.fastmail.svc.cluster.local\n    \
                        errors\n    kubernetes cluster.local\n}\n";
        assert_eq!(with_rewrites(corefile).expect("a Corefile"), expected);
        assert!(with_rewrites("nothing").is_err());
        let without = without_names(expected).expect("a Corefile with rewrites");
        assert_eq!(without, expected.replace("fastmail.fastmail.svc", "nowhere.fastmail.svc"));
        assert!(without_names(corefile).is_err());
    }
}
