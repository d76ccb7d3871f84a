//! A release's life: what makes a new pod and what does not, one pod at a time, and the end.

use std::time::Duration;

use anyhow::Result;

use super::support::{
    APP, GATE, Untouched, app_pod, app_pod_name, both, deployed_config, four, plain, with_image, with_interval,
};
use super::watching::{PodWatch, most_running};
use crate::kind_test::behaviour::{Behaviour, expect, expect_contains, expect_that};
use crate::kind_test::case::Case;
use crate::kind_test::front::Account;
use crate::kind_test::installing::RELEASE;
use crate::kind_test::wait::Look;
use crate::tools::Mask;

pub(super) const BEHAVIOURS: &[Behaviour] = &[
    four("life-config-change", "a changed configuration makes a new pod, which reads it", config_change),
    four("life-secret-change", "a changed credential makes a new pod, which has it", secret_change),
    four("life-nothing-changed", "a deploy that changes nothing leaves the pod alone", nothing_changed),
    four(
        "life-one-pod-at-a-time",
        "no two pods ever run at once in an upgrade, and the old one ends in good order",
        one_at_a_time,
    ),
    four("life-moved-tag", "where a tag has moved, the Deployment is restarted, once", moved_tag),
    four("life-rollback-by-hand", "after a rollback by hand the next deploy proves itself again", rollback_by_hand),
    both("life-uninstall", "what is uninstalled leaves its last gate Job, with no credential in it", uninstall),
];

/// An idle mailroom ended 60 ms after SIGTERM; its grace is 60 s.
const ENDS: Duration = Duration::from_secs(20);

fn config_change(case: &Case<'_>) -> Result<()> {
    case.install(&plain(), true)?.done("the first install")?;
    let before = app_pod(case)?;
    case.install(&with_interval(77), false)?.done("the upgrade")?;
    let after = app_pod(case)?;
    expect_that("the UID of the pod", "another one", &after, after != before)?;
    let config = in_pod(case, "cat /app/config.yaml")?;
    expect_contains("the configuration in the pod", "interval: 77", &config)
}

fn secret_change(case: &Case<'_>) -> Result<()> {
    case.install(&plain(), true)?.done("the first install")?;
    let before = app_pod(case)?;
    let other = case.with_account(case.testbed().create_account(&format!("{}-other", case.account.name))?);
    other.install(&plain(), true)?.done("the upgrade with another account")?;
    let after = app_pod(case)?;
    expect_that("the UID of the pod", "another one", &after, after != before)?;
    // Compared where it is: the value itself leaves the pod nowhere.
    let equal = format!("test \"$MAILROOM_JMAP_TOKEN\" = \"token-{}-other\" && echo equal", case.account.name);
    expect("the token in the pod and the new one", "equal\n", &in_pod(case, &equal)?)
}

fn nothing_changed(case: &Case<'_>) -> Result<()> {
    case.install(&plain(), true)?.done("the first install")?;
    let before = Untouched::of(case)?;
    case.install(&plain(), false)?.done("the same again")?;
    before.still(case)
}

fn one_at_a_time(case: &Case<'_>) -> Result<()> {
    case.install(&plain(), true)?.done("the first install")?;
    let old = app_pod(case)?;
    let watch = PodWatch::begin(case)?;
    case.install(&with_interval(78), false)?.done("the upgrade")?;
    watch.until(case, "the old pod to end", ENDS, |changes| {
        changes.iter().any(|change| change.uid == old && change.exit.is_some())
    })?;
    let changes = watch.end();
    expect("pods that ran at once", &1, &most_running(&changes))?;
    let ended = changes.iter().find_map(|change| change.exit.filter(|_| change.uid == old));
    expect("the exit status of the old pod, which SIGTERM has reached", &Some(0), &ended)
}

