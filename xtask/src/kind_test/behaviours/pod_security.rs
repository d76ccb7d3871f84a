//! The golden verdicts, which are those of the API server's own library, held against a live API server.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::kind_test::behaviour::{Behaviour, expect, expect_that};
use crate::kind_test::case::Case;
use crate::manifest::{self, Node};
use crate::parallel;
use crate::pod_security::{self, Level, Origin, Pod, Policy, Version, Violation, breakpoints};

pub(super) const BEHAVIOURS: &[Behaviour] = &[
    Behaviour::new(
        "pod-security-by-check",
        "the namespace refuses a bad pod for each check of *restricted*, in the words of `lint`",
        refused_by_each_check,
    ),
    Behaviour::new(
        "pod-security-as-judged-here",
        "the API server judges the golden pods at each policy version as this program does, word for word",
        judged_as_here,
    ),
];

/// The pods and their verdicts: `tests/pod_security` makes them, and holds this program to them.
const GOLDEN: &str = include_str!("../../../../tests/pod_security/golden.jsonl");
/// kubectl's own validation takes fifteen times as long as the API server's verdict, and is not asked for here.
const UNVALIDATED: &[&str] = &["--validate=false"];
/// Pods in one request of kubectl: below the number after which it slows itself down.
const BATCH: usize = 150;
/// What is not valid is refused before it is judged, as half of the golden pods are: this many at least are judged.
const LEAST_JUDGED: usize = 200;

/// A line of the golden file.
#[derive(Deserialize)]
struct Golden {
    document: Value,
    pods: Vec<BTreeMap<String, Vec<Span>>>,
}

/// A verdict that holds from a minor version on, until the next one's.
#[derive(Deserialize)]
struct Span {
    from: u8,
    allowed: bool,
    #[serde(default)]
    detail: String,
}

/// The API server's verdict: what it says against the pod; none where it would let it in.
type Verdict = Option<String>;

/// Of each check a pod that fails it, and as few others as a valid pod can.
fn refused_by_each_check(case: &Case<'_>) -> Result<()> {
    case.make_namespace()?;
    let policy = Policy::new(Level::Restricted, Version::NEWEST);
    let mut bad = Vec::new();
    for golden in golden_pods()? {
        let pod = without_contradiction(golden.document);
        bad.push((violations(&pod, policy)?, pod));
    }
    bad.sort_by_key(|(violations, _)| violations.len());
    let checks: BTreeSet<_> =
        bad.iter().flat_map(|(violations, _)| violations).map(|violation| violation.check).collect();
    for check in checks {
        let fails = |violations: &[Violation]| violations.iter().any(|violation| violation.check == check);
        let mut refused = false;
        for (violations, pod) in bad.iter().filter(|(violations, _)| fails(violations)) {
            refused = refused_for(case, pod, &pod_security::aggregate_detail(violations))?;
            if refused {
                break;
            }
        }
        expect(&format!("whether a bad pod for {check} is refused in our words"), &true, &refused)?;
    }
    Ok(())
}

/// Without what no pod can be made with, whatever the policy: ephemeral containers, which stand among the others here; a
/// privileged container whose escalation is forbidden; an unmasked `/proc` in the host's user namespace; a host process
/// of Windows beside others, or in a network of its own.
fn without_contradiction(mut pod: Value) -> Value {
    let spec = &mut pod["spec"];
    let ephemeral = spec.as_object_mut().and_then(|spec| spec.remove("ephemeralContainers"));
    let Some(containers) = spec["containers"].as_array_mut() else { return pod };
    for mut container in ephemeral.as_ref().and_then(Value::as_array).into_iter().flatten().cloned() {
        container.as_object_mut().and_then(|container| container.remove("targetContainerName"));
        containers.push(container);
    }
    let (mut unmasked, mut host_process) = (false, false);
    for list in ["containers", "initContainers"] {
        let containers = spec.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten();
        for context in containers.filter_map(|container| container["securityContext"].as_object_mut()) {
            unmasked |= context.get("procMount") == Some(&"Unmasked".into());
            let windows = context.remove("windowsOptions").unwrap_or_default();
            host_process |= windows["hostProcess"] == true;
            if context.get("privileged") == Some(&true.into()) {
                context.remove("allowPrivilegeEscalation");
            }
        }
    }
    if unmasked {
        spec["hostUsers"] = false.into();
    }
    if host_process {
        spec["securityContext"]["windowsOptions"] = json!({"hostProcess": true});
        spec["hostNetwork"] = true.into();
    }
    pod
}

/// Whether the pod was refused with this message; false where the API server finds more wrong with it than a policy.
fn refused_for(case: &Case<'_>, pod: &Value, message: &str) -> Result<bool> {
    let mut pod = pod.clone();
    pod["metadata"]["name"] = "bad".into();
    let answer = case.kubectl.try_create(&pod.to_string(), &case.namespace, UNVALIDATED)?;
    let Some(said) = refusal(&answer.stderr, "violates PodSecurity \"restricted:latest\": ") else {
        expect_that("a bad pod", "not let in", &answer.stdout, !answer.success())?;
        return Ok(false);
    };
    expect("the words of the refusal", message, said)?;
    Ok(true)
}

