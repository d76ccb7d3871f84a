//! A program while it runs: its lines, its end, SIGTERM, and streams that fill up.

use std::fs;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use xtask::tools::{Helm, Kubectl, Release, Running, Stream};

use crate::bench::{Bench, LONG, cluster, quiet, refused};

/// Ends on SIGTERM with status 1, as Helm does, and leaves a file that says so.
const CANCELLABLE: &str =
    "trap 'echo cancelled >&2; : >\"$HERE/cancelled\"; exit 1' TERM; echo started; while :; do sleep 0.05; done";

fn start(bench: &Bench, body: &str) -> (Running, Receiver<(Stream, String)>) {
    bench.helm("v4.3.1", body);
    let helm = Helm::find_in(&bench.host(), quiet()).expect("helm");
    let release = Release { name: "mailroom".into(), namespace: "mail".into() };
    let (sender, lines) = channel();
    let on_line = move |stream, line: &str| sender.send((stream, line.to_owned())).unwrap_or_default();
    (helm.uninstall(&cluster(), &release, LONG, on_line).expect("a start"), lines)
}

#[test]
fn lines_come_while_it_runs_and_sigterm_lets_it_end_in_its_own_way() {
    let bench = Bench::new();
    let (mut running, lines) = start(&bench, CANCELLABLE);
    assert_eq!(lines.recv_timeout(LONG), Ok((Stream::Stdout, "started".into())));
    assert!(running.wait(Duration::ZERO).expect("a status").is_none(), "it still runs");
    running.terminate();
    let ended = running.wait(LONG).expect("a status").expect("an end");
    assert_eq!((ended.code(), ended.success()), (Some(1), false));
    assert_eq!(lines.recv_timeout(LONG), Ok((Stream::Stderr, "cancelled".into())));
    let error = format!("{:#}", anyhow::Error::from(running.error(ended)));
    assert!(error.ends_with("ended with status 1: cancelled"), "{error}");
    running.terminate();
    assert_eq!(running.wait(LONG).expect("a status").expect("an end").code(), Some(1));
}

#[test]
fn a_dropped_program_has_ended() {
    let bench = Bench::new();
    let (running, lines) = start(&bench, CANCELLABLE);
    assert_eq!(lines.recv_timeout(LONG), Ok((Stream::Stdout, "started".into())));
    drop(running);
    assert!(fs::exists(bench.path("cancelled")).expect("a look"), "it was not waited for");
}

#[test]
fn a_full_stream_does_not_block_the_other() {
    let flood =
        "i=0; while [ $i -lt 3000 ]; do echo 'some sixty bytes of output that nobody had asked for'; i=$((i+1)); done";
    let bench = Bench::new();
    bench.kubectl(&format!("({flood}) >&2; {flood}; echo end"));
    let kubectl = Kubectl::find_in(&bench.host(), cluster(), quiet()).expect("kubectl");
    let captured = kubectl.run(&["get", "pods"]).expect("a call");
    assert_eq!((captured.stdout.lines().count(), captured.stderr.lines().count()), (3001, 3000));
}

#[test]
fn a_product_that_is_no_utf_8_is_an_error() {
    let bench = Bench::new();
    bench.kubectl("printf '\\377'");
    let kubectl = Kubectl::find_in(&bench.host(), cluster(), quiet()).expect("kubectl");
    let message = refused(kubectl.run(&["get", "pods"]));
    assert!(message.contains("wrote something that is no UTF-8"), "{message}");
}

#[test]
fn a_program_that_cannot_be_run_is_an_error_of_the_environment() {
    let bench = Bench::new();
    let path = bench.helm("v4.3.1", ":");
    let helm = Helm::find_in(&bench.host(), quiet()).expect("helm");
    fs::remove_file(&path).expect("it was there");
    let message = refused(helm.package("chart".as_ref(), "out".as_ref()));
    assert!(message.starts_with(&format!("cannot run `{} package chart", path.display())), "{message}");
}
