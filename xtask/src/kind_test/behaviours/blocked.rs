//! A gate that cannot run at all: the reason comes within seconds, and nothing is left of it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};

use super::support::{Untouched, ended, four, plain, with_interval};
use crate::kind_test::behaviour::{Behaviour, expect, expect_contains, expect_that};
use crate::kind_test::case::Case;
use crate::kind_test::installing::Installed;
use crate::kind_test::pod;
use crate::kind_test::wait::Look;

pub(super) const BEHAVIOURS: &[Behaviour] = &[
    four(
        "gate-blocked-by-quota",
        "a quota that leaves no room for the gate's pod is named; what ran still runs",
        by_quota,
    ),
    four("gate-blocked-at-first-install", "the same at a first install, of which nothing is left", by_quota_at_first),
    four("gate-blocked-by-policy", "an admission policy that refuses the gate's pod is named", by_policy_on_pods),
    four("gate-job-refused", "an admission policy that refuses the gate's Job is named", by_policy_on_jobs),
    four(
        "gate-job-refused-late",
        "a Job that is refused only when it is made is named, and no credentials are left",
        by_policy_that_the_plan_passes,
    ),
    four(
        "gate-unschedulable",
        "that no node has room for the gate is named at once; deploy waits for it, and leaves nothing at SIGTERM",
        unschedulable,
    ),
    four("gate-image-unavailable", "an image that cannot be pulled is named", by_image),
];

/// Far above what any of these stories takes: where the reason is not seen early, the story would take as long.
const PATIENCE: &[&str] = &["--timeout", "10m"];
/// A quota counts, and a policy is in force, a second or two after it was made.
const SOON: Duration = Duration::from_secs(60);
/// A node that gets room has a pod that waits for it within seconds: so long deploy must wait at least, and has looked
/// several times.
const WAITS: Duration = Duration::from_secs(5);
/// The rules of a policy: nothing may be made; nothing but in a dry run, as the plan's.
const ALWAYS: &str = "false";
const UNLESS_TRIED: &str = "request.dryRun";

fn by_quota(case: &Case<'_>) -> Result<()> {
    case.install(&plain(), true)?.done("the first install")?;
    let before = Untouched::of(case)?;
    quota(case, "1")?;
    // The gate that has ended does not count; the app's pod does.
    let refused = case.deploy(&with_interval(81), PATIENCE)?;
    refused.expect("the upgrade", 4, "exceeded quota: full")?;
    expect_contains("what runs", "Runs now     revision 1, as before (1 of 1 pods available)", &refused.text)?;
    before.still(case)
}

fn by_quota_at_first(case: &Case<'_>) -> Result<()> {
    case.make_namespace()?;
    quota(case, "0")?;
    let refused = case.deploy(&plain(), PATIENCE)?;
    refused.expect("the install", 4, "exceeded quota: full")?;
    nothing_ran(case, &refused)
}

/// Makes a quota of so many pods, and waits until it counts.
fn quota(case: &Case<'_>, pods: &str) -> Result<()> {
    case.create(&json!({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "full"},
        "spec": {"hard": {"pods": pods}}}))?;
    case.until("the quota to count", SOON, || {
        let status = case.kubectl.get("resourcequota", "full", &case.namespace)?.unwrap_or_default()["status"].take();
        Ok(if status["used"]["pods"].is_string() { Look::Done(()) } else { Look::NotYet(status.to_string()) })
    })
}

/// The page says that nothing runs, and so it is.
fn nothing_ran(case: &Case<'_>, refused: &Installed) -> Result<()> {
    expect_contains("what runs", "Runs now     nothing, as before", &refused.text)?;
    Untouched::nothing(case)
}

fn by_policy_on_pods(case: &Case<'_>) -> Result<()> {
    let policy = Policy::new(case, "pods", ALWAYS)?;
    let refused = case.deploy(&plain(), PATIENCE)?;
    policy.remove()?;
    refused.expect("the install", 4, "not on a Wednesday")?;
    nothing_ran(case, &refused)
}

fn by_policy_on_jobs(case: &Case<'_>) -> Result<()> {
    let policy = Policy::new(case, "jobs", ALWAYS)?;
    // The plan's own dry run would refuse it before Helm: bare Helm meets it, and deploy says the same earlier.
    let by_helm = case.bare_helm(&Case::chart(), &plain(), &[])?;
    by_helm.expect("the install by Helm", 1, "not on a Wednesday")?;
    let refused = case.deploy(&plain(), PATIENCE)?;
    policy.remove()?;
    refused.expect("the deploy", 1, "not on a Wednesday")
}

fn by_policy_that_the_plan_passes(case: &Case<'_>) -> Result<()> {
    let policy = Policy::new(case, "jobs", UNLESS_TRIED)?;
    let refused = case.deploy(&plain(), PATIENCE)?;
    policy.remove()?;
    refused.expect("the install", 4, "not on a Wednesday")?;
    // Helm removes what its hooks made where one of them fails, but not where one cannot be made.
    expect_contains(
        "what was cleared up",
        "Secret/mailroom-gate, which Helm had left behind, was removed",
        &refused.text,
    )?;
    nothing_ran(case, &refused)
}

