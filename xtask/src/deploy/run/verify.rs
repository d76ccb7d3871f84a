//! Done means evidence: what Helm calls done is looked at until the objects prove it.

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::deploy::plan::objects;
use crate::deploy::run::evidence::{self, Rollout};
use crate::deploy::run::failed::failed;
use crate::deploy::run::helm_run::Progress;
use crate::deploy::run::look::{Look, Scope};
use crate::deploy::run::pages::Outcome;
use crate::deploy::run::rollback::Rollback;
use crate::deploy::run::{PAUSE, Run, VERIFY, causes};
use crate::parallel;

/// Waits for the evidence, and restarts the Deployment once where only its image is another than the gate's.
pub(super) fn verify(run: &mut Run<'_>, progress: &Progress, judged: &str) -> Result<Outcome> {
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
        let (session, render) = (run.session, run.render);
        let (look, existing) =
            parallel::both(|| Look::take(session, Scope::Release), || objects::existing(session, render));
        let (look, existing) = (look?, existing?);
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
