//! The work behind `deploy`: what was asked for, what is there, what will happen; then the deploy itself.
//!
//! The steps hand one another the types of this file. Everything up to the [`Plan`] reads only: the user's kubeconfig,
//! the secrets file, the chart, the cluster. Nothing is written before a plan without refusals.

pub mod diff;
mod documents;
pub mod kubeconfig;
pub mod names;
pub mod remember;
pub mod secrets_file;
mod request;
mod session;
mod state;
pub mod target;
pub mod values;

use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;

pub use request::{DEFAULT_NAME, DEFAULT_TIMEOUT, Mode, Request};
pub use session::Session;
pub use state::{Live, Namespace, Presence, State, Stored, Verdict};

/// The annotation on the gate Job and on the Deployment's own metadata that carries the release revision.
pub const REVISION_ANNOTATION: &str = "mailroom/release-revision";

/// The field manager of what `deploy` itself writes; Helm writes as `helm`.
pub const FIELD_MANAGER: &str = "mailroom-deploy";

/// The namespace labels that hold a Pod Security level; `deploy` sets all three to `restricted`.
pub const LEVEL_LABELS: [&str; 3] =
    ["pod-security.kubernetes.io/enforce", "pod-security.kubernetes.io/warn", "pod-security.kubernetes.io/audit"];

/// How the cluster came to be the one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chosen {
    /// Named by `--context`.
    Named,
    /// Remembered by an earlier `--remember`, and still the same cluster.
    Remembered,
    /// The current context, shown and confirmed on a terminal.
    Confirmed,
}

/// The cluster that was decided on.
#[derive(Debug)]
pub struct Target {
    /// The context's name in the user's kubeconfig, and the only one in ours.
    pub context: String,
    /// The API server's URL.
    pub server: String,
    /// The UID of the namespace `kube-system`, which tells two clusters apart; none where it may not be read.
    pub uid: Option<String>,
    /// How it was chosen.
    pub chosen: Chosen,
    /// A private file (mode 0600) with this one context; it goes when the target is dropped.
    pub kubeconfig: tempfile::NamedTempFile,
    /// What the plan should say about it.
    pub warnings: Vec<String>,
}

/// The secrets file, read and checked.
#[derive(Clone)]
pub struct Secrets {
    /// Passed to Helm by `-f`, after all other files.
    pub file: PathBuf,
    /// The values: for masking, never for printing.
    pub values: Vec<String>,
    /// What the plan should say about the file.
    pub warnings: Vec<String>,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secrets").field("file", &self.file).finish_non_exhaustive()
    }
}

/// One rendered or stored object.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// `apiVersion`.
    pub api_version: String,
    /// `kind`.
    pub kind: String,
    /// `metadata.name`.
    pub name: String,
    /// Whether Helm treats it as a hook: it belongs to no release then.
    pub hook: bool,
    /// Its YAML, as Helm wrote it.
    pub text: String,
    /// The same, read.
    pub value: Value,
}

/// The gate, as the render has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gate {
    /// The name of the Job.
    pub job: String,
    /// Its `activeDeadlineSeconds`.
    pub deadline: Duration,
    /// Its pod's `terminationGracePeriodSeconds`.
    pub grace: Duration,
    /// Whether it creates what is missing.
    pub applies: bool,
    /// The names of the hook-owned copies, as `(kind, name)`: Helm removes them, and `deploy` what Helm left.
    pub copies: Vec<(String, String)>,
}

/// The chart rendered with the very values of this deploy, and found clean by every rule of `lint`.
#[derive(Clone, Debug)]
pub struct Render {
    /// All objects, hooks included, in Helm's order.
    pub documents: Vec<Document>,
    /// The gate.
    pub gate: Gate,
    /// The name of the Deployment.
    pub deployment: String,
    /// `spec.replicas` of the Deployment.
    pub replicas: u64,
    /// The image of the Deployment's container.
    pub image: String,
    /// The app's configuration, as the ConfigMap holds it.
    pub config: String,
}

/// What the cluster said, what will change, and what stands against it.
#[derive(Debug)]
pub struct Plan {
    /// The page: what a person reads before anything is written. Secret values do not appear in it.
    pub page: String,
    /// Why nothing may be written; empty where the plan stands.
    pub refusals: Vec<String>,
    /// What to look at.
    pub warnings: Vec<String>,
}
