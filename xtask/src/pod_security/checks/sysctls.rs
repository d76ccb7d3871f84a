//! `sysctls`, baseline, since v1.0: only sysctls that stay within the pod.
//!
//! Restricted field: `spec.securityContext.sysctls[*].name`.
//! Allowed: the names of [`ALLOWED`], each since its version; dots only, the spelling with slashes is not known.

use crate::pod_security::check::{Check, Forbidden, Revision};
use crate::pod_security::{Level, Pod};

pub(in crate::pod_security) const CHECK: Check = Check {
    id: "sysctls",
    level: Level::Baseline,
    revisions: &[
        Revision::since(0, |pod| judge(pod, 0)),
        Revision::since(27, |pod| judge(pod, 27)),
        Revision::since(29, |pod| judge(pod, 29)),
        Revision::since(32, |pod| judge(pod, 32)),
        Revision::since(37, |pod| judge(pod, 37)),
    ],
    overrides: &[],
    fix: "remove the sysctl, or set it on the node",
};

/// The allowed sysctls with the first minor that allows each.
const ALLOWED: &[(u8, &str)] = &[
    (0, "kernel.shm_rmid_forced"),
    (0, "net.ipv4.ip_local_port_range"),
    (0, "net.ipv4.tcp_syncookies"),
    (0, "net.ipv4.ping_group_range"),
    (0, "net.ipv4.ip_unprivileged_port_start"),
    (27, "net.ipv4.ip_local_reserved_ports"),
    (29, "net.ipv4.tcp_keepalive_time"),
    (29, "net.ipv4.tcp_fin_timeout"),
    (29, "net.ipv4.tcp_keepalive_intvl"),
    (29, "net.ipv4.tcp_keepalive_probes"),
    (32, "net.ipv4.tcp_rmem"),
    (32, "net.ipv4.tcp_wmem"),
    (37, "net.ipv4.tcp_slow_start_after_idle"),
    (37, "net.ipv4.tcp_notsent_lowat"),
];

fn judge(pod: &Pod, minor: u8) -> Option<Forbidden> {
    let is_allowed = |name: &str| ALLOWED.iter().any(|&(since, allowed)| since <= minor && allowed == name);
    let sysctls = pod.spec.security_context.sysctls.iter().enumerate();
    let (paths, names): (Vec<String>, Vec<&str>) = sysctls
        .filter(|(_, sysctl)| !is_allowed(&sysctl.name))
        .map(|(index, sysctl)| (format!("spec.securityContext.sysctls[{index}].name"), sysctl.name.as_str()))
        .unzip();
    (!names.is_empty()).then(|| Forbidden { reason: "forbidden sysctls", detail: names.join(", "), paths })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::pod_security::testing::{ALWAYS, assert_allowed, assert_forbidden, spec};

    fn pod(names: &[&str]) -> Pod {
        let sysctls: Vec<_> = names.iter().map(|name| json!({"name": name, "value": "1"})).collect();
        spec(json!({"securityContext": {"sysctls": sysctls}}))
    }

    /// Written out once more: a slip in the list above is no slip here.
    const BY_VERSION: [(u8, &[&str]); 5] = [
        (
            0,
            &[
                "kernel.shm_rmid_forced",
                "net.ipv4.ip_local_port_range",
                "net.ipv4.tcp_syncookies",
                "net.ipv4.ping_group_range",
                "net.ipv4.ip_unprivileged_port_start",
            ],
        ),
        (27, &["net.ipv4.ip_local_reserved_ports"]),
        (
            29,
            &[
                "net.ipv4.tcp_keepalive_time",
                "net.ipv4.tcp_fin_timeout",
                "net.ipv4.tcp_keepalive_intvl",
                "net.ipv4.tcp_keepalive_probes",
            ],
        ),
        (32, &["net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"]),
        (37, &["net.ipv4.tcp_slow_start_after_idle", "net.ipv4.tcp_notsent_lowat"]),
    ];

    #[test]
    fn each_is_allowed_since_its_version_and_forbidden_before() {
        for (since, names) in BY_VERSION {
            for name in names {
                assert_allowed(&CHECK, since..=37, &pod(&[name]));
                let message = format!("forbidden sysctls ({name})");
                let paths = ["spec.securityContext.sysctls[0].name"];
                (0..since).for_each(|minor| assert_forbidden(&CHECK, minor..=minor, &pod(&[name]), &message, &paths));
            }
        }
        let count: usize = BY_VERSION.iter().map(|(_, names)| names.len()).sum();
        assert_eq!(ALLOWED.len(), count, "each allowed sysctl is tested");
    }

    #[test]
    fn others_are_listed_as_written_with_repetitions() {
        assert_forbidden(
            &CHECK,
            ALWAYS,
            &pod(&[
                "net.core.somaxconn",
                "net.ipv4.tcp_syncookies",
                "net/ipv4/tcp_syncookies",
                "",
                "net.core.somaxconn",
            ]),
            "forbidden sysctls (net.core.somaxconn, net/ipv4/tcp_syncookies, , net.core.somaxconn)",
            &[
                "spec.securityContext.sysctls[0].name",
                "spec.securityContext.sysctls[2].name",
                "spec.securityContext.sysctls[3].name",
                "spec.securityContext.sysctls[4].name",
            ],
        );
    }

    #[test]
    fn none_is_allowed() {
        assert_allowed(&CHECK, ALWAYS, &pod(&[]));
        assert_allowed(&CHECK, ALWAYS, &spec(json!({"securityContext": {"sysctls": null}})));
    }
}
