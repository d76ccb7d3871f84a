//! What every step works with: the request, the cluster that was decided on, and tools that know no other.

use super::{Request, Secrets, Target};
use crate::deploy::inputs::request::quoted;
use crate::interrupt::Interrupt;
use crate::report::Console;
use crate::tools::{ChartCall, Cluster, Helm, Kubectl, Mask, Release, Values};

/// The request and the means to fulfil it.
#[derive(Debug)]
pub struct Session {
    /// What the user asked for.
    pub request: Request,
    /// The cluster.
    pub target: Target,
    /// The credentials.
    pub secrets: Secrets,
    /// Helm; the secrets are masked in what it says.
    pub helm: Helm,
    /// kubectl for the cluster; the secrets are masked in what it says.
    pub kubectl: Kubectl,
    /// For text that comes by other ways.
    pub mask: Mask,
    /// Raised by a signal: every wait looks at it.
    pub interrupt: Interrupt,
    /// For progress.
    pub console: Console,
}

/// The tools of a session, before they know its secrets.
#[derive(Debug)]
pub struct Tools {
    /// Helm.
    pub helm: Helm,
    /// kubectl for the cluster.
    pub kubectl: Kubectl,
    /// Raised by a signal.
    pub interrupt: Interrupt,
    /// For progress.
    pub console: Console,
}

impl Session {
    /// Puts a session together: from here on the secrets are masked.
    pub fn new(request: Request, target: Target, secrets: Secrets, tools: Tools) -> Self {
        let Tools { helm, kubectl, interrupt, console } = tools;
        let mask = Mask::new(&secrets.values);
        let (helm, kubectl) = (helm.masking(mask.clone()), kubectl.masking(mask.clone()));
        Self { request, target, secrets, helm, kubectl, mask, interrupt, console }
    }

    /// The cluster as the tools take it.
    pub fn cluster(&self) -> Cluster {
        let kubeconfig = self.target.kubeconfig.path().to_path_buf();
        Cluster { kubeconfig, context: Some(self.target.context.clone()) }
    }

    /// How a command for the user to paste begins: `kubectl --context NAME -n NS`, in the user's own kubeconfig.
    pub fn kubectl_words(&self) -> String {
        format!("kubectl{} -n {}", self.cluster_words("--context"), self.request.namespace)
    }

    /// The same for Helm: `helm --kube-context NAME -n NS`.
    pub fn helm_words(&self) -> String {
        format!("helm{} -n {}", self.cluster_words("--kube-context"), self.request.namespace)
    }

    fn cluster_words(&self, context: &str) -> String {
        let kubeconfig = self
            .request
            .kubeconfig
            .as_ref()
            .map_or(String::new(), |file| format!(" --kubeconfig {}", quoted(&file.display().to_string())));
        format!("{kubeconfig} {context} {}", quoted(&self.target.context))
    }

    /// The release as Helm takes it.
    pub fn release(&self) -> Release {
        Release { name: self.request.release.clone(), namespace: self.request.namespace.clone() }
    }

    /// The very values of this deploy: the user's, then the secrets, then what the gate may do.
    pub fn values(&self) -> Values {
        let request = &self.request;
        let files = request.files.iter().chain([&self.secrets.file]).cloned().collect();
        let setup = format!("setup.apply={}", request.apply_setup);
        let set = request.set.iter().cloned().chain([setup]).collect();
        Values { files, set, set_string: request.set_string.clone() }
    }

    /// The call that lints or renders what Helm is going to install.
    pub fn chart_call(&self, kube_version: String) -> ChartCall {
        ChartCall {
            chart: self.request.chart.dir.clone(),
            values: self.values(),
            kube_version,
            release: self.request.release.clone(),
            namespace: self.request.namespace.clone(),
        }
    }
}
