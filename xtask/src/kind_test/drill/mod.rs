//! Drills: long tests of `kind-test` itself, on demand, by `kind-test --drill NAME`.

pub mod interrupts;

use anyhow::Result;

use super::Options;
use crate::report::Console;

/// A drill.
#[derive(Clone, Copy, Debug)]
pub struct Drill {
    /// For `--drill`.
    pub name: &'static str,
    /// One line for `--list`.
    pub summary: &'static str,
    /// Runs it; what went wrong, a line each.
    pub run: fn(&Options, Console) -> Result<Vec<String>>,
}

/// All of them.
pub const ALL: &[Drill] = &[Drill {
    name: "interrupts",
    summary: "interrupt a run at each of its stages and at random moments: nothing may be left (about 10 minutes)",
    run: interrupts::run,
}];
