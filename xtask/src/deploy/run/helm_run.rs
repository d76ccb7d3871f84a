//! Helm at work, attended: the gate's log as it comes, causes as soon as they are known, an early end by SIGTERM.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::deploy::fields::{annotation, list, number};
use crate::deploy::gate::job::{GateJob, Seen, Verdict};
use crate::deploy::gate::log::GateLog;
use crate::deploy::run::Run;
use crate::deploy::run::causes::{self, Cause};
use crate::deploy::run::look::{Look, Scope};
use crate::deploy::{REVISION_ANNOTATION, Session};
use crate::report::count;
use crate::tools::{Ended, Running, Stream, Upgrade};

/// How long the cluster is left alone at least between two looks while Helm works. Helm's own end is seen at once.
const LOOK: Duration = Duration::from_secs(1);
/// And at most, where a look takes long, so that a slow machine or API server is not slowed further.
const LOOK_IF_SLOW: Duration = Duration::from_secs(2);
/// How long a line of the gate's log may lie unshown.
const LINES: Duration = Duration::from_millis(100);

/// How a Helm run ended.
#[derive(Debug)]
pub(crate) enum End {
    /// Helm ended with 0: its word, no evidence.
    Done,
    /// Helm ended otherwise; what it said.
    Failed(String),
    /// We ended it, since waiting was in vain.
    Cause(Cause),
    /// We ended it at a signal.
    Interrupted,
}

/// What a deploy's Helm run goes through.
#[derive(Debug)]
pub(crate) struct Progress {
    /// The gate Job.
    pub(crate) job: GateJob,
    /// Its log.
    pub(crate) log: GateLog,
    /// What the last look showed.
    last: Look,
    /// Whether the gate was seen to have passed, so that the rollout is what is watched.
    pub(crate) passed: bool,
    /// What was said once is not said again.
    said: Vec<String>,
}

impl Progress {
    /// Nothing was seen yet.
    pub(crate) fn new(job: GateJob) -> Self {
        Self { job, log: GateLog::new(), last: Look::default(), passed: false, said: Vec::new() }
    }

    /// Shows what a look has brought, and gives the cause for which Helm is to be ended; between two looks, shows the lines
    /// that came meanwhile.
    pub(crate) fn see(&mut self, run: &mut Run<'_>, look: Option<Look>) -> Result<Option<Cause>> {
        let Some(look) = look else {
            self.log.show(&mut run.stages);
            return Ok(None);
        };
        let cause = self.see_look(run, &look)?;
        self.last = look;
        Ok(cause)
    }

    /// The look that tells the verdict once Helm has ended: the last one where that showed a Job that failed, which is for
    /// good, else a new one.
    pub(crate) fn final_look(&mut self, session: &Session) -> Result<Look> {
        let last = std::mem::take(&mut self.last);
        if matches!(self.job.see(&last), Seen::Failed(_)) { Ok(last) } else { Look::take(session, Scope::Release) }
    }

    /// The gate's verdict, as far as this look is evidence for it.
    pub(crate) fn verdict(&mut self, run: &Run<'_>, look: &Look) -> Result<Verdict> {
        let rendered = run.render.gate_document().context("the render has no gate")?;
        Ok(self.job.verdict(look, &run.render.gate, rendered))
    }

    fn see_look(&mut self, run: &mut Run<'_>, look: &Look) -> Result<Option<Cause>> {
        if self.passed {
            let deployment = look.find("Deployment", &run.render.deployment);
            let ours = deployment.filter(|it| annotation(it, REVISION_ANNOTATION) == self.job.stamp.as_deref());
            let Some(deployment) = ours else { return Ok(None) };
            run.stages.at(&rollout_at(look, deployment));
            return Ok(self.notable(run, causes::of_rollout(look, deployment)));
        }
        let cause = self.see_gate(run, look)?;
        if !matches!(self.job.see(look), Seen::Complete(_)) {
            return Ok(cause);
        }
        self.log.finish(run.session, &mut run.stages)?;
        // Helm goes on with any Job that is Complete; one that proves nothing has to be told before the rollout gets far.
        if let Verdict::NotRun { why } = self.verdict(run, look)? {
            return Ok(Some(Cause::ends(why)));
        }
        run.stages.done("passed");
        run.stages.begin("rollout", "waiting for Helm to apply it");
        self.passed = true;
        Ok(cause)
    }

    /// Follows the gate's log, and says what holds it up.
    pub(crate) fn see_gate(&mut self, run: &mut Run<'_>, look: &Look) -> Result<Option<Cause>> {
        let seen = self.job.see(look);
        self.follow(run.session, look, seen)?;
        if matches!(seen, Seen::Running(_) | Seen::Complete(_) | Seen::Failed(_)) {
            let applies = run.render.gate.applies;
            run.stages.at(if applies { "creates what is missing" } else { "asks what is missing" });
        }
        self.log.show(&mut run.stages);
        Ok(self.notable(run, causes::of_gate(look, seen)))
    }

