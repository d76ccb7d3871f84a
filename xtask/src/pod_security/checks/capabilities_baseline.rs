//! `capabilities_baseline`, baseline, since v1.0: nothing beyond what a container runtime grants by default; not `NET_RAW`.
//!
//! Restricted field: every container's `securityContext.capabilities.add`.
//! Allowed: unset, empty, and the names of [`ALLOWED`], spelled exactly so.

use std::collections::BTreeSet;

use crate::pod_security::check::{Check, Forbidden, Revision};
use crate::pod_security::places::Offenders;
use crate::pod_security::pod::Container;
use crate::pod_security::text::quoted;
use crate::pod_security::{Level, Pod};

pub(in crate::pod_security) const CHECK: Check = Check {
    id: "capabilities_baseline",
    level: Level::Baseline,
    revisions: &[Revision::since(0, judge)],
    overrides: &[],
    fix: "remove the capability from capabilities.add",
};

const ALLOWED: [&str; 13] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

fn judge(pod: &Pod) -> Option<Forbidden> {
    let mut names = BTreeSet::new();
    Offenders::of_containers(&pod.spec, |container| forbidden_additions(container, &ALLOWED, &mut names))
        .forbid("non-default capabilities", |who| must_not_include(who, names))
}

/// The fields that add a capability which is not allowed; their values join the names.
pub(super) fn forbidden_additions<'a>(
    container: &'a Container,
    allowed: &[&str],
    names: &mut BTreeSet<&'a str>,
) -> Vec<String> {
    let added = container.security_context.capabilities.add.iter().map(String::as_str).enumerate();
    let forbidden = added.filter(|(_, name)| !allowed.contains(name)).map(|(index, name)| {
        names.insert(name);
        format!("securityContext.capabilities.add[{index}]")
    });
    forbidden.collect()
}

/// Upstream's words for forbidden additions.
pub(super) fn must_not_include(who: &str, names: BTreeSet<&str>) -> String {
    format!("{who} must not include {} in securityContext.capabilities.add", quoted(names))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::pod_security::testing::{ALWAYS, assert_allowed, assert_forbidden, spec};

    /// Written out once more: a slip in the list above is no slip here.
    const DEFAULT_SET: &str = "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID \
                               SETPCAP SETUID SYS_CHROOT";

    #[test]
    fn the_default_set_is_allowed() {
        let default_set: Vec<&str> = DEFAULT_SET.split(' ').collect();
        for capabilities in
            [json!(null), json!({}), json!({"add": null}), json!({"add": []}), json!({"add": default_set})]
        {
            let container = json!({"securityContext": {"capabilities": capabilities}});
            assert_allowed(&CHECK, ALWAYS, &spec(json!({"containers": [container]})));
        }
    }

    #[test]
    fn dropping_is_not_looked_at() {
        let container = json!({"securityContext": {"capabilities": {"drop": ["all", "SYS_ADMIN"]}}});
        assert_allowed(&CHECK, ALWAYS, &spec(json!({"containers": [container]})));
    }

    #[test]
    fn others_are_listed_once_and_sorted() {
        let adding =
            |name: &str, add: &[&str]| json!({"name": name, "securityContext": {"capabilities": {"add": add}}});
        assert_forbidden(
            &CHECK,
            ALWAYS,
            &spec(json!({
                "initContainers": [adding("i", &["chown", "CHOWN", "NET_RAW"])],
                "containers": [adding("good", &["KILL"]), adding("c", &["ALL", "NET_RAW"])],
                "ephemeralContainers": [adding("e", &["CAP_KILL"])],
            })),
            "non-default capabilities (containers \"i\", \"c\", \"e\" must not include \
             \"ALL\", \"CAP_KILL\", \"NET_RAW\", \"chown\" in securityContext.capabilities.add)",
            &[
                "spec.initContainers[0].securityContext.capabilities.add[0]",
                "spec.initContainers[0].securityContext.capabilities.add[2]",
                "spec.containers[1].securityContext.capabilities.add[0]",
                "spec.containers[1].securityContext.capabilities.add[1]",
                "spec.ephemeralContainers[0].securityContext.capabilities.add[0]",
            ],
        );
    }
}
