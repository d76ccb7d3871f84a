//! A gate that cannot run at all: the reason comes within seconds, and nothing is left of it.

use anyhow::Result;
use serde_json::{Value, json};

use super::support::{Untouched, four, plain, with_interval};
use crate::kind_test::behaviour::{Behaviour, expect_contains};
use crate::kind_test::case::Case;

pub(super) const BEHAVIOURS: &[Behaviour] = &[
    four(
        "gate-blocked-by-quota",
        "a quota that leaves no room for the gate's pod is named; what ran still runs",
        by_quota,
    ),
    four("gate-blocked-by-policy", "an admission policy that refuses the gate's pod is named", by_policy_on_pods),
    four("gate-job-refused", "an admission policy that refuses the gate's Job is named", by_policy_on_jobs),
    four("gate-image-unavailable", "an image that cannot be pulled is named", by_image),
];

/// Far above what any of these stories takes: where the reason is not seen early, the story would take as long.
const PATIENCE: &[&str] = &["--timeout", "10m"];

fn by_quota(case: &Case<'_>) -> Result<()> {
    case.install(&plain(), true)?.done("the first install")?;
    let before = Untouched::of(case)?;
    let quota = json!({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "full"},
        "spec": {"hard": {"pods": "1"}}});
    case.create(&quota)?;
    // The gate that has ended does not count; the app's pod does.
    let refused = case.deploy(&with_interval(81), PATIENCE)?;
    refused.expect("the upgrade", 4, "exceeded quota: full")?;
    expect_contains("what runs", "Runs now     revision 1, as before (1 of 1 pods available)", &refused.text)?;
    before.still(case)
}

fn by_policy_on_pods(case: &Case<'_>) -> Result<()> {
    let policy = Policy::new(case, "", "pods")?;
    let refused = case.deploy(&plain(), PATIENCE)?;
    policy.remove()?;
    refused.expect("the install", 4, "not on a Wednesday")?;
    Untouched::nothing(case)
}

fn by_policy_on_jobs(case: &Case<'_>) -> Result<()> {
    let policy = Policy::new(case, "batch", "jobs")?;
    // The plan's own dry run would refuse it before Helm: bare Helm meets it, and deploy says the same earlier.
    let by_helm = case.bare_helm(&Case::chart(), &plain(), &[])?;
    by_helm.expect("the install by Helm", 1, "not on a Wednesday")?;
    let refused = case.deploy(&plain(), PATIENCE)?;
    policy.remove()?;
    refused.expect("the deploy", 1, "not on a Wednesday")
}

fn by_image(case: &Case<'_>) -> Result<()> {
    let values = json!({"config": plain()["config"], "image": {
        "repository": "localhost:1/nobody/mailroom", "tag": "none", "pullPolicy": "IfNotPresent",
    }});
    let refused = case.deploy(&values, PATIENCE)?;
    refused.expect("the install", 4, "cannot start: ")?;
    expect_contains("the image", "localhost:1/nobody/mailroom:none", &refused.text)?;
    Untouched::nothing(case)
}

/// A `ValidatingAdmissionPolicy` against a resource in the behaviour's namespace alone.
struct Policy<'c> {
    case: &'c Case<'c>,
    name: String,
}

impl<'c> Policy<'c> {
    fn new(case: &'c Case<'_>, group: &str, resource: &str) -> Result<Self> {
        case.make_namespace()?;
        let name = case.namespace.clone();
        let own = json!({"matchLabels": {"kubernetes.io/metadata.name": name}});
        let rule =
            json!({"apiGroups": [group], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": [resource]});
        for object in [
            of_admission(
                "ValidatingAdmissionPolicy",
                &name,
                &json!({
                    "matchConstraints": {"resourceRules": [rule]},
                    "validations": [{"expression": "false", "message": "not on a Wednesday"}],
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
        policy.in_force(resource)?;
        Ok(policy)
    }

    /// The API server takes up a new policy after a moment.
    fn in_force(&self, resource: &str) -> Result<()> {
        use crate::kind_test::{pod, wait::Look};
        let pod = pod::hardened("probe", self.case.image(), &["true"]);
        let job = json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "probe"},
            "spec": {"template": {"spec": pod["spec"]}}});
        let probe = if resource == "pods" { pod } else { job };
        self.case.until("the admission policy to be in force", std::time::Duration::from_secs(60), || {
            let answer = self.case.kubectl.try_create(&probe.to_string(), &self.case.namespace)?;
            let refused = answer.stderr.contains("not on a Wednesday");
            Ok(if refused { Look::Done(()) } else { Look::NotYet(answer.stdout) })
        })
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
