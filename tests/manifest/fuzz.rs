//! A drill: mutated manifests, read one after the other, each within 50 ms and 64 MiB, and none with a panic.
//!
//!     cargo run --release --example reader-fuzz -- --cases 1000000 --seed 1
//!
//! One in a hundred is blown up to some 200 KiB. The time is the processor's, all threads together, so that a busy machine
//! is not taken for a slow reader. It ends with 1 at the first text that breaks a bound, and prints it. Linux only: the
//! memory is the process' peak, which bounds that of each text.

#[allow(dead_code, reason = "the texts alone are wanted here; `cargo test` checks what the list expects")]
mod cases;
mod mutate;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Parser;
use rustix::time::{ClockId, clock_gettime};

const LONGEST: Duration = Duration::from_millis(50);
const LARGEST: usize = 64 << 10; // KiB
const BLOWN_UP: usize = 200 << 10;

#[derive(Parser)]
struct Arguments {
    /// How many texts to read
    #[arg(long, default_value_t = 1_000_000)]
    cases: usize,
    /// Where the mutations start
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let list: Vec<String> = cases::cases().into_iter().map(|case| case.text).collect();
    let mut random = mutate::Random::new(arguments.seed);
    let before = memory("VmRSS")?;
    let (mut slowest, mut findings, mut objects) = (Duration::ZERO, 0, 0);
    for number in 0..arguments.cases {
        let (one, other) = (random.below(list.len()), random.below(list.len()));
        let mut text = mutate::mutate(&mut random, &list[one], &list[other]);
        if number % 100 == 99 {
            text = blow_up(&mut random, &text);
        }
        let (time, read) = timed(&text);
        (findings, objects) = (findings + read.findings.len(), objects + read.objects.len());
        // A machine that is busy makes a measure longer, never shorter: the least of several is the reader's own.
        let time = if time > LONGEST { (0..4).map(|_| timed(&text).0).fold(time, Duration::min) } else { time };
        slowest = slowest.max(time);
        if time > LONGEST {
            println!("text {number} takes {time:?}: {text:?}");
            return Ok(ExitCode::FAILURE);
        }
        if number % 1000 == 999 && memory("VmHWM")? - before > LARGEST {
            println!("the peak of memory is above {LARGEST} KiB at text {number}");
            return Ok(ExitCode::FAILURE);
        }
    }
    let peak = memory("VmHWM")?.saturating_sub(before);
    println!("{} texts (seed {}): {objects} objects, {findings} findings, no panic", arguments.cases, arguments.seed);
    println!(
        "  slowest {:.1} ms, peak of memory {:.1} MiB",
        slowest.as_secs_f64() * 1e3,
        f64::from(u32::try_from(peak)?) / 1024.0
    );
    Ok(ExitCode::SUCCESS)
}

fn timed(text: &str) -> (Duration, xtask::manifest::Manifests) {
    let now =
        || Duration::try_from(clock_gettime(ClockId::ProcessCPUTime)).expect("the time of a process is not negative");
    let start = now();
    let read = xtask::manifest::read(text, "fuzz");
    (now().saturating_sub(start), read)
}

/// A large text made of a small one: its parts again and again.
fn blow_up(random: &mut mutate::Random, text: &str) -> String {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let (start, end) = (random.below(lines.len()), random.below(lines.len()));
    let (start, end) = (start.min(end), (start.max(end) + 1).min(lines.len()));
    let middle = lines[start..end].concat();
    let middle = if random.below(4) == 0 { middle.replace('\n', " ") } else { middle };
    let times = BLOWN_UP / middle.len().max(1);
    [&lines[..start].concat(), &middle.repeat(times), &lines[end..].concat()].map(String::as_str).concat()
}

/// A figure of `/proc/self/status`, in KiB.
fn memory(key: &str) -> Result<usize> {
    let status = std::fs::read_to_string("/proc/self/status").context("the drill needs Linux")?;
    let line = status.lines().find_map(|line| line.strip_prefix(key)).context("no such figure")?;
    Ok(line.trim_matches([':', ' ', '\t']).trim_end_matches("kB").trim().parse()?)
}