fn moved_tag(case: &Case<'_>) -> Result<()> {
    let images = case.images();
    let tag = format!("mailroom-kind-test/moving:{}", case.namespace);
    let values = with_image(plain(), &tag);
    case.testbed().cluster.tag(case.testbed().run, &images.app, &tag)?;
    case.deploy(&values, &["--apply-setup"])?.done("the first deploy")?;
    let before = app_pod(case)?;

    case.testbed().cluster.tag(case.testbed().run, &images.rebuilt, &tag)?;
    let moved = case.deploy(&values, &[])?;
    moved.expect("the deploy with the moved tag", 0, "the Deployment is restarted once")?;
    let after = app_pod(case)?;
    expect_that("the UID of the pod", "another one", &after, after != before)?;
    let sets = case.kubectl.list("replicasets", &case.namespace, APP)?.len();
    expect("ReplicaSets, one more for one restart", &2, &sets)?;

    let again = case.deploy(&values, &[])?;
    again.done("the deploy after it")?;
    let restarted = again.text.contains("restarted once");
    expect_that("the deploy after it", "no restart", &again.text, !restarted)
}

fn rollback_by_hand(case: &Case<'_>) -> Result<()> {
    case.deploy(&plain(), &["--apply-setup"])?.done("the first deploy")?;
    case.deploy(&with_interval(79), &[])?.done("the second")?;
    let rolled = ["rollback", RELEASE, "1", "--namespace", &case.namespace, "--wait", "--timeout", "2m"];
    case.helm()?.run(case.target(), &rolled)?.checked()?;
    let config = deployed_config(case)?.unwrap_or_default();
    expect_contains("the configuration after the rollback", "interval: 60", &config)?;

    case.deploy(&with_interval(79), &[])?.expect(
        "the deploy after it",
        0,
        "Done         release mailroom, revision 4",
    )?;
    let config = deployed_config(case)?.unwrap_or_default();
    expect_contains("the configuration after the deploy", "interval: 79", &config)
}

fn uninstall(case: &Case<'_>) -> Result<()> {
    case.install(&plain(), true)?.done("the first install")?;
    let uninstalled = ["uninstall", RELEASE, "--namespace", &case.namespace, "--wait", "--timeout", "2m"];
    case.helm()?.run(case.target(), &uninstalled)?.checked()?;
    case.until("the app's pod to be gone", ENDS, || {
        let pods = case.kubectl.list("pods", &case.namespace, APP)?;
        Ok(if pods.is_empty() { Look::Done(()) } else { Look::NotYet(format!("{} pods", pods.len())) })
    })?;
    let all = "deployments,replicasets,jobs,pods,secrets,configmaps,services,serviceaccounts,roles,rolebindings";
    let left = case.kubectl.list(all, &case.namespace, "")?;
    let mut names: Vec<_> = left.iter().map(|object| format!("{}/{}", text(object, "kind"), named(object))).collect();
    names.retain(|name| !["ConfigMap/kube-root-ca.crt", "ServiceAccount/default"].contains(&name.as_str()));
    let gates = case.kubectl.list("pods", &case.namespace, GATE)?;
    let pods = gates.iter().map(|pod| format!("Pod/{}", named(pod)));
    let expected: Vec<_> = ["Job/mailroom-gate".to_owned()].into_iter().chain(pods).collect();
    names.sort();
    expect("what is left", &expected, &names)?;
    let Account { token, password, .. } = &case.account;
    let shown = serde_json::to_string(&left)?;
    let hidden = Mask::new([token, password]).hide(&shown) == shown;
    expect("whether a credential is in it", &true, &hidden)
}

fn text<'v>(object: &'v serde_json::Value, key: &str) -> &'v str {
    object[key].as_str().unwrap_or_default()
}

fn named(object: &serde_json::Value) -> &str {
    text(&object["metadata"], "name")
}

/// What a command prints in the app's container.
fn in_pod(case: &Case<'_>, command: &str) -> Result<String> {
    let pod = app_pod_name(case)?;
    Ok(case.kubectl.exec(&pod, "mailroom", &case.namespace, &["sh", "-c", command])?.checked()?.stdout)
}
