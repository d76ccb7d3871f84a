//! The work behind `deploy`: what was asked for, what is there, what will happen; then the deploy itself.
//!
//! A folder for each part of the story: which cluster (`target`), what is to be deployed (`inputs`), what is there and
//! what will change (`plan`), the gate (`gate`), the deploy and its evidence (`run`). Everything up to the [`Plan`] reads
//! only: the user's kubeconfig, the secrets file, the chart, the cluster. Nothing is written before a plan without
//! refusals.

mod fields;
mod gate;
mod inputs;
mod plan;
mod run;
mod session;
mod target;
#[cfg(test)]
mod testing;

use anyhow::Result;

use crate::exit::{self, Failure};
use crate::interrupt::Interrupt;
use crate::parallel;
use crate::report::{self, Console, count};
use crate::tools::{Git, Helm, Host};

pub(crate) use gate::log::rows as gate_rows;
pub use inputs::documents::Document;
pub use inputs::render::{Gate, Render};
pub use inputs::request::{DEFAULT_NAME, DEFAULT_TIMEOUT, Mode, Request};
pub use inputs::secrets_file::Secrets;
pub use inputs::values::refuse_setup_in_argv;
pub use plan::Plan;
pub(crate) use plan::names::Names;
pub use plan::state::{Live, Namespace, Presence, State, Stored, Verdict};
pub(crate) use run::namespace::labels as namespace_labels;
pub use session::{Session, Tools};
pub use target::{Chosen, Target};

/// The annotation on the gate Job and on the Deployment's own metadata that carries the release revision.
pub const REVISION_ANNOTATION: &str = "mailroom/release-revision";

/// The field manager of what `deploy` itself writes; Helm writes as `helm`.
pub const FIELD_MANAGER: &str = "mailroom-deploy";

/// The namespace labels that hold a Pod Security level; `deploy` sets all three to `restricted`.
pub const LEVEL_LABELS: [&str; 3] =
    ["pod-security.kubernetes.io/enforce", "pod-security.kubernetes.io/warn", "pod-security.kubernetes.io/audit"];

/// The level that all three labels get.
const LEVEL: &str = "restricted";

/// Plans, and goes as far as was asked for.
///
/// # Errors
/// By the exit codes of README: 1 for a plan that is refused, by a rule or by the user; 2 where the cluster is not
/// decided; 3 where a tool or the cluster is missing.
pub fn run(request: Request, console: Console) -> Result<u8> {
    let host = Host::current();
    plan::namespace_facts::refuse_system(&request.namespace)?;
    inputs::values::refuse_in_files(&request)?;
    let choice = target::choose(&request, &host)?;
    let secrets = inputs::secrets_file::check(&request, Git::find_in(&host, console).as_ref())?;
    let helm = Helm::find_in(&host, console)?;
    // From here on there is a file with credentials, which goes when the target is dropped.
    let interrupt = Interrupt::install("ending in order", console)?;
    let (target, kubectl) = target::open(choice, &host, console)?;
    let session = Session::new(request, target, secrets, Tools { helm, kubectl, interrupt, console });
    session.interrupt.check()?;
    let (namespace, render) =
        parallel::both(|| plan::namespace_facts::ask(&session), || inputs::render::render(&session));
    let (namespace, render) = (namespace?, render?);
    session.interrupt.check()?;
    let state = plan::ask::ask(&session, &render, namespace)?;
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
        Mode::GateOnly => gate::only::ask(session, render, state),
        Mode::Deploy | Mode::DryRun => run::deploy(session, render, state),
    }
}
