//! Helm 4 and Helm 3: the one module that knows how they differ.

mod chart;
mod hooks;
mod release;

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::build::Pinned;
use super::find::{Found, Wanted};
use super::process::{Call, Tool};
use super::redact::Mask;
use super::version::{self, Version};
use super::{Captured, Cluster, Host, Running, Stream};
use crate::report::Console;

pub use chart::{ChartCall, Values};
pub use release::{Release, Revision, Upgrade};

const WANTED: Wanted = Wanted {
    name: "helm",
    variable: "XTASK_HELM",
    ask: &["version", "--short"],
    // Helm 2 says `Client: v2.17.0+gabc`: read, so that it is refused by its version.
    read: |line| Version::parse(line.strip_prefix("Client: ").unwrap_or(line)),
    supported: &version::HELM,
};

/// Built without these flags, Helm says `v4.3`, and Helm 3 takes Kubernetes for 1.20 (`.Capabilities.KubeVersion`).
const HELM_4: Pinned = Pinned {
    name: WANTED.name,
    folder: "helm4",
    module: "helm.sh/helm/v4",
    package: "helm.sh/helm/v4/cmd/helm",
    linked: |version, _| vec![("helm.sh/helm/v4/internal/version.version".into(), version.into())],
    variable: WANTED.variable,
    supported: WANTED.supported,
};

const HELM_3: Pinned = Pinned {
    name: WANTED.name,
    folder: "helm3",
    module: "helm.sh/helm/v3",
    package: "helm.sh/helm/v3/cmd/helm",
    linked: |version, minor| {
        let kubernetes = ["pkg/chartutil", "pkg/lint/rules"].into_iter().flat_map(|package| {
            [("Major", "1"), ("Minor", minor)]
                .map(|(part, value)| (format!("helm.sh/helm/v3/{package}.k8sVersion{part}"), value.to_owned()))
        });
        kubernetes.chain([("helm.sh/helm/v3/internal/version.version".into(), version.into())]).collect()
    },
    variable: WANTED.variable,
    supported: WANTED.supported,
};

/// The two majors that are supported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Major {
    /// Helm 3.22; its security fixes end on 10 February 2027.
    Three,
    /// Helm 4.3.
    Four,
}

impl Major {
    fn of(version: Version) -> Self {
        if version.major == 3 { Self::Three } else { Self::Four }
    }
}

/// A Helm that was found, in a supported version.
#[derive(Clone, Debug)]
pub struct Helm {
    /// Its version.
    pub version: Version,
    /// Its major version, which decides the flags.
    pub major: Major,
    tool: Tool,
}

impl Helm {
    /// The Helm to use: the one that `XTASK_HELM` names, else the first on `PATH`, else Helm 4 built from its pins.
    ///
    /// # Errors
    /// Exit 3 where the named one will not do, or there is none and none can be built.
    pub fn find(console: Console) -> Result<Self> {
        Self::find_in(&Host::current(), console)
    }

    /// As [`Helm::find`], in the given surroundings.
    pub fn find_in(host: &Host, console: Console) -> Result<Self> {
        let found = match WANTED.named(host, console)?.or_else(|| WANTED.on_path(host, console)) {
            Some(found) => found,
            None => HELM_4.get(host, console)?,
        };
        Ok(Self::from_found(found, host, console))
    }

    /// A Helm of just this major: the named one or that on `PATH` if it is one, else built from its pins.
    ///
    /// # Errors
    /// As [`Helm::find`]; a named Helm of the other supported major is no error.
    pub fn pinned(major: Major, console: Console) -> Result<Self> {
        Self::pinned_in(&Host::current(), major, console)
    }

    /// As [`Helm::pinned`], in the given surroundings.
    pub fn pinned_in(host: &Host, major: Major, console: Console) -> Result<Self> {
        let fits = |found: &Found| Major::of(found.version) == major;
        let found = WANTED.named(host, console)?.filter(fits).or_else(|| WANTED.on_path(host, console).filter(fits));
        let pinned = if major == Major::Three { &HELM_3 } else { &HELM_4 };
        let found = found.map_or_else(|| pinned.get(host, console), Ok)?;
        Ok(Self::from_found(found, host, console))
    }

    fn from_found(found: Found, host: &Host, console: Console) -> Self {
        let mut vars = host.inherited();
        vars.extend(homes(&host.built.join("helm-home")));
        let tool = Tool::new(found.program, vars, console);
        Self { version: found.version, major: Major::of(found.version), tool }
    }

    /// The same Helm, whose stderr and command lines are masked.
    #[must_use]
    pub fn masking(mut self, mask: Mask) -> Self {
        self.tool.mask = mask;
        self
    }

    /// The program's path.
    pub fn program(&self) -> &Path {
        &self.tool.program
    }

    /// Any call against a cluster that ends by itself, as a user types it; the caller judges its status.
    ///
    /// # Errors
    /// Exit 3 where Helm cannot be started.
    pub fn run(&self, cluster: &Cluster, args: &[&str]) -> Result<Captured> {
        self.call(args, Some(cluster)).capture()
    }

    /// Any call against a cluster that may be ended by a signal.
    ///
    /// # Errors
    /// Exit 3 where Helm cannot be started.
    pub fn stream(
        &self,
        cluster: &Cluster,
        args: &[&str],
        on_line: impl Fn(Stream, &str) + Send + Sync + 'static,
    ) -> Result<Running> {
        self.call(args, Some(cluster)).stream(on_line)
    }

    /// A call that sees one cluster, or none.
    fn call(&self, args: &[&str], cluster: Option<&Cluster>) -> Call<'_> {
        let call = self.tool.call(args);
        let Some(cluster) = cluster else { return call };
        let call = call.vars(cluster.vars()).arg("--kubeconfig").arg(&cluster.kubeconfig);
        match &cluster.context {
            Some(context) => call.arg("--kube-context").arg(context),
            None => call,
        }
    }
}

/// Folders of our own in place of the user's: no plugin, repository or registry login plays a part.
fn homes(home: &Path) -> [(std::ffi::OsString, std::ffi::OsString); 3] {
    let folder = |name: &str| -> PathBuf { home.join(name) };
    [("HELM_CACHE_HOME", "cache"), ("HELM_CONFIG_HOME", "config"), ("HELM_DATA_HOME", "data")]
        .map(|(variable, name)| (variable.into(), folder(name).into()))
}
