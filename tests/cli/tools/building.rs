//! Helm built from its pins by a stub `go` that counts its runs.

use std::fs;
use std::sync::Barrier;

use xtask::tools::{Helm, Kind, Major};

use crate::bench::{Bench, RECORD, quiet, refused};

const FIND_OUTPUT: &str = "while [ $# -gt 0 ]; do [ \"$1\" = -o ] && out=$2; shift; done";

/// Builds a program that says nothing: a built tool is not asked for its version.
fn go(bench: &Bench, before: &str) {
    let body = format!(
        "echo run >>\"$HERE/runs\"; {RECORD}; {FIND_OUTPUT}; {before}; echo '#!/bin/sh' >\"$out\"; chmod +x \"$out\""
    );
    bench.stub("go", &body);
}

fn bench_with_pins() -> Bench {
    let bench = Bench::new();
    for (folder, pins) in [
        ("helm4", "helm.sh/helm/v4 v4.3.1 // indirect\n\tk8s.io/client-go v0.37.1 // indirect"),
        ("helm3", "helm.sh/helm/v3 v3.22.0 // indirect\n\tk8s.io/client-go v0.37.0 // indirect"),
        ("kind", "sigs.k8s.io/kind v0.33.0 // indirect"),
    ] {
        let folder = bench.path("pins").join(folder);
        fs::create_dir(&folder).expect("a folder");
        fs::write(folder.join("go.mod"), format!("module pins\n\nrequire (\n\t{pins}\n)\n")).expect("go.mod");
        fs::write(folder.join("go.sum"), "sums\n").expect("go.sum");
    }
    bench
}

/// What lies in the folder of built tools, locks aside.
fn built(bench: &Bench) -> Vec<String> {
    let entries = fs::read_dir(bench.path("built")).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let tools = paths.filter(|path| path.extension() != Some("lock".as_ref()));
    tools.map(|path| path.file_name().unwrap_or_default().to_string_lossy().into_owned()).collect()
}

#[test]
fn helm_4_is_built_from_read_only_modules_with_its_version_linked_in() {
    let bench = bench_with_pins().var("GOFLAGS", "-mod=mod").var("GOOS", "plan9").var("GOPROXY", "off");
    go(&bench, ":");
    let helm = Helm::find_in(&bench.host(), quiet()).expect("a built helm");
    assert_eq!((helm.version.to_string().as_str(), helm.major), ("4.3.1", Major::Four));
    assert!(helm.program().starts_with(bench.path("built")), "{}", helm.program().display());

    let argv = bench.lines("argv");
    assert_eq!(
        argv[..4],
        ["build", "-trimpath", "-ldflags", "-s -w -X helm.sh/helm/v4/internal/version.version=v4.3.1"]
    );
    assert_eq!((argv[4].as_str(), argv[6].as_str(), argv.len()), ("-o", "helm.sh/helm/v4/cmd/helm", 7));
    assert!(bench.read("dir").trim_end().ends_with("pins/helm4"));
    let env = bench.lines("env");
    for line in ["GOFLAGS=-mod=readonly", "GOTOOLCHAIN=local", "GOWORK=off", "CGO_ENABLED=0", "GOPROXY=off"] {
        assert!(env.contains(&line.to_owned()), "{line} is missing in {env:#?}");
    }
    assert!(!env.iter().any(|line| line.starts_with("GOOS=")), "{env:#?}");
}

#[test]
fn helm_3_is_told_its_kubernetes_version_too() {
    let bench = bench_with_pins();
    bench.helm("v4.3.1", RECORD);
    go(&bench, ":");
    let helm = Helm::pinned_in(&bench.host(), Major::Three, quiet()).expect("a built helm");
    assert_eq!((helm.version.to_string().as_str(), helm.major), ("3.22.0", Major::Three));
    let flags = &bench.lines("argv")[3];
    for flag in [
        "-X helm.sh/helm/v3/internal/version.version=v3.22.0",
        "-X helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor=1",
        "-X helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor=37",
        "-X helm.sh/helm/v3/pkg/lint/rules.k8sVersionMajor=1",
        "-X helm.sh/helm/v3/pkg/lint/rules.k8sVersionMinor=37",
    ] {
        assert!(flags.contains(flag), "{flag} is missing in {flags}");
    }
    assert_eq!(
        Helm::pinned_in(&bench.host(), Major::Four, quiet()).expect("that on PATH").program(),
        bench.path("bin/helm")
    );
}

