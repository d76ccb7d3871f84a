//! The app in a pod, without the chart: that the testbed is what the other behaviours take it for.

use anyhow::Result;
use serde_json::json;

use crate::kind_test::behaviour::{Behaviour, expect, expect_that};
use crate::kind_test::case::Case;
use crate::kind_test::pod;

pub(super) const BEHAVIOURS: &[Behaviour] = &[Behaviour::new(
    "setup-reports-account",
    "`mailroom setup` in a pod reports what the account holds, and writes nothing",
    setup_reports_account,
)];

fn setup_reports_account(case: &Case<'_>) -> Result<()> {
    case.make_namespace()?;
    case.create(&case.secret("credentials"))?;

    let mut pod = pod::hardened("setup", case.image(), &["mailroom", "setup"]);
    let container = &mut pod["spec"]["containers"][0];
    container["envFrom"] = json!([{"secretRef": {"name": "credentials"}}]);
    container["env"] = json!([{"name": "MAILROOM_CONFIG", "value": "/config/config.yaml"}]);
    container["volumeMounts"] = json!([{"name": "config", "mountPath": "/config"}]);
    pod["spec"]["volumes"] = json!([{"name": "config", "configMap": {"name": "config"}}]);
    case.create(&json!({
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "config"},
        "data": {"config.yaml": "triage:\n  categories:\n    - name: Feed\n"},
    }))?;
    case.create(&pod)?;

    let phase = case.pod_ended("setup")?;
    let report = case.kubectl.logs("setup", pod::CONTAINER, &case.namespace, &[])?.checked()?.stdout;
    expect_that("how setup ends", "Succeeded", &format!("{phase}\n{report}"), phase == "Succeeded")?;
    // One category: its mailbox, its label and its group; the screener, both @ labels and the provenance group. An
    // account has its inbox from the start.
    expect("the last line of its report", &Some("7 to create · 1 existing"), &report.lines().last())?;

    expect("the account's mailboxes", &vec!["Inbox".to_owned()], &case.front().names(&case.account, "mailboxes")?)?;
    let requests = case.front().list(&case.account, "requests")?.len();
    expect_that("the requests it made", "some", &requests.to_string(), requests > 0)?;
    expect("its writes", &Vec::<String>::new(), &case.front().writes(&case.account)?)
}
