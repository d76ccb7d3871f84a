//! The Pod Security Standards, judged as the API server judges them: same verdict, same reason, same detail.
//!
//! The measure is the API server's own library, `k8s.io/pod-security-admission` v0.37.2, for the policy versions v1.0 to
//! v1.37; `tests/pod_security` compares the two. Invariant: no I/O, no global state; a pod in, violations out.

mod check;
mod checks;
mod defaulting;
mod go_quote;
mod level;
mod outlook;
mod places;
mod pod;
mod policy;
#[cfg(test)]
mod testing;
mod text;
mod version;
mod volume;

pub use defaulting::Origin;
pub use level::Level;
pub use outlook::{Outlook, Span, outlook};
pub use pod::Pod;
pub use policy::Policy;
pub use version::Version;

use check::Check;
use checks::CHECKS;

/// A check that a pod does not meet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Upstream's id of the check.
    pub check: &'static str,
    /// What is forbidden, in upstream's words.
    pub reason: &'static str,
    /// Where and by which values, in upstream's words; may be empty.
    pub detail: String,
    /// The offending fields, from the pod on; for a missing field, where it must be set. `spec.hostNetwork`, in order.
    pub paths: Vec<String>,
    /// How to mend it, in one line.
    pub fix: &'static str,
}

impl Violation {
    /// `reason (detail)`, or the reason alone where there is no detail.
    pub fn message(&self) -> String {
        if self.detail.is_empty() { self.reason.to_owned() } else { format!("{} ({})", self.reason, self.detail) }
    }
}

/// The checks that the pod does not meet, in upstream's order.
///
/// The pod is judged as it stands; [`Pod::defaulted`] makes it what the API server would see.
pub fn evaluate(policy: &Policy, pod: &Pod) -> Vec<Violation> {
    let judged = checks_in_force(policy).filter_map(|(check, judge)| {
        let forbidden = judge(pod)?;
        let check::Forbidden { reason, detail, paths } = forbidden;
        Some(Violation { check: check.id, reason, detail, paths, fix: check.fix })
    });
    judged.collect()
}

/// The reasons of all violations in one line, as the API server warns when a namespace is labelled.
pub fn aggregate_reason(violations: &[Violation]) -> String {
    let reasons: Vec<&str> = violations.iter().map(|violation| violation.reason).collect();
    reasons.join(", ")
}

/// The messages of all violations in one line, as the API server refuses a pod.
pub fn aggregate_detail(violations: &[Violation]) -> String {
    let messages: Vec<String> = violations.iter().map(Violation::message).collect();
    messages.join(", ")
}

/// A check as `lint --list` and `lint --explain` show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckInfo {
    /// Upstream's id.
    pub id: &'static str,
    /// The level from which on it counts.
    pub level: Level,
    /// The versions at which it starts or changes.
    pub versions: Vec<Version>,
    /// How to mend a violation.
    pub fix: &'static str,
}

/// Every check, in upstream's order.
pub fn catalogue() -> impl Iterator<Item = CheckInfo> {
    CHECKS.iter().map(|check| CheckInfo {
        id: check.id,
        level: check.level,
        versions: check.revisions.iter().map(|revision| revision.since).collect(),
        fix: check.fix,
    })
}

/// The versions at which the policy changes, from the oldest on: between two of them every verdict stays the same.
pub fn breakpoints() -> Vec<Version> {
    let mut versions: Vec<Version> =
        CHECKS.iter().flat_map(|check| check.revisions).map(|revision| revision.since).collect();
    versions.sort_unstable();
    versions.dedup();
    versions
}

