//! kind: Kubernetes clusters in containers.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;

use super::build::Pinned;
use super::find::Wanted;
use super::process::{Call, Tool};
use super::version::{self, Version};
use super::{Captured, Host, Running, Stream};
use crate::report::Console;

const WANTED: Wanted = Wanted {
    name: "kind",
    variable: "XTASK_KIND",
    ask: &["version"],
    // `kind v0.33.0 go1.26.8 linux/amd64`
    read: |line| Version::parse(line.strip_prefix("kind ")?.split_whitespace().next()?),
    supported: &version::KIND,
};

const PINNED: Pinned = Pinned {
    name: WANTED.name,
    folder: "kind",
    module: "sigs.k8s.io/kind",
    package: "sigs.k8s.io/kind",
    linked: |_, _| Vec::new(), // its source carries the version
    variable: WANTED.variable,
    supported: WANTED.supported,
};

/// Deleting a cluster took 3.4 s, loading 400 MB 9 s: a call that takes this long hangs.
const CALL: Duration = Duration::from_secs(10 * 60);

/// A cluster to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCluster<'a> {
    /// Its name.
    pub name: &'a str,
    /// The node image; kind's own default where there is none.
    pub image: Option<&'a str>,
    /// kind's configuration, YAML.
    pub config: &'a str,
    /// Where the kubeconfig goes; the user's own is not touched.
    pub kubeconfig: &'a Path,
    /// A network of its own: kind's default one is shared by all clusters of a machine and never removed.
    pub network: &'a str,
    /// How long kind waits for the control plane; it ends with 0 even where that was too short.
    pub wait: Duration,
    /// Leave the nodes of a failed attempt, so that their logs can be read.
    pub retain: bool,
}

/// A kind that was found, in a supported version.
#[derive(Clone, Debug)]
pub struct Kind {
    /// Its version.
    pub version: Version,
    tool: Tool,
}

impl Kind {
    /// The kind to use: the one that `XTASK_KIND` names, else the first on `PATH`, else one built from its pins.
    ///
    /// # Errors
    /// Exit 3 where the named one will not do, or there is none and none can be built.
    pub fn find(console: Console) -> Result<Self> {
        Self::find_in(&Host::current(), console)
    }

    /// As [`Kind::find`], in the given surroundings.
    pub fn find_in(host: &Host, console: Console) -> Result<Self> {
        let found = match WANTED.named(host, console)?.or_else(|| WANTED.on_path(host, console)) {
            Some(found) => found,
            None => PINNED.get(host, console)?,
        };
        Ok(Self { version: found.version, tool: Tool::new(found.program, host.inherited(), console) })
    }

    /// The program's path, for a command that the user is to paste.
    pub fn program(&self) -> &Path {
        &self.tool.program
    }

    /// Starts `kind create cluster`; its configuration goes by stdin.
    ///
    /// # Errors
    /// Exit 3 where kind cannot be started.
    pub fn create(
        &self,
        cluster: &NewCluster<'_>,
        on_line: impl Fn(Stream, &str) + Send + Sync + 'static,
    ) -> Result<Running> {
        let wait = format!("{}s", cluster.wait.as_secs());
        let mut call = self.call(&["create", "cluster", "--config", "-", "--wait", &wait], cluster.name);
        if let Some(image) = cluster.image {
            call = call.args(["--image", image]);
        }
        if cluster.retain {
            call = call.arg("--retain");
        }
        let call = call.arg("--kubeconfig").arg(cluster.kubeconfig);
        call.var("KIND_EXPERIMENTAL_DOCKER_NETWORK", cluster.network).stdin(cluster.config).stream(on_line)
    }

    /// Deletes a cluster; one that is not there is no error.
    ///
    /// # Errors
    /// Exit 3, where kind cannot be started or fails.
    pub fn delete(&self, name: &str, kubeconfig: &Path) -> Result<()> {
        done(self.call(&["delete", "cluster"], name).arg("--kubeconfig").arg(kubeconfig))
    }

    /// Loads an archive of [`super::Docker::save`] into all nodes.
    ///
    /// # Errors
    /// As [`Kind::delete`].
    pub fn load_archive(&self, name: &str, archive: &Path) -> Result<()> {
        done(self.call(&["load", "image-archive"], name).arg(archive))
    }

    /// Writes the logs of all nodes and pods into a folder: unmasked.
    ///
    /// # Errors
    /// As [`Kind::delete`].
    pub fn export_logs(&self, name: &str, folder: &Path) -> Result<()> {
        done(self.call(&["export", "logs"], name).arg(folder))
    }

    /// The names of all clusters on this engine, ours or not.
    ///
    /// # Errors
    /// As [`Kind::delete`].
    pub fn clusters(&self) -> Result<Vec<String>> {
        let captured = self.tool.call(["get", "clusters"]).limit(CALL).capture()?.checked()?;
        Ok(captured.stdout.lines().map(ToOwned::to_owned).collect())
    }

    fn call(&self, words: &[&str], name: &str) -> Call<'_> {
        self.tool.call(words).args(["--name", name])
    }
}

fn done(call: Call<'_>) -> Result<()> {
    call.limit(CALL).capture().and_then(Captured::checked).map(drop)
}
