//! kubectl against one cluster; it is not built here, since whoever has a cluster has it.

mod ask;
mod reason;
mod write;

use std::path::Path;
use std::time::Duration;

use anyhow::Result;

use super::find::Wanted;
use super::process::{Call, Tool};
use super::redact::Mask;
use super::version::{self, Version};
use super::{Captured, Cluster, Host, Running, Stream};
use crate::report::Console;

pub use ask::Access;
pub use reason::{Reason, reason};

const WANTED: Wanted = Wanted {
    name: "kubectl",
    variable: "XTASK_KUBECTL",
    ask: &["version", "--client", "--output", "json"],
    read: |answer| {
        let answer: serde_json::Value = serde_json::from_str(answer).ok()?;
        Version::parse(answer.pointer("/clientVersion/gitVersion")?.as_str()?)
    },
    supported: &version::KUBECTL,
};

/// The longest that one request may take.
const REQUEST: Duration = Duration::from_secs(30);

/// The longest that a call of several requests may take: discovery comes before the request itself.
const CALL: Duration = Duration::from_secs(90);

/// kubectl with the cluster that was decided on.
#[derive(Clone, Debug)]
pub struct Kubectl {
    /// Its version.
    pub version: Version,
    tool: Tool,
    cluster: Cluster,
}

impl Kubectl {
    /// The kubectl to use: the one that `XTASK_KUBECTL` names, else the first on `PATH`.
    ///
    /// # Errors
    /// Exit 3 where there is none, or its version is not supported.
    pub fn find(cluster: Cluster, console: Console) -> Result<Self> {
        Self::find_in(&Host::current(), cluster, console)
    }

    /// As [`Kubectl::find`], in the given surroundings.
    pub fn find_in(host: &Host, cluster: Cluster, console: Console) -> Result<Self> {
        let found = match WANTED.named(host, console)? {
            Some(found) => found,
            None => WANTED.required_on_path(host, console)?,
        };
        let mut vars = host.inherited();
        vars.extend(cluster.vars());
        // A user's kuberc gives commands other defaults and aliases; older versions know neither variable.
        vars.extend([("KUBERC".into(), "off".into()), ("KUBECTL_KUBERC".into(), "false".into())]);
        Ok(Self { version: found.version, tool: Tool::new(found.program, vars, console), cluster })
    }

    /// The same kubectl, whose stderr and command lines are masked.
    #[must_use]
    pub fn masking(mut self, mask: Mask) -> Self {
        self.tool.mask = mask;
        self
    }

    /// The same kubectl for another cluster.
    #[must_use]
    pub fn at(mut self, cluster: Cluster) -> Self {
        let others = self.tool.vars.iter().filter(|(name, _)| !cluster.vars().iter().any(|(own, _)| own == name));
        self.tool.vars = others.cloned().chain(cluster.vars()).collect::<Vec<_>>().into();
        self.cluster = cluster;
        self
    }

    /// The program's path, for a command that the user is to paste.
    pub fn program(&self) -> &Path {
        &self.tool.program
    }

    /// Any call that ends by itself; the caller judges its status.
    ///
    /// # Errors
    /// Exit 3 where kubectl cannot be started or takes too long.
    pub fn run(&self, args: &[&str]) -> Result<Captured> {
        self.request(args).capture()
    }

    /// Any call that goes on until it is ended, as `get --watch` or `logs --follow`; lines come masked.
    ///
    /// # Errors
    /// Exit 3 where kubectl cannot be started.
    pub fn stream(&self, args: &[&str], on_line: impl Fn(Stream, &str) + Send + Sync + 'static) -> Result<Running> {
        self.call(args).stream(on_line)
    }

    /// A call whose every request is bounded, and itself as well.
    fn request(&self, args: &[&str]) -> Call<'_> {
        let timeout = format!("--request-timeout={}s", REQUEST.as_secs());
        self.with_flags(args, &[&timeout]).limit(CALL)
    }

    fn call(&self, args: &[&str]) -> Call<'_> {
        self.with_flags(args, &[])
    }

    /// The cluster, and more flags, before a `--`: what follows it is another program's.
    fn with_flags(&self, args: &[&str], flags: &[&str]) -> Call<'_> {
        let (own, theirs) = args.split_at(args.iter().position(|arg| *arg == "--").unwrap_or(args.len()));
        let mut call = self.tool.call(own).arg("--kubeconfig").arg(&self.cluster.kubeconfig);
        if let Some(context) = &self.cluster.context {
            call = call.arg("--context").arg(context);
        }
        call.args(flags).args(theirs)
    }
}
