//! The deploy itself: a list of steps, and the evidence that decides what came of them.

pub(crate) mod causes;
pub(crate) mod evidence;
pub(crate) mod helm_run;
pub(crate) mod look;
pub(crate) mod namespace;
pub(crate) mod pages;
pub(crate) mod rollback;

use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use self::causes::Cause;
use self::evidence::Rollout;
use self::helm_run::{End, Progress};
use self::look::{Look, Scope};
use self::pages::Outcome;
use self::rollback::Rollback;
use crate::deploy::fields::uid;
use crate::deploy::gate::job::{GateJob, Seen, Verdict};
use crate::deploy::gate::{earlier, leftovers};
use crate::deploy::plan::objects;
use crate::deploy::{Render, Session, State};
use crate::exit::{self, Failure};
use crate::report::{self, Stages};

/// How long the cluster is left alone between two looks.
pub(crate) const PAUSE: Duration = Duration::from_millis(400);
/// How long what Helm calls done may take to be seen as done.
pub(crate) const VERIFY: Duration = Duration::from_secs(60);
/// How much of a log is shown for a cause.
const LAST_LINES: &str = "--tail=10";

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
    let cleared = clear_up(&mut run, &mut progress.job);
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
    let after = Look::take(session, Scope::Release).unwrap_or_default();
    let page = pages::of(&run, &outcome, &cleared, after.find("Deployment", &render.deployment));
    report::product(&format!("\n{}", session.mask.hide(&page.text())))?;
    conclude(session, &outcome)
}

/// Waits until no other gate is alive, and makes sure that the plan still holds.
fn before_helm(run: &mut Run<'_>) -> Result<Progress> {
    run.stages.begin("gate", "looking for an earlier one");
    let session = run.session;
    let look = earlier::wait_until_none(run)?;
    let newest = session.helm.history(&session.cluster(), &session.release())?.last().map(|newest| newest.revision);
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
    let name = run.render.gate.job.clone();
    let before = look.find("Job", &name).map(|job| uid(job).to_owned());
    let stamp = Some(run.state.next_revision().to_string());
    Ok(Progress::new(GateJob { name, stamp, before, uid: None }))
}

/// Helm, then what the objects say: Helm's exit code decides nothing alone.
fn attempt(run: &mut Run<'_>, progress: &mut Progress) -> Result<Outcome> {
    let end = helm_run::upgrade(run, progress)?;
    let look = Look::take(run.session, Scope::Release)?;
    progress.read_log(run, &look)?;
    let rendered = run.render.gate_document().context("the render has no gate")?;
    let verdict = progress.job.verdict(&look, &run.render.gate, rendered);
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
        (Verdict::Passed { image_id }, End::Done) => verify(run, progress, &image_id),
        (Verdict::Passed { .. }, End::Failed(said)) => failed(run, said, None),
        (Verdict::Passed { .. }, End::Cause(cause)) => failed(run, cause.text.clone(), Some(&cause)),
        (Verdict::No { said }, _) => {
            run.stages.failed("said no");
            Ok(Outcome::SaidNo { said, rows: progress.log.rows() })
        }
        (Verdict::NotRun { why }, end) => {
            run.stages.failed("did not come to a verdict");
            Ok(Outcome::NotRun { why: not_run(why, end) })
        }
    }
}

/// Why the gate came to no verdict: the cause that was seen, else what the Job shows and what Helm said.
fn not_run(why: String, end: End) -> Vec<String> {
    match end {
        End::Cause(cause) => vec![cause.text],
        End::Failed(said) => vec![why, said],
        End::Done => vec![why, "Helm went on without it, and called that a success".to_owned()],
        End::Interrupted => vec![why],
    }
}

