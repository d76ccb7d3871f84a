//! `template` with real secrets: hidden in what is printed and nowhere else to be seen, unless they are asked for.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use xtask::manifest::{self, Node, Object};
use xtask::report::Console;
use xtask::tools::helm::{Helm, Major};

const TOKEN: &str = "fmu1-CANARY/9f3c+\"quoted'&<tag>";
const TOKEN_BASE64: &str = "Zm11MS1DQU5BUlkvOWYzYysicXVvdGVkJyY8dGFnPg==";
const PASSWORD: &str = "canary-password-7d1";

/// Runs `xtask template` with a secrets file that holds the canaries, in a folder outside the workspace.
fn template(dir: &Path, args: &[&str]) -> Output {
    let secrets = dir.join("secrets.yaml");
    let yaml = format!(
        "secrets:\n  jmapToken: {}\n  carddavUsername: canary-user@example.com\n  carddavPassword: {PASSWORD}\n",
        serde_json::to_string(TOKEN).unwrap()
    );
    fs::write(&secrets, yaml).unwrap();
    let helm = Helm::pinned(Major::Four, Console::default()).unwrap();
    Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["template", "-f"])
        .arg(&secrets)
        .args(args)
        .env("XTASK_HELM", helm.program())
        .current_dir(dir)
        .output()
        .unwrap()
}

fn objects(output: &Output) -> Vec<Object> {
    let read = manifest::read(&output.stdout, "stdout");
    assert!(read.findings.is_empty(), "{:?}", read.findings);
    read.objects
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn assert_no_canary(text: &str) {
    for canary in [TOKEN, TOKEN_BASE64, &TOKEN_BASE64[..30], PASSWORD, "canary-user", "Y2FuYXJ5"] {
        assert!(!text.contains(canary), "{canary} is shown in {text}");
    }
}

#[test]
fn secrets_are_hidden_unless_they_are_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let hidden = template(dir.path(), &[]);
    assert_eq!(hidden.status.code(), Some(0), "{}", text(&hidden));
    assert_no_canary(&text(&hidden));
    let shown = template(dir.path(), &["--show-secrets"]);
    assert!(String::from_utf8_lossy(&shown.stdout).contains(TOKEN_BASE64));
    assert_no_canary(&String::from_utf8_lossy(&shown.stderr));

    // Hidden or shown, the objects are the same but for the data of Secrets.
    let (hidden, shown) = (objects(&hidden), objects(&shown));
    let names = |objects: &[Object]| objects.iter().map(|object| object.reference.clone()).collect::<Vec<_>>();
    assert_eq!(names(&hidden), names(&shown));
    assert_eq!(hidden.len(), 6);
    let token = hidden.iter().find_map(|object| object.get(&["data", "MAILROOM_JMAP_TOKEN"])).and_then(Node::as_str);
    assert_eq!(token, Some("Kioq"), "`***` in base64");
}

#[test]
fn a_failure_beside_a_secret_does_not_show_it() {
    let dir = tempfile::tempdir().unwrap();
    for args in [
        &["--set", "image.tag=not a tag"][..],
        &["--set", "config.triage.categories=null"],
        &["--set-string", "setup.apply=true", "-v"],
        &["--set", "config.logging.level=CANARY"],
        &["--pod-security", "baseline:v1.0", "-v"],
        &["--kube-version", "1.20"],
    ] {
        let output = template(dir.path(), args);
        assert_no_canary(&text(&output));
    }
    fs::write(dir.path().join("broken.yaml"), format!("secrets:\n  carddavPassword: [{PASSWORD}\n")).unwrap();
    let broken = template(dir.path(), &["-f", "broken.yaml"]);
    assert_eq!(broken.status.code(), Some(1), "{}", text(&broken));
    assert!(text(&broken).contains("broken.yaml"), "{}", text(&broken));
    assert_no_canary(&text(&broken));
}

#[test]
fn a_chart_that_puts_a_secret_elsewhere_is_masked_too() {
    let dir = tempfile::tempdir().unwrap();
    let chart = dir.path().join("leaky");
    fs::create_dir_all(chart.join("templates")).unwrap();
    fs::write(chart.join("Chart.yaml"), "apiVersion: v2\nname: leaky\nversion: 0.1.0\n").unwrap();
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {token: {{ .Values.secrets.jmapToken | quote }}}\n";
    fs::write(chart.join("templates/map.yaml"), map).unwrap();
    let output = template(dir.path(), &["--chart", "leaky"]);
    assert!(text(&output).contains("token: "), "{}", text(&output));
    assert_no_canary(&text(&output));
}
