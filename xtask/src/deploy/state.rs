//! What the cluster said before anything was written.

use super::Document;

/// What the cluster said.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// The server's version, as in `v1.37.2`.
    pub server_version: String,
    /// The namespace.
    pub namespace: NamespaceFacts,
    /// The release.
    pub release: Release,
    /// The Deployment as it runs now; none where there is none.
    pub live: Option<Live>,
    /// Optional reads that were forbidden, and what is therefore not known; one sentence each.
    pub unknown: Vec<String>,
}

/// Whether something could be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Access {
    /// It was read.
    #[default]
    Read,
    /// The user may not read it.
    Forbidden,
}

/// The namespace.
#[derive(Clone, Debug, Default)]
pub struct NamespaceFacts {
    /// Whether it could be read at all; where not, nothing else here is known.
    pub access: Access,
    /// Whether it exists.
    pub exists: bool,
    /// Whether all three labels (enforce, warn, audit) are `restricted` already: then no write is needed.
    pub labelled: bool,
    /// Whether it must be written: made, or its labels raised.
    pub write: bool,
}

/// The release, as Helm's storage has it.
#[derive(Clone, Debug, Default)]
pub struct Release {
    /// The newest revision, whatever became of it; none before the first install.
    pub newest: Option<ReleaseState>,
    /// All stored revisions, oldest first.
    pub stored: Vec<Stored>,
}

/// A revision and Helm's word for its end, which does not prove what runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseState {
    /// The number.
    pub revision: u64,
    /// As in `deployed`, `failed`, `pending-upgrade`.
    pub status: String,
    /// When it was written, as Helm says it.
    pub updated: String,
}

/// A stored revision with its manifest.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Number, status, time.
    pub state: ReleaseState,
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
    /// The image of its container.
    pub image: String,
}

impl State {
    /// The newest stored revision whose manifest carries the live Deployment's stamp: what really runs, and the only
    /// revision that a rollback may go to.
    pub fn running(&self) -> Option<&Stored> {
        let stamp = self.live.as_ref()?.stamp.as_ref()?;
        self.release.stored.iter().rev().find(|stored| stored.stamp.as_ref() == Some(stamp))
    }

    /// The revision that the next Helm run makes.
    pub fn next_revision(&self) -> u64 {
        self.release.newest.as_ref().map_or(1, |newest| newest.revision + 1)
    }
}
