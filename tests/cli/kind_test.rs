//! `kind-test` against stub programs: what it asks for, in which order, and that it removes what it made, at any end.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// A folder for the target of the runs and the stubs' notes.
struct Bench {
    folder: TempDir,
}

impl Bench {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    fn command(&self, args: &[&str], vars: &[(&str, &str)]) -> Command {
        let stubs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/cli/kind_test/stubs");
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.arg("kind-test").args(args).env_clear();
        command.env("PATH", format!("{}:/usr/bin:/bin", stubs.display())).env("CARGO", stubs.join("cargo"));
        command.env("CARGO_TARGET_DIR", self.folder.path()).env("STUB_LOG", self.folder.path().join("log"));
        command.envs(vars.iter().copied());
        command
    }

    fn run(&self, args: &[&str], vars: &[(&str, &str)]) -> Ended {
        Ended::new(self.command(args, vars).output().expect("it starts"))
    }

    fn start(&self, vars: &[(&str, &str)]) -> Child {
        let mut command = self.command(&["--node-image", "node"], vars);
        command.stderr(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it starts")
    }

    /// The calls that were noted.
    fn log(&self) -> Vec<String> {
        let text = fs::read_to_string(self.folder.path().join("log")).expect("notes");
        text.lines().map(ToOwned::to_owned).collect()
    }

    fn position(&self, start: &str) -> usize {
        let log = self.log();
        log.iter().position(|line| line.starts_with(start)).unwrap_or_else(|| panic!("no {start:?} in {log:#?}"))
    }

    fn runs(&self) -> Vec<PathBuf> {
        let folders = fs::read_dir(self.folder.path().join("kind-test")).into_iter().flatten();
        folders.map(|entry| entry.expect("an entry").path()).collect()
    }

    /// Everything that was asked for was also taken back, and no file is left.
    fn assert_nothing_left(&self) {
        let name = self
            .log()
            .iter()
            .find_map(|line| Some(line.split_once("cluster --config")?.1.split(' ').nth(5)?.to_owned()));
        let name = name.expect("a cluster was asked for");
        let created = self.position("kind create");
        assert!(self.position(&format!("kind delete cluster --name {name}")) > created);
        assert!(self.position(&format!("docker network rm {name}")) > self.position("kind delete"));
        assert_eq!(self.runs(), Vec::<PathBuf>::new());
        let others = self.log().into_iter().filter(|line| line.starts_with("kind delete") && !line.contains(&name));
        assert_eq!(others.collect::<Vec<_>>(), Vec::<String>::new(), "another cluster was touched");
    }
}

struct Ended {
    code: Option<i32>,
    stderr: String,
}

impl Ended {
    fn new(output: Output) -> Self {
        Self { code: output.status.code(), stderr: String::from_utf8(output.stderr).expect("text") }
    }
}

/// Reads the lines until one has this in it.
fn read_until(lines: &mut impl Iterator<Item = std::io::Result<String>>, part: &str) {
    assert!(lines.any(|line| line.expect("a line").contains(part)), "it did not say {part:?}");
}

fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).expect("it runs");
}

#[test]
fn without_an_engine_it_names_the_way_to_one_and_makes_nothing() {
    let bench = Bench::new();
    let ended = bench.run(&[], &[("STUB_ENGINE", "down")]);
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    assert_eq!(ended.stderr.lines().filter(|line| line.starts_with("error:")).count(), 1, "{}", ended.stderr);
    assert!(ended.stderr.contains("tests/kind-host/engine.sh"), "{}", ended.stderr);
    assert_eq!(bench.runs(), Vec::<PathBuf>::new());
}

#[test]
fn a_machine_with_cgroup_v1_is_refused_before_anything_is_made() {
    let bench = Bench::new();
    let ended = bench.run(&[], &[("STUB_CGROUP", "1")]);
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    assert!(ended.stderr.contains("cgroup v1") && ended.stderr.contains("--node-image"), "{}", ended.stderr);
    assert!(!bench.log().iter().any(|line| line.contains("create")), "{:#?}", bench.log());
}

