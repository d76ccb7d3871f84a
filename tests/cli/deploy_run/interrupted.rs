//! Ctrl-C while Helm runs: Helm is asked to end, and the gate with it.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use super::bench::Ran;
use super::scene::{Gate, clean, list, scene};

#[test]
fn helm_is_asked_to_end_and_the_gate_is_removed() {
    let bench = scene();
    bench.hangs("upgrade");
    let mut job = Gate::said_no().objects("1").remove(0);
    job["status"] = json!({"active": 1});
    bench.after("upgrade", &[("look", list(&[job]))]);
    bench.answer("left", "");
    let mut command = bench.command(&["--context", "one", "--yes"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap());
    let mut stderr = String::new();
    while !stderr.contains("asks what is missing") {
        assert!(lines.read_line(&mut stderr).unwrap() > 0, "{stderr}");
    }
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    lines.read_to_string(&mut stderr).unwrap();
    let ran = Ran { stderr, ..Ran::of(&child.wait_with_output().unwrap()) };
    ran.ended(130, "interrupted by SIGINT");
    for line in ["recorded the revision as failed", "the gate Job mailroom-gate had not ended", "go on with"] {
        assert!(ran.stdout.contains(line), "no `{line}` in:\n{}", ran.stdout);
    }
    assert_eq!(bench.called("delete job mailroom-gate").len(), 1);
    clean(&bench, &ran);
}