/// Our own verdict on a Pod, by the way that `lint` takes.
fn violations(document: &Value, policy: Policy) -> Result<Vec<Violation>> {
    let read = manifest::read(document.to_string(), "golden");
    let mut violations = Vec::new();
    for template in read.objects.iter().flat_map(manifest::Object::pods) {
        let pod = template.pod.map(Node::read::<Pod>).transpose()?.unwrap_or_default();
        violations.extend(pod_security::evaluate(&policy, &pod.defaulted(Origin::Pod)));
    }
    Ok(violations)
}

fn judged_as_here(case: &Case<'_>) -> Result<()> {
    let pods = golden_pods()?;
    let all: Vec<&Golden> = pods.iter().collect();
    let [first, others @ ..] = &policies()[..] else { bail!("there is no policy") };
    let valid = at_policy(case, *first, &all)?;
    let enough = format!("{LEAST_JUDGED} or more of {}", all.len());
    expect_that("the pods that are valid", &enough, &valid.len().to_string(), valid.len() >= LEAST_JUDGED)?;
    for (policy, judged) in others.iter().zip(parallel::map(others, |policy| at_policy(case, *policy, &valid))) {
        expect(&format!("the pods judged at {policy}"), &valid.len(), &judged?.len())?;
    }
    Ok(())
}

/// Both levels, at each version at which a check changes.
fn policies() -> Vec<Policy> {
    let levels = |version| [Level::Baseline, Level::Restricted].map(|level| Policy::new(level, version));
    breakpoints().into_iter().flat_map(levels).collect()
}

/// The golden documents that are bare Pods, which alone enforcement is about.
fn golden_pods() -> Result<Vec<Golden>> {
    let lines = GOLDEN.lines().map(|line| serde_json::from_str::<Golden>(line).context("a line of golden.jsonl"));
    Ok(lines.collect::<Result<Vec<_>>>()?.into_iter().filter(|golden| golden.document["kind"] == "Pod").collect())
}

/// Holds the verdicts of a policy against the golden ones; gives the pods that were judged.
fn at_policy<'g>(case: &Case<'_>, policy: Policy, pods: &[&'g Golden]) -> Result<Vec<&'g Golden>> {
    let namespace = make_namespace(case, policy)?;
    let mut judged = Vec::new();
    for batch in pods.chunks(BATCH) {
        let verdicts = ask(case, &namespace, policy, batch)?;
        for (number, golden) in batch.iter().enumerate() {
            let Some(verdict) = verdicts.get(&number) else { continue };
            let here = golden.verdict(policy)?;
            expect(&format!("the verdict at {policy} on {}", golden.document), &here, verdict)?;
            judged.push(*golden);
        }
    }
    case.kubectl.delete("namespace", &namespace, "", &["--wait=false"])?;
    Ok(judged)
}

/// A namespace that enforces the policy, in the request that makes it.
fn make_namespace(case: &Case<'_>, Policy { level, version }: Policy) -> Result<String> {
    let namespace = format!("{}-{level}-{}", case.namespace, version.minor());
    let labels = json!({
        "pod-security.kubernetes.io/enforce": level.as_str(),
        "pod-security.kubernetes.io/enforce-version": version.to_string(),
    });
    case.create_namespace(&namespace, &labels)?;
    Ok(namespace)
}

/// The verdicts on a batch, by the pods' numbers in it; what the API server refuses for another reason is left out.
fn ask(case: &Case<'_>, namespace: &str, policy: Policy, batch: &[&Golden]) -> Result<BTreeMap<usize, Verdict>> {
    let documents = batch.iter().enumerate().map(|(number, golden)| {
        let mut document = golden.document.clone();
        document["metadata"]["name"] = name(number).into();
        document.to_string()
    });
    let answer = case.kubectl.try_create(&documents.collect::<Vec<_>>().join("\n"), namespace, UNVALIDATED)?;
    let mut verdicts = BTreeMap::new();
    for number in 0..batch.len() {
        let name = name(number);
        let refused = format!("pods \"{name}\" is forbidden: violates PodSecurity \"{policy}\": ");
        if answer.stdout.lines().any(|line| line.starts_with(&format!("pod/{name} created"))) {
            verdicts.insert(number, None);
        } else if let Some(said) = refusal(&answer.stderr, &refused) {
            verdicts.insert(number, Some(said.to_owned()));
        }
    }
    ensure!(!verdicts.is_empty(), "no pod of a batch was judged: {}", answer.stderr);
    Ok(verdicts)
}

/// What follows a mark on its line: the detail of a refusal.
fn refusal<'s>(stderr: &'s str, mark: &str) -> Option<&'s str> {
    stderr.split_once(mark).map(|(_, rest)| rest.lines().next().unwrap_or_default())
}

fn name(number: usize) -> String {
    format!("p{number}-end")
}

impl Golden {
    /// What the golden file says at a policy.
    fn verdict(&self, Policy { level, version }: Policy) -> Result<Verdict> {
        let spans = self.pods.first().and_then(|pod| pod.get(level.as_str())).context("a Pod has verdicts")?;
        let span =
            spans.iter().rev().find(|span| Version::new(span.from) <= version).context("a verdict from v1.0 on")?;
        Ok((!span.allowed).then(|| span.detail.clone()))
    }
}
