//! What a run needs of the machine, looked at before anything is made.

use anyhow::Result;

use crate::exit::Failure;
use crate::report::Console;
use crate::tools::Docker;

/// The node image that `tests/kind-host/node-image.sh` makes.
const LOCAL: &str = "mailroom-kind-node:latest";

/// A label of that image: its kubelet does not refuse cgroup v1.
const CGROUP_V1_LABEL: &str = "mailroom.kind-host.cgroup-v1";

/// The node image to use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NodeImage {
    /// kind's own default, from its registry.
    Default,
    /// This one.
    Named(String),
}

impl NodeImage {
    /// The one that was asked for; else the one that `tests/kind-host` made here, if it did; else kind's own.
    ///
    /// Nobody makes a node image where a registry answers, so a local one was made on purpose. To ask a registry first
    /// would take seconds on each run, and a minute where packets to it are dropped.
    ///
    /// # Errors
    /// Exit 3 where the engine does not answer.
    pub fn choose(asked: Option<String>, docker: &Docker, console: Console) -> Result<Self> {
        if let Some(asked) = asked {
            return Ok(Self::Named(asked));
        }
        if docker.image_id(LOCAL)?.is_none() {
            return Ok(Self::Default);
        }
        console.detail(format_args!("node image {LOCAL}, made by tests/kind-host; --node-image names another"));
        Ok(Self::Named(LOCAL.to_owned()))
    }

    /// The name, for kind.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Default => None,
            Self::Named(name) => Some(name),
        }
    }
}

/// Refuses a machine on which the cluster would come up, and its kubelet then stop: cgroup v1, unless the image knows.
///
/// # Errors
/// Exit 3, in one line with the ways out.
pub fn cgroup(docker: &Docker, image: &NodeImage) -> Result<()> {
    if !docker.has_cgroup_v1()? || knows_cgroup_v1(docker, image)? {
        return Ok(());
    }
    Err(Failure::environment(
        "this machine has cgroup v1, which the kubelet refuses from Kubernetes 1.35 on: boot it with cgroup v2, make a node \
         image that goes on (tests/kind-host/node-image.sh), or name an older one by --node-image",
    ))
}

/// An image that was named by hand is believed: an older Kubernetes is content with cgroup v1.
fn knows_cgroup_v1(docker: &Docker, image: &NodeImage) -> Result<bool> {
    let Some(name) = image.name() else { return Ok(false) };
    if name != LOCAL {
        return Ok(true);
    }
    Ok(docker.image_label(name, CGROUP_V1_LABEL)? == "true")
}

/// The engine, or the way to one.
///
/// # Errors
/// Exit 3, in one line.
pub fn engine(console: Console) -> Result<Docker> {
    Docker::find(console).map_err(|error| {
        Failure::environment(format!("{error:#}; on Debian, `bash tests/kind-host/engine.sh` brings one up as root"))
    })
}