/// The checks of the level and below at the version, less the overridden ones.
///
/// An override counts by version alone: where the restricted check exempts a pod, the baseline one still does not judge it.
fn checks_in_force(policy: &Policy) -> impl Iterator<Item = (&'static Check, check::Judge)> {
    let Policy { level, version } = *policy;
    let in_force = CHECKS.iter().filter(move |check| check.level <= level);
    let in_force = in_force.filter_map(move |check| Some((check, check.at(version)?)));
    let overridden: Vec<&str> = in_force.clone().flat_map(|(check, _)| check.overrides).copied().collect();
    in_force.filter(move |(check, _)| !overridden.contains(&check.id))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::testing::{good_pod, pod};
    use super::*;

    fn ids(policy: &str) -> Vec<&'static str> {
        checks_in_force(&policy.parse().unwrap()).map(|(check, _)| check.id).collect()
    }

    #[test]
    fn the_policy_changes_at_thirteen_versions() {
        let minors: Vec<u8> = breakpoints().into_iter().map(Version::minor).collect();
        assert_eq!(minors, [0, 8, 19, 22, 23, 25, 27, 29, 31, 32, 34, 35, 37]);
    }

    #[test]
    fn privileged_has_no_checks() {
        assert_eq!(ids("privileged:v1.0"), [""; 0]);
        assert_eq!(ids("privileged"), [""; 0]);
    }

    #[test]
    fn baseline_gains_the_probe_hosts_at_v1_34() {
        assert_eq!(ids("baseline:v1.33").len(), 11);
        assert_eq!(ids("baseline:v1.34").len(), 12);
        assert!(!ids("baseline:v1.33").contains(&"hostProbesAndHostLifecycle"));
    }

    #[test]
    fn restricted_takes_the_place_of_what_it_overrides() {
        let counts = ["v1.7", "v1.8", "v1.21", "v1.22", "v1.23", "v1.33", "v1.34", "v1.35", "latest"]
            .map(|version| ids(&format!("restricted:{version}")).len());
        assert_eq!(counts, [12, 13, 13, 13, 14, 14, 15, 15, 15]);
        let newest = [
            "appArmorProfile",
            "hostNamespaces",
            "hostPorts",
            "hostProbesAndHostLifecycle",
            "privileged",
            "seLinuxOptions",
            "sysctls",
            "windowsHostProcess",
            "allowPrivilegeEscalation",
            "capabilities_restricted",
            "procMount_restricted",
            "restrictedVolumes",
            "runAsNonRoot",
            "runAsUser",
            "seccompProfile_restricted",
        ];
        assert_eq!(ids("restricted"), newest);
        assert!(ids("restricted:v1.18").contains(&"seccompProfile_baseline"));
        assert!(!ids("restricted:v1.19").contains(&"seccompProfile_baseline"));
        assert!(ids("restricted:v1.34").contains(&"procMount"));
    }

    /// Where the restricted check exempts a Windows pod, the baseline check that it overrides stays silent too.
    #[test]
    fn an_exempt_pod_is_not_judged_by_the_overridden_check() {
        let windows = good_pod(json!({"os": {"name": "windows"}, "containers": [{"securityContext": {
            "capabilities": {"add": ["SYS_ADMIN"]}, "seccompProfile": {"type": "Unconfined"}}}]}));
        let failing = |policy: &str| -> Vec<_> {
            evaluate(&policy.parse().unwrap(), &windows).iter().map(|violation| violation.check).collect()
        };
        assert_eq!(failing("restricted"), [""; 0]);
        assert_eq!(failing("baseline"), ["capabilities_baseline", "seccompProfile_baseline"]);
        assert_eq!(failing("restricted:v1.24"), ["capabilities_restricted", "seccompProfile_restricted"]);
    }

    #[test]
    fn violations_add_up_to_the_api_servers_sentence() {
        let bare = pod(json!({"spec": {"hostPID": true, "containers": [{"name": "a"}]}}));
        let violations = evaluate(&"baseline".parse().unwrap(), &bare);
        assert_eq!(aggregate_detail(&violations), "host namespaces (hostPID=true)");
        let violations = evaluate(&"restricted:v1.7".parse().unwrap(), &bare);
        assert_eq!(aggregate_reason(&violations), "host namespaces, runAsNonRoot != true");
        assert_eq!(
            aggregate_detail(&violations),
            r#"host namespaces (hostPID=true), runAsNonRoot != true (pod or container "a" must set securityContext.runAsNonRoot=true)"#
        );
        assert_eq!(aggregate_reason(&[]) + &aggregate_detail(&[]), "");
    }

    #[test]
    fn a_message_without_detail_is_the_reason() {
        let violation =
            Violation { check: "sysctls", reason: "forbidden sysctls", detail: String::new(), paths: vec![], fix: "" };
        assert_eq!(violation.message(), "forbidden sysctls");
    }
}
