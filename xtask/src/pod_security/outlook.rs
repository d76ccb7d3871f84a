//! How a verdict changes from one policy version to another.

use std::collections::BTreeSet;
use std::fmt;

use super::check::Judge;
use super::{Level, Pod, Policy, Version, breakpoints, checks_in_force};

/// The verdicts on a set of pods over all versions, from the oldest to the newest; at least one span fails, one passes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// The level that the pods are held to.
    pub level: Level,
    /// Neighbours differ in the verdict.
    pub spans: Vec<Span>,
}

/// Neighbouring versions with one verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first version.
    pub from: Version,
    /// The last version.
    pub to: Version,
    /// The ids of the checks that fail at one of these versions; empty where all pods pass.
    pub failing: Vec<&'static str>,
}

/// The outlook for pods at a level; none where the verdict is the same at every version.
pub fn outlook<'a>(level: Level, pods: impl IntoIterator<Item = &'a Pod>) -> Option<Outlook> {
    let versions = breakpoints();
    let mut failing = vec![BTreeSet::new(); versions.len()];
    let judgements = judgements(level, &versions);
    for pod in pods {
        for Judgement { check, judge, at } in &judgements {
            // What fails already needs no second pod.
            if at.iter().any(|version| !failing[*version].contains(check)) && judge(pod).is_some() {
                for version in at {
                    failing[*version].insert(*check);
                }
            }
        }
    }
    let mut spans: Vec<Span> = Vec::new();
    for (index, (&from, failing)) in versions.iter().zip(failing).enumerate() {
        let to = versions.get(index + 1).map_or(Version::NEWEST, |next| Version::new(next.minor() - 1));
        match spans.last_mut().filter(|span| span.failing.is_empty() == failing.is_empty()) {
            Some(span) => {
                span.to = to;
                let known: BTreeSet<_> = span.failing.drain(..).chain(failing).collect();
                span.failing.extend(known);
            }
            None => spans.push(Span { from, to, failing: failing.into_iter().collect() }),
        }
    }
    (spans.len() > 1).then_some(Outlook { level, spans })
}

/// A revision of a check, and the versions, by number, at which it is in force: it judges a pod once for all of them.
struct Judgement {
    check: &'static str,
    judge: Judge,
    at: Vec<usize>,
}

fn judgements(level: Level, versions: &[Version]) -> Vec<Judgement> {
    let mut judgements: Vec<Judgement> = Vec::new();
    for (number, version) in versions.iter().enumerate() {
        for (check, judge) in checks_in_force(&Policy::new(level, *version)) {
            let same = |it: &&mut Judgement| it.check == check.id && std::ptr::fn_addr_eq(it.judge, judge);
            match judgements.iter_mut().find(same) {
                Some(known) => known.at.push(number),
                None => judgements.push(Judgement { check: check.id, judge, at: vec![number] }),
            }
        }
    }
    judgements
}

/// `restricted passes v1.0 to v1.33, fails v1.34 to v1.37 (hostProbesAndHostLifecycle)`.
impl fmt::Display for Outlook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.level)?;
        for (index, span) in self.spans.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            let verdict = if span.failing.is_empty() { "passes" } else { "fails" };
            write!(f, "{comma} {verdict} {}", span.from)?;
            if span.to != span.from {
                write!(f, " to {}", span.to)?;
            }
            if !span.failing.is_empty() {
                write!(f, " ({})", span.failing.join(", "))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{good_pod, pod};
    use super::*;

    #[test]
    fn a_probe_host_fails_from_v1_34_on() {
        let host = good_pod(json!({"containers": [{"livenessProbe": {"httpGet": {"host": "127.0.0.1"}}}]}));
        let outlook = outlook(Level::Restricted, [&good_pod(json!({})), &host]).unwrap();
        assert_eq!(
            outlook.to_string(),
            "restricted passes v1.0 to v1.33, fails v1.34 to v1.37 (hostProbesAndHostLifecycle)"
        );
    }

    #[test]
    fn a_younger_sysctl_passes_at_the_newest_version_alone() {
        let sysctl = json!({"securityContext": {"sysctls": [{"name": "net.ipv4.tcp_notsent_lowat"}]}});
        let outlook = outlook(Level::Baseline, [&good_pod(sysctl)]).unwrap();
        assert_eq!(outlook.to_string(), "baseline fails v1.0 to v1.36 (sysctls), passes v1.37");
    }

    #[test]
    fn spans_name_every_check_that_fails_in_them() {
        let bare = pod(json!({"spec": {"hostUsers": false, "containers": [{"name": "app", "securityContext": {
            "allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}, "runAsUser": 0,
            "seccompProfile": {"type": "RuntimeDefault"}}}]}}));
        let outlook = outlook(Level::Restricted, [&bare]).unwrap();
        assert_eq!(
            outlook.to_string(),
            "restricted fails v1.0 to v1.34 (runAsNonRoot, runAsUser), passes v1.35 to v1.37"
        );
    }

    #[test]
    fn one_verdict_at_every_version_is_no_outlook() {
        assert_eq!(outlook(Level::Restricted, [&good_pod(json!({}))]), None);
        assert_eq!(outlook(Level::Restricted, [&pod(json!({"spec": {"containers": [{}]}}))]), None);
        assert_eq!(outlook(Level::Restricted, []), None);
    }
}
