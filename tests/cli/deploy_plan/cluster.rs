//! Which cluster: named, remembered, or confirmed; never guessed.

use std::fs;

use serde_json::json;

use super::bench::{Bench, SERVER, UID, golden};
use super::terminal::{answered, interrupted_at};

#[test]
fn without_a_name_and_a_terminal_nothing_is_started() {
    let bench = Bench::new();
    bench.run(&["--dry-run"]).ended(2, "the current context is `two`, and there is no terminal to confirm it on");
    assert_eq!(bench.calls("argv"), []);
}

#[test]
fn yes_does_not_confirm_a_cluster() {
    let bench = Bench::new();
    bench.run(&["--yes"]).ended(2, "--yes does not confirm a cluster");
    assert_eq!(bench.calls("argv"), []);
}

#[test]
fn an_unknown_context_lists_the_known_ones() {
    let bench = Bench::new();
    bench.run(&["--context", "three", "--dry-run"]).ended(2, "there are: one, two");
    assert_eq!(bench.calls("argv"), []);
}

#[test]
fn a_cluster_that_does_not_answer_is_an_environment_error() {
    let bench = Bench::new();
    bench.fails(
        "kube-system",
        "The connection to the server one.test:6443 was refused - did you specify the right host?\n",
    );
    bench.deploy(&["--dry-run"]).ended(3, "cannot ask the cluster of context `one` at https://one.test:6443");
    assert_eq!(bench.left(), [""; 0].map(Into::<std::path::PathBuf>::into));
}

fn remember(bench: &Bench, server: &str, uid: &str) {
    bench.write("deploy-target", &format!("context: one\nserver: {server}\nkube-system-uid: {uid}\n"));
}

#[test]
fn a_remembered_cluster_is_used_while_server_and_uid_match() {
    let bench = Bench::new();
    remember(&bench, SERVER, UID);
    bench.run(&["--dry-run"]).planned(&["one (remembered)"]);
}

#[test]
fn a_named_context_is_looked_for_as_kubectl_does_whatever_was_remembered() {
    let bench = Bench::new();
    bench.write(
        "deploy-target",
        &format!("context: two\nserver: {SERVER}\nkube-system-uid: {UID}\nkubeconfig: /nowhere\n"),
    );
    bench.deploy(&["--dry-run"]).planned(&["one (named by --context)"]);
    bench.run(&["--dry-run"]).ended(3, "kubeconfig `/nowhere`");
}

#[test]
fn another_server_under_a_remembered_name_is_refused_before_any_request() {
    for args in [&["--dry-run"] as &[&str], &["--dry-run", "--context", "one"]] {
        let bench = Bench::new();
        remember(&bench, "https://old.test", UID);
        bench.run(args).ended(2, "is not the cluster that was remembered");
        assert_eq!(bench.calls("argv"), []);
    }
}

#[test]
fn another_uid_under_a_remembered_name_is_refused_after_one_question() {
    for args in [&["--dry-run"] as &[&str], &["--dry-run", "--context", "one"]] {
        let bench = Bench::new();
        remember(&bench, SERVER, "another");
        bench.run(args).ended(2, "is not the cluster that was remembered");
        let asked = bench.calls("argv");
        let sent = asked.iter().filter(|(name, argv)| name == "kubectl" && !argv.starts_with("version"));
        assert_eq!(sent.count(), 1, "{asked:?}");
    }
}

#[test]
fn a_remembered_cluster_that_cannot_be_proved_is_refused_and_a_named_one_is_not() {
    let bench = Bench::new();
    remember(&bench, SERVER, UID);
    bench.fails("kube-system", "Error from server (Forbidden): namespaces \"kube-system\" is forbidden\n");
    bench.run(&["--dry-run"]).ended(2, "cannot be proved to be the remembered cluster");
    bench.deploy(&["--dry-run"]).planned(&["you may not read the namespace kube-system"]);
}

#[test]
fn remember_keeps_context_server_and_uid_and_nothing_else() {
    let bench = Bench::new();
    let named = bench.path("kubeconfig").display().to_string();
    bench.answer("render", &golden("apply"));
    // Whatever becomes of the deploy: the stub knows none.
    bench.deploy(&["--remember", "--yes", "--apply-setup", "--kubeconfig", &named]);
    let kept = fs::read_to_string(bench.path("deploy-target")).expect("it is remembered");
    let kept: std::collections::BTreeMap<String, String> = serde_yaml::from_str(&kept).expect("YAML");
    let wanted = [("context", "one"), ("kube-system-uid", UID), ("kubeconfig", named.as_str()), ("server", SERVER)];
    assert_eq!(kept, wanted.map(|(key, value)| (key.to_owned(), value.to_owned())).into());
    bench.answer("render", &golden("default"));
    bench
        .var("KUBECONFIG", "/nowhere")
        .run(&["--dry-run"])
        .planned(&["one (remembered)", "checks the account and creates nothing"]);
}

#[test]
fn a_broken_memory_is_refused() {
    let bench = Bench::new();
    bench.write("deploy-target", "context: one\n");
    bench.run(&["--dry-run"]).ended(2, "is not what --remember writes");
}

#[test]
fn remember_needs_kube_system() {
    let bench = Bench::new();
    bench.fails("kube-system", "Error from server (Forbidden): namespaces \"kube-system\" is forbidden\n");
    bench.deploy(&["--remember", "--gate-only"]).refused(&["--remember needs to read the namespace kube-system"]);
    assert!(!bench.path("deploy-target").exists());
}

#[test]
fn the_current_context_is_shown_and_confirmed_answered() {
    let bench = Bench::new();
    let ran = answered(&bench, &["--dry-run"], "y\n");
    ran.planned(&["two (the current context, confirmed)"]);
    assert!(ran.stderr.contains("The current context is `two`, at https://two.test:6443."), "{}", ran.stderr);
}

#[test]
fn anything_but_yes_is_a_no_and_nothing_is_sent() {
    for answer in ["\n", "n\n", "yess\n", "\u{4}"] {
        let bench = Bench::new();
        answered(&bench, &["--dry-run"], answer).ended(1, "the cluster was not confirmed: nothing was sent");
        assert_eq!(bench.calls("argv"), []);
    }
}

#[test]
fn the_plan_is_asked_about_answered() {
    let bench = Bench::new();
    answered(&bench, &["--context", "one"], "n\n").ended(1, "nothing was changed: the plan was not agreed to");
    assert!(!bench.calls("argv").iter().any(|(_, argv)| argv.starts_with("upgrade")));
}

#[test]
fn a_signal_ends_the_wait_for_an_answer() {
    let bench = Bench::new();
    interrupted_at(&bench, &["--context", "one"], "Deploy this to `one`? [y/N]").ended(130, "interrupted by SIGINT");
    assert!(bench.left().is_empty(), "{:?}", bench.left());
}

#[test]
fn lists_of_kubeconfigs_and_a_named_one_are_read_as_kubectl_reads_them() {
    let bench = Bench::new();
    let other = json!({"contexts": [{"name": "one", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": "https://first.test"}}], "users": [{"name": "u", "user": {}}]});
    bench.write("first", &other.to_string());
    let list = format!("{}:{}", bench.path("first").display(), bench.path("kubeconfig").display());
    let bench = bench.var("KUBECONFIG", list);
    bench.deploy(&["--dry-run"]).planned(&["https://first.test, Kubernetes 1.37.2"]);
    let named = bench.path("kubeconfig").display().to_string();
    bench.deploy(&["--dry-run", "--kubeconfig", &named]).planned(&["https://one.test:6443, Kubernetes 1.37.2"]);
}
