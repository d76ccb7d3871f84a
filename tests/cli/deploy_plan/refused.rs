//! Each reason for which a plan does not stand.

use serde_json::{Value, json};

use super::bench::{Bench, golden, restricted, revision, stored};

/// An object as the API server has it, with Helm's marks for that release.
fn helms(kind: &str, name: &str, release: &str) -> Value {
    json!({"kind": kind, "metadata": {"name": name, "labels": {"app.kubernetes.io/managed-by": "Helm"}, "annotations": {
        "meta.helm.sh/release-name": release, "meta.helm.sh/release-namespace": "mailroom",
        "mailroom/release-revision": "1"}}})
}

/// The Deployment of revision 1, with one more field manager.
fn deployment(manager: &Value) -> Value {
    let mut object = helms("Deployment", "mailroom", "mailroom");
    let own = json!({"manager": "helm", "operation": "Apply", "fieldsV1": {}});
    object["metadata"]["managedFields"] = json!([own, manager]);
    object["spec"] =
        json!({"replicas": 0, "template": {"spec": {"containers": [{"name": "mailroom", "image": "rogue:1"}]}}});
    object
}

fn deployed() -> Value {
    json!([revision(1, "deployed")])
}

#[test]
fn namespaces_of_the_cluster_are_refused_without_a_request() {
    for namespace in ["default", "kube-system", "kube-public"] {
        let bench = Bench::new();
        bench.deploy(&["--dry-run", "-n", namespace]).ended(1, &format!("namespace `{namespace}` is"));
        assert_eq!(bench.calls("argv"), []);
    }
}

#[test]
fn a_namespace_that_is_being_deleted_is_refused() {
    let bench = Bench::new();
    bench.answer(
        "namespace",
        &json!({"metadata": {"name": "mailroom"}, "status": {"phase": "Terminating"}}).to_string(),
    );
    bench.deploy(&["--dry-run"]).refused(&["namespace mailroom is being deleted"]);
}

#[test]
fn what_lint_finds_is_refused_and_shown() {
    let bench = Bench::new();
    bench.answer("render", &golden("default").replace("runAsNonRoot: true", "runAsNonRoot: false"));
    bench.deploy(&["--dry-run"]).ended(1, "pod-security/runAsNonRoot");
    bench.answer("render", &golden("default"));
    bench.answer("lint", "[ERROR] templates/: broken\n\nError: 1 chart(s) linted, 1 chart(s) failed\n");
    bench.fails("lint", "");
    bench.deploy(&["--dry-run"]).ended(1, "helm-lint");
}

#[test]
fn a_gate_that_would_apply_unasked_is_refused() {
    let bench = Bench::new();
    bench.answer("render", &golden("apply"));
    bench.deploy(&["--dry-run"]).ended(1, "would create what is missing, although that was not asked for");
    bench.deploy(&["--dry-run", "--apply-setup"]).planned(&["creates what is missing in the account"]);
    bench.answer("render", &golden("default"));
    bench.deploy(&["--dry-run", "--apply-setup"]).ended(1, "would not create what is missing");
}

#[test]
fn a_timeout_that_ends_helm_before_the_gate_is_refused() {
    let bench = Bench::new();
    bench.deploy(&["--dry-run", "--timeout", "260s"]).ended(2, "give more than 260 s");
    bench.deploy(&["--dry-run", "--timeout", "261s"]).planned(&[]);
}

