//! Starting and ending: nothing is left, and what is wrong is said.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::support::Server;

fn fastmail(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_fastmail")).args(arguments).output().unwrap()
}

fn terminate(child: &Child) {
    kill_process(Pid::from_child(child), Signal::TERM).unwrap();
}

/// The processes whose command line names `folder`.
fn processes(folder: &Path) -> usize {
    let of = |entry: fs::DirEntry| fs::read(entry.path().join("cmdline")).unwrap_or_default();
    let commands = fs::read_dir("/proc").unwrap().flatten().map(of);
    commands.filter(|command| String::from_utf8_lossy(command).contains(folder.to_str().unwrap())).count()
}

#[test]
fn sigterm_leaves_no_process_and_no_file() {
    let mut server = Server::start();
    let folder = server.ca_file().parent().unwrap().to_owned();
    assert!(processes(&folder) > 1, "master and httpd name their configuration");
    terminate(&server.child);
    assert!(server.child.wait().unwrap().success());
    assert!(!folder.exists());
    assert_eq!(processes(&folder), 0);
}

#[test]
fn the_end_of_stdin_leaves_no_process_and_no_file() {
    let mut server = Server::start();
    let folder = server.ca_file().parent().unwrap().to_owned();
    drop(server.child.stdin.take());
    assert!(server.child.wait().unwrap().success());
    assert!(!folder.exists());
    assert_eq!(processes(&folder), 0);
}

#[test]
fn a_signal_during_the_start_leaves_nothing_either() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_fastmail"));
    let mut child = command.arg("serve").env("TMPDIR", folder.path()).stdout(Stdio::piped()).spawn().unwrap();
    while fs::read_dir(folder.path()).unwrap().next().is_none() {
        std::thread::yield_now();
    }
    terminate(&child);
    assert!(child.wait().unwrap().success());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    assert_eq!(processes(folder.path()), 0);
}

#[test]
fn a_taken_port_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let output = fastmail(&["serve", "--admin-port", &port.to_string()]);
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(error.starts_with(&format!("error: cannot listen on 127.0.0.1:{port}: choose another port")), "{error}");
}

#[test]
fn a_missing_cyrus_is_named_with_its_packages() {
    let output = fastmail(&["serve", "--cyrus", "/nowhere"]);
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3), "{error}");
    assert!(error.contains("`apt-get install --no-install-recommends cyrus-imapd cyrus-caldav msmtp-mta`"), "{error}");
    assert!(output.stdout.is_empty());
}

#[test]
fn a_given_ca_is_the_one_clients_trust() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    assert!(fastmail(&["ca", path]).status.success());
    let again = fastmail(&["ca", path]);
    assert_eq!(again.status.code(), Some(1));
    assert!(String::from_utf8(again.stderr).unwrap().contains("has a CA already"));
    let output = fastmail(&["serve", "--ca", path, "--cyrus", "/nowhere"]);
    assert_eq!(output.status.code(), Some(3), "the CA is read before cyrus is looked for");
    let missing = fastmail(&["serve", "--ca", "/nowhere"]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(String::from_utf8(missing.stderr).unwrap().contains("/nowhere/ca.crt"));
}
