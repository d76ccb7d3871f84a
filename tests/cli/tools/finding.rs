//! Which Helm is chosen: by variable, by PATH, by its version.

use std::fs;
use std::path::Path;
use std::time::Duration;

use xtask::tools::{Helm, Host, Major};

use crate::bench::{Bench, RECORD, quiet, refused, until};

const WORDS: &str = "Helm 4.3 or newer below 5, or Helm 3.22 or newer below 4";

#[test]
fn takes_every_supported_version_on_path() {
    for (said, version, major) in [
        ("v4.3", "4.3", Major::Four),
        ("v4.3.1", "4.3.1", Major::Four),
        ("v4.12.0+gabc", "4.12.0", Major::Four),
        ("v3.22", "3.22", Major::Three),
        ("v3.22.0+g123", "3.22.0", Major::Three),
    ] {
        let bench = Bench::new();
        let program = bench.helm(said, RECORD);
        let helm = Helm::find_in(&bench.host(), quiet()).expect(said);
        assert_eq!(
            (helm.version.to_string().as_str(), helm.major, helm.program()),
            (version, major, program.as_path())
        );
    }
}

#[test]
fn refuses_by_name_a_named_helm_that_will_not_do() {
    for (said, why) in [
        ("v4.2.1", "is version 4.2.1, which is not supported"),
        ("v3.21.4", "is version 3.21.4, which is not supported"),
        ("v5.0.0", "is version 5.0.0, which is not supported"),
        ("Client: v2.17.0+ga690bad", "is version 2.17.0, which is not supported"),
        ("v4.4.0-rc.1", "is version 4.4.0 (not released), which is not supported"),
        ("heaven", "answers `version --short` with no version (\"heaven\")"),
        ("", "answers `version --short` with no version (\"\")"),
    ] {
        let bench = Bench::new();
        let program = bench.helm(said, RECORD).display().to_string();
        let bench = bench.var("XTASK_HELM", &program);
        let message = refused(Helm::find_in(&bench.host(), quiet()));
        assert_eq!(message, format!("XTASK_HELM={program} {why}: name {WORDS}, or unset XTASK_HELM"));
        assert_eq!(refused(Helm::pinned_in(&bench.host(), Major::Three, quiet())), message);
    }
}

#[test]
fn refuses_a_named_helm_that_hangs_and_ends_it() {
    let bench = Bench::new();
    let program = bench.stub("helm", "sleep 600 & echo $$ $! >\"$HERE/pids\"; wait").display().to_string();
    let bench = bench.var("XTASK_HELM", &program);
    let message = refused(Helm::find_in(&bench.host().with_answer_limit(Duration::from_secs(3)), quiet()));
    let expected = format!("`{program} version --short` did not end within 3 s and was stopped");
    assert!(message.contains(&expected), "{message}");
    for process in bench.read("pids").split_whitespace() {
        until(&format!("process {process} has ended"), || {
            let state = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
            state.is_empty() || state.contains(") Z ")
        });
    }
}

#[test]
fn refuses_a_named_helm_that_is_no_program() {
    let bench = Bench::new();
    fs::write(bench.path("plain"), "text").expect("a file");
    for named in ["absent", "plain", "bin"] {
        let named = bench.path(named);
        let host = Bench::new().var("XTASK_HELM", &named).host();
        let expected = format!("XTASK_HELM={} is not there or is no program: name {WORDS}", named.display());
        let message = refused(Helm::find_in(&host, quiet()));
        assert!(message.starts_with(&expected), "{message}");
    }
}

#[test]
fn a_variable_wins_over_path_and_an_empty_one_does_not() {
    let bench = Bench::new();
    bench.helm("v4.3.1", RECORD);
    bench.stub("helm-old", "echo v3.22.0");
    let named = bench.var("XTASK_HELM", "helm-old");
    assert_eq!(Helm::find_in(&named.host(), quiet()).expect("the named one").major, Major::Three);

    let bench = Bench::new().var("XTASK_HELM", "");
    bench.helm("v4.3.1", RECORD);
    assert_eq!(Helm::find_in(&bench.host(), quiet()).expect("that on PATH").major, Major::Four);
}

#[test]
fn a_relative_entry_of_path_is_passed_over() {
    let bench = Bench::new();
    bench.helm("v4.3.1", RECORD);
    let here = std::env::current_dir().expect("a folder");
    let up = "../".repeat(here.components().count());
    let relative = format!("{up}{}", bench.path("bin").display());
    assert!(Path::new(&relative).join("helm").exists(), "{relative}");
    let host = Host::new([("PATH".into(), relative.into())], bench.path("pins"), bench.path("built"));
    assert!(refused(Helm::find_in(&host, quiet())).starts_with("there is no helm"));
}
