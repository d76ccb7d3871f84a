//! The gate's copies of `ConfigMap` and Secret: Helm removes them, unless it was ended or could not make the Job.

use anyhow::Result;

use crate::deploy::Session;
use crate::deploy::fields::holds;
use crate::deploy::run::look::{Look, Scope};

/// Removes copies that are still there, and says so, a sentence each; what cannot be removed is said with the way out.
///
/// Where a gate runs at this moment, they are its own: it is another deploy's, and that removes them.
pub(crate) fn remove(session: &Session, job: &str, copies: &[(String, String)]) -> Vec<String> {
    let said = found(session, job, copies).map(|found| found.iter().map(|copy| removed(session, copy)).collect());
    said.unwrap_or_else(|error: anyhow::Error| {
        let commands: Vec<String> = copies.iter().map(resource).collect();
        vec![format!(
            "could not look for the gate's copies ({error:#}); if they are there, remove them: `{} delete --ignore-not-found {}`",
            session.kubectl_words(),
            commands.join(" ")
        )]
    })
}

fn found(session: &Session, job: &str, copies: &[(String, String)]) -> Result<Vec<(String, String)>> {
    let look = Look::take(session, Scope::Gate)?;
    let open = look.find("Job", job).is_some_and(|job| !holds(job, "Complete") && !holds(job, "Failed"));
    if open {
        return Ok(Vec::new());
    }
    let namespace = &session.request.namespace;
    let mut found = Vec::new();
    for copy in copies {
        // The name alone is asked for: a Secret's data need not travel.
        let resource = resource(copy);
        let args = ["get", &resource, "--namespace", namespace, "--ignore-not-found", "--output", "name"];
        if !session.kubectl.run(&args)?.checked()?.stdout.trim().is_empty() {
            found.push(copy.clone());
        }
    }
    Ok(found)
}

fn removed(session: &Session, copy: &(String, String)) -> String {
    let (kind, name) = copy;
    match session.kubectl.delete(&kind.to_lowercase(), name, &session.request.namespace, &["--wait=false"]) {
        Ok(_) => format!("{kind}/{name}, which Helm had left behind, was removed"),
        Err(error) => format!(
            "{kind}/{name}, which Helm has left behind, could not be removed ({error:#}): `{} delete {}`",
            session.kubectl_words(),
            resource(copy)
        ),
    }
}

fn resource((kind, name): &(String, String)) -> String {
    format!("{}/{name}", kind.to_lowercase())
}
