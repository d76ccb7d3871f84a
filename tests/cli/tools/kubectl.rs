//! What kubectl is given, and what is made of its answers.

use xtask::tools::kubectl::{Access, Reason, reason};
use xtask::tools::{Cluster, Kubectl};

use crate::bench::{Bench, RECORD, cluster, quiet, refused};

fn kubectl(bench: &Bench) -> Kubectl {
    Kubectl::find_in(&bench.host(), cluster(), quiet()).expect("kubectl")
}

#[test]
fn is_found_by_variable_or_path_and_never_built() {
    let message = refused(Kubectl::find_in(&Bench::new().host(), cluster(), quiet()));
    assert_eq!(message, "there is no kubectl on PATH: install kubectl 1.30 or newer, or name one by XTASK_KUBECTL");

    let bench = Bench::new();
    let path = bench.stub("kubectl", r#"echo '{"clientVersion": {"gitVersion": "v1.29.3"}}'"#);
    let message = refused(Kubectl::find_in(&bench.host(), cluster(), quiet()));
    assert!(
        message.starts_with(&format!("{} is version 1.29.3, which is not supported: ", path.display())),
        "{message}"
    );

    let newer = bench.stub("newer", r#"echo '{"clientVersion": {"gitVersion": "v1.37.2-gke.10"}}'"#);
    let found = Kubectl::find_in(&bench.var("XTASK_KUBECTL", newer).host(), cluster(), quiet()).expect("the named one");
    assert_eq!(found.version.to_string(), "1.37.2");
}

#[test]
fn every_call_names_the_cluster_and_bounds_its_requests() {
    let bench =
        Bench::new().var("KUBERC", "hostile").var("KUBECONFIG", "hostile").var("KUBECTL_EXTERNAL_DIFF", "hostile");
    bench.kubectl(RECORD);
    kubectl(&bench).run(&["get", "pods"]).expect("a call").checked().expect("status 0");
    let expected = ["get", "pods", "--kubeconfig", "/private/kubeconfig", "--context", "here", "--request-timeout=30s"];
    assert_eq!(bench.lines("argv"), expected);
    let mut kube: Vec<String> = bench.lines("env").into_iter().filter(|line| line.starts_with("KUBE")).collect();
    kube.sort_unstable();
    assert_eq!(kube, ["KUBECONFIG=/private/kubeconfig", "KUBECTL_KUBERC=false", "KUBERC=off"]);
}

#[test]
fn a_command_in_a_pod_keeps_its_own_flags() {
    let bench = Bench::new();
    bench.kubectl(RECORD);
    let own = ["--kubeconfig", "/private/kubeconfig", "--context", "here"];
    kubectl(&bench).exec("pod", "app", "mail", &["sh", "-c", "id"]).expect("a call");
    let words = ["exec", "pod", "--container", "app", "--namespace", "mail"];
    assert_eq!(bench.lines("argv"), [&words[..], &own, &["--", "sh", "-c", "id"]].concat());
    kubectl(&bench).run(&["exec", "pod", "--", "ls", "--all"]).expect("a call");
    assert_eq!(
        bench.lines("argv"),
        [&["exec", "pod"][..], &own, &["--request-timeout=30s", "--", "ls", "--all"]].concat()
    );
}

#[test]
fn without_a_context_a_lost_kubeconfig_leads_nowhere() {
    let bench = Bench::new().var("KUBERNETES_MASTER", "http://localhost:8080");
    bench.kubectl(RECORD);
    let named = kubectl(&bench);
    named.run(&["get", "pods"]).expect("a call");
    assert!(!bench.lines("env").iter().any(|line| line.starts_with("KUBERNETES_MASTER=")));
    let current = Cluster { kubeconfig: "/private/other".into(), context: None };
    named.at(current).run(&["get", "pods"]).expect("a call");
    assert_eq!(bench.lines("argv"), ["get", "pods", "--kubeconfig", "/private/other", "--request-timeout=30s"]);
    let env = bench.lines("env");
    assert!(env.contains(&"KUBERNETES_MASTER=https://no-kubeconfig.invalid".to_owned()), "{env:#?}");
    assert!(env.contains(&"KUBECONFIG=/private/other".to_owned()), "{env:#?}");
}

#[test]
fn manifests_go_by_stdin_and_never_by_argv() {
    let bench = Bench::new();
    bench.kubectl(&format!("{RECORD}; cat >\"$HERE/stdin\""));
    let manifest = format!("data: {}\n", "CANARY-9f3 ".repeat(100_000));
    kubectl(&bench).apply(&manifest, "mailroom-deploy", &["--dry-run=server"]).expect("an apply");
    assert!(bench.read("stdin") == manifest, "the manifest did not arrive whole");
    let argv = bench.lines("argv");
    assert!(!argv.concat().contains("CANARY"), "{argv:?}");
    assert_eq!(argv[..6], ["apply", "--server-side", "--field-manager", "mailroom-deploy", "--filename", "-"]);
}

#[test]
fn a_refusal_that_does_not_read_its_input_is_told_in_its_own_words() {
    let bench = Bench::new();
    bench.kubectl("echo 'Error from server (Forbidden): pods \"x\" is forbidden' >&2; exit 1");
    let manifest = "x".repeat(1_000_000);
    let error = kubectl(&bench).create(&manifest, &[]).expect_err("a refusal");
    assert_eq!(reason(&error), Reason::Forbidden);
    assert!(
        format!("{error:#}").ends_with("status 1: Error from server (Forbidden): pods \"x\" is forbidden"),
        "{error:#}"
    );
}

#[test]
fn what_is_not_there_is_no_error() {
    let bench = Bench::new();
    bench.kubectl("echo 'Error from server (NotFound): pods \"x\" not found' >&2; exit 1");
    assert_eq!(kubectl(&bench).get("pod", "x", "mail").expect("an answer"), None);
    assert!(!kubectl(&bench).delete("pod", "x", "mail", &[]).expect("an answer"));
    assert_eq!(reason(&kubectl(&bench).json(&["get", "pod", "x"]).expect_err("an error")), Reason::NotFound);

    bench.kubectl("echo 'The connection to the server x was refused' >&2; exit 1");
    assert_eq!(reason(&kubectl(&bench).get("pod", "x", "mail").expect_err("an error")), Reason::Unreachable);
}

#[test]
fn an_answer_that_is_no_json_is_named_without_its_text() {
    let bench = Bench::new();
    bench.kubectl("echo 'token: CANARY-9f3'");
    let message = refused(kubectl(&bench).json(&["get", "secret", "x"]));
    assert!(message.contains("wrote no JSON of the expected form (line 1"), "{message}");
    assert!(!message.contains("CANARY"), "{message}");
}

#[test]
fn rights_are_asked_for_in_one_call_and_answered_in_order() {
    let bench = Bench::new();
    let answers = "{\"status\": {\"allowed\": true}}\n{\n\"status\": {\"allowed\": false}}";
    bench.kubectl(&format!("cat >\"$HERE/stdin\"; echo '{answers}'"));
    let access = |verb: &str| Access {
        verb: verb.into(),
        resource: "pods".into(),
        subresource: "log".into(),
        namespace: "mail".into(),
        ..Access::default()
    };
    assert_eq!(kubectl(&bench).may(&[access("get"), access("list")]).expect("answers"), [true, false]);
    let asked: serde_json::Value = serde_json::from_str(&bench.read("stdin")).expect("JSON");
    assert_eq!(asked.pointer("/items/1/spec/resourceAttributes/verb"), Some(&"list".into()));
    refused_without_verdict(&bench, &access("get"));
}

/// Fewer verdicts than questions must never read as rights.
fn refused_without_verdict(bench: &Bench, access: &Access) {
    for answer in ["", "no JSON", r#"{"status": {}}"#, r#"{"status": {"allowed": true}} {"status": {"allowed": true}}"#]
    {
        bench.kubectl(&format!("cat >/dev/null; echo '{answer}'"));
        let error = kubectl(bench).may(std::slice::from_ref(access)).expect_err(answer);
        assert!(error.to_string().contains("without a verdict"), "{error:#}");
    }
}
