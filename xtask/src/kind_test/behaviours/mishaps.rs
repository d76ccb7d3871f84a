//! What goes wrong around a release: something killed, something in the way, something unusual.

use anyhow::Result;
use serde_json::{Value, json};

use super::support::{
    GATE, SOON, Untouched, app_pod, deployed_config, each_once, ended, fault, four, in_gate, no_copies, plain,
    slow_sessions, with_interval,
};
use crate::kind_test::behaviour::{Behaviour, Helms, expect, expect_contains, expect_that};
use crate::kind_test::case::Case;
use crate::kind_test::pod;
use crate::kind_test::wait::Look;
use crate::tools::Major;

pub(super) const BEHAVIOURS: &[Behaviour] = &[
    four("mishap-helm-killed", "after a killed Helm the next deploy explains, and its way out works", helm_killed),
    four(
        "mishap-interrupted-apply",
        "Ctrl-C while the gate creates, and at once the same again: each thing once",
        interrupted,
    ),
    four(
        "mishap-objects-in-the-way",
        "objects of old manifests are named with the way out, and nothing is changed",
        in_the_way,
    ),
    four("mishap-awkward-credentials", "awkward but legal credentials reach the server byte for byte", awkward),
    Behaviour {
        helm: Helms::InTurn,
        ..four("helm4-takes-over", "a release that Helm 3 made goes on under Helm 4", taken_over)
    },
];

fn helm_killed(case: &Case<'_>) -> Result<()> {
    slow_sessions(case, &json!(2), 3000)?;
    let args = case.helm_args(&Case::chart(), &plain(), &["--set", "setup.apply=true"])?;
    let args: Vec<_> = args.iter().map(String::as_str).collect();
    let mut helm = case.helm()?.stream(case.target(), &args, |_, _| {})?;
    in_gate(case, "true")?;
    helm.kill();
    expect_that("what of the gate is there", "its Secret", "none", gates(case, "secrets")? == 1)?;

    let refused = case.deploy(&plain(), &["--apply-setup"])?;
    refused.expect("the next deploy", 1, "release mailroom is pending-install at revision 1, since ")?;
    let way_out = "delete secret sh.helm.release.v1.mailroom.v1";
    expect_contains("the way out", way_out, &refused.text)?;
    expect_contains("the other way out", "uninstall mailroom", &refused.text)?;

    case.kubectl.delete("secret", "sh.helm.release.v1.mailroom.v1", &case.namespace, &[])?;
    case.deploy(&plain(), &["--apply-setup"])?.done("the deploy after it")?;
    each_once(case)?;
    no_copies(case)
}

fn interrupted(case: &Case<'_>) -> Result<()> {
    fault(case, &json!({"on": {"call": "Mailbox/set"}, "skip": 2, "fault": {"kind": "slow", "millis": 3000}}))?;
    let mut deploy = case.start_deploy(&plain(), &["--apply-setup"], |_, _| {})?;
    case.until("the gate to create something", SOON, || {
        let writes = case.front().writes(&case.account)?;
        Ok(if writes.len() > 1 { Look::Done(()) } else { Look::NotYet(format!("{writes:?}")) })
    })?;
    deploy.interrupt();
    expect("how the interrupted deploy ends", &Some(130), &ended(case, &mut deploy)?)?;
    expect("gates that are alive", &0, &alive_gates(case)?)?;
    expect("the app's pods", &0, &case.kubectl.list("pods", &case.namespace, super::support::APP)?.len())?;
    no_copies(case)?;

    case.deploy(&plain(), &["--apply-setup"])?.done("the same again")?;
    each_once(case)
}

fn in_the_way(case: &Case<'_>) -> Result<()> {
    case.make_namespace()?;
    let by_hand = [
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "mailroom-config"},
            "data": {"config.yaml": "by: hand\n"}}),
        case.secret("mailroom-secrets"),
        deployment_by_hand(case),
    ];
    for object in &by_hand {
        case.create(object)?;
    }
    let refused = case.deploy(&plain(), &[])?;
    for (said, way_out) in [
        ("Deployment/mailroom is there and of no release, and its selector", "delete deployment.apps/mailroom"),
        ("ConfigMap/mailroom-config is there and of no release", "delete configmap/mailroom-config"),
        ("Secret/mailroom-secrets is there and of no release", "delete secret/mailroom-secrets"),
    ] {
        refused.expect("what it says of an object", 1, said)?;
        expect_contains("its way out", way_out, &refused.text)?;
    }
    expect("the configuration", &Some("by: hand\n".to_owned()), &deployed_config(case)?)?;
    expect("revisions", &0, &case.kubectl.list("secrets", &case.namespace, "owner=helm")?.len())?;

    for (kind, name) in [("deployment", "mailroom"), ("configmap", "mailroom-config"), ("secret", "mailroom-secrets")] {
        case.kubectl.delete(kind, name, &case.namespace, &[])?;
    }
    case.deploy(&plain(), &["--apply-setup"])?.done("the deploy after the way out")
}

fn deployment_by_hand(case: &Case<'_>) -> Value {
    let mut template = pod::hardened("mailroom", case.image(), &["true"]);
    let labels = json!({"app": "mailroom"});
    template["metadata"] = json!({"labels": labels});
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "mailroom"}, "spec": {
        "replicas": 0, "selector": {"matchLabels": labels},
        "template": {"metadata": template["metadata"], "spec": restartable(&template["spec"])},
    }})
}

/// A Deployment's pods are always restarted.
fn restartable(spec: &Value) -> Value {
    let mut spec = spec.clone();
    spec["restartPolicy"] = "Always".into();
    spec
}

/// The server knows them byte for byte and lets nobody else in, so the gate and the app prove them.
fn awkward(case: &Case<'_>) -> Result<()> {
    let name = format!("{}-own", case.account.name);
    let body = json!({
        "name": name,
        "token": r#"0123'"$(x)`%s\n{{.Values}}~"#,
        "password": "0: \"1e3\"  'x' \\ $HOME %d {{ nil }} # ä€ \u{1F600}",
    });
    let account = serde_json::from_value(case.front().post("/accounts", &body)?)?;
    let own = case.with_account(account);
    own.deploy(&plain(), &["--apply-setup"])?.done("the deploy")?;
    app_pod(&own)?;
    let mailboxes = own.front().names(&own.account, "mailboxes")?;
    expect_that(
        "the account's mailboxes",
        "Feed among them",
        &format!("{mailboxes:?}"),
        mailboxes.contains(&"Feed".into()),
    )
}

fn taken_over(case: &Case<'_>) -> Result<()> {
    case.deploy(&plain(), &["--apply-setup"])?.expect("the deploy by Helm 3", 0, "revision 1")?;
    let before = Untouched::of(case)?;
    let four = case.with_helm(Major::Four);
    four.deploy(&plain(), &[])?.expect("the deploy by Helm 4", 0, "Done         release mailroom, revision 2")?;
    before.still(case)?;
    four.deploy(&with_interval(80), &[])?.expect("a change by Helm 4", 0, "revision 3")?;
    let config = deployed_config(case)?.unwrap_or_default();
    expect_contains("the configuration", "interval: 80", &config)
}

fn alive_gates(case: &Case<'_>) -> Result<usize> {
    let pods = case.kubectl.list("pods", &case.namespace, GATE)?;
    Ok(pods.iter().filter(|pod| pod["status"]["phase"] == "Running").count())
}

fn gates(case: &Case<'_>, kind: &str) -> Result<usize> {
    Ok(case.kubectl.list(kind, &case.namespace, GATE)?.len())
}
