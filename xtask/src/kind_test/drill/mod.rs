//! Drills: long tests of `kind-test` itself, on demand, by `kind-test --drill NAME`.

pub mod attempts;
mod chart_copy;
pub mod interrupts;
pub mod mutation;
pub mod mutations;
pub mod timing;

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
pub const ALL: &[Drill] = &[
    Drill {
        name: "interrupts",
        summary: "interrupt a run at each of its stages and at random moments: nothing may be left (about half an hour, or ten minutes with a few behaviours by --only)",
        run: interrupts::run,
    },
    Drill {
        name: "attempts",
        summary: "hostile ways to a deploy that is done with a mailbox missing: none may succeed (about 15 minutes)",
        run: attempts::run,
    },
    Drill {
        name: "timing",
        summary: "the time to the named missing mailbox, by deploy and by bare Helm (about 3 minutes)",
        run: timing::run,
    },
    Drill {
        name: "mutations",
        summary: "break the chart, one promise at a time: a behaviour has to notice each (about 9 minutes)",
        run: mutations::run,
    },
];
