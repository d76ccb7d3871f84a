//! A cluster of this run alone: own name, own network, own kubeconfig.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};

use super::journal::Object;
use super::preflight::NodeImage;
use super::ready;
use super::run::{LABEL, Run};
use super::stage::Stage;
use super::wait;
use crate::exit::Failure;
use crate::tools::{Cluster as Target, Kubectl, NewCluster};

/// kind took 10 to 13 s on two cores, and pulls its image first where that is not there.
const NODE: Duration = Duration::from_secs(10 * 60);

/// One node; everything of the run is on it.
const CONFIG: &str = "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnodes:\n  - role: control-plane\n";

/// More of it where the machine has cgroup v1: containers get their control groups from the kernel's files, not from systemd.
///
/// With systemd and cgroup v1, runc freezes each container as it starts it, and gives up after a thousand tries: on a busy
/// machine one start in some hundred fails with "unable to freeze" (kubernetes/kubernetes#131087).
const CGROUP_V1: &str = r#"
containerdConfigPatches:
  - |
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = false
kubeadmConfigPatches:
  - |
    kind: KubeletConfiguration
    cgroupDriver: cgroupfs
"#;

/// A cluster that answers, as this module has seen for itself.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// Its name, the run's.
    pub name: String,
    /// kubectl with its kubeconfig.
    pub kubectl: Kubectl,
    /// Its kubeconfig and context, for other tools.
    pub target: Target,
}

impl Cluster {
    /// Makes the network and the node, and waits until the cluster is of use.
    ///
    /// # Errors
    /// Exit 3 where kind fails; where the cluster is not of use in time; exit 130 at a signal.
    pub fn create(run: &Run, image: &NodeImage) -> Result<Self> {
        network(run)?;
        node(run, image)?;
        let target = Target { kubeconfig: run.kubeconfig(), context: Some(format!("kind-{}", run.name)) };
        let kubectl = Kubectl::find(target.clone(), run.console)?;
        let cluster = Self { name: run.name.clone(), kubectl, target };
        run.stage(Stage::Ready)?;
        ready::node(&cluster, run)?;
        ready::default_account(&cluster, run)?;
        ready::dns(&cluster, run)?;
        Ok(cluster)
    }

    /// Runs a shell command on the node.
    ///
    /// # Errors
    /// Exit 3 where the engine refuses it or the command fails.
    pub fn on_node(&self, run: &Run, command: &str) -> Result<String> {
        let node = format!("{}-control-plane", self.name);
        Ok(run.docker.run(&["exec", &node, "sh", "-c", command])?.checked()?.stdout)
    }

    /// Gives an image that is on the node another name, whatever had it before: a tag that moves.
    ///
    /// # Errors
    /// Exit 3 where the node's container runtime refuses it.
    pub fn tag(&self, run: &Run, image: &str, tag: &str) -> Result<()> {
        let node = format!("{}-control-plane", self.name);
        let names = [image, tag].map(|name| format!("docker.io/{name}"));
        let call = ["exec", &node, "ctr", "--namespace", "k8s.io", "images", "tag", "--force", &names[0], &names[1]];
        run.docker.run(&call)?.checked().map(drop)
    }

    /// Puts images of the engine onto the node, what they share once.
    ///
    /// By an archive of the engine's own platform: `kind load docker-image` fails where the engine keeps its images in
    /// containerd and has pulled one for a single platform.
    ///
    /// # Errors
    /// Exit 3 where the engine or kind fails.
    pub fn load(&self, run: &Run, images: &[&str]) -> Result<()> {
        let archive = run.private.join("images.tar");
        run.docker.save(images, &archive)?;
        run.interrupt.check()?;
        let loaded = run.kind.load_archive(&self.name, &archive);
        std::fs::remove_file(&archive).with_context(|| format!("cannot remove {}", archive.display()))?;
        loaded
    }
}

fn network(run: &Run) -> Result<()> {
    run.stage(Stage::Network)?;
    run.record(Object::Network { name: run.name.clone() })?;
    run.docker.create_network(&run.name, &format!("{LABEL}={}", run.name))
}

fn node(run: &Run, image: &NodeImage) -> Result<()> {
    run.stage(Stage::Node)?;
    run.record(Object::Cluster { name: run.name.clone() })?;
    let kubeconfig = run.kubeconfig();
    let console = run.console;
    let config = if run.docker.has_cgroup_v1()? { format!("{CONFIG}{CGROUP_V1}") } else { CONFIG.to_owned() };
    let cluster = NewCluster {
        name: &run.name,
        image: image.name(),
        config: &config,
        kubeconfig: &kubeconfig,
        network: &run.name,
        wait: Duration::ZERO, // it ends with 0 after a wait that was too short, so the waits are our own
        retain: true,
    };
    let kind = run.kind.create(&cluster, move |_, line| console.detail(line))?;
    wait::for_end(kind, NODE, &run.interrupt).map(drop).map_err(|error| explained(error, &run.folder))
}

/// Where no registry answers, the way out is a script of this workspace.
fn explained(error: anyhow::Error, folder: &Path) -> anyhow::Error {
    let text = format!("{error:#}");
    if text.contains("failed to pull image") || text.contains("docker pull") {
        return Failure::environment(format!(
            "kind's node image cannot be pulled: `bash tests/kind-host/node-image.sh` makes one without a registry, and \
             --node-image names another\n{text}"
        ));
    }
    error.context(format!("the cluster could not be made; its logs, if any, are in {}", folder.display()))
}
