//! What a gate can leave behind: its Job at work, and its copies of `ConfigMap` and Secret. Helm removes the copies, unless
//! it was ended or could not make the Job.

use anyhow::Result;

use crate::deploy::fields::holds;
use crate::deploy::gate::job::{GateJob, Seen};
use crate::deploy::run::look::{Look, Scope};
use crate::deploy::{Render, Session};

/// Ends a gate that may still run, and would go on creating things, then removes what Helm left behind.
pub(crate) fn clear_up(session: &Session, render: &Render, job: &mut GateJob, ended: bool) -> Vec<String> {
    let mut said = if ended { Vec::new() } else { end_gate(session, job) };
    said.extend(remove(session, &job.name, &render.gate.copies));
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

/// Removes copies that are still there, and says so, a sentence each; what cannot be removed is said with the way out.
///
/// Where a gate runs at this moment, they are its own: it is another deploy's, and that removes them.
fn remove(session: &Session, job: &str, copies: &[(String, String)]) -> Vec<String> {
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
    let resources: Vec<String> = copies.iter().map(resource).collect();
    let mut args = vec!["get"];
    args.extend(resources.iter().map(String::as_str));
    // The names alone are asked for: a Secret's data need not travel.
    args.extend(["--namespace", &session.request.namespace, "--ignore-not-found", "--output", "name"]);
    let answer = session.kubectl.run(&args)?.checked()?.stdout;
    if answer.trim().is_empty() {
        return Ok(Vec::new());
    }
    let look = Look::take(session, Scope::Gate)?;
    if look.find("Job", job).is_some_and(|job| !holds(job, "Complete") && !holds(job, "Failed")) {
        return Ok(Vec::new());
    }
    let there = |copy: &&(String, String)| answer.lines().any(|line| line.trim() == resource(copy));
    Ok(copies.iter().filter(there).cloned().collect())
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
