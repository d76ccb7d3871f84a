//! A behaviour while it is tried: a namespace and an account of its own, and what a story needs of the cluster.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};

use super::front::{Account, Front};
use super::images::Images;
use super::runner::Installer;
use super::testbed::Testbed;
use super::wait::{self, Look};
use crate::report::Console;
use crate::tools::{Cluster, Kubectl, Major, Mask};

/// A pod of the app was done 2 s after its creation.
const POD: Duration = Duration::from_secs(60);

/// One behaviour on the testbed.
#[derive(Clone, Debug)]
pub struct Case<'t> {
    /// Its namespace: nobody else's, and not made yet.
    pub namespace: String,
    /// Its account on the mail server: nobody else's.
    pub account: Account,
    /// kubectl; what it says is masked.
    pub kubectl: Kubectl,
    /// The Helm to show it with; none where it installs nothing.
    pub helm: Option<Major>,
    /// Who installs the chart by [`Case::install`].
    pub installer: Installer,
    /// The cluster, and as whom Helm and deploy go to it.
    target: Cluster,
    testbed: &'t Testbed<'t>,
}

impl<'t> Case<'t> {
    /// Makes the account.
    ///
    /// # Errors
    /// Where the mail server refuses it.
    pub fn new(testbed: &'t Testbed<'_>, name: &str, helm: Option<Major>, installer: Installer) -> Result<Self> {
        let account = testbed.create_account(name)?;
        let kubectl = testbed.cluster.kubectl.clone().masking(testbed.mask());
        let target = testbed.cluster.target.clone();
        Ok(Self { namespace: name.to_owned(), account, kubectl, helm, installer, target, testbed })
    }

    /// The mail server.
    pub fn front(&self) -> &Front {
        &self.testbed.front
    }

    /// The same behaviour with other credentials, which are hidden from now on too.
    #[must_use]
    pub fn with_account(&self, account: Account) -> Self {
        self.testbed.hide(&account);
        let kubectl = self.kubectl.clone().masking(self.testbed.mask());
        Self { account, kubectl, ..self.clone() }
    }

    /// The same behaviour with Helm and deploy as another user, by a kubeconfig with the run's context and this token, which
    /// is hidden from now on too. `kubectl` stays the run's own.
    #[must_use]
    pub fn as_user(&self, kubeconfig: PathBuf, token: String) -> Self {
        self.testbed.hide_value(token);
        let kubectl = self.kubectl.clone().masking(self.testbed.mask());
        Self { target: Cluster { kubeconfig, ..self.target.clone() }, kubectl, ..self.clone() }
    }

    /// The same behaviour with another Helm.
    #[must_use]
    pub fn with_helm(&self, helm: Major) -> Self {
        Self { helm: Some(helm), ..self.clone() }
    }

    /// The app's image on the node, as behaviours install it.
    pub fn image(&self) -> &str {
        &self.testbed.images.app
    }

    /// All images on the node.
    pub fn images(&self) -> &Images {
        &self.testbed.images
    }

    /// What behaviours share; for those that run alone, since they change it.
    pub fn testbed(&self) -> &Testbed<'t> {
        self.testbed
    }

    /// The cluster, as tools take it.
    pub(super) fn target(&self) -> &Cluster {
        &self.target
    }

    /// The folder of the run for files with secrets.
    pub(super) fn private(&self) -> &Path {
        &self.testbed.run.private
    }

    /// Hides the secrets of all accounts.
    pub(super) fn mask(&self) -> Mask {
        self.testbed.mask()
    }

    /// For progress.
    pub(super) fn console(&self) -> Console {
        self.testbed.run.console
    }

    /// Makes the namespace, with its labels in the request that creates it.
    ///
    /// # Errors
    /// Where the cluster refuses it.
    pub fn make_namespace(&self) -> Result<()> {
        let labels = json!({
            "pod-security.kubernetes.io/enforce": "restricted",
            "pod-security.kubernetes.io/warn": "restricted",
        });
        self.create_namespace(&self.namespace, &labels)
    }

    /// Makes a namespace with these labels, and waits for the service account without which it takes no pod.
    ///
    /// # Errors
    /// Where the cluster refuses it, or the account does not come in time.
    pub fn create_namespace(&self, name: &str, labels: &Value) -> Result<()> {
        let meta = json!({"name": name, "labels": labels});
        self.create(&json!({"apiVersion": "v1", "kind": "Namespace", "metadata": meta}))?;
        self.until(&format!("the default ServiceAccount of {name}"), POD, || {
            let account = self.kubectl.get("serviceaccount", "default", name)?;
            Ok(account.map_or_else(|| Look::NotYet("none".to_owned()), |_| Look::Done(())))
        })
    }

    /// Creates an object in the namespace; gives what kubectl says on stderr, warnings of the API server among it.
    ///
    /// # Errors
    /// Where the cluster refuses it.
    pub fn create(&self, object: &Value) -> Result<String> {
        let created = self.kubectl.create(&object.to_string(), &["--namespace", &self.namespace])?;
        Ok(created.stderr)
    }

    /// The account's credentials as the Secret that the chart makes of them.
    pub fn secret(&self, name: &str) -> Value {
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": {
            "MAILROOM_JMAP_TOKEN": self.account.token,
            "MAILROOM_CARDDAV_USERNAME": self.account.user,
            "MAILROOM_CARDDAV_PASSWORD": self.account.password,
        }})
    }

    /// Waits until a pod has ended; gives its phase.
    ///
    /// # Errors
    /// Where it does not end in time; exit 130 at a signal.
    pub fn pod_ended(&self, pod: &str) -> Result<String> {
        self.until(&format!("pod {pod} to end"), POD, || {
            let pod = self.kubectl.get("pod", pod, &self.namespace)?.unwrap_or_default();
            let phase = pod.pointer("/status/phase").and_then(Value::as_str).unwrap_or("none").to_owned();
            let ended = ["Succeeded", "Failed"].contains(&phase.as_str());
            Ok(if ended { Look::Done(phase) } else { Look::NotYet(pod["status"].to_string()) })
        })
    }

    /// Waits for a condition; a signal ends the wait.
    ///
    /// # Errors
    /// Where `limit` passes; exit 130 at a signal.
    pub fn until<T>(&self, what: &str, limit: Duration, look: impl FnMut() -> Result<Look<T>>) -> Result<T> {
        wait::until(what, limit, &self.testbed.run.interrupt, look)
    }
}
