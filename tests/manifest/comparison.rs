//! The reader against Kubernetes' own libraries: the written list, and seeded mutations of it.
//!
//!     cargo run --release --example reader-comparison -- --cases 200000 --seed 1
//!     cargo run --example reader-comparison -- --bless      # writes tests/manifest/golden.jsonl
//!
//! It builds `oracle` with Go, prints its counts, and ends with 1 if there is a single difference.

#[allow(dead_code, reason = "the texts alone are wanted here; `cargo test` checks what the list expects")]
mod cases;
mod mutate;
mod verdict;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, ensure};
use clap::Parser;
use verdict::{Answer, Verdict, compare};

#[derive(Parser)]
struct Arguments {
    /// How many mutations to compare besides the written list
    #[arg(long, default_value_t = 20_000)]
    cases: usize,
    /// Where the mutations start
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Write the oracle's answers to the written list to golden.jsonl, and compare nothing
    #[arg(long)]
    bless: bool,
    /// An oracle that is already built
    #[arg(long, value_name = "FILE")]
    oracle: Option<PathBuf>,
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let oracle = arguments.oracle.map_or_else(build, Ok)?;
    let list: Vec<String> = cases::cases().into_iter().map(|case| case.text).collect();
    if arguments.bless {
        return bless(&oracle, &list);
    }
    let mut random = mutate::Random::new(arguments.seed);
    let mut texts = list.clone();
    for _ in 0..arguments.cases {
        let (one, other) = (random.below(list.len()), random.below(list.len()));
        texts.push(mutate::mutate(&mut random, &list[one], &list[other]));
    }
    Ok(report(&texts, list.len(), arguments.seed, &ask(&oracle, &texts)?))
}

/// Builds the oracle below the target directory.
fn build() -> Result<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/manifest/oracle");
    let built = xtask::paths::target().join("oracles/manifest");
    eprintln!("building the oracle with go (a few minutes at first)");
    let mut go = Command::new("go");
    go.args(["build", "-o"]).arg(&built).arg(".").current_dir(&folder).env("GOFLAGS", "-mod=readonly");
    let status = go.status().context("the comparison needs go on PATH")?;
    ensure!(status.success(), "go build in {} failed", folder.display());
    Ok(built)
}

/// The oracle's answers, one a text; it is asked in one process, and written to while it is read.
fn ask(oracle: &Path, texts: &[String]) -> Result<Vec<Answer>> {
    let mut child =
        Command::new(oracle).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().context("cannot start the oracle")?;
    let (mut stdin, stdout) = (child.stdin.take().context("no stdin")?, child.stdout.take().context("no stdout")?);
    let answers = std::thread::scope(|scope| -> Result<Vec<Answer>> {
        let writer = scope.spawn(move || -> Result<()> {
            for text in texts {
                writeln!(stdin, "{}", serde_json::to_string(text)?)?;
            }
            Ok(())
        });
        let answer = |line: std::io::Result<String>| {
            let line = line?;
            serde_json::from_str(&line).with_context(|| format!("not an answer: {line}"))
        };
        let answers = BufReader::new(stdout).lines().map(answer).collect::<Result<_>>()?;
        writer.join().expect("the writer does not panic")?;
        Ok(answers)
    })?;
    ensure!(child.wait()?.success(), "the oracle failed");
    ensure!(answers.len() == texts.len(), "{} answers to {} texts", answers.len(), texts.len());
    Ok(answers)
}

fn bless(oracle: &Path, list: &[String]) -> Result<ExitCode> {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/manifest/golden.jsonl");
    let mut lines = String::new();
    for pair in list.iter().zip(ask(oracle, list)?) {
        lines += &(serde_json::to_string(&pair)? + "\n");
    }
    std::fs::write(&golden, lines)?;
    println!("wrote {} verdicts to tests/manifest/golden.jsonl", list.len());
    Ok(ExitCode::SUCCESS)
}

fn report(texts: &[String], listed: usize, seed: u64, answers: &[Answer]) -> ExitCode {
    const SHOWN: usize = 20;
    let (mut equal, mut refused, mut differences) = (0, 0, 0);
    let mut stricter: BTreeMap<String, usize> = BTreeMap::new();
    for (text, answer) in texts.iter().zip(answers) {
        match compare(text, answer) {
            Verdict::Equal => equal += 1,
            Verdict::BothRefuse => refused += 1,
            Verdict::Stricter(rules) => *stricter.entry(rules.join(" ")).or_default() += 1,
            Verdict::Differs(why) => {
                differences += 1;
                if differences <= SHOWN {
                    println!("{text:?}\n  {why}");
                }
            }
        }
    }
    println!("{listed} texts of the list and {} mutations of it (seed {seed}):", texts.len() - listed);
    println!(
        "  {equal} read alike, {refused} refused by both, {} refused by us alone",
        stricter.values().sum::<usize>()
    );
    let mut by_rule: BTreeMap<&str, usize> = BTreeMap::new();
    for (rules, count) in &stricter {
        for rule in rules.split(' ').take(1) {
            *by_rule.entry(rule).or_default() += count;
        }
    }
    for (rule, count) in by_rule {
        println!("    {count} {rule}");
    }
    println!("  {differences} differences");
    if differences == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
