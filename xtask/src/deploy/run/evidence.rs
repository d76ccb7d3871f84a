//! What proves that a rollout is done: the objects themselves, and nothing that Helm says about them.

use serde_json::Value;

use crate::deploy::fields::{annotation, condition, covers, deleted, holds, list, name, number, owned_by, text, uid};
use crate::deploy::plan::additions;
use crate::deploy::run::look::Look;
use crate::deploy::{Document, REVISION_ANNOTATION, Render};

/// What the objects show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Rollout {
    /// All of it is as planned; what was seen, for people.
    Done(Vec<String>),
    /// Something is missing; what, in a sentence.
    NotYet(String),
    /// All of it is as planned, but another image runs than the one that the gate judged.
    OtherImage(String),
}

/// Judges a rollout of `revision`; `existing` are the objects of the render that are there, `judged` is the image ID of
/// the gate's pod.
pub(crate) fn rollout(
    look: &Look,
    existing: &[(Value, &Document)],
    render: &Render,
    revision: &str,
    judged: &str,
) -> Rollout {
    match proved(look, existing, render, revision) {
        Err(lacks) => Rollout::NotYet(lacks),
        Ok(pods) => same_image(&pods, judged, revision),
    }
}

/// The ready pods, each with the image ID of its container; else what is missing.
fn proved<'l>(
    look: &'l Look,
    existing: &[(Value, &Document)],
    render: &Render,
    revision: &str,
) -> Result<Vec<&'l Value>, String> {
    let deployment = look.find("Deployment", &render.deployment).ok_or("the Deployment is not there")?;
    let stamp = annotation(deployment, REVISION_ANNOTATION).unwrap_or("no revision");
    if stamp != revision {
        return Err(format!("the Deployment is of revision {stamp}, not of {revision}"));
    }
    for wanted in render.documents.iter().filter(|document| !document.hook) {
        let there = existing.iter().find(|(_, document)| document.reference() == wanted.reference());
        as_planned(there.map(|(object, _)| object), wanted)?;
    }
    let generation = number(deployment, "/metadata/generation");
    if number(deployment, "/status/observedGeneration") != generation {
        return Err(format!("generation {generation} of the Deployment was not taken up yet"));
    }
    let sets: Vec<&str> = look.all("ReplicaSet").filter(|set| owned_by(set, uid(deployment))).map(uid).collect();
    let ended = |pod: &Value| ["Succeeded", "Failed"].contains(&text(pod, "/status/phase"));
    let pods: Vec<&Value> =
        look.all("Pod").filter(|pod| sets.iter().any(|set| owned_by(pod, set)) && !ended(pod)).collect();
    if render.replicas == 0 {
        return pods.first().map_or(Ok(Vec::new()), |pod| Err(format!("pod {} is still ending", name(pod))));
    }
    let set = look.replica_set(deployment).ok_or("its ReplicaSet is not there yet")?;
    for pod in &pods {
        is_ready(pod, set, render)?;
    }
    let (there, available) = (pods.len() as u64, number(deployment, "/status/availableReplicas"));
    if (there, available) != (render.replicas, render.replicas) {
        return Err(format!("{available} of {} pods available, {there} there", render.replicas));
    }
    Ok(pods)
}

/// The data of a `ConfigMap` or Secret, and the Deployment's pods, are what the render has, and nobody added to it.
fn as_planned(there: Option<&Value>, wanted: &Document) -> Result<(), String> {
    let reference = wanted.reference();
    let there = there.ok_or_else(|| format!("{reference} is not there"))?;
    let additions = additions::of(there, &wanted.value);
    if !additions.is_empty() {
        return Err(format!("{reference}: {}", additions::said(&additions)));
    }
    let planned = match wanted.kind.as_str() {
        "ConfigMap" | "Secret" => there.get("data") == wanted.value.get("data"),
        "Deployment" => {
            let same = |pointer: &str| match wanted.value.pointer(pointer) {
                Some(wanted) => there.pointer(pointer).is_some_and(|there| covers(there, wanted)),
                None => true,
            };
            [
                "/spec/replicas",
                "/spec/template/metadata/annotations",
                "/spec/template/spec/containers/0/image",
                "/spec/template/spec/containers/0/envFrom",
                "/spec/template/spec/volumes",
            ]
            .iter()
            .all(|pointer| same(pointer))
        }
        _ => true,
    };
    if planned { Ok(()) } else { Err(format!("{reference} does not hold what was planned")) }
}

/// A pod of the present template, with the planned checksums of configuration and credentials, that is ready.
fn is_ready(pod: &Value, set: &Value, render: &Render) -> Result<(), String> {
    let pod_name = name(pod);
    if !owned_by(pod, uid(set)) || deleted(pod) {
        return Err(format!("pod {pod_name}, an earlier one, is still ending"));
    }
    let deployment = render.documents.iter().find(|document| document.kind == "Deployment" && !document.hook);
    let checksums = deployment.and_then(|it| it.value.pointer("/spec/template/metadata/annotations"));
    if !checksums.is_none_or(|wanted| pod.pointer("/metadata/annotations").is_some_and(|there| covers(there, wanted))) {
        return Err(format!("pod {pod_name} was made with another configuration or other credentials"));
    }
    if !holds(pod, "Ready") {
        let why = condition(pod, "Ready").map_or("", |condition| text(condition, "/message"));
        return Err(format!("pod {pod_name} is not ready: {why}"));
    }
    Ok(())
}

fn same_image(pods: &[&Value], judged: &str, revision: &str) -> Rollout {
    let mut seen =
        vec![format!("the Deployment carries revision {revision}, with the planned configuration and credentials")];
    for pod in pods {
        let id = list(pod, "/status/containerStatuses").first().map_or("", |status| text(status, "/imageID"));
        if digest(id) != digest(judged) || id.is_empty() {
            return Rollout::OtherImage(format!(
                "pod {} runs image {}, and the gate judged {}",
                name(pod),
                digest(id),
                digest(judged)
            ));
        }
        seen.push(format!("pod {} is ready, with the image that the gate judged: {}", name(pod), digest(id)));
    }
    if pods.is_empty() {
        seen.push("no pod runs, since replicaCount is 0".to_owned());
    }
    Rollout::Done(seen)
}

/// `sha256:...` of an image ID, with or without a repository before it.
fn digest(id: &str) -> &str {
    id.rsplit('@').next().unwrap_or(id)
}

#[cfg(test)]
mod tests;
