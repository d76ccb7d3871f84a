//! What a check is: an id, a level, and a rule for each span of policy versions.

use super::{Level, Pod, Version};

/// One control of the standard.
pub(super) struct Check {
    /// Upstream's id.
    pub(super) id: &'static str,
    /// Baseline checks count at both levels, restricted ones at their own.
    pub(super) level: Level,
    /// The rule and its changes, by rising first version.
    pub(super) revisions: &'static [Revision],
    /// The baseline checks that do not count wherever this restricted one does.
    pub(super) overrides: &'static [&'static str],
    /// How to mend a violation.
    pub(super) fix: &'static str,
}

/// The rule of a check from one version on, until its next revision.
pub(super) struct Revision {
    pub(super) since: Version,
    pub(super) judge: Judge,
}

/// A rule: what it forbids in the pod, if anything.
pub(super) type Judge = fn(&Pod) -> Option<Forbidden>;

impl Revision {
    /// The rule in force from `v1.minor` on.
    pub(super) const fn since(minor: u8, judge: Judge) -> Self {
        Self { since: Version::new(minor), judge }
    }
}

impl Check {
    /// The rule in force at a version; none before the check's first one.
    pub(super) fn at(&self, version: Version) -> Option<Judge> {
        self.revisions.iter().rev().find(|revision| revision.since <= version).map(|revision| revision.judge)
    }
}

/// What a check forbids in a pod, in upstream's words.
pub(super) struct Forbidden {
    pub(super) reason: &'static str,
    pub(super) detail: String,
    pub(super) paths: Vec<String>,
}
