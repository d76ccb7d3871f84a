//! `procMount_restricted`, restricted, since v1.35: as `procMount`, which it overrides, without regard to user namespaces.
//!
//! Restricted field: every container's `securityContext.procMount`.
//! Allowed: unset, `Default`. Before v1.35 the baseline check is as strict, and counts here too.

use super::proc_mount;
use crate::pod_security::Level;
use crate::pod_security::check::{Check, Revision};

pub(in crate::pod_security) const CHECK: Check = Check {
    id: "procMount_restricted",
    level: Level::Restricted,
    revisions: &[Revision::since(35, proc_mount::judge)],
    overrides: &["procMount"],
    fix: "remove procMount",
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::pod_security::testing::{assert_allowed, assert_forbidden, spec};

    #[test]
    fn a_user_namespace_changes_nothing() {
        let pod = |value| {
            let container = json!({"name": "c", "securityContext": {"procMount": value}});
            spec(json!({"hostUsers": false, "ephemeralContainers": [container]}))
        };
        assert_allowed(&CHECK, 35..=37, &pod(json!("Default")));
        assert_allowed(&CHECK, 0..=34, &pod(json!("Unmasked")));
        assert_forbidden(
            &CHECK,
            35..=37,
            &pod(json!("Unmasked")),
            r#"procMount (container "c" must not set securityContext.procMount to "Unmasked")"#,
            &["spec.ephemeralContainers[0].securityContext.procMount"],
        );
    }
}
