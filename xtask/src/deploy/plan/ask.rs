//! The questions to the cluster, those that do not wait for one another side by side.

use std::thread;

use anyhow::{Context, Result};

use crate::deploy::{Document, Namespace, Presence, Render, Session, State, Stored, Verdict};
use crate::deploy::{plan::admission, plan::namespace_facts, plan::objects, plan::rights};
use crate::exit::{self, Failure};
use crate::tools::{Revision, Version};

/// What must be known before the chart is rendered, or is known without it.
#[derive(Debug)]
pub(crate) struct First {
    /// The API server's version.
    pub server: Version,
    /// The namespace.
    pub namespace: Namespace,
}

/// Asks for the server's version and the namespace.
///
/// # Errors
/// Exit 3 where the API server cannot be asked.
pub(crate) fn first(session: &Session) -> Result<First> {
    let (server, namespace) = thread::scope(|scope| {
        let namespace = scope.spawn(|| namespace_facts::ask(session));
        (session.kubectl.server_version(), joined(namespace))
    });
    let failed = || Failure::new(exit::ENVIRONMENT, "cannot ask the cluster");
    Ok(First { server: server.with_context(failed)?, namespace: namespace.with_context(failed)? })
}

/// Asks for all the rest: rights, then the release, the objects, the API server's verdict.
///
/// # Errors
/// Exit 3 where the API server cannot be asked.
pub(crate) fn ask(session: &Session, render: &Render, first: First) -> Result<State> {
    let failed = || Failure::new(exit::ENVIRONMENT, "cannot ask the cluster");
    let First { server, namespace } = first;
    let missing_rights = rights::missing(session, render, &namespace).with_context(failed)?;
    let unknown = unknown(session, &namespace);
    let objects = Verdict::default();
    let mut state = State { server, namespace, missing_rights, stored: Vec::new(), live: None, objects, unknown };
    if !state.missing_rights.is_empty() || state.namespace.presence == Presence::Missing {
        return Ok(state);
    }
    let (existing, stored, admission) = thread::scope(|scope| {
        let stored = scope.spawn(|| stored(session));
        let admission = scope.spawn(|| admission::ask(session, render));
        (objects::existing(session, render), joined(stored), joined(admission))
    });
    let existing = existing.with_context(failed)?;
    state.stored = stored.with_context(failed)?;
    state.live = objects::live(&existing, render);
    state.objects = objects::judge(session, &existing);
    let admission = admission.with_context(failed)?;
    state.objects.refusals.extend(admission.refusals);
    state.objects.warnings.extend(admission.warnings);
    Ok(state)
}

/// The stored revisions with their manifests.
pub(crate) fn stored(session: &Session) -> Result<Vec<Stored>> {
    let (cluster, release) = (session.cluster(), session.release());
    let revisions = session.helm.history(&cluster, &release)?;
    let manifest = |revision: Revision| {
        let manifest = session.helm.manifest(&cluster, &release, Some(revision.revision))?.unwrap_or_default();
        let documents = Document::read_all(&manifest)?;
        let deployment = documents.iter().find(|document| document.kind == "Deployment");
        let stamp = deployment.and_then(Document::stamp).map(str::to_owned);
        Ok(Stored { revision, stamp, documents })
    };
    thread::scope(|scope| {
        let reading: Vec<_> = revisions.into_iter().map(|revision| scope.spawn(move || manifest(revision))).collect();
        reading.into_iter().map(joined).collect()
    })
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

fn joined<T>(handle: thread::ScopedJoinHandle<'_, T>) -> T {
    handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
