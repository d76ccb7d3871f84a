//! Canaries: secret values that a child prints, in every place where its words are shown.

use std::sync::mpsc::channel;

use xtask::tools::{ChartCall, Helm, Kubectl, Mask, Values};

use crate::bench::{Bench, LONG, cluster, quiet};

const CANARY: &str = "CANARY-9f3'\"<\u{e4}";

/// Prints the canary, raw, in base64 and escaped, on both streams.
const LEAK: &str = "cat \"$HERE/leak\"; cat \"$HERE/leak\" >&2; exit 1";

fn bench() -> Bench {
    let bench = Bench::new();
    let base64 = "Q0FOQVJZLTlmMyciPMOk";
    let json = "CANARY-9f3'\\\"\\u003c\u{e4}";
    std::fs::write(bench.path("leak"), format!("raw {CANARY}\nbase64 {base64}\njson {json}\n")).expect("a file");
    bench
}

fn mask() -> Mask {
    Mask::new([CANARY, "user"])
}

const MASKED: &str = "raw ***\nbase64 ***\njson ***\n";

#[test]
fn helms_stderr_errors_and_command_lines_are_masked_and_its_product_is_not() {
    let bench = bench();
    bench.helm("v4.3.1", LEAK);
    let helm = Helm::find_in(&bench.host(), quiet()).expect("helm").masking(mask());
    let call = ChartCall {
        chart: CANARY.into(),
        values: Values::default(),
        kube_version: "1.37".into(),
        release: "x".into(),
        namespace: "y".into(),
    };
    let captured = helm.template(&call).expect("a call");
    assert_eq!(captured.stderr, MASKED);
    assert_eq!(captured.stdout, bench.read("leak"));
    let error = anyhow::Error::from(captured.error());
    for text in [format!("{error:#}"), format!("{error:?}"), captured.command] {
        assert!(text.contains("***") && !text.contains("CANARY"), "{text}");
    }
}

#[test]
fn lines_of_a_running_program_and_its_error_are_masked() {
    let bench = bench();
    bench.kubectl(LEAK);
    let kubectl = Kubectl::find_in(&bench.host(), cluster(), quiet()).expect("kubectl").masking(mask());
    let (lines, seen) = channel();
    let mut running = kubectl
        .stream(&["logs", "--follow", "x"], move |_, line| lines.send(line.to_owned()).expect("a reader"))
        .expect("a start");
    let ended = running.wait(LONG).expect("a status").expect("an end");
    let error = format!("{:#}", anyhow::Error::from(running.error(ended)));
    assert!(error.ends_with("status 1: raw ***\n  base64 ***\n  json ***"), "{error}");
    let mut seen: Vec<String> = seen.iter().collect();
    seen.sort_unstable();
    assert_eq!(seen, ["base64 ***", "base64 ***", "json ***", "json ***", "raw ***", "raw ***"]);
}

#[test]
fn a_pods_log_is_masked_though_it_is_stdout() {
    let bench = bench();
    bench.kubectl(LEAK);
    let kubectl = Kubectl::find_in(&bench.host(), cluster(), quiet()).expect("kubectl").masking(mask());
    assert_eq!(kubectl.logs("pod", "app", "mail", &["--previous"]).expect("a call").stdout, MASKED);
}