#[test]
fn missing_rights_are_named_alone_whatever_failed_without_them() {
    let bench = Bench::new();
    bench.fails("history", "Error: query: failed to query with labels: secrets is forbidden\n");
    bench.fails("objects", "Error from server (Forbidden): secrets \"mailroom-secrets\" is forbidden\n");
    bench.namespace(&restricted());
    bench.answer("denied", "\"resource\":\"secrets\",\"subresource\":\"\",\"verb\":\"list\"\n\"resource\":\"pods\",\"subresource\":\"log\"\n");
    let ran = bench.deploy(&["--dry-run"]);
    ran.refused(&["you may not list secrets in namespace mailroom", "you may not get pods/log in namespace mailroom"]);
    assert!(!ran.stdout.contains("forbidden") && !ran.stderr.contains("forbidden"), "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn a_namespace_that_is_to_be_written_needs_the_right_to() {
    let bench = Bench::new();
    bench.answer("denied", "\"resource\":\"namespaces\"\n");
    bench.deploy(&["--dry-run"]).refused(&["you may not create namespaces"]);
    bench.namespace(&json!({}));
    bench.deploy(&["--dry-run"]).refused(&["you may not patch namespaces mailroom, whose labels are to be set"]);
    bench.namespace(&restricted());
    bench.deploy(&["--dry-run"]).planned(&["mailroom: enforces restricted"]);
}

#[test]
fn a_release_that_did_not_end_is_refused_with_two_ways_out() {
    let bench = Bench::new();
    bench.release(&json!([revision(1, "pending-install")]), &stored("default"));
    bench.deploy(&["--dry-run"]).refused(&[
        "release mailroom is pending-install at revision 1, since 2026-11-25T09:29:03Z",
        "kubectl --context one -n mailroom delete secret sh.helm.release.v1.mailroom.v1",
        "helm --kube-context one -n mailroom uninstall mailroom",
    ]);
    bench.release(&json!([revision(1, "deployed"), revision(2, "pending-upgrade")]), &stored("default"));
    bench.answer("manifest.2", &stored("default").replace("release-revision: \"1\"", "release-revision: \"2\""));
    bench.answer("objects", &helms("Deployment", "mailroom", "mailroom").to_string());
    bench.deploy(&["--dry-run"]).refused(&[
        "revision 1 runs; revision 2 is pending-upgrade by Helm's record",
        "delete secret sh.helm.release.v1.mailroom.v2",
        "helm --kube-context one -n mailroom rollback mailroom 1",
    ]);
    let calls = bench.calls("argv");
    assert!(!calls.iter().any(|(_, argv)| argv.starts_with("delete") || argv.starts_with("rollback")), "{calls:?}");
}

#[test]
fn objects_of_others_are_named_one_by_one() {
    let bench = Bench::new();
    bench.namespace(&restricted());
    let nobodys = json!({"kind": "Secret", "metadata": {"name": "mailroom-secrets"}, "data": {"X": "Q0FOQVJZ"}});
    let job = json!({"kind": "Job", "metadata": {"name": "mailroom-gate", "labels": {"app.kubernetes.io/instance": "mailroom"}}});
    let mut old = json!({"kind": "Deployment", "metadata": {"name": "mailroom"}});
    old["spec"] = json!({"selector": {"matchLabels": {"app": "mailroom"}}});
    let list = json!({"kind": "List", "items": [nobodys, helms("ConfigMap", "mailroom-config", "other"), old, job]});
    bench.answer("objects", &list.to_string());
    let ran = bench.deploy(&["--dry-run"]);
    ran.refused(&[
        "Secret/mailroom-secrets is there and of no release",
        "kubectl --context one -n mailroom annotate secret/mailroom-secrets meta.helm.sh/release-name=mailroom meta.helm.sh/release-namespace=mailroom",
        "ConfigMap/mailroom-config is of release mailroom/other",
        "Deployment/mailroom is there and of no release, and its selector, which cannot be changed, is another",
        "Job/mailroom-gate is there and no gate of this release",
    ]);
    assert!(ran.stderr.contains("4 reasons") && !ran.stdout.contains("Q0FOQVJZ"), "{}", ran.stderr);
}

#[test]
fn a_field_that_another_manager_set_stops_helm_4_and_not_helm_3() {
    let image =
        json!({"f:spec": {"f:template": {"f:spec": {"f:containers": {"k:{\"name\":\"mailroom\"}": {"f:image": {}}}}}}});
    let set = json!({"manager": "kubectl-set", "operation": "Update", "fieldsV1": image});
    let bench = Bench::new();
    bench.release(&deployed(), &stored("default"));
    bench.answer("objects", &deployment(&set).to_string());
    let said = "`kubectl-set` set spec.template.spec.containers[mailroom].image (there rogue:1, here ghcr.io/";
    bench.deploy(&["--dry-run"]).refused(&[said, "\"path\":\"/metadata/managedFields/1\""]);
    bench.answer("helm-version", "v3.22.0\n");
    bench.deploy(&["--dry-run"]).planned(&[said]);
}

#[test]
fn what_another_manager_added_is_refused_with_either_helm_and_without_its_value() {
    let env = json!({"f:env": {".": {}, "k:{\"name\":\"MAILROOM_TRIAGE\"}": {".": {}, "f:name": {}, "f:value": {}}}, "f:image": {}});
    let fields = json!({"f:spec": {"f:paused": {}, "f:template": {"f:spec": {"f:containers": {"k:{\"name\":\"mailroom\"}": env}}}}});
    let manager = json!({"manager": "it's me", "operation": "Update", "fieldsV1": fields});
    let mut object = deployment(&manager);
    object["spec"]["paused"] = true.into();
    object["spec"]["template"]["spec"]["containers"][0]["env"] =
        json!([{"name": "MAILROOM_TRIAGE", "value": "CANARY"}]);
    let bench = Bench::new();
    bench.release(&deployed(), &stored("default"));
    bench.answer("objects", &object.to_string());
    let added =
        "`it's me` added spec.paused, `it's me` added spec.template.spec.containers[mailroom].env[MAILROOM_TRIAGE]";
    let removal = "{\"op\":\"remove\",\"path\":\"/spec/template/spec/containers/0/env/0\"},{\"op\":\"remove\",\"path\":\"/spec/paused\"}";
    let ran = bench.deploy(&["--dry-run"]);
    let entry = r#"{"op":"test","path":"/metadata/managedFields/1/manager","value":"it'\''s me"}"#;
    ran.refused(&["set spec.template.spec.containers[mailroom].image (there", added, removal, entry]);
    assert!(!ran.stdout.contains("CANARY") && ran.stderr.contains("1 reason"), "{}{}", ran.stdout, ran.stderr);
    bench.answer("helm-version", "v3.22.0\n");
    let ran = bench.deploy(&["--dry-run"]);
    ran.refused(&[added, removal, entry]);
}

#[test]
fn a_scale_stops_neither() {
    let scale = json!({"manager": "kubectl", "subresource": "scale", "operation": "Update", "fieldsV1": {"f:spec": {"f:replicas": {}}}});
    let bench = Bench::new();
    bench.release(&deployed(), &stored("default"));
    bench.answer("objects", &deployment(&scale).to_string());
    bench.deploy(&["--dry-run"]).planned(&["`kubectl` set spec.replicas (there 0, here 1)"]);
}

#[test]
fn what_the_api_server_would_refuse_is_refused_and_what_it_warns_of_is_said() {
    let bench = Bench::new();
    bench.release(&deployed(), &stored("default"));
    bench.warns("dry-create", "Warning: would violate PodSecurity \"restricted:latest\"\n");
    bench.deploy(&["--dry-run"]).planned(&["the API server warns: would violate PodSecurity"]);
    bench.fails("dry-apply", "Error from server (Forbidden): admission webhook \"policy\" denied the request\n");
    bench.deploy(&["--dry-run"]).refused(&["admission webhook \"policy\" denied the request"]);
}

#[test]
fn a_gate_that_the_api_server_would_refuse_is_refused() {
    let bench = Bench::new();
    bench.release(&deployed(), &stored("default"));
    bench.fails("dry-create", "Error from server (Forbidden): jobs.batch \"mailroom-gate-x\" is forbidden: no\n");
    bench.deploy(&["--dry-run"]).refused(&["\"mailroom-gate-x\" is forbidden: no"]);
}
