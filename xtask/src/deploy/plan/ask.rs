//! The questions to the cluster, those that do not wait for one another side by side.

use anyhow::{Context, Result};
use serde_json::Value;

use crate::deploy::plan::{admission, objects, rights};
use crate::deploy::{Document, Live, Namespace, Presence, Render, Session, State, Stored, Verdict};
use crate::exit::{self, Failure};
use crate::parallel;
use crate::tools::Revision;

/// Asks for rights, the release, the objects, the API server's verdict, side by side.
///
/// # Errors
/// Exit 3 where the API server cannot be asked.
pub(crate) fn ask(session: &Session, render: &Render, namespace: Namespace) -> Result<State> {
    let failed = || Failure::new(exit::ENVIRONMENT, "cannot ask the cluster");
    let (missing_rights, found) = parallel::both(
        || rights::missing(session, render, &namespace),
        || (namespace.presence != Presence::Missing).then(|| found(session, render, namespace.presence)),
    );
    let missing_rights = missing_rights.with_context(failed)?;
    let (unknown, objects) = (unknown(session, &namespace), Verdict::default());
    let mut state =
        State { namespace, missing_rights, revisions: Vec::new(), stored: Vec::new(), live: None, objects, unknown };
    // Where a right is missing, what was asked without it has failed: the right is what is told.
    let Some(found) = found.filter(|_| state.missing_rights.is_empty()) else { return Ok(state) };
    let (Found { existing, live, revisions, stored }, admission) = found.with_context(failed)?;
    state.objects = objects::judge(session, &existing);
    (state.live, state.revisions, state.stored) = (live, revisions, stored);
    state.objects.refusals.extend(admission.refusals);
    state.objects.warnings.extend(admission.warnings);
    Ok(state)
}

/// What is asked of a namespace that is there.
struct Found<'r> {
    existing: Vec<(Value, &'r Document)>,
    live: Option<Live>,
    revisions: Vec<Revision>,
    stored: Vec<Stored>,
}

fn found<'r>(session: &Session, render: &'r Render, presence: Presence) -> Result<(Found<'r>, Verdict)> {
    let admission = || match presence {
        // Whatever is sent there is refused: that it is being deleted says it all.
        Presence::Terminating => Ok(Verdict::default()),
        _ => admission::ask(session, render),
    };
    let (found, admission) = parallel::both(|| Found::ask(session, render), admission);
    Ok((found?, admission?))
}

impl<'r> Found<'r> {
    fn ask(session: &Session, render: &'r Render) -> Result<Self> {
        let (existing, revisions) = parallel::both(|| objects::existing(session, render), || history(session));
        let (existing, revisions) = (existing?, revisions?);
        let live = objects::live(&existing, render);
        let stored = stored(session, &revisions, live.as_ref().and_then(|live| live.stamp.as_deref()))?;
        Ok(Self { existing, live, revisions, stored })
    }
}

/// All revisions that Helm has stored, oldest first.
pub(crate) fn history(session: &Session) -> Result<Vec<Revision>> {
    session.helm.history(&session.cluster(), &session.release())
}

/// Stored revisions with their manifests, oldest first: from the newest one back to the one with the stamp that runs.
/// Where nothing runs, or nothing with a stamp, it is the one that Helm calls deployed.
pub(crate) fn stored(session: &Session, revisions: &[Revision], stamp: Option<&str>) -> Result<Vec<Stored>> {
    let mut stored = Vec::new();
    for revision in revisions.iter().rev().filter(|revision| stamp.is_some() || revision.status == "deployed") {
        let read = read(session, revision)?;
        let found = stamp.is_none() || read.stamp.as_deref() == stamp;
        stored.push(read);
        if found {
            break;
        }
    }
    stored.reverse();
    Ok(stored)
}

fn read(session: &Session, revision: &Revision) -> Result<Stored> {
    let manifest = session.helm.manifest(&session.cluster(), &session.release(), Some(revision.revision))?;
    let documents = Document::read_all(&manifest.unwrap_or_default())?;
    let deployment = documents.iter().find(|document| document.kind == "Deployment");
    let stamp = deployment.and_then(Document::stamp).map(str::to_owned);
    Ok(Stored { revision: revision.clone(), stamp, documents })
}

/// What was not asked, or could not be read.
fn unknown(session: &Session, namespace: &Namespace) -> Vec<String> {
    let mut unknown = Vec::new();
    if session.target.uid.is_none() {
        unknown.push("you may not read the namespace kube-system, so this cluster cannot be remembered".to_owned());
    }
    let name = &session.request.namespace;
    match namespace.presence {
        Presence::Unreadable => unknown.push(format!(
            "you may not read namespace {name}: whether it enforces *restricted* is not known, and its labels stay as they are"
        )),
        Presence::Missing => {
            unknown.push("what admission says to the objects is not known before the namespace is there".to_owned());
        }
        Presence::Active | Presence::Terminating => {}
    }
    unknown
}
