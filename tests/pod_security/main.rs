//! Pod security as a whole: the golden verdicts of the API server's library, and cases that people have stumbled over.
//!
//! `cargo run --release --example pod-security-comparison` compares far more, and needs Go; with `-- --bless` it writes the
//! golden file anew.

mod golden;
mod reported;
mod verdicts;

use golden::Line;
use xtask::pod_security::{Level, Version, breakpoints};

#[test]
fn the_golden_verdicts_are_ours() {
    let lines = std::fs::read_to_string(golden::path()).expect("the golden file is checked in");
    let mut judged = 0;
    for line in lines.lines() {
        let Line { document, pods } = serde_json::from_str(line).expect("a line of the golden file is JSON");
        let ours = verdicts::ours(&document);
        assert_eq!(ours.len(), pods.len(), "{document}");
        for (ours, golden) in ours.iter().zip(&pods) {
            for (level, version) in policies() {
                let minor = version.minor();
                assert_eq!(ours.at(level, minor), golden.at(level, minor), "{level}:{version} of {document}");
            }
            judged += 1;
        }
    }
    assert!(judged > 400, "the golden file has few pods: {judged}");
}

/// Both levels at each version at which the policy changes; the file holds the others too, which are the same.
fn policies() -> impl Iterator<Item = (Level, Version)> {
    let levels = [Level::Baseline, Level::Restricted].into_iter();
    levels.flat_map(|level| breakpoints().into_iter().map(move |version| (level, version)))
}
