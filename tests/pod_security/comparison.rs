//! Compares our verdicts on pods with those of the API server's own library, at every version and both levels.
//!
//! ```text
//! cargo run --release --example pod-security-comparison               # ends with 1 at any difference
//! cargo run --release --example pod-security-comparison -- --bless    # writes tests/pod_security/golden.jsonl
//! ```
//!
//! Both need Go, for the library, and fail without it.

mod cases;
mod fixtures;
mod golden;
mod oracle;
mod verdicts;

use std::process::ExitCode;

use anyhow::{Result, bail};
use serde_json::Value;
use xtask::parallel;
use xtask::pod_security::{Level, Version};

use fixtures::Fixtures;
use oracle::Oracle;
use verdicts::Verdicts;

/// How many differences of a series are shown.
const SHOWN: usize = 5;

fn main() -> Result<ExitCode> {
    let oracle = Oracle::build()?;
    match std::env::args().skip(1).collect::<Vec<_>>().as_slice() {
        [] => compare(&oracle),
        [flag] if flag == "--bless" => write_golden(&oracle),
        _ => bail!("the only flag is --bless"),
    }
}

fn write_golden(oracle: &Oracle) -> Result<ExitCode> {
    let documents = cases::golden();
    let verdicts = oracle.judge(&documents)?;
    let mut text = String::new();
    for (document, pods) in documents.into_iter().zip(verdicts) {
        text += &serde_json::to_string(&golden::Line { document, pods })?;
        text.push('\n');
    }
    std::fs::write(golden::path(), &text)?;
    println!("{}: {} lines, {} bytes", golden::path().display(), text.lines().count(), text.len());
    Ok(ExitCode::SUCCESS)
}

fn compare(oracle: &Oracle) -> Result<ExitCode> {
    println!("{:<20} {:>9} {:>7} {:>10}   differences in verdict, reason, detail", "", "documents", "pods", "verdicts");
    let mut total = Counts::default();
    for (series, documents) in cases::all() {
        let counts = Counts::of(&documents, &oracle.judge(&documents)?);
        counts.print(series);
        total.add(&counts);
    }
    let fixtures = Fixtures::read(&oracle::upstream()?)?;
    let verdicts = oracle.judge(&fixtures.documents)?;
    let counts = Counts::of(&fixtures.documents, &verdicts);
    counts.print("upstream's fixtures");
    total.add(&counts);
    total.print("all");

    let ours = parallel::map(&fixtures.documents, verdicts::ours);
    let failed = fixtures.failed(&ours);
    println!("{} fixture files at their own level and version: {failed} differences", fixtures.files());
    println!("{} differences", total.differences() + failed);
    Ok(if total.differences() + failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What a comparison has counted.
#[derive(Default)]
struct Counts {
    documents: usize,
    pods: usize,
    verdicts: usize,
    in_verdict: usize,
    in_reason: usize,
    in_detail: usize,
}

impl Counts {
    /// Compares our verdicts on the documents with the oracle's.
    fn of(documents: &[Value], theirs: &[Vec<Verdicts>]) -> Self {
        let mut counts = Self { documents: documents.len(), ..Self::default() };
        let ours = parallel::map(documents, verdicts::ours);
        for ((document, ours), theirs) in documents.iter().zip(ours).zip(theirs) {
            if ours.len() != theirs.len() {
                counts.show(document, &format!("{} pods", ours.len()), &format!("{} pods", theirs.len()));
                counts.in_verdict += 1;
            }
            counts.pods += theirs.len();
            for (ours, theirs) in ours.iter().zip(theirs) {
                counts.compare(document, ours, theirs);
            }
        }
        counts
    }

    fn compare(&mut self, document: &Value, ours: &Verdicts, theirs: &Verdicts) {
        for level in [Level::Baseline, Level::Restricted] {
            for version in Version::all() {
                let (Some(ours), Some(theirs)) = (ours.at(level, version.minor()), theirs.at(level, version.minor()))
                else {
                    self.in_verdict += 1;
                    continue;
                };
                self.verdicts += 1;
                let differs =
                    [ours.allowed != theirs.allowed, ours.reason != theirs.reason, ours.detail != theirs.detail];
                if differs.contains(&true) {
                    self.show(document, &format!("{level}:{version} {}", ours.detail), &theirs.detail);
                }
                let [in_verdict, in_reason, in_detail] = differs.map(usize::from);
                self.in_verdict += in_verdict;
                self.in_reason += in_reason;
                self.in_detail += in_detail;
            }
        }
    }

    /// The first few differences, with as much of the document as fits a screen.
    fn show(&self, document: &Value, ours: &str, theirs: &str) {
        if self.differences() < SHOWN {
            eprintln!("{:.2000}\n  ours:   {ours:.500}\n  theirs: {theirs:.500}", document.to_string());
        }
    }

    fn differences(&self) -> usize {
        self.in_verdict + self.in_reason + self.in_detail
    }

    fn add(&mut self, other: &Self) {
        self.documents += other.documents;
        self.pods += other.pods;
        self.verdicts += other.verdicts;
        self.in_verdict += other.in_verdict;
        self.in_reason += other.in_reason;
        self.in_detail += other.in_detail;
    }

    fn print(&self, series: &str) {
        let Self { documents, pods, verdicts, in_verdict, in_reason, in_detail } = self;
        println!("{series:<20} {documents:>9} {pods:>7} {verdicts:>10}   {in_verdict}, {in_reason}, {in_detail}");
    }
}
