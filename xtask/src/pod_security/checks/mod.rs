//! The controls of the Pod Security Standards, one a file, each with the standard's fields and allowed values.
//!
//! Source: <https://kubernetes.io/docs/concepts/security/pod-security-standards/>, and where that is silent or behind, the
//! library by which the API server judges: `k8s.io/pod-security-admission` v0.37.2, folder `policy`. "Every container" is
//! each of `spec.initContainers`, `spec.containers` and `spec.ephemeralContainers`.

pub(super) mod allow_privilege_escalation;
pub(super) mod app_armor_profile;
pub(super) mod capabilities_baseline;
pub(super) mod capabilities_restricted;
pub(super) mod host_namespaces;
pub(super) mod host_path_volumes;
pub(super) mod host_ports;
pub(super) mod host_probes_and_host_lifecycle;
pub(super) mod privileged;
pub(super) mod proc_mount;
pub(super) mod proc_mount_restricted;
pub(super) mod restricted_volumes;
pub(super) mod run_as_non_root;
pub(super) mod run_as_user;
pub(super) mod se_linux_options;
pub(super) mod seccomp_profile_baseline;
pub(super) mod seccomp_profile_restricted;
pub(super) mod sysctls;
pub(super) mod windows_host_process;

use super::check::Check;

/// All checks in the order of upstream's messages: baseline before restricted, each sorted by the bytes of the id.
pub(super) static CHECKS: [Check; 19] = [
    app_armor_profile::CHECK,
    capabilities_baseline::CHECK,
    host_namespaces::CHECK,
    host_path_volumes::CHECK,
    host_ports::CHECK,
    host_probes_and_host_lifecycle::CHECK,
    privileged::CHECK,
    proc_mount::CHECK,
    se_linux_options::CHECK,
    seccomp_profile_baseline::CHECK,
    sysctls::CHECK,
    windows_host_process::CHECK,
    allow_privilege_escalation::CHECK,
    capabilities_restricted::CHECK,
    proc_mount_restricted::CHECK,
    restricted_volumes::CHECK,
    run_as_non_root::CHECK,
    run_as_user::CHECK,
    seccomp_profile_restricted::CHECK,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pod_security::{Level, Version};

    #[test]
    fn the_list_is_in_the_order_of_upstreams_messages() {
        assert!(CHECKS.is_sorted_by_key(|check| (check.level, check.id)));
        assert!(CHECKS.windows(2).all(|pair| pair[0].id != pair[1].id));
        assert!(CHECKS.iter().all(|check| check.level != Level::Privileged));
    }

    #[test]
    fn revisions_rise_and_end_at_the_newest_version() {
        for check in &CHECKS {
            assert!(!check.revisions.is_empty(), "{}", check.id);
            assert!(check.revisions.is_sorted_by(|a, b| a.since < b.since), "{}", check.id);
        }
        let newest = CHECKS.iter().flat_map(|check| check.revisions).map(|revision| revision.since).max();
        assert_eq!(newest, Some(Version::NEWEST), "a newer revision moves the newest known version");
    }

    #[test]
    fn only_restricted_checks_override_and_only_baseline_ones() {
        for check in &CHECKS {
            assert!(check.overrides.is_empty() || check.level == Level::Restricted, "{}", check.id);
            for overridden in check.overrides {
                let other = CHECKS.iter().find(|other| other.id == *overridden);
                assert!(
                    other.is_some_and(|other| other.level == Level::Baseline),
                    "{} overrides {overridden}",
                    check.id
                );
            }
        }
    }

    #[test]
    fn a_fix_is_one_line_in_the_style_of_errors() {
        for check in &CHECKS {
            let starts_small = check.fix.starts_with(|first: char| first.is_ascii_lowercase());
            assert!(starts_small && !check.fix.contains('\n') && !check.fix.ends_with('.'), "{}", check.fix);
        }
    }
}
