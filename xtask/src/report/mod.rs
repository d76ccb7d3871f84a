//! All that a person or a program reads of us: with `main`, the only place that prints.
//!
//! stdout is the product, stderr the progress; colours follow `NO_COLOR` and the terminal (anstream).

mod console;
mod lint;
mod style;

use std::io::Write;

use anyhow::{Context, Result};

pub use console::{Console, Verbosity};
pub use lint::{Checked, LintReport, Reported, Step, count};

/// Writes the product to stdout.
///
/// A reader that went away, as in `cargo xtask template | head`, is not an error: the rest is not wanted.
pub fn product(text: &str) -> Result<()> {
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => other.context("cannot write to stdout"),
    }
}

/// Writes an error with its causes to stderr; a stderr that is closed is no reason to fail.
pub fn error(error: &anyhow::Error) {
    let label = style::paint(style::BAD, "error:");
    let _ = writeln!(anstream::stderr().lock(), "{label} {error:#}");
}
