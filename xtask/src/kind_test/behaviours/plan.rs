//! What `deploy` looks at before it writes anything.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::support::{MISSING, app_pod, everything, four, plain, with_interval, with_missing};
use crate::kind_test::behaviour::{Behaviour, expect, expect_contains};
use crate::kind_test::case::Case;
use crate::kind_test::pod;

pub(super) const BEHAVIOURS: &[Behaviour] = &[
    four(
        "plan-changes-nothing",
        "a dry run shows the difference and what is needed, and changes nothing",
        changes_nothing,
    ),
    four(
        "plan-names-other-managers",
        "what `kubectl set` has changed or added, and a pause, are named with a way out that works",
        other_managers,
    ),
    four(
        "plan-names-weaker-namespace",
        "a namespace that enforces less is raised; others' pods that this would refuse are named",
        weaker,
    ),
];

fn changes_nothing(case: &Case<'_>) -> Result<()> {
    case.deploy(&plain(), &["--apply-setup"])?.done("the first deploy")?;
    let (before, writes) = (everything(case)?, case.front().writes(&case.account)?);
    let planned = case.deploy(&with_missing(), &["--dry-run"])?;
    planned.expect("the dry run", 0, &format!("+ mailbox \"{MISSING}\""))?;
    expect_contains("the difference", &format!("+       screener_mailbox: {MISSING}"), &planned.text)?;
    expect("all objects, by their versions", &before, &everything(case)?)?;
    expect("the writes to the account", &writes, &case.front().writes(&case.account)?)
}

fn other_managers(case: &Case<'_>) -> Result<()> {
    case.deploy(&plain(), &["--apply-setup"])?.done("the first deploy")?;
    let spec = || -> Result<Value> {
        let mut deployment = case.kubectl.get("deployment", "mailroom", &case.namespace)?.context("no Deployment")?;
        Ok(deployment["spec"].take())
    };
    let before = spec()?;
    let image = format!("mailroom={}", case.images().rebuilt);
    let app = "deployment/mailroom";
    let by_hand =
        |words: &[&str]| case.kubectl.run(&[words, &["--namespace", &case.namespace]].concat())?.checked().map(drop);
    // The pause first: a rollout that goes on writes the status, which moves the places in `managedFields` that the way out
    // names, and its `test` then refuses it.
    by_hand(&["rollout", "pause", app])?;
    by_hand(&["set", "image", app, &image])?;
    by_hand(&["set", "env", app, "TZ=UTC"])?;
    let refused = case.deploy(&with_interval(82), &[])?;
    refused.expect("the deploy", 1, "`kubectl-set` set spec.template.spec.containers[mailroom].image")?;
    for added in
        ["`kubectl-rollout` added spec.paused", "`kubectl-set` added spec.template.spec.containers[mailroom].env[TZ]"]
    {
        expect_contains("what was added", added, &refused.text)?;
    }
    let (_, way_out) =
        refused.text.split_once("patch deployment.apps/mailroom --type json -p '").context("no way out")?;
    let patch = way_out.split('\'').next().unwrap_or_default();
    by_hand(&["patch", app, "--type", "json", "--patch", patch])?;
    case.deploy(&with_interval(82), &[])?.done("the deploy after it")?;
    let after = spec()?;
    expect(
        "what the app's container is",
        &before["template"]["spec"]["containers"],
        &after["template"]["spec"]["containers"],
    )?;
    expect("whether it is paused", &Value::Null, &after["paused"])
}

fn weaker(case: &Case<'_>) -> Result<()> {
    case.create_namespace(&case.namespace, &json!({"pod-security.kubernetes.io/enforce": "baseline"}))?;
    let mut other = pod::hardened("of-somebody-else", case.image(), &["sleep", "3600"]);
    other["spec"]["securityContext"] = json!({"runAsUser": 9999});
    case.create(&other)?;
    let planned = case.deploy(&plain(), &["--dry-run"])?;
    planned.expect("the plan", 0, "of-somebody-else")?;
    case.deploy(&plain(), &["--apply-setup"])?.expect("the deploy", 0, "Done")?;
    app_pod(case)?;
    let namespace = case.kubectl.get("namespace", &case.namespace, "")?.unwrap_or_default();
    let enforce = &namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"];
    expect("what the namespace enforces", &json!("restricted"), enforce)
}
