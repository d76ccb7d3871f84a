//! The questions to the cluster, those that do not wait for one another side by side.

use anyhow::{Context, Result};
use serde_json::Value;

use crate::deploy::plan::{admission, objects, rights};
use crate::deploy::{Document, Namespace, Presence, Render, Session, State, Stored, Verdict};
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
        || (namespace.presence != Presence::Missing).then(|| Found::ask(session, render)),
    );
    let missing_rights = missing_rights.with_context(failed)?;
    let (unknown, objects) = (unknown(session, &namespace), Verdict::default());
    let mut state = State { namespace, missing_rights, stored: Vec::new(), live: None, objects, unknown };
    // Where a right is missing, what was asked without it has failed: the right is what is told.
    let Some(found) = found.filter(|_| state.missing_rights.is_empty()) else { return Ok(state) };
    let Found { existing, stored, admission } = found.with_context(failed)?;
    state.live = objects::live(&existing, render);
    state.objects = objects::judge(session, &existing);
    state.stored = stored;
    state.objects.refusals.extend(admission.refusals);
    state.objects.warnings.extend(admission.warnings);
    Ok(state)
}

/// What is asked of a namespace that is there.
struct Found<'r> {
    existing: Vec<(Value, &'r Document)>,
    stored: Vec<Stored>,
    admission: Verdict,
}

impl<'r> Found<'r> {
    fn ask(session: &Session, render: &'r Render) -> Result<Self> {
        let (existing, (stored, admission)) = parallel::both(
            || objects::existing(session, render),
            || parallel::both(|| stored(session), || admission::ask(session, render)),
        );
        Ok(Self { existing: existing?, stored: stored?, admission: admission? })
    }
}

/// The stored revisions with their manifests.
pub(crate) fn stored(session: &Session) -> Result<Vec<Stored>> {
    let (cluster, release) = (session.cluster(), session.release());
    let revisions = session.helm.history(&cluster, &release)?;
    let manifest = |revision: &Revision| {
        let revision = revision.clone();
        let manifest = session.helm.manifest(&cluster, &release, Some(revision.revision))?.unwrap_or_default();
        let documents = Document::read_all(&manifest)?;
        let deployment = documents.iter().find(|document| document.kind == "Deployment");
        let stamp = deployment.and_then(Document::stamp).map(str::to_owned);
        Ok(Stored { revision, stamp, documents })
    };
    parallel::map(&revisions, manifest).into_iter().collect()
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