#[test]
fn an_unsupported_helm_or_kind_on_path_is_passed_over_for_the_built_one() {
    let bench = bench_with_pins();
    bench.helm("v4.2.1", RECORD);
    bench.stub("kind", "echo 'kind v0.32.0 go1.25 linux/amd64'");
    go(&bench, ":");
    assert_eq!(Helm::find_in(&bench.host(), quiet()).expect("a built helm").version.to_string(), "4.3.1");
    assert_eq!(Kind::find_in(&bench.host(), quiet()).expect("a built kind").version.to_string(), "0.33.0");
}

#[test]
fn a_named_helm_of_the_other_major_is_no_reason_to_refuse_a_pinned_one() {
    let bench = bench_with_pins();
    let named = bench.helm("v4.3.1", RECORD);
    let bench = bench.var("XTASK_HELM", named);
    go(&bench, ":");
    assert_eq!(Helm::pinned_in(&bench.host(), Major::Three, quiet()).expect("a built helm").major, Major::Three);
    assert_eq!(Helm::find_in(&bench.host(), quiet()).expect("the named one").major, Major::Four);
}

#[test]
fn finders_side_by_side_build_once() {
    let bench = bench_with_pins();
    go(&bench, "sleep 0.3");
    let start = Barrier::new(4);
    let programs: Vec<_> = std::thread::scope(|scope| {
        let find = || {
            start.wait();
            Helm::find_in(&bench.host(), quiet()).expect("a built helm").program().to_owned()
        };
        let finders: Vec<_> = (0..4).map(|_| scope.spawn(find)).collect();
        finders.into_iter().map(|finder| finder.join().expect("a finder")).collect()
    });
    assert!(programs.iter().all(|program| *program == programs[0]), "{programs:?}");
    assert_eq!(bench.lines("runs"), ["run"]);
}

#[test]
fn only_changed_pins_build_again() {
    let bench = bench_with_pins();
    go(&bench, ":");
    let find = || Helm::find_in(&bench.host(), quiet()).expect("a built helm").program().to_owned();
    let first = find();
    assert_eq!((find(), bench.lines("runs").len()), (first.clone(), 1));
    fs::write(bench.path("pins/helm4/go.sum"), "other sums\n").expect("go.sum");
    assert_ne!(find(), first);
    assert_eq!(bench.lines("runs").len(), 2);
}

#[test]
fn a_build_that_crashes_leaves_no_half_tool() {
    let bench = bench_with_pins();
    go(&bench, "echo half >\"$out\"; chmod +x \"$out\"; kill -9 $$");
    let message = refused(Helm::find_in(&bench.host(), quiet()));
    assert!(message.contains("ended with signal 9"), "{message}");
    assert_eq!(built(&bench), [""; 0]);

    go(&bench, "echo half >\"$out\"; chmod +x \"$out\"; echo 'no route to the modules' >&2; exit 1");
    let message = refused(Helm::find_in(&bench.host(), quiet()));
    let way_out = "put Helm 4.3 or newer below 5, or Helm 3.22 or newer below 4 on PATH, or name one by XTASK_HELM";
    assert!(
        message.contains(way_out) && message.ends_with("ended with status 1: no route to the modules"),
        "{message}"
    );

    go(&bench, "exit 0");
    assert!(refused(Helm::find_in(&bench.host(), quiet())).ends_with("ended well and built nothing"));
    assert_eq!(built(&bench), [""; 0]);
}

#[test]
fn what_a_killed_run_has_left_is_removed() {
    let bench = bench_with_pins();
    fs::create_dir(bench.path("built/helm4-part-x")).expect("a folder");
    fs::write(bench.path("built/helm4-part-x/helm"), "half").expect("a file");
    go(&bench, ":");
    Helm::find_in(&bench.host(), quiet()).expect("a built helm");
    let built = built(&bench);
    assert!(built.len() == 1 && built[0].starts_with("helm-v4.3.1-"), "{built:?}");
}

#[test]
fn no_helm_and_no_go_is_one_line_with_the_ways_out() {
    let message = refused(Helm::find_in(&bench_with_pins().host(), quiet()));
    for part in ["there is no helm", "XTASK_HELM", "on PATH", "install Go 1.26"] {
        assert!(message.contains(part), "{part} is missing in {message}");
    }
    assert!(!message.contains('\n'), "{message}");
    assert!(refused(Kind::find_in(&bench_with_pins().host(), quiet())).contains("XTASK_KIND"));
}
