//! Back to what ran before, where the gate has passed and the rollout failed.
//!
//! Helm's own rollback flag would apply an old manifest after a gate that changed nothing, and `helm rollback` without a
//! number goes to the revision before, even one that the gate had refused.

use std::time::Instant;

use anyhow::Result;
use serde_json::Value;

use crate::deploy::fields::{annotation, number};
use crate::deploy::plan::ask;
use crate::deploy::run::causes;
use crate::deploy::run::helm_run::{End, attend, on_line};
use crate::deploy::run::look::{Look, Scope};
use crate::deploy::run::{PAUSE, Run, VERIFY};
use crate::deploy::{REVISION_ANNOTATION, Stored};

/// What became of the rollback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Rollback {
    /// There was none; why.
    None(String),
    /// What ran before runs again: the manifest of this stored revision.
    To(u32),
    /// It failed, too; to which stored revision it was to go, and why it did not.
    Failed(u32, String),
}

/// Rolls back to the newest stored revision whose manifest carries the stamp that the live Deployment had before.
///
/// # Errors
/// Exit 3 where Helm cannot be started or the cluster cannot be asked.
pub(crate) fn run(run: &mut Run<'_>) -> Result<Rollback> {
    let Some(live) = &run.state.live else {
        return Ok(Rollback::None("nothing ran before, so there is nothing to go back to".to_owned()));
    };
    let Some(stamp) = &live.stamp else {
        return Ok(Rollback::None(
            "what ran before carried no revision, so none can be named to go back to".to_owned(),
        ));
    };
    let session = run.session;
    let stored = ask::stored(session, &ask::history(session)?, Some(stamp))?;
    let Some(target) = target(&stored, stamp) else {
        return Ok(Rollback::None(format!("revision {stamp}, which ran before, is not stored any more")));
    };
    run.stages.begin("rollback", &format!("to revision {target}, which ran before"));
    let (cluster, release, timeout) = (session.cluster(), session.release(), session.request.timeout);
    let helm = session.helm.rollback(&cluster, &release, target, timeout, on_line(session))?;
    let end = attend(run, helm, |run, look| {
        let look = look.unwrap_or_default();
        let deployment = look.find("Deployment", &run.render.deployment).filter(|it| stamped(it, stamp));
        let causes = deployment.map_or(Vec::new(), |deployment| causes::of_rollout(&look, deployment));
        Ok(causes.into_iter().find(|cause| cause.ends))
    })?;
    let failed = match end {
        End::Done => runs_again(run, stamp)?,
        End::Failed(said) => Some(said),
        End::Cause(cause) => Some(cause.text),
        End::Interrupted => Some("it was interrupted".to_owned()),
    };
    Ok(match failed {
        None => {
            run.stages.done(&format!("revision {stamp} runs again"));
            Rollback::To(target)
        }
        Some(why) => {
            run.stages.failed(&why);
            Rollback::Failed(target, why)
        }
    })
}

fn target(stored: &[Stored], stamp: &str) -> Option<u32> {
    let newest = stored.iter().rev().find(|stored| stored.stamp.as_deref() == Some(stamp))?;
    Some(newest.revision.revision)
}

fn stamped(deployment: &Value, stamp: &str) -> bool {
    annotation(deployment, REVISION_ANNOTATION) == Some(stamp)
}

/// Waits until the Deployment carries the stamp and is available; what is missing where it does not come to that.
fn runs_again(run: &mut Run<'_>, stamp: &str) -> Result<Option<String>> {
    let start = Instant::now();
    loop {
        let look = Look::take(run.session, Scope::Release)?;
        let available = |deployment: &&Value| {
            let generation = number(deployment, "/metadata/generation");
            number(deployment, "/status/observedGeneration") == generation
                && number(deployment, "/status/availableReplicas") == number(deployment, "/spec/replicas")
        };
        let deployment = look.find("Deployment", &run.render.deployment).filter(|it| stamped(it, stamp));
        if deployment.as_ref().is_some_and(available) {
            return Ok(None);
        }
        if start.elapsed() > VERIFY {
            return Ok(Some("Helm is done, but the Deployment is not available".to_owned()));
        }
        run.stages.tick();
        run.session.interrupt.pause(PAUSE)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::Revision;

    fn stored(revision: u32, status: &str, stamp: &str) -> Stored {
        let [updated, chart, app_version, description] = [const { String::new() }; 4];
        let revision = Revision { revision, updated, status: status.to_owned(), chart, app_version, description };
        Stored { revision, stamp: (!stamp.is_empty()).then(|| stamp.to_owned()), documents: Vec::new() }
    }

    #[test]
    fn the_stamp_decides_and_not_what_helm_calls_deployed() {
        // 4 was refused by the gate and is `superseded`; 5 is a rollback to 3, so it carries the stamp of 3.
        let all = [
            stored(3, "superseded", "3"),
            stored(4, "superseded", "4"),
            stored(5, "deployed", "3"),
            stored(6, "failed", "6"),
        ];
        assert_eq!(target(&all, "3"), Some(5));
        assert_eq!(target(&all, "4"), Some(4));
        assert_eq!(target(&all, "2"), None);
        assert_eq!(target(&[stored(1, "deployed", "")], "1"), None);
    }
}
