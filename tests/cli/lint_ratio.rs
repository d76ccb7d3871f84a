//! How long a warm `xtask lint` takes, as a ratio to the Helm processes that it must run: pairs of runs, median of five.
//!
//! `cargo run --release -p xtask --example lint-ratio`, or without `--release` for the build that `cargo xtask` runs.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use xtask::chart::{Chart, Scenario};
use xtask::measure::median;
use xtask::report::{self, Console};
use xtask::tools::helm::Helm;
use xtask::{parallel, paths};

const PAIRS: usize = 5;

fn main() -> anyhow::Result<()> {
    let chart = Chart::open(&paths::chart())?;
    let helm = Helm::find(Console::default())?;
    let scenarios = chart.scenarios()?;
    let calls: Vec<(&str, &Scenario)> = scenarios.iter().flat_map(|s| [("lint", s), ("template", s)]).collect();
    let xtask = std::env::current_exe()?.with_file_name("../xtask");

    let mut pairs = Vec::new();
    for round in 0..=PAIRS {
        let lint = timed(|| run(Command::new(&xtask).args(["lint", "-q"]).env("XTASK_HELM", helm.program())));
        let bare =
            timed(|| parallel::map(&calls, |(verb, scenario)| run(&mut helm_call(helm.program(), verb, scenario))));
        if round > 0 {
            pairs.push((lint, bare)); // the first round warms the caches
        }
    }
    let ratio = median(pairs.iter().map(|(lint, bare)| lint.as_secs_f64() / bare.as_secs_f64()));
    report::product(&format!(
        "xtask lint {:.3} s, its {} helm processes alone {:.3} s, ratio {ratio:.2} (medians of {PAIRS} pairs)\n",
        median(pairs.iter().map(|(lint, _)| lint.as_secs_f64())),
        calls.len(),
        median(pairs.iter().map(|(_, bare)| bare.as_secs_f64())),
    ))
}

fn helm_call(helm: &Path, verb: &str, scenario: &Scenario) -> Command {
    let mut command = Command::new(helm);
    command.args(if verb == "lint" { &["lint", "--strict"][..] } else { &["template", "mailroom"] });
    command.arg(paths::chart()).args(["--kube-version", "1.37"]);
    for file in &scenario.files {
        command.arg("--values").arg(file);
    }
    command
}

fn run(command: &mut Command) {
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("the program starts");
    assert!(status.success(), "{command:?} ended with {status}");
}

fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}
