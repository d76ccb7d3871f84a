//! The work behind `deploy`: what was asked for, what is there, what will happen; then the deploy itself.
//!
//! The steps hand one another the types of this file. Everything up to the [`Plan`] reads only: the user's kubeconfig,
//! the secrets file, the chart, the cluster. Nothing is written before a plan without refusals.

mod admission;
mod causes;
pub mod cluster_state;
pub mod diff;
mod documents;
mod evidence;
mod fields;
mod gate_job;
mod gate_log;
mod gate_only;
mod gate_pods;
mod helm_run;
pub mod kubeconfig;
mod leftovers;
mod managers;
pub mod names;
mod namespace;
pub mod namespace_facts;
mod objects;
mod pages;
mod plan;
mod release;
pub mod remember;
mod render;
mod request;
mod rights;
mod rollback;
mod run;
pub mod secrets_file;
mod session;
mod state;
pub mod target;
#[cfg(test)]
mod testing;
pub mod values;
mod watch;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use serde_json::Value;

use crate::exit::{self, Failure};
use crate::interrupt::Interrupt;
use crate::report::{self, Console, count};
use crate::tools::{Git, Helm, Host};

pub use request::{DEFAULT_NAME, DEFAULT_TIMEOUT, Mode, Request};
pub use session::{Session, Tools};
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
    /// The user's kubeconfig, where one was named: commands for the user to paste name it too.
    pub named_kubeconfig: Option<PathBuf>,
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

/// One rendered or stored object; it may be a Secret, so its `Debug` tells its reference alone.
#[derive(Clone, PartialEq)]
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
    /// Lint's warnings.
    pub warnings: Vec<String>,
}

impl Render {
    /// The gate Job among the documents.
    pub(crate) fn gate_document(&self) -> Option<&Document> {
        self.documents.iter().find(|document| document.hook && document.kind == "Job" && document.name == self.gate.job)
    }
}

/// What the cluster said, what will change, and what stands against it.
#[derive(Debug)]
pub struct Plan {
    /// The page: what a person reads before anything is written. No secret value is on it.
    pub page: String,
    /// Why nothing may be written; empty where the plan stands.
    pub refusals: Vec<String>,
    /// What to look at.
    pub warnings: Vec<String>,
}

/// Plans, and goes as far as was asked for.
///
/// # Errors
/// By the exit codes of README: 1 for a plan that is refused, by a rule or by the user; 2 where the cluster is not
/// decided; 3 where a tool or the cluster is missing.
pub fn run(request: Request, console: Console) -> Result<u8> {
    let host = Host::current();
    namespace_facts::refuse_system(&request.namespace)?;
    values::refuse_in_files(&request)?;
    let choice = target::choose(&request, &host)?;
    let secrets = secrets_file::check(&request, Git::find_in(&host, console).as_ref())?;
    let helm = Helm::find_in(&host, console)?;
    // From here on there is a file with credentials, which goes when the target is dropped.
    let interrupt = Interrupt::install("ending in order", console)?;
    let (target, kubectl) = target::open(choice, &host, console)?;
    let session = Session::new(request, target, secrets, Tools { helm, kubectl, interrupt, console });
    session.interrupt.check()?;
    let first = cluster_state::first(&session)?;
    session.interrupt.check()?;
    let render = render::render(&session, first.server)?;
    session.interrupt.check()?;
    let state = cluster_state::ask(&session, &render, first)?;
    session.interrupt.check()?;
    let plan = Plan::new(&session, &render, &state);
    report::product(&plan.page)?;
    if !plan.refusals.is_empty() {
        return Err(Failure::error(
            exit::FINDINGS,
            format!("the plan is refused: {}", count(plan.refusals.len(), "reason")),
        ));
    }
    if session.request.mode == Mode::DryRun {
        console.note("nothing was changed: --dry-run ends here");
        return Ok(exit::OK);
    }
    agreed(&session)?;
    if session.request.remember {
        target::remember(&session, &host)?;
    }
    go_on(&session, &render, &state)
}

/// Asks whoever is at the terminal about the plan. Where nobody is, a cluster that was named or remembered is the
/// consent: without one the steps before have refused.
fn agreed(session: &Session) -> Result<()> {
    if session.request.mode == Mode::Deploy && !session.request.yes && report::somebody_is_there() {
        let question = format!("Deploy this to `{}`?", session.target.context);
        if !report::confirmed(&question, || session.interrupt.check())? {
            return Err(Failure::error(exit::FINDINGS, "nothing was changed: the plan was not agreed to"));
        }
    }
    Ok(())
}

/// The steps that write.
fn go_on(session: &Session, render: &Render, state: &State) -> Result<u8> {
    match session.request.mode {
        Mode::GateOnly => gate_only::ask(session, render, state),
        Mode::Deploy | Mode::DryRun => run::deploy(session, render, state),
    }
}