/// The gate has the app's resources, so a pod that no node takes is the gate's already.
fn unschedulable(case: &Case<'_>) -> Result<()> {
    let mut values = plain();
    values["resources"] = json!({"requests": {"memory": "1Pi"}, "limits": {"memory": "1Pi"}});
    let said = Arc::new(Mutex::new(String::new()));
    let lines = Arc::clone(&said);
    let mut deploy = case.start_deploy(&values, PATIENCE, move |_, line| {
        let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
        *lines = format!("{lines}{line}\n");
    })?;
    case.until("deploy to say that no node takes the gate's pod", SOON, || {
        let said = said.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let reason = said.contains("no node takes pod mailroom-gate") && said.contains("Insufficient memory");
        Ok(if reason { Look::Done(()) } else { Look::NotYet(said) })
    })?;
    let early = deploy.wait(WAITS)?.is_some();
    let said = said.lock().unwrap_or_else(PoisonError::into_inner).clone();
    expect_that("whether deploy waits for room", "it does", &said, !early)?;
    deploy.terminate();
    expect("how the deploy ends at SIGTERM", &Some(130), &ended(case, &mut deploy)?)?;
    let left = case.kubectl.list("jobs.batch,pods", &case.namespace, "")?;
    expect("gates that would run once there is room", &0, &left.len())?;
    Untouched::nothing(case)
}

fn by_image(case: &Case<'_>) -> Result<()> {
    let values = json!({"config": plain()["config"], "image": {
        "repository": "localhost:1/nobody/mailroom", "tag": "none", "pullPolicy": "IfNotPresent",
    }});
    let refused = case.deploy(&values, PATIENCE)?;
    refused.expect("the install", 4, "cannot start: ")?;
    expect_contains("the image", "localhost:1/nobody/mailroom:none", &refused.text)?;
    nothing_ran(case, &refused)
}

/// A `ValidatingAdmissionPolicy` against a resource in the behaviour's namespace alone.
struct Policy<'c> {
    case: &'c Case<'c>,
    name: String,
}

impl<'c> Policy<'c> {
    /// Makes it with a rule for what may be made, and waits until it is in force.
    fn new(case: &'c Case<'_>, resource: &str, rule: &str) -> Result<Self> {
        case.make_namespace()?;
        let name = case.namespace.clone();
        let own = json!({"matchLabels": {"kubernetes.io/metadata.name": name}});
        let group = if resource == "jobs" { "batch" } else { "" };
        let resources =
            json!({"apiGroups": [group], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": [resource]});
        for object in [
            of_admission(
                "ValidatingAdmissionPolicy",
                &name,
                &json!({
                    "matchConstraints": {"resourceRules": [resources]},
                    "validations": [{"expression": rule, "message": "not on a Wednesday"}],
                }),
            ),
            of_admission(
                "ValidatingAdmissionPolicyBinding",
                &name,
                &json!({
                    "policyName": name, "validationActions": ["Deny"], "matchResources": {"namespaceSelector": own},
                }),
            ),
        ] {
            case.create(&object)?;
        }
        let policy = Policy { case, name };
        policy.in_force(resource, rule)?;
        Ok(policy)
    }

    /// The API server takes up a new policy after a moment.
    fn in_force(&self, resource: &str, rule: &str) -> Result<()> {
        let pod = pod::hardened("probe", self.case.image(), &["true"]);
        let job = json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "probe"},
            "spec": {"template": {"spec": pod["spec"]}}});
        let probe = if resource == "pods" { pod } else { job };
        self.case.until("the admission policy to be in force", SOON, || {
            // A real request where the policy lets a dry run pass; what it makes too early goes at once.
            let answer = if rule == ALWAYS {
                self.case.kubectl.try_create(&probe.to_string(), &self.case.namespace, &[])?.stderr
            } else {
                self.made_and_deleted(resource, &probe)?
            };
            Ok(if answer.contains("not on a Wednesday") { Look::Done(()) } else { Look::NotYet(answer) })
        })
    }

    /// Makes the probe and deletes it again; gives the reason where it was refused.
    fn made_and_deleted(&self, resource: &str, probe: &Value) -> Result<String> {
        if let Err(refusal) = self.case.create(probe) {
            return Ok(format!("{refusal:#}"));
        }
        self.case.kubectl.delete(resource, "probe", &self.case.namespace, &["--cascade=foreground"])?;
        Ok("the probe was made".to_owned())
    }

    /// It belongs to no namespace, so it does not go with the behaviour's.
    fn remove(&self) -> Result<()> {
        for kind in ["validatingadmissionpolicybinding", "validatingadmissionpolicy"] {
            self.case.kubectl.delete(kind, &self.name, "", &[])?;
        }
        Ok(())
    }
}

fn of_admission(kind: &str, name: &str, spec: &Value) -> Value {
    json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": kind, "metadata": {"name": name}, "spec": spec})
}