    /// Shows the rest of the gate's log once Helm has ended: a quick gate can be over before it was ever seen.
    pub(crate) fn read_log(&mut self, run: &mut Run<'_>, look: &Look) -> Result<()> {
        let seen = self.job.see(look);
        self.follow(run.session, look, seen)?;
        self.log.finish(run.session, &mut run.stages)
    }

    fn follow(&mut self, session: &Session, look: &Look, seen: Seen<'_>) -> Result<()> {
        if let Seen::Running(job) | Seen::Complete(job) | Seen::Failed(job) = seen {
            for pod in look.pods_of(job) {
                self.log.follow(session, pod)?;
            }
        }
        Ok(())
    }

    /// Says each cause once; gives the first that is final.
    fn notable(&mut self, run: &mut Run<'_>, causes: Vec<Cause>) -> Option<Cause> {
        for cause in &causes {
            if !self.said.contains(&cause.text) {
                run.stages.careful(&cause.text);
                self.said.push(cause.text.clone());
            }
        }
        causes.into_iter().find(|cause| cause.ends)
    }
}

fn rollout_at(look: &Look, deployment: &Value) -> String {
    let (ready, wanted) = (number(deployment, "/status/readyReplicas"), number(deployment, "/spec/replicas"));
    let pods = look.replica_set(deployment).into_iter().flat_map(|set| look.pods_of(set));
    let restarts: u64 =
        pods.flat_map(|pod| list(pod, "/status/containerStatuses")).map(|status| number(status, "/restartCount")).sum();
    let restarted = if restarts > 0 {
        format!(", {}", count(usize::try_from(restarts).unwrap_or(usize::MAX), "restart"))
    } else {
        String::new()
    };
    format!("{ready} of {wanted} pods ready{restarted}")
}

/// Runs `helm upgrade --install` to its end.
///
/// # Errors
/// Exit 3 where Helm cannot be started.
pub(crate) fn upgrade(run: &mut Run<'_>, progress: &mut Progress) -> Result<End> {
    let session = run.session;
    let upgrade = Upgrade {
        chart: session.request.chart.dir.clone(),
        values: session.values(),
        timeout: session.request.timeout,
    };
    run.stages.at("waiting for Helm to start it");
    let helm = session.helm.upgrade_install(&session.cluster(), &session.release(), &upgrade, on_line(session))?;
    attend(run, helm, |run, look| progress.see(run, look))
}

/// Takes Helm's lines: they are for `-v`, since its errors come again with its end.
pub(crate) fn on_line(session: &Session) -> impl Fn(Stream, &str) + Send + Sync + 'static {
    let console = session.console;
    move |_, line| console.detail(format_args!("helm: {line}"))
}

/// Looks again and again until Helm has ended; a cause or a signal ends it, by SIGTERM alone: then it records the
/// revision as failed within moments, where SIGKILL would leave it pending.
pub(crate) fn attend(
    run: &mut Run<'_>,
    mut helm: Running,
    mut see: impl FnMut(&mut Run<'_>, Option<Look>) -> Result<Option<Cause>>,
) -> Result<End> {
    let mut stopped = None;
    let mut blind = false;
    let mut next = Instant::now() + LOOK;
    loop {
        if let Some(ended) = helm.wait(LINES)? {
            return Ok(stopped.unwrap_or_else(|| end(&helm, ended)));
        }
        if run.session.interrupt.raised() && !matches!(stopped, Some(End::Interrupted)) {
            helm.terminate();
            run.stages.at("waiting for Helm to end");
            stopped = Some(End::Interrupted);
        }
        if stopped.is_none() {
            let begun = Instant::now();
            let due = begun >= next;
            let look = due.then(|| Look::take(run.session, Scope::Release)).transpose().unwrap_or_else(|error| {
                if !std::mem::replace(&mut blind, true) {
                    run.stages.careful(&format!("cannot see how it goes: {error:#}"));
                }
                None
            });
            if due {
                next = Instant::now() + (begun.elapsed() * 3).clamp(LOOK, LOOK_IF_SLOW);
            }
            if let Some(cause) = see(run, look)? {
                helm.terminate();
                stopped = Some(End::Cause(cause));
            }
        }
        run.stages.tick();
    }
}

fn end(helm: &Running, ended: Ended) -> End {
    if ended.success() {
        return End::Done;
    }
    let error = helm.error(ended);
    let lines = || error.stderr.lines().map(str::trim).filter(|line| !line.is_empty());
    let said = lines().rfind(|line| line.starts_with("Error: ")).or_else(|| lines().next_back());
    End::Failed(said.map_or_else(|| error.to_string(), |said| format!("Helm said: {said}")))
}
