//! One look at the namespace: the gate, the rollout, and what the cluster says about them.

use anyhow::Result;
use serde_json::Value;

use crate::deploy::Session;
use crate::deploy::fields::{annotation, name, owned_by, text, uid};

/// By this a Deployment counts its templates, and marks the `ReplicaSet` of each.
const TEMPLATE_NUMBER: &str = "deployment.kubernetes.io/revision";

/// What a look takes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// What a gate consists of.
    Gate,
    /// The rollout as well.
    Release,
}

impl Scope {
    fn resources(self) -> &'static str {
        match self {
            Self::Gate => "jobs.batch,pods,events",
            Self::Release => "jobs.batch,pods,events,deployments.apps,replicasets.apps",
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

    /// The `ReplicaSet` of a Deployment's present template; none until its controller has made or marked it.
    pub(crate) fn replica_set(&self, deployment: &Value) -> Option<&Value> {
        let (owner, number) = (uid(deployment), annotation(deployment, TEMPLATE_NUMBER)?);
        let present = |set: &&Value| owned_by(set, owner) && annotation(set, TEMPLATE_NUMBER) == Some(number);
        self.all("ReplicaSet").find(present)
    }
}
