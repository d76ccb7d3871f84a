//! What the children see, and what stays behind: whatever the caller's environment says.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use serde_json::{Value, json};

use super::bench::{BASE64, Bench, PASSWORD, TOKEN, USER, golden, revision, stored};

/// Variables that would send Helm or kubectl elsewhere, or make them tell.
const HOSTILE: [(&str, &str); 12] = [
    ("HELM_NAMESPACE", "kube-system"),
    ("HELM_KUBECONTEXT", "two"),
    ("HELM_KUBEAPISERVER", "https://two.test:6443"),
    ("HELM_KUBETOKEN", "hostile"),
    ("HELM_DRIVER", "configmap"),
    ("HELM_DEBUG", "true"),
    ("HELM_PLUGINS", "/nowhere"),
    ("KUBECTL_EXTERNAL_DIFF", "/nowhere"),
    ("KUBERC", "/nowhere"),
    ("KUBERNETES_SERVICE_HOST", "two.test"),
    ("KUBE_EDITOR", "/nowhere"),
    ("GIT_DIR", "/nowhere"),
];

fn hostile() -> Bench {
    HOSTILE.iter().fold(Bench::new(), |bench, (name, value)| bench.var(name, *value))
}

#[test]
fn no_variable_of_the_caller_redirects_a_child() {
    for version in ["v4.3.1", "v3.22.0"] {
        let bench = hostile();
        bench.answer("helm-version", version);
        bench.release(&json!([revision(1, "deployed")]), &stored("default"));
        bench.deploy(&["--dry-run"]).planned(&["one (named by --context)"]);
        for (name, env) in bench.calls("env") {
            for (variable, value) in HOSTILE {
                assert!(!env.contains(&format!("{variable}={value}")), "{name}: {variable}");
            }
        }
    }
}

#[test]
fn every_call_that_asks_the_cluster_carries_the_private_kubeconfig_and_the_context() {
    let bench = hostile();
    bench.release(&json!([revision(1, "deployed")]), &stored("default"));
    bench.deploy(&["--dry-run"]).planned(&[]);
    let private = bench.path("tmp/mailroom-deploy-").display().to_string();
    let mut asked = 0;
    for (name, argv) in bench.calls("argv") {
        if ["version", "lint", "template"].iter().any(|local| argv.starts_with(local)) {
            continue;
        }
        asked += 1;
        let context = if name == "helm" { "--kube-context\none\n" } else { "--context\none\n" };
        assert!(argv.contains(&format!("--kubeconfig\n{private}")) && argv.contains(context), "{name}: {argv}");
        assert!(name == "kubectl" || argv.contains("--namespace\nmailroom\n"), "{argv}");
    }
    assert!(asked >= 9, "{asked} calls");
    for (name, env) in bench.calls("env") {
        assert!(!env.contains(&format!("KUBECONFIG={}", bench.path("kubeconfig").display())), "{name}: the caller's");
    }
}

/// A stub that keeps what the private kubeconfig says, and who may read it.
fn kubeconfig_seen(bench: &Bench) -> (Value, String) {
    let kubectl = bench.path("bin/kubectl");
    let text = fs::read_to_string(&kubectl).unwrap();
    let keep = "case $KUBECONFIG in */mailroom-deploy-*) cat \"$KUBECONFIG\" >\"$HERE/seen\"; stat -c %a \"$KUBECONFIG\" >\"$HERE/mode\" ;; esac\n";
    let draft = bench.write("kubectl.draft", &text.replace("CALL=", &format!("{keep}CALL=")));
    let installed = std::process::Command::new("install").args(["-m", "755"]).args([&draft, &kubectl]).status();
    assert!(installed.unwrap().success());
    bench.deploy(&["--dry-run"]).planned(&[]);
    let read = |name: &str| fs::read_to_string(bench.path(name)).unwrap();
    (serde_json::from_str(&read("seen")).unwrap(), read("mode"))
}

#[test]
fn the_private_kubeconfig_holds_one_context_for_our_eyes_only_and_goes() {
    let bench = Bench::new();
    let (seen, mode) = kubeconfig_seen(&bench);
    assert_eq!(mode.trim(), "600");
    assert_eq!(
        seen["contexts"],
        json!([{"name": "one", "context": {"cluster": "c1", "user": "u1", "namespace": "mailroom"}}])
    );
    assert!(!seen.to_string().contains("CANARY-kube-two") && seen.to_string().contains("CANARY-kube-one"), "{seen}");
    assert!(bench.left().is_empty(), "{:?}", bench.left());
}

