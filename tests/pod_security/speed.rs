//! How long a file of many pods takes: `xtask lint --manifests` against the oracle, by whole processes.
//!
//! ```text
//! cargo build --release -p xtask && cargo run --release -p xtask --example pod-security-speed
//! ```
//!
//! Median of five, in turns. It ends with 1 where ours takes more than a quarter of the oracle's time for 3,000 pods, or
//! where the two refuse another number of pods. Then the growth from 300 to 30,000 pods. It needs Go, for the oracle.

#[allow(dead_code, reason = "the comparison's, of which only the program is wanted")]
mod oracle;
#[allow(dead_code, reason = "the oracle's answers have its type")]
mod verdicts;

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use xtask::measure::median;

use oracle::Oracle;

const ROUNDS: usize = 5;
const POLICY: &str = "restricted:v1.37";
/// Of so many pods one is refused.
const BAD: usize = 10;
/// Ours, as a part of the oracle's time, at most.
const LIMIT: f64 = 0.25;

fn main() -> Result<ExitCode> {
    let oracle = Oracle::build()?;
    let xtask = std::env::current_exe()?.with_file_name("../xtask");
    ensure!(xtask.exists(), "build it first: cargo build --release -p xtask");
    let folder = tempfile::tempdir()?;
    let file = |pods: usize| -> Result<std::path::PathBuf> {
        let path = folder.path().join(format!("{pods}.yaml"));
        std::fs::write(&path, manifests(pods)).context("cannot write the manifests")?;
        Ok(path)
    };

    let three_thousand = file(3_000)?;
    let mut times = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let ours = ours(&xtask, &three_thousand)?;
        let theirs = theirs(oracle.program(), &three_thousand)?;
        ensure!(
            ours.refused == theirs.refused && ours.refused == 3_000 / BAD,
            "{ours:?} refused, {theirs:?} by the oracle"
        );
        if round > 0 {
            times.0.push(ours.seconds); // the first round warms the caches
            times.1.push(theirs.seconds);
        }
    }
    let (ours_at, theirs_at) = (median(times.0), median(times.1));
    let ratio = ours_at / theirs_at;
    println!(
        "3,000 pods: xtask lint {ours_at:.3} s, oracle {theirs_at:.3} s, ratio {ratio:.2} (medians of {ROUNDS}, at most {LIMIT})"
    );

    for pods in [300, 3_000, 30_000] {
        let path = file(pods)?;
        let seconds = median((0..ROUNDS).map(|_| Ok(ours(&xtask, &path)?.seconds)).collect::<Result<Vec<_>>>()?);
        println!("{pods:>6} pods: {seconds:.3} s, {:.1} us a pod", seconds * 1e6 / f64::from(u32::try_from(pods)?));
    }
    Ok(if ratio <= LIMIT { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A run: its seconds, and how many pods were refused.
#[derive(Debug)]
struct Timed {
    seconds: f64,
    refused: usize,
}

fn ours(xtask: &Path, file: &Path) -> Result<Timed> {
    let mut lint = Command::new(xtask);
    lint.args(["lint", "-q", "--format", "json", "--pod-security", POLICY, "--manifests"]).arg(file);
    let (seconds, output) = timed(&mut lint)?;
    let report: Value = serde_json::from_slice(&output).context("lint gives JSON")?;
    let findings = report["findings"].as_array().context("lint gives findings")?;
    Ok(Timed { seconds, refused: findings.iter().filter(|finding| finding["severity"] == "error").count() })
}

fn theirs(oracle: &Path, file: &Path) -> Result<Timed> {
    let (seconds, output) = timed(Command::new(oracle).args(["manifest", POLICY]).arg(file))?;
    Ok(Timed { seconds, refused: output.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count() })
}

fn timed(command: &mut Command) -> Result<(f64, Vec<u8>)> {
    let start = Instant::now();
    let output = command.output().with_context(|| format!("cannot start {command:?}"))?;
    Ok((start.elapsed().as_secs_f64(), output.stdout))
}

/// Hardened pods of the usual shape, of which one in ten misses one condition.
fn manifests(pods: usize) -> String {
    let mut text = String::new();
    for number in 0..pods {
        let escalation = number % BAD == 0;
        write!(
            text,
            "---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: pod-{number}\n  namespace: of-many\n  labels:\n    \
             app.kubernetes.io/name: pod\n    app.kubernetes.io/instance: \"{number}\"\nspec:\n  \
             automountServiceAccountToken: false\n  enableServiceLinks: false\n  securityContext:\n    \
             runAsNonRoot: true\n    runAsUser: 9999\n    seccompProfile:\n      type: RuntimeDefault\n  containers:\n    \
             - name: app\n      image: \"example.invalid/app:1\"\n      resources:\n        limits: {{cpu: 100m, memory: 64Mi}}\n        \
             requests: {{cpu: 100m, memory: 64Mi}}\n      readinessProbe:\n        httpGet: {{path: /healthz, port: 8080}}\n      \
             securityContext:\n        allowPrivilegeEscalation: {escalation}\n        readOnlyRootFilesystem: true\n        \
             capabilities:\n          drop: [ALL]\n      volumeMounts:\n        - {{name: tmp, mountPath: /tmp}}\n  volumes:\n    \
             - name: tmp\n      emptyDir: {{}}\n"
        )
        .expect("a String takes all that is written");
    }
    text
}
