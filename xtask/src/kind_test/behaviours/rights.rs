//! `xtask deploy` by somebody who may act in one namespace only.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::support::{Untouched, both, everything, plain, with_interval};
use crate::deploy::namespace_labels;
use crate::kind_test::behaviour::{Behaviour, expect, expect_contains};
use crate::kind_test::case::Case;
use crate::kind_test::wait::Look;

pub(super) const BEHAVIOURS: &[Behaviour] = &[both(
    "deploy-by-user-of-one-namespace",
    "whoever has rights in one namespace only can deploy; a right that is missing is named, and nothing is written",
    by_user_of_one_namespace,
)];

/// The user's name, and that of the Role.
const USER: &str = "deployer";
/// What a deploy needs, to the letter: API group, resource, verbs. README tells it in words.
const NEEDED: [(&str, &str, &[&str]); 8] = [
    ("", "secrets", &["get", "list", "watch", "create", "update", "patch", "delete"]),
    ("", "configmaps", &["get", "list", "watch", "create", "patch", "delete"]),
    ("apps", "deployments", &["get", "list", "watch", "create", "patch"]),
    ("batch", "jobs", &["get", "list", "watch", "create", "patch", "delete"]),
    ("apps", "replicasets", &["list"]),
    ("", "pods", &["get", "list", "watch"]),
    ("", "pods/log", &["get"]),
    ("", "events", &["list"]),
];
/// The API server's authorizer takes up a Role well within a second.
const SOON: Duration = Duration::from_secs(30);

fn by_user_of_one_namespace(case: &Case<'_>) -> Result<()> {
    case.create_namespace(&case.namespace, &namespace_labels().into())?;
    grant(case, |_, _| true)?;
    let user = user(case)?;
    is_not_remembered(&user)?;
    deploys(&user)?;
    without_a_right(&user)
}

/// The cluster could not be proved to be the same one later.
fn is_not_remembered(user: &Case<'_>) -> Result<()> {
    // Not the workspace's own file, should it be written after all.
    let file = user.private().join(format!("{}-remembered", user.namespace));
    let vars = [("XTASK_DEPLOY_TARGET", &*file.display().to_string())];
    let refused = user.deploy_with(&vars, &plain(), &["--apply-setup", "--remember"])?;
    let why = "--remember needs to read the namespace kube-system";
    refused.expect("the deploy that is to be remembered", 1, why)?;
    expect_contains("how many reasons", "the plan is refused: 1 reason", &refused.text)?;
    expect("whether the cluster is remembered", &false, &file.exists())?;
    Untouched::nothing(user)
}

fn deploys(user: &Case<'_>) -> Result<()> {
    let done = user.deploy(&plain(), &["--apply-setup"])?;
    done.expect("the first deploy", 0, "Done         release mailroom, revision 1")?;
    for unread in ["the namespace kube-system", &format!("namespace {}", user.namespace)] {
        expect_contains("what its plan does not know", &format!("you may not read {unread}"), &done.text)?;
    }
    let done = user.deploy(&with_interval(81), &[])?;
    done.expect("the upgrade", 0, "Done         release mailroom, revision 2")
}

fn without_a_right(user: &Case<'_>) -> Result<()> {
    grant(user, |resource, verb| (resource, verb) != ("jobs", "delete"))?;
    let before = everything(user)?;
    let refused = user.deploy(&with_interval(82), &[])?;
    let right = format!("you may not delete jobs.batch in namespace {}\n", user.namespace);
    refused.expect("the deploy without one right", 1, &right)?;
    expect_contains("how many reasons", "the plan is refused: 1 reason", &refused.text)?;
    expect("all objects, by their versions", &before, &everything(user)?)
}

/// Gives the user what a deploy needs in the behaviour's namespace, of each resource the verbs that are kept, and waits until
/// that is in force.
fn grant(case: &Case<'_>, kept: impl Fn(&str, &str) -> bool) -> Result<()> {
    let rules = NEEDED.map(|(group, resource, verbs)| {
        let verbs: Vec<_> = verbs.iter().filter(|verb| kept(resource, verb)).collect();
        json!({"apiGroups": [group], "resources": [resource], "verbs": verbs})
    });
    let (rbac, meta) = ("rbac.authorization.k8s.io", json!({"name": USER, "namespace": case.namespace}));
    let version = format!("{rbac}/v1");
    let all = json!({"apiVersion": "v1", "kind": "List", "items": [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta},
        {"apiVersion": version, "kind": "Role", "metadata": meta, "rules": rules},
        {"apiVersion": version, "kind": "RoleBinding", "metadata": meta,
            "roleRef": {"apiGroup": rbac, "kind": "Role", "name": USER},
            "subjects": [{"kind": "ServiceAccount", "name": USER, "namespace": case.namespace}]},
    ]});
    case.kubectl.apply(&all.to_string(), "kind-test", &[])?;
    let subject = format!("system:serviceaccount:{}:{USER}", case.namespace);
    let asked = ["auth", "can-i", "delete", "jobs.batch", "--namespace", &case.namespace, "--as", &subject];
    let answer = if kept("jobs", "delete") { "yes" } else { "no" };
    case.until("the Role to be in force", SOON, || {
        let said = case.kubectl.run(&asked)?.stdout;
        Ok(if said.trim() == answer { Look::Done(()) } else { Look::NotYet(said) })
    })
}

/// The behaviour as this user: the run's kubeconfig, with a token in the place of the administrator's key.
fn user<'t>(case: &Case<'t>) -> Result<Case<'t>> {
    let token = case.kubectl.run(&["create", "token", USER, "--namespace", &case.namespace])?.checked()?.stdout;
    let token = token.trim().to_owned();
    let own = &case.target().kubeconfig;
    let text = std::fs::read_to_string(own).with_context(|| format!("cannot read {}", own.display()))?;
    let mut kubeconfig: Value = serde_yaml::from_str(&text).context("the run's kubeconfig does not read")?;
    kubeconfig["users"][0]["user"] = json!({"token": token});
    let file = case.file("kubeconfig", &kubeconfig.to_string())?;
    Ok(case.as_user(PathBuf::from(file), token))
}
