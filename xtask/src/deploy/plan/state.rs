//! What the cluster said before anything was written.

use crate::deploy::Document;
use crate::tools::Revision;

/// What the cluster said.
#[derive(Clone, Debug)]
pub struct State {
    /// The namespace.
    pub namespace: Namespace,
    /// The rights that are missing, one sentence each; where there are any, what needs them is not known.
    pub missing_rights: Vec<String>,
    /// All stored revisions of the release, oldest first; none before the first install.
    pub revisions: Vec<Revision>,
    /// Those whose manifests were read, oldest first: back to the one that runs.
    pub stored: Vec<Stored>,
    /// The Deployment as it runs now; none where there is none.
    pub live: Option<Live>,
    /// What the objects that are there, and a server-side dry run of those that are to come, speak against or warn of.
    pub objects: Verdict,
    /// Optional reads that were forbidden, and what is therefore not known; one sentence each.
    pub unknown: Vec<String>,
}

/// What speaks against a deploy, and what should be looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Reasons to write nothing, each with its way out.
    pub refusals: Vec<String>,
    /// What is only said.
    pub warnings: Vec<String>,
}

/// The namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Namespace {
    /// What is there.
    pub presence: Presence,
    /// The three labels with other values than `restricted`, as `(label, value or "not set", manager of the field)`.
    pub labels_to_raise: Vec<(String, String, Option<String>)>,
    /// Pods of others in it that *restricted* would refuse, as `name (reason)`: they run on, their successors do not.
    pub refused_pods: Vec<String>,
    /// `pod-security.kubernetes.io/enforce-version` where it pins an older policy than the newest.
    pub pinned_version: Option<String>,
}

/// Whether the namespace is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Presence {
    /// There is none of that name.
    #[default]
    Missing,
    /// It is there.
    Active,
    /// It is being deleted.
    Terminating,
    /// The user may not read it.
    Unreadable,
}

/// A stored revision with its manifest.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Number, status, time: Helm's words, which do not prove what ran.
    pub revision: Revision,
    /// The stamp on its Deployment: a rollback copies the manifest, so it may be an earlier revision's number.
    pub stamp: Option<String>,
    /// Its objects, without hooks; Secrets hold their values, so never print these as they are.
    pub documents: Vec<Document>,
}

/// The Deployment as it runs now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Live {
    /// `metadata.uid`.
    pub uid: String,
    /// `metadata.generation`.
    pub generation: u64,
    /// The stamp on its metadata: the revision that runs.
    pub stamp: Option<String>,
    /// `spec.replicas`.
    pub replicas: u64,
    /// `status.readyReplicas`.
    pub ready: u64,
    /// The image of its container.
    pub image: String,
}

impl Namespace {
    /// Whether it must be written before Helm runs: made, or its labels raised.
    pub fn needs_write(&self) -> bool {
        self.presence == Presence::Missing || !self.labels_to_raise.is_empty()
    }
}

impl State {
    /// The newest stored revision whose manifest carries the live Deployment's stamp: what really runs, and the only
    /// revision that a rollback may go to.
    pub fn running(&self) -> Option<&Stored> {
        let stamp = self.live.as_ref()?.stamp.as_ref()?;
        self.stored.iter().rev().find(|stored| stored.stamp.as_ref() == Some(stamp))
    }

    /// The newest revision, whatever became of it.
    pub fn newest(&self) -> Option<&Revision> {
        self.revisions.last()
    }

    /// The revision that the next Helm run makes.
    pub fn next_revision(&self) -> u32 {
        self.newest().map_or(1, |newest| newest.revision + 1)
    }
}