#[test]
fn without_a_registry_it_names_the_script_that_makes_a_node_image() {
    let bench = Bench::new();
    let ended = bench.run(&[], &[("STUB_CREATE", "pull")]);
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    assert!(ended.stderr.contains("tests/kind-host/node-image.sh"), "{}", ended.stderr);
    bench.assert_nothing_left();
}

#[test]
fn does_not_take_kind_s_word_for_a_cluster_that_is_not_ready() {
    let bench = Bench::new();
    let ended = bench.run(&["--node-image", "node"], &[]);
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    assert!(ended.stderr.contains("not today"), "{}", ended.stderr);
    let log = bench.log();
    assert_eq!(log.iter().filter(|line| line.starts_with("kubectl get nodes")).count(), 3);
    assert!(bench.position("kubectl get serviceaccount default") < bench.position("kind load"));
    assert!(bench.position("docker exec") < bench.position("kind load"), "the DNS was not asked");
    bench.assert_nothing_left();
    let images = |verb: &str| log.iter().filter(|line| line.starts_with(verb) && !line.contains(":cache")).count();
    assert_eq!(images("docker image rm mailroom-kind-test/"), 6, "{log:#?}");
}

#[test]
fn writes_the_cluster_down_before_kind_makes_it() {
    let bench = Bench::new();
    bench.run(&[], &[("STUB_CREATE", "pull")]);
    let log = bench.log();
    let created = &log[bench.position("kind create")];
    let noted = &log[bench.position("journal")];
    let name = noted.split('"').nth(7).expect("a name");
    assert!(created.contains(&format!("--name {name} ")), "{created} / {noted}");
}

#[test]
fn a_signal_while_kind_works_ends_kind_first_and_removes_the_cluster_then() {
    for sent in [Signal::INT, Signal::TERM] {
        let bench = Bench::new();
        let mut run = bench.start(&[("STUB_CREATE", "hang")]);
        let mut lines = BufReader::new(run.stderr.take().expect("piped")).lines();
        read_until(&mut lines, "making the node");
        signal(&run, sent);
        assert_eq!(run.wait().expect("it ends").code(), Some(130));
        if bench.log().iter().any(|line| line.starts_with("kind create")) {
            assert!(bench.position("kind ended") < bench.position("kind delete"));
            bench.assert_nothing_left();
        }
        assert_eq!(bench.runs(), Vec::<PathBuf>::new());
    }
}

#[test]
fn a_second_signal_skips_nothing_and_says_so() {
    let bench = Bench::new();
    let mut run = bench.start(&[("STUB_CREATE", "hang")]);
    let mut lines = BufReader::new(run.stderr.take().expect("piped")).lines();
    read_until(&mut lines, "making the node");
    signal(&run, Signal::INT);
    read_until(&mut lines, "interrupted by SIGINT: removing what was made");
    signal(&run, Signal::INT);
    read_until(&mut lines, "SIGINT again: still removing what was made");
    assert_eq!(run.wait().expect("it ends").code(), Some(130));
    assert_eq!(bench.runs(), Vec::<PathBuf>::new());
}

#[test]
fn a_run_that_was_killed_is_told_of_and_left_alone() {
    let bench = Bench::new();
    let mut run = bench.start(&[("STUB_CREATE", "hang")]);
    let mut lines = BufReader::new(run.stderr.take().expect("piped")).lines();
    read_until(&mut lines, "making the node");
    signal(&run, Signal::KILL);
    run.wait().expect("it ends");
    let ended = bench.run(&[], &[("STUB_CREATE", "pull")]);
    assert!(ended.stderr.contains("an earlier run was kept or killed"), "{}", ended.stderr);
    assert!(ended.stderr.contains("docker network rm mailroom-"), "{}", ended.stderr);
    assert_eq!(bench.runs().len(), 1, "the killed run's folder is not ours to remove");
}

#[test]
fn an_unknown_behaviour_or_drill_is_a_usage_error_before_the_engine_is_asked() {
    for args in [["--only", "nothing"], ["--drill", "nothing"]] {
        let bench = Bench::new();
        let ended = bench.run(&args, &[("STUB_ENGINE", "down")]);
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        assert!(ended.stderr.contains("kind-test --list"), "{}", ended.stderr);
    }
}