/// Waits for the evidence, and restarts the Deployment once where only its image is another than the gate's.
fn verify(run: &mut Run<'_>, progress: &Progress, judged: &str) -> Result<Outcome> {
    run.stages.done("Helm calls it done");
    run.stages.begin("verify", "looking for evidence");
    let revision = progress.job.stamp.clone().unwrap_or_default();
    let mut seen = settled(run, &revision, judged, VERIFY)?;
    if let Rollout::OtherImage(which) = &seen {
        run.stages.careful(&format!("{which}: its tag has moved meanwhile, so the Deployment is restarted once"));
        let (session, deployment) = (run.session, format!("deployment/{}", run.render.deployment));
        let namespace = &session.request.namespace;
        session.kubectl.run(&["rollout", "restart", &deployment, "--namespace", namespace])?.checked()?;
        seen = settled(run, &revision, judged, session.request.timeout)?;
    }
    match seen {
        Rollout::Done(seen) => {
            run.stages.done(&format!("revision {revision} runs"));
            Ok(Outcome::Done(seen))
        }
        Rollout::NotYet(lacks) => failed(run, lacks, None),
        Rollout::OtherImage(which) => {
            let none = "the manifest of before would not bring that image back".to_owned();
            run.stages.failed(&which);
            Ok(Outcome::RolloutFailed { why: which, log: Vec::new(), rollback: Rollback::None(none) })
        }
    }
}

/// Looks until the rollout is proved, cannot go on, or `limit` is over.
fn settled(run: &mut Run<'_>, revision: &str, judged: &str, limit: Duration) -> Result<Rollout> {
    let start = Instant::now();
    loop {
        let look = Look::take(run.session, Scope::Release)?;
        let existing = objects::existing(run.session, run.render)?;
        let seen = evidence::rollout(&look, &existing, run.render, revision, judged);
        let Rollout::NotYet(lacks) = &seen else { return Ok(seen) };
        let deployment = look.find("Deployment", &run.render.deployment);
        let causes = deployment.map_or(Vec::new(), |deployment| causes::of_rollout(&look, deployment));
        if let Some(cause) = causes.into_iter().find(|cause| cause.ends) {
            return Ok(Rollout::NotYet(cause.text));
        }
        if start.elapsed() > limit {
            return Ok(seen);
        }
        run.stages.at(lacks);
        run.stages.tick();
        run.session.interrupt.pause(PAUSE)?;
    }
}

/// The gate passed, and the rollout failed: shows the log, then goes back to what ran before.
fn failed(run: &mut Run<'_>, why: String, cause: Option<&Cause>) -> Result<Outcome> {
    run.stages.failed(&why);
    let log = cause.map_or(Vec::new(), |cause| last_lines(run.session, cause));
    for line in &log {
        run.stages.line(&format!("| {line}"));
    }
    let rollback = rollback::run(run)?;
    Ok(Outcome::RolloutFailed { why, log, rollback })
}

fn last_lines(session: &Session, cause: &Cause) -> Vec<String> {
    let Some((pod, container, before)) = &cause.log else { return Vec::new() };
    let more = if *before { &[LAST_LINES, "--previous"][..] } else { &[LAST_LINES][..] };
    let log = session.kubectl.logs(pod, container, &session.request.namespace, more);
    log.map_or(Vec::new(), |log| log.stdout.lines().map(str::to_owned).collect())
}

/// Ends a gate that still runs, which would go on creating things, then removes what Helm left behind.
fn clear_up(run: &mut Run<'_>, job: &mut GateJob) -> Vec<String> {
    let session = run.session;
    let mut said = end_gate(session, job);
    said.extend(leftovers::remove(session, &job.name, &run.render.gate.copies));
    said
}

/// Deletes the gate Job of this run where it has not ended; its pod is gone when this returns.
pub(crate) fn end_gate(session: &Session, job: &mut GateJob) -> Vec<String> {
    let running = Look::take(session, Scope::Gate).is_ok_and(|look| matches!(job.see(&look), Seen::Running(_)));
    if !running {
        return Vec::new();
    }
    let (name, namespace) = (&job.name, &session.request.namespace);
    vec![match session.kubectl.delete("job", name, namespace, &["--cascade=foreground"]) {
        Ok(_) => format!("the gate Job {name} had not ended, and was deleted with its pod"),
        Err(error) => format!(
            "the gate Job {name} has not ended and could not be deleted ({error:#}): `{} delete job/{name}`",
            session.kubectl_words()
        ),
    }]
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
