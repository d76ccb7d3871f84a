//! The parts of a lint put together: one line a step, each finding once.

use std::collections::BTreeMap;

use super::{Part, Settings};
use crate::finding::{Finding, Severity};
use crate::pod_security::{Policy, outlook};
use crate::report::{Checked, LintReport, Reported, Step, count};

/// The report of a chart's scenarios.
pub(super) fn of_chart(parts: &[Part], settings: &Settings) -> LintReport {
    let scenarios = count(parts.len(), "scenario");
    let lint = step("helm lint", format!("{scenarios}, Kubernetes {}", settings.kube_version), parts, |p| &p.helm_lint);
    let mut steps = vec![lint, step("helm template", scenarios, parts, |part| &part.failure)];
    steps.extend(judged_steps(parts, settings.policy));
    report(parts, steps, settings.policy, parts.len())
}

/// The report of one render.
pub(super) fn of_render(part: &Part, settings: &Settings) -> LintReport {
    let parts = std::slice::from_ref(part);
    let mut steps = vec![step("helm template", format!("Kubernetes {}", settings.kube_version), parts, |p| &p.failure)];
    steps.extend(judged_steps(parts, settings.policy));
    report(parts, steps, settings.policy, 1)
}

/// The report of rendered manifests.
pub(super) fn of_manifests(parts: &[Part], policy: Policy) -> LintReport {
    report(parts, judged_steps(parts, policy), policy, 0)
}

/// The three steps that need no Helm; none of them where there was nothing to look at, because Helm failed.
fn judged_steps(parts: &[Part], policy: Policy) -> Vec<Step> {
    if parts.iter().all(|part| !part.failure.is_empty()) {
        return Vec::new();
    }
    let Checked { objects, pods, .. } = checked(parts, 0);
    let rules = parts.iter().map(|part| part.judgement.rules_held).max().unwrap_or(0);
    vec![
        step("manifests", count(objects, "object"), parts, |part| &part.judgement.manifests),
        step("pod security", format!("{}, {policy}", count(pods, "pod")), parts, |part| &part.judgement.security),
        step("rules", count(rules, "rule"), parts, |part| &part.judgement.rules),
    ]
}

fn report(parts: &[Part], steps: Vec<Step>, policy: Policy, scenarios: usize) -> LintReport {
    let pods = parts.iter().flat_map(|part| &part.judgement.pods);
    LintReport {
        findings: merged(parts),
        checked: checked(parts, scenarios),
        pod_security: policy.to_string(),
        steps,
        outlook: outlook(policy.level, pods).map(|outlook| outlook.to_string()),
    }
}

fn checked(parts: &[Part], scenarios: usize) -> Checked {
    Checked {
        objects: parts.iter().map(|part| part.judgement.objects).sum(),
        pods: parts.iter().map(|part| part.judgement.pods.len()).sum(),
        scenarios,
    }
}

fn step(name: &'static str, covered: String, parts: &[Part], findings: fn(&Part) -> &Vec<Finding>) -> Step {
    let of = |severity| {
        let mut found: Vec<_> =
            parts.iter().flat_map(findings).filter(|finding| finding.severity == severity).collect();
        found.sort();
        found.dedup();
        found.len()
    };
    Step { name, covered, errors: of(Severity::Error), warnings: of(Severity::Warning) }
}

/// Each finding once, with the scenarios that show it; sorted by place.
fn merged(parts: &[Part]) -> Vec<Reported> {
    let mut merged: BTreeMap<_, Reported> = BTreeMap::new();
    for part in parts {
        for finding in part.findings() {
            let place = (finding.source.clone(), finding.object.clone(), finding.clone());
            let reported =
                merged.entry(place).or_insert_with(|| Reported { finding: finding.clone(), scenarios: Vec::new() });
            if !part.scenario.is_empty() && reported.scenarios.last() != Some(&part.scenario) {
                reported.scenarios.push(part.scenario.clone());
            }
        }
    }
    merged.into_values().collect()
}
