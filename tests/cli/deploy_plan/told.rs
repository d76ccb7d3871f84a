//! What the plan tells.

use serde_json::json;

use super::bench::{BASE64, Bench, golden, restricted, revision, stored};

#[test]
fn a_first_install_is_told_whole() {
    Bench::new().deploy(&["--dry-run"]).planned(&[
        "Cluster      one (named by --context)\n             https://one.test:6443, Kubernetes 1.37.2\n",
        "Namespace    mailroom: will be made, with enforce, warn and audit = restricted\n",
        "Release      mailroom: first install, revision 1\n",
        "Chart        mailroom 0.1.0, app 0.1.0, by Helm 4.3.1\n",
        "Gate         checks the account and creates nothing; 240 s at most\n",
        "Names        18 mailboxes and labels and 8 contact groups must exist\n",
        "Changes      + Secret/mailroom-secrets\n             + ConfigMap/mailroom-config\n             + Deployment/mailroom\n",
    ]);
}

#[test]
fn the_plan_fits_both_majors() {
    let bench = Bench::new();
    bench.answer("helm-version", "v3.22.0\n");
    bench.deploy(&["--dry-run"]).planned(&["by Helm 3.22.0"]);
}

fn live() -> String {
    let metadata = json!({"name": "mailroom", "labels": {"app.kubernetes.io/managed-by": "Helm"}, "annotations": {
        "meta.helm.sh/release-name": "mailroom", "meta.helm.sh/release-namespace": "mailroom",
        "mailroom/release-revision": "1"}});
    json!({"kind": "Deployment", "metadata": metadata, "spec": {"replicas": 1}}).to_string()
}

#[test]
fn an_unchanged_deploy_changes_nothing_but_the_number() {
    let bench = Bench::new();
    bench.release(&json!([revision(1, "deployed")]), &stored("default"));
    bench.answer("objects", &live());
    bench.deploy(&["--dry-run"]).planned(&[
        "Namespace    mailroom: enforces restricted\n",
        "Release      mailroom: revision 1 runs; this will be revision 2\n",
        "must exist, the same as for revision 1\n",
        "Changes      none against revision 1, but for its number\n",
    ]);
}

#[test]
fn changes_and_needs_are_told_against_what_runs_and_not_against_helms_record() {
    let bench = Bench::new();
    // Revision 2 was refused by the gate and still is `deployed` by the record: its manifest is another one.
    bench.release(
        &json!([revision(1, "superseded"), revision(2, "deployed")]),
        &stored("default").replace("name: Jail", "name: Prison"),
    );
    bench.answer("manifest.2", &stored("default").replace("release-revision: \"1\"", "release-revision: \"2\""));
    bench.answer("objects", &live());
    bench.deploy(&["--dry-run"]).planned(&[
        "revision 1 runs; revision 2 is deployed by Helm's record; this will be revision 3",
        "against revision 1, which runs:\n",
        "  + mailbox \"@ToJail\"\n",
        "  + contact group \"Jail\"\n",
        "  - mailbox \"Prison\"\n",
        "what is no longer needed stays in the account",
        "  -       - name: Prison\n",
        "  +       - name: Jail\n",
    ]);
}

#[test]
fn of_secrets_only_the_change_is_told() {
    let bench = Bench::new();
    bench.release(&json!([revision(1, "deployed")]), &stored("default").replace(BASE64[0], "b2xkLXRva2VuLTEyMw=="));
    bench.answer("objects", &live());
    let ran = bench.deploy(&["--dry-run"]);
    ran.planned(&["-   MAILROOM_JMAP_TOKEN: (hidden)\n", "+   MAILROOM_JMAP_TOKEN: (hidden, changed)\n"]);
    assert!(!ran.stdout.contains("b2xkL") && !ran.stdout.contains("checksum/secrets: 1"), "{}", ran.stdout);
}

#[test]
fn a_weaker_namespace_is_raised_and_whose_pods_that_hits_is_told() {
    let bench = Bench::new();
    bench.namespace(&json!({"pod-security.kubernetes.io/enforce": "baseline", "pod-security.kubernetes.io/enforce-version": "v1.20"}));
    let pod = json!({"metadata": {"name": "legacy-0"}, "spec": {"containers": [{"name": "c", "securityContext": {"privileged": true}}]}});
    bench.answer("pods", &json!({"items": [pod]}).to_string());
    bench.deploy(&["--dry-run"]).planned(&[
        "Namespace    mailroom: will be raised to restricted\n",
        "  enforce: baseline -> restricted (set by `kubectl-label`, taken over)\n",
        "  warn: not set -> restricted\n",
        "1 pod of others in this namespace would be refused when made anew:\n",
        "legacy-0 (privileged, ",
        "enforce-version pins the policy to v1.20",
    ]);
}

#[test]
fn what_may_not_be_read_is_said_and_shuts_nobody_out() {
    let bench = Bench::new();
    for read in ["kube-system", "namespace"] {
        bench.fails(read, "Error from server (Forbidden): namespaces is forbidden: User \"u\" cannot get resource\n");
    }
    bench.deploy(&["--dry-run"]).planned(&[
        "you may not read the namespace kube-system, so this cluster cannot be remembered\n",
        "you may not read namespace mailroom: whether it enforces *restricted* is not known",
    ]);
}

#[test]
fn a_kubectl_far_from_the_server_is_said() {
    let bench = Bench::new();
    bench.answer("server-version", "{\"gitVersion\": \"v1.34.0\"}");
    bench
        .deploy(&["--dry-run"])
        .planned(&["kubectl 1.36.1 and Kubernetes 1.34.0 lie more than one minor version apart"]);
    let template = bench.calls("argv").into_iter().find(|(_, argv)| argv.starts_with("template")).expect("a render").1;
    assert!(template.contains("--kube-version\n1.34\n"), "{template}");
}

#[test]
fn the_chart_s_own_image_is_told_beside_the_one_that_runs() {
    let bench = Bench::new();
    bench.release(&json!([revision(1, "deployed")]), &stored("default"));
    bench.namespace(&restricted());
    let mut object: serde_json::Value = serde_json::from_str(&live()).unwrap();
    object["spec"]["template"]["spec"]["containers"] = json!([{"name": "mailroom", "image": "mine:old"}]);
    bench.answer("objects", &object.to_string());
    assert!(golden("default").contains("ghcr.io/hellothisisflo/mailroom"));
    bench.deploy(&["--dry-run"]).planned(&[" (now mine:old)\n"]);
}
