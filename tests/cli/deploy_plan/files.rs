//! The secrets file and the values, before anything is sent.

use std::process::Command;

use super::bench::{Bench, PASSWORD, TOKEN, secrets};

/// That nothing was sent: the tools were asked for their versions at most.
fn nothing_sent(bench: &Bench) {
    let calls = bench.calls("argv");
    assert!(calls.iter().all(|(_, argv)| argv.starts_with("version")), "{calls:?}");
}

#[test]
fn a_missing_secrets_file_is_told_with_the_copy_command() {
    let bench = Bench::new();
    std::fs::remove_file(bench.path("secrets.yaml")).unwrap();
    bench.deploy(&["--dry-run"]).ended(1, "install -m 600 helm/mailroom/secrets-values.yaml.example ");
    nothing_sent(&bench);
}

#[test]
fn what_is_wrong_with_the_secrets_is_told_at_once_by_key() {
    let bench = Bench::new();
    bench.secrets("secrets:\n  jmapToken: 123456\n  carddavPassword: placeholder-password\n", 0o600);
    let ran = bench.deploy(&["--dry-run"]);
    ran.ended(1, "secrets.jmapToken is not read as a string");
    ran.ended(1, "secrets.carddavUsername is missing");
    ran.ended(1, "secrets.carddavPassword is still a placeholder");
    nothing_sent(&bench);
}

#[test]
fn git_must_ignore_the_secrets_file() {
    let bench = Bench::new();
    let git = |args: &[&str]| {
        let done =
            Command::new("git").args(args).current_dir(bench.path("")).env("GIT_CONFIG_GLOBAL", "/dev/null").output();
        assert!(done.expect("git runs").status.success(), "git {args:?}");
    };
    git(&["init", "--quiet"]);
    bench.deploy(&["--dry-run"]).ended(1, "git does not ignore it");
    git(&["add", "secrets.yaml"]);
    bench.deploy(&["--dry-run"]).ended(1, "git tracks it");
    bench.write(".gitignore", "secrets.yaml\n");
    bench.deploy(&["--dry-run"]).ended(1, "git tracks it");
    git(&["rm", "--quiet", "--cached", "secrets.yaml"]);
    nothing_sent(&bench);
    bench.deploy(&["--dry-run"]).planned(&[]);
}

#[test]
fn a_secrets_file_that_others_may_read_is_a_warning() {
    let bench = Bench::new();
    bench.secrets(&secrets(), 0o644);
    bench.deploy(&["--dry-run"]).planned(&["other users of this machine may read"]);
}

#[test]
fn setup_apply_and_secrets_are_refused_wherever_they_do_not_belong() {
    let bench = Bench::new();
    let file = |name: &str, text: &str| bench.write(name, text).display().to_string();
    let applies = file("applies.yaml", "setup:\n  apply: true\n");
    let holds = file("holds.yaml", &format!("secrets:\n  jmapToken: {TOKEN}\n"));
    for args in [
        ["--set", "setup.apply=true"],
        ["--set-string", "setup.apply=true"],
        ["--set", &format!("secrets.jmapToken={TOKEN}")],
        ["--set-string", &format!("a=b,secrets.carddavPassword={PASSWORD}")],
        ["-f", &applies],
        ["-f", &holds],
        ["-f", "/nowhere.yaml"],
    ] {
        let ran = bench.deploy(&[&args as &[&str], &["--dry-run"]].concat());
        assert_eq!(ran.code, Some(2), "{args:?}: {}", ran.stderr);
        assert!(!ran.stderr.contains(TOKEN) && !ran.stderr.contains(PASSWORD), "{}", ran.stderr);
    }
    assert_eq!(bench.calls("argv"), []);
}

#[test]
fn options_that_exclude_each_other_are_refused() {
    for args in [["--dry-run", "--gate-only"], ["--gate-only", "--apply-setup"], ["--dry-run", "--remember"]] {
        let ran = Bench::new().deploy(&args);
        assert_eq!(ran.code, Some(2), "{args:?}");
    }
}
