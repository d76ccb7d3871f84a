//! One look at the namespace: the gate, the rollout, and what the cluster says about them.

use anyhow::Result;
use serde_json::Value;

use crate::deploy::Session;
use crate::deploy::fields::{name, owned_by, text, uid};

/// What a Deployment's controller adds to the template of each of its `ReplicaSets`.
const TEMPLATE_HASH: &str = "pod-template-hash";

/// What a look takes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// What a gate consists of.
    Gate,
    /// The rollout as well.
    Release,
}

impl Scope {
    /// In the order in which kubectl asks: of what an event tells, the object comes later, and is there or is gone.
    fn resources(self) -> &'static str {
        match self {
            Self::Gate => "events,jobs.batch,pods",
            Self::Release => "events,jobs.batch,pods,deployments.apps,replicasets.apps",
        }
    }
}

/// The objects of one moment.
#[derive(Debug, Default)]
pub(crate) struct Look {
    items: Vec<Value>,
}

impl Look {
    /// Looks, in one call.
    ///
    /// # Errors
    /// Exit 3 where the API server cannot be asked.
    pub(crate) fn take(session: &Session, scope: Scope) -> Result<Self> {
        let namespace = &session.request.namespace;
        Ok(Self::of(session.kubectl.json(&["get", scope.resources(), "--namespace", namespace])?))
    }

    /// What such an answer holds.
    pub(crate) fn of(mut answer: Value) -> Self {
        match answer.get_mut("items").map(Value::take) {
            Some(Value::Array(items)) => Self { items },
            _ => Self::default(),
        }
    }

    /// All objects of a kind.
    pub(crate) fn all(&self, kind: &str) -> impl Iterator<Item = &Value> {
        self.items.iter().filter(move |item| text(item, "/kind") == kind)
    }

    /// An object by its name.
    pub(crate) fn find(&self, kind: &str, wanted: &str) -> Option<&Value> {
        self.all(kind).find(|item| name(item) == wanted)
    }

    /// The pods that an object made.
    pub(crate) fn pods_of(&self, owner: &Value) -> impl Iterator<Item = &Value> {
        let owner = uid(owner);
        self.all("Pod").filter(move |pod| owned_by(pod, owner))
    }

    /// What the cluster said about an object for this reason, oldest first.
    pub(crate) fn events<'l>(&'l self, about: &Value, reason: &'l str) -> impl Iterator<Item = &'l str> {
        let about = uid(about).to_owned();
        let fits = move |event: &&Value| {
            text(event, "/involvedObject/uid") == about && text(event, "/reason") == reason && !about.is_empty()
        };
        self.all("Event").filter(fits).map(|event| text(event, "/message"))
    }

    /// The UIDs of what the cluster told of by this kind and name, be it still there or not.
    pub(crate) fn told_of<'l>(&'l self, kind: &'l str, wanted: &'l str) -> impl Iterator<Item = &'l str> {
        let about = move |event: &&Value| {
            text(event, "/involvedObject/kind") == kind && text(event, "/involvedObject/name") == wanted
        };
        self.all("Event").filter(about).map(|event| text(event, "/involvedObject/uid"))
    }

    /// The `ReplicaSet` of a Deployment's present template; none until its controller has made it.
    ///
    /// By the template itself, as the controller finds it: the number that it gives to both comes late, with *Recreate* only
    /// once the pods of the template before have ended.
    pub(crate) fn replica_set(&self, deployment: &Value) -> Option<&Value> {
        let (owner, template) = (uid(deployment), deployment.pointer("/spec/template")?);
        self.all("ReplicaSet").find(|set| owned_by(set, owner) && unhashed(set).as_ref() == Some(template))
    }
}

/// The template of a `ReplicaSet` as its Deployment has it.
fn unhashed(set: &Value) -> Option<Value> {
    let mut template = set.pointer("/spec/template")?.clone();
    if let Some(labels) = template.pointer_mut("/metadata/labels").and_then(Value::as_object_mut) {
        labels.remove(TEMPLATE_HASH);
    }
    Some(template)
}
