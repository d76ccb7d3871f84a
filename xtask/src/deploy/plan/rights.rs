//! The rights that a deploy needs, asked for in one call before anything is written.

use anyhow::Result;

use crate::deploy::{Document, Mode, Namespace, Presence, Render, Request, Session};
use crate::tools::Major;
use crate::tools::kubectl::Access;

/// What the plan reads of a release and of its objects.
const READ_STORAGE: [&str; 2] = ["get", "list"];
const READ_OBJECTS: [&str; 1] = ["get"];
/// What Helm does with the Secrets in which it keeps a release.
const WRITE_STORAGE: [&str; 3] = ["create", "update", "delete"];
/// What Helm does with an object of the release.
const WRITE_OBJECTS: [&str; 2] = ["create", "patch"];
/// What Helm 4 does besides: its watcher waits for objects of every kind (measured; without them it fails or times out).
const WATCHER: [&str; 2] = ["list", "watch"];
/// What Helm and we do with the gate's objects.
const HOOKS: [&str; 4] = ["get", "create", "patch", "delete"];
/// What the wait for a rollout reads, and what we read to tell why it fails; `(group, resource, subresource, verbs)`.
const ROLLOUT: [(&str, &str, &str, &[&str]); 2] =
    [("apps", "deployments", "", &["get"]), ("apps", "replicasets", "", &["list"])];
/// What we read of the gate and of a pod that does not come up.
const PODS: [(&str, &str, &str, &[&str]); 4] = [
    ("batch", "jobs", "", &["list", "watch"]),
    ("", "pods", "", &["get", "list", "watch"]),
    ("", "pods", "log", &["get"]),
    ("", "events", "", &["list"]),
];

/// The rights that are missing, one sentence each.
///
/// # Errors
/// Exit 3 where the API server cannot be asked.
pub(crate) fn missing(session: &Session, render: &Render, namespace: &Namespace) -> Result<Vec<String>> {
    let needed = needed(&session.request, session.helm.major, &render.documents, namespace);
    let allowed = session.kubectl.may(&needed)?;
    let missing: Vec<&Access> =
        needed.iter().zip(allowed).filter(|(_, allowed)| !allowed).map(|(access, _)| access).collect();
    Ok(sentences(&missing))
}

/// The rights in question, each once.
fn needed(request: &Request, helm: Major, documents: &[Document], facts: &Namespace) -> Vec<Access> {
    let namespace = &request.namespace;
    let releases = request.mode != Mode::GateOnly;
    let mut needed: Vec<Access> = Vec::new();
    let mut add = |group: &str, resource: &str, subresource: &str, verbs: &[&str]| {
        for access in verbs.iter().map(|verb| access(verb, group, resource, subresource, namespace)) {
            if !needed.contains(&access) {
                needed.push(access);
            }
        }
    };
    add("", "secrets", "", &READ_STORAGE);
    if releases {
        add("", "secrets", "", &WRITE_STORAGE);
    }
    for document in documents {
        let (group, resource) = group_resource(document);
        let mut object = |verbs: &[&str]| add(&group, &resource, "", verbs);
        object(if document.hook { &HOOKS } else { &READ_OBJECTS });
        if !document.hook && releases {
            object(&WRITE_OBJECTS);
            object(if helm == Major::Four { &WATCHER } else { &[] });
        }
    }
    let read = PODS.iter().chain(ROLLOUT.iter().filter(|_| releases));
    read.for_each(|(group, resource, subresource, verbs)| add(group, resource, subresource, verbs));
    let whole = |verb: &str, name: &str| Access { name: name.to_owned(), ..access(verb, "", "namespaces", "", "") };
    match facts.presence {
        Presence::Missing => needed.extend([whole("create", ""), whole("patch", namespace)]),
        _ if facts.needs_write() => needed.push(whole("patch", namespace)),
        _ => {}
    }
    needed
}

fn access(verb: &str, group: &str, resource: &str, subresource: &str, namespace: &str) -> Access {
    let [verb, group, resource, subresource, namespace] =
        [verb, group, resource, subresource, namespace].map(str::to_owned);
    Access { verb, group, resource, subresource, namespace, name: String::new() }
}

/// The API group and the plural of an object's kind, as Kubernetes' own kinds form it.
fn group_resource(document: &Document) -> (String, String) {
    let group = document.api_version.split_once('/').map_or("", |(group, _)| group);
    let kind = document.kind.to_lowercase();
    let plural = match kind.as_str() {
        "endpoints" => kind,
        _ if kind.ends_with("ss") => format!("{kind}es"),
        _ if kind.ends_with('y') => format!("{}ies", &kind[..kind.len() - 1]),
        _ => format!("{kind}s"),
    };
    (group.to_owned(), plural)
}

/// One sentence a resource, with its missing verbs in a row.
fn sentences(missing: &[&Access]) -> Vec<String> {
    let mut sentences: Vec<(String, Vec<&str>)> = Vec::new();
    for access in missing {
        let object = object(access);
        match sentences.iter_mut().find(|(known, _)| *known == object) {
            Some((_, verbs)) => verbs.push(&access.verb),
            None => sentences.push((object, vec![&access.verb])),
        }
    }
    sentences.iter().map(|(object, verbs)| format!("you may not {} {object}", verbs.join(", "))).collect()
}

/// `deployments.apps in namespace mailroom`, `pods/log in ...`, `namespace mailroom`.
fn object(access: &Access) -> String {
    let group = if access.group.is_empty() { String::new() } else { format!(".{}", access.group) };
    let subresource = if access.subresource.is_empty() { String::new() } else { format!("/{}", access.subresource) };
    match (access.namespace.as_str(), access.name.as_str()) {
        ("", "") => format!("{}{group}{subresource}", access.resource),
        ("", name) => format!("{}{group}{subresource} {name}, whose labels are to be set", access.resource),
        (namespace, _) => format!("{}{group}{subresource} in namespace {namespace}", access.resource),
    }
}

#[cfg(test)]
mod tests;
