//! The deploy itself: a list of steps, and the evidence that decides what came of them.

pub(crate) mod causes;
pub(crate) mod evidence;
mod failed;
pub(crate) mod helm_run;
pub(crate) mod look;
pub(crate) mod namespace;
pub(crate) mod pages;
pub(crate) mod rollback;
mod verify;

use std::time::Duration;

use anyhow::Result;

use self::helm_run::{End, Progress};
use self::look::{Look, Scope};
use self::pages::Outcome;
use crate::deploy::gate::job::{GateJob, Verdict};
use crate::deploy::gate::{earlier, leftovers};
use crate::deploy::plan::ask;
use crate::deploy::{Render, Session, State};
use crate::exit::{self, Failure};
use crate::parallel;
use crate::report::{self, Stages};

/// How long the cluster is left alone between two looks.
pub(crate) const PAUSE: Duration = Duration::from_millis(400);
/// How long what Helm calls done may take to be seen as done.
pub(crate) const VERIFY: Duration = Duration::from_secs(60);

/// What the steps share.
#[derive(Debug)]
pub(crate) struct Run<'s> {
    pub(crate) session: &'s Session,
    pub(crate) render: &'s Render,
    pub(crate) state: &'s State,
    pub(crate) stages: Stages,
}

impl<'s> Run<'s> {
    /// Nothing was done yet.
    pub(crate) fn new(session: &'s Session, render: &'s Render, state: &'s State) -> Self {
        Self { session, render, state, stages: Stages::new(session.console, session.mask.clone()) }
    }
}

/// Deploys what was planned.
///
/// # Errors
/// By the exit codes of README: 4 where the gate did not pass, 5 where the rollout failed, 130 at a signal, each after
/// its page; 3 where the cluster stopped to answer.
pub(crate) fn deploy(session: &Session, render: &Render, state: &State) -> Result<u8> {
    let mut run = Run::new(session, render, state);
    namespace::ensure(&mut run)?;
    let mut progress = before_helm(&mut run)?;
    let outcome = attempt(&mut run, &mut progress);
    let ended = outcome.as_ref().is_ok_and(Outcome::has_verdict);
    let (cleared, after) = parallel::both(
        || leftovers::clear_up(session, render, &mut progress.job, ended),
        || Look::take(session, Scope::Release),
    );
    let outcome = match outcome {
        Ok(outcome) => outcome,
        Err(_) if run.session.interrupt.raised() => Outcome::Interrupted,
        Err(error) => {
            for said in &cleared {
                run.stages.careful(said);
            }
            let ask = format!("{} status {}", session.helm_words(), session.request.release);
            return Err(error.context(format!("what came of the deploy could not be seen; look yourself: `{ask}`")));
        }
    };
    let after = after.unwrap_or_default();
    let page = pages::of(&run, &outcome, &cleared, after.find("Deployment", &render.deployment));
    report::product(&format!("\n{}", session.mask.hide(&page.text())))?;
    conclude(session, &outcome)
}

/// Waits until no other gate is alive, and makes sure that the plan still holds.
fn before_helm(run: &mut Run<'_>) -> Result<Progress> {
    run.stages.begin("gate", "looking for an earlier one");
    let session = run.session;
    let (looked, mut revisions) = parallel::both(|| earlier::wait_until_none(run), || ask::history(session));
    let (look, waited) = looked?;
    if waited {
        revisions = ask::history(session);
    }
    let newest = revisions?.last().map(|newest| newest.revision);
    let planned = run.state.newest().map(|newest| newest.revision);
    if newest != planned {
        let shown = |revision: Option<u32>| revision.map_or("none".to_owned(), |revision| revision.to_string());
        return Err(Failure::error(
            exit::FINDINGS,
            format!(
                "the plan does not hold any more: the newest revision was {} and is {} now; nothing was deployed, so look at a new plan",
                shown(planned),
                shown(newest)
            ),
        ));
    }
    let stamp = Some(run.state.next_revision().to_string());
    Ok(Progress::new(GateJob::after(&look, &run.render.gate.job, stamp)))
}

/// Helm, then what the objects say: Helm's exit code decides nothing alone.
fn attempt(run: &mut Run<'_>, progress: &mut Progress) -> Result<Outcome> {
    let end = helm_run::upgrade(run, progress)?;
    let look = progress.final_look(run.session)?;
    progress.read_log(run, &look)?;
    let verdict = progress.verdict(run, &look)?;
    let passed = matches!(verdict, Verdict::Passed { .. });
    if passed && run.stages.running() == Some("gate") {
        run.stages.done("passed");
        run.stages.begin("rollout", "");
    }
    match (verdict, end) {
        (_, End::Interrupted) => {
            run.stages.failed("interrupted");
            Ok(Outcome::Interrupted)
        }
        (Verdict::Passed { image_id }, End::Done) => verify::verify(run, progress, &image_id),
        (Verdict::Passed { .. }, End::Failed(said)) => failed::failed(run, said, None),
        (Verdict::Passed { .. }, End::Cause(cause)) => failed::failed(run, cause.text.clone(), Some(&cause)),
        (Verdict::No { said }, _) => {
            run.stages.failed("said no");
            Ok(Outcome::SaidNo { said, rows: progress.log.rows() })
        }
        (Verdict::NotRun { why }, end) => {
            run.stages.failed("did not come to a verdict");
            Ok(Outcome::NotRun { why: not_run(why, end, progress.passed) })
        }
    }
}

/// Why the gate came to no verdict: the cause that was seen, else what the Job shows and what Helm said. Where the rollout
/// began all the same, its cause does not tell why it is not proved.
fn not_run(why: String, end: End, rollout_began: bool) -> Vec<String> {
    match end {
        End::Cause(cause) if rollout_began => vec![why, cause.text],
        End::Cause(cause) => vec![cause.text],
        End::Failed(said) => vec![why, said],
        End::Done => vec![why, "Helm went on without it, and called that a success".to_owned()],
        End::Interrupted => vec![why],
    }
}

fn conclude(session: &Session, outcome: &Outcome) -> Result<u8> {
    let release = &session.request.release;
    let (code, sentence) = match outcome {
        Outcome::Done(_) => return Ok(exit::OK),
        Outcome::SaidNo { .. } => (exit::GATE, "the gate said no"),
        Outcome::NotRun { .. } => (exit::GATE, "the gate did not run to a verdict"),
        Outcome::RolloutFailed { .. } => (exit::ROLLOUT, "the gate passed, and the rollout failed"),
        Outcome::Interrupted => (exit::INTERRUPTED, "interrupted"),
    };
    Err(Failure::error(code, format!("release {release} was not deployed: {sentence}")))
}
