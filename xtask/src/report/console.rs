//! Progress on stderr.

use std::fmt::Display;
use std::io::Write;

/// How much of the progress is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// `-q`: errors and the product only.
    Quiet,
    /// One line per step.
    #[default]
    Normal,
    /// `-v`: the programs that are started as well.
    Verbose,
}

/// A handle for progress lines; copy it freely, threads included.
#[derive(Clone, Copy, Debug, Default)]
pub struct Console {
    verbosity: Verbosity,
}

impl Console {
    /// A console that shows what `verbosity` allows.
    pub fn new(verbosity: Verbosity) -> Self {
        Self { verbosity }
    }

    /// Whether lines of progress are shown.
    pub(super) fn shows_progress(self) -> bool {
        self.verbosity >= Verbosity::Normal
    }

    /// A line of progress, as in `building helm v4.3.1`.
    pub fn note(self, line: impl Display) {
        if self.shows_progress() {
            print_line(line);
        }
    }

    /// A line that only `-v` shows, as in the command line of a child.
    pub fn detail(self, line: impl Display) {
        if self.verbosity >= Verbosity::Verbose {
            print_line(line);
        }
    }
}

/// Writes one line in one call, so that lines of several threads do not mix.
///
/// A stderr that is closed is no reason to fail: there is nobody left to tell.
fn print_line(line: impl Display) {
    let _ = anstream::stderr().lock().write_all(format!("{line}\n").as_bytes());
}
