//! Calls that change or read a release in a cluster.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use serde::Deserialize;

use super::{Call, Helm, Major, Values};
use crate::tools::{Captured, Cluster, Running, Stream};

/// A question about a release that takes longer has lost its cluster: Helm itself would wait for ever.
const QUESTION: Duration = Duration::from_secs(60);

/// Revisions kept: each holds every secret value of the release three times (values, manifest, hooks).
const HISTORY_MAX: &str = "3";

/// A release: its name in its namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// The release's name.
    pub name: String,
    /// The namespace it lives in.
    pub namespace: String,
}

/// What an install or upgrade brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upgrade {
    /// The chart's folder or archive.
    pub chart: PathBuf,
    /// All of its values: those of the revision before play no part.
    pub values: Values,
    /// Helm's limit for each phase (a hook; the wait), not for the whole.
    pub timeout: Duration,
}

/// A stored revision, as `helm history` lists it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Revision {
    /// Its number, counted from 1.
    pub revision: u32,
    /// When it was made, RFC 3339.
    pub updated: String,
    /// `deployed`, `superseded`, `failed`, `pending-upgrade` and so on. It proves nothing about what ran.
    pub status: String,
    /// As in `mailroom-0.1.0`.
    pub chart: String,
    /// The chart's `appVersion`.
    #[serde(default)]
    pub app_version: String,
    /// Helm's sentence about it.
    #[serde(default)]
    pub description: String,
}

impl Helm {
    /// Starts `helm upgrade --install`; it ends once the rollout is done, failed, or the gate said no.
    ///
    /// `--reset-values`, because an upgrade without values copies those of the revision before. No rollback flag: it
    /// would apply an old manifest after a gate that changed nothing. Never `--debug`, `--force*` or `--no-hooks`.
    ///
    /// # Errors
    /// Exit 3 where Helm cannot be started.
    pub fn upgrade_install(
        &self,
        cluster: &Cluster,
        release: &Release,
        upgrade: &Upgrade,
        on_line: impl Fn(Stream, &str) + Send + Sync + 'static,
    ) -> Result<Running> {
        let call = self.on_release(&["upgrade"], cluster, release).arg(&upgrade.chart);
        let call = call.args(["--install", "--reset-values", "--history-max", HISTORY_MAX]);
        upgrade.values.add_to(self.waiting(call, upgrade.timeout)).stream(on_line)
    }

    /// Starts `helm rollback` to a revision, always a named one: without a number Helm takes the one before, even one
    /// that the gate had refused. No hook runs but those on rollback events.
    ///
    /// # Errors
    /// Exit 3 where Helm cannot be started.
    pub fn rollback(
        &self,
        cluster: &Cluster,
        release: &Release,
        revision: u32,
        timeout: Duration,
        on_line: impl Fn(Stream, &str) + Send + Sync + 'static,
    ) -> Result<Running> {
        let call = self.on_release(&["rollback"], cluster, release).arg(revision.to_string());
        self.waiting(call.args(["--history-max", HISTORY_MAX]), timeout).stream(on_line)
    }

    /// Starts `helm uninstall`; hook objects stay: Helm does not own them.
    ///
    /// # Errors
    /// Exit 3 where Helm cannot be started.
    pub fn uninstall(
        &self,
        cluster: &Cluster,
        release: &Release,
        timeout: Duration,
        on_line: impl Fn(Stream, &str) + Send + Sync + 'static,
    ) -> Result<Running> {
        self.waiting(self.on_release(&["uninstall"], cluster, release), timeout).stream(on_line)
    }

    /// The stored revisions, oldest first; none where there is no such release.
    ///
    /// # Errors
    /// Exit 3 where Helm cannot be started or the cluster cannot be asked.
    pub fn history(&self, cluster: &Cluster, release: &Release) -> Result<Vec<Revision>> {
        let captured = self.asked(&["history"], cluster, release, None, &["--output", "json"])?;
        captured.map_or(Ok(Vec::new()), |captured| captured.json())
    }

    /// The manifest of a revision, or of the newest: Secret values included. None where there is no such revision.
    ///
    /// # Errors
    /// Exit 3 where Helm cannot be started or the cluster cannot be asked.
    pub fn manifest(&self, cluster: &Cluster, release: &Release, revision: Option<u32>) -> Result<Option<String>> {
        Ok(self.asked(&["get", "manifest"], cluster, release, revision, &[])?.map(|captured| captured.stdout))
    }

    /// The hooks of a revision, or of the newest, as manifests: Secret values included.
    ///
    /// # Errors
    /// Exit 3 where Helm cannot be started or the cluster cannot be asked.
    pub fn hooks(&self, cluster: &Cluster, release: &Release, revision: Option<u32>) -> Result<Option<String>> {
        Ok(self.asked(&["get", "hooks"], cluster, release, revision, &[])?.map(|captured| captured.stdout))
    }

    /// The values of a revision, or of the newest, computed with the chart's own: Secret values included.
    ///
    /// # Errors
    /// Exit 3 where Helm cannot be started or the cluster cannot be asked.
    pub fn values(
        &self,
        cluster: &Cluster,
        release: &Release,
        revision: Option<u32>,
    ) -> Result<Option<serde_json::Value>> {
        let captured = self.asked(&["get", "values"], cluster, release, revision, &["--all", "--output", "json"])?;
        captured.map(|captured| captured.json()).transpose()
    }

    fn asked(
        &self,
        words: &[&str],
        cluster: &Cluster,
        release: &Release,
        revision: Option<u32>,
        more: &[&str],
    ) -> Result<Option<Captured>> {
        let call = self.on_release(words, cluster, release).args(more).limit(QUESTION);
        let call = match revision {
            Some(revision) => call.arg("--revision").arg(revision.to_string()),
            None => call,
        };
        let captured = call.capture()?;
        let none = !captured.success() && captured.stderr.contains("release: not found");
        if none { Ok(None) } else { captured.checked().map(Some) }
    }

    fn on_release(&self, words: &[&str], cluster: &Cluster, release: &Release) -> Call<'_> {
        self.call(words, Some(cluster)).args(["--namespace", &release.namespace]).arg(&release.name)
    }

    /// The flag by which it waits until the release is ready.
    ///
    /// Helm 4 without `--wait` watches hooks only and does not wait for a hook's deletion before it makes it anew;
    /// its strategy `legacy`, like Helm 3, takes a deleted Job for one that is done.
    pub fn wait_flag(&self) -> &'static str {
        match self.major {
            Major::Three => "--wait",
            Major::Four => "--wait=watcher",
        }
    }

    fn waiting<'t>(&self, call: Call<'t>, timeout: Duration) -> Call<'t> {
        call.args([self.wait_flag(), "--timeout", &format!("{}s", timeout.as_secs())])
    }
}