/// What is done to the bench, the exit code, and a part of what is said then, so that the case is the one that is meant.
type Case = (fn(&Bench), i32, &'static str);

#[test]
fn no_credential_is_shown_passed_in_an_argument_or_left_behind() {
    let cases: [Case; 7] = [
        (|_| {}, 0, ""),
        (|bench| bench.answer("render", &golden("default").replace("runAsNonRoot: true", "")), 1, "does not pass lint"),
        (
            |bench| bench.fails("render", &format!("Error: {TOKEN} and {} at {PASSWORD}\n", BASE64[0])),
            1,
            "*** and *** at ***",
        ),
        (|bench| bench.fails("history", &format!("Error: {PASSWORD}\n")), 3, "Error: ***"),
        (|bench| bench.answer("manifest.1", &format!("kind: Secret\ndata: {{a: '{TOKEN}\n")), 3, "does not read"),
        (
            |bench| bench.fails("dry-apply", &format!("invalid: data: \"{}\", {TOKEN}, {USER}\n", BASE64[1])),
            1,
            "invalid: data: \"***\", ***, ***",
        ),
        (|bench| bench.answer("objects", &a_secret()), 1, "Secret/mailroom-secrets is there and of no release"),
    ];
    for (prepare, code, said) in cases {
        for verbosity in ["-q", "-v"] {
            let bench = Bench::new();
            bench.release(&json!([revision(1, "deployed")]), &stored("default"));
            prepare(&bench);
            let ran = bench.deploy(&["--dry-run", verbosity]);
            assert_eq!(ran.code, Some(code), "{said}: {}", ran.stderr);
            assert!(format!("{}{}", ran.stdout, ran.stderr).contains(said), "{said}: {}{}", ran.stdout, ran.stderr);
            let mut seen = vec![ran.stdout, ran.stderr];
            for part in ["argv", "env"] {
                seen.extend(bench.calls(part).into_iter().map(|(_, text)| text));
            }
            for canary in [TOKEN, USER, PASSWORD].iter().chain(&BASE64).chain(&["CANARY", "canary-user"]) {
                assert!(!seen.iter().any(|text| text.contains(canary)), "{said}: {canary} in {seen:?}");
            }
            assert!(bench.left().is_empty(), "{said}: {:?}", bench.left());
        }
    }
}

fn a_secret() -> String {
    let data = json!({"A": BASE64[2], "B": BASE64[0]});
    json!({"kind": "Secret", "metadata": {"name": "mailroom-secrets"}, "data": data}).to_string()
}

/// Reads lines of a running child until one holds this text.
fn until(lines: &mut impl Iterator<Item = std::io::Result<String>>, text: &str) {
    assert!(lines.any(|line| line.expect("a line").contains(text)), "it ended without `{text}`");
}

#[test]
fn an_interrupted_plan_starts_nothing_more_and_leaves_nothing() {
    let bench = Bench::new();
    // The server's version is waited for until somebody writes into the pipe.
    let pipe = bench.path("answers/pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo runs").success());
    fs::remove_file(bench.path("answers/server-version")).unwrap();
    std::os::unix::fs::symlink(&pipe, bench.path("answers/server-version")).unwrap();
    let mut child = bench
        .command(&["--context", "one", "--dry-run", "-v"])
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    until(&mut lines, "get --raw /version");
    assert_eq!(bench.left().len(), 1, "the private kubeconfig");
    rustix::process::kill_process(rustix::process::Pid::from_child(&child), rustix::process::Signal::INT).unwrap();
    until(&mut lines, "interrupted by SIGINT");
    fs::write(&pipe, "{\"gitVersion\": \"v1.37.2\"}").unwrap();
    assert!(lines.all(|line| !line.unwrap().contains("template")), "nothing more is started");
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(bench.left().is_empty(), "{:?}", bench.left());
}

#[test]
fn a_dry_run_only_asks() {
    let bench = Bench::new();
    bench.release(&json!([revision(1, "deployed")]), &stored("default"));
    bench.deploy(&["--dry-run", "--yes"]).planned(&[]);
    let reviews = "create\n--filename\n-\n--output\njson\n";
    for (name, argv) in bench.calls("argv") {
        let asks = ["version", "lint", "template", "history", "get"].iter().any(|verb| argv.starts_with(verb));
        let dry = argv.contains("--dry-run=server\n") || argv.starts_with(reviews);
        assert!(asks || dry, "{name}: {argv}");
    }
    assert!(!bench.path("deploy-target").exists());
}
