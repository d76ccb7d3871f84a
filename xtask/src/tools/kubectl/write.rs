//! Calls that change the cluster, or ask the API server to judge an object without keeping it.

use std::time::Duration;

use anyhow::Result;

use super::Kubectl;
use super::reason::{Reason, of_stderr};
use crate::tools::Captured;

/// The longest that a deletion may take, finalizers and a pod's grace included.
const DELETION: Duration = Duration::from_secs(180);

impl Kubectl {
    /// Server-side apply of manifests, by stdin; `more` as in `["--dry-run=server"]`. Warnings of the server are on the
    /// answer's stderr.
    ///
    /// # Errors
    /// Exit 3, a [`crate::tools::ToolError`] where the request failed; a conflict is [`Reason::Conflict`].
    pub fn apply(&self, manifests: &str, field_manager: &str, more: &[&str]) -> Result<Captured> {
        let call = self.request(&["apply", "--server-side", "--field-manager", field_manager, "--filename", "-"]);
        call.args(more).stdin(manifests).capture()?.checked()
    }

    /// Creates objects from manifests, by stdin; `more` as in `["--namespace", "x"]`.
    ///
    /// # Errors
    /// As [`Kubectl::apply`].
    pub fn create(&self, manifests: &str, more: &[&str]) -> Result<Captured> {
        self.request(&["create", "--filename", "-"]).args(more).stdin(manifests).capture()?.checked()
    }

    /// Asks the API server for its verdict on manifests, admission included, and keeps nothing; the caller judges.
    /// `more` as in `["--validate=false"]`.
    ///
    /// # Errors
    /// Exit 3 where kubectl cannot be started or takes too long.
    pub fn try_create(&self, manifests: &str, namespace: &str, more: &[&str]) -> Result<Captured> {
        let call = self.request(&["create", "--dry-run=server", "--filename", "-", "--namespace", namespace]);
        call.args(more).stdin(manifests).capture()
    }

    /// Deletes an object; false where there was none. `more` as in `["--wait=false"]`.
    ///
    /// # Errors
    /// As [`Kubectl::apply`].
    pub fn delete(&self, kind: &str, name: &str, namespace: &str, more: &[&str]) -> Result<bool> {
        // No limit for the request: it includes the wait for the object to go.
        let call = self.call(&["delete", kind, name, "--namespace", namespace]).args(more);
        let captured = call.limit(DELETION).capture()?;
        let none = !captured.success() && of_stderr(&captured.stderr) == Reason::NotFound;
        if none { Ok(false) } else { captured.checked().map(|_| true) }
    }
}
