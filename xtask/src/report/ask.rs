//! Questions to a person on a terminal.

use std::io::{BufRead as _, IsTerminal as _, Write as _};

use anyhow::{Context, Result};

/// Whether somebody can be asked: both stdin and stderr are a terminal.
pub fn somebody_is_there() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Asks on stderr; only `y` or `yes` is a yes, and the end of the input is a no.
pub fn confirmed(question: &str) -> Result<bool> {
    let mut err = anstream::stderr().lock();
    write!(err, "{question} [y/N] ").and_then(|()| err.flush()).context("cannot write to the terminal")?;
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer).context("cannot read from the terminal")?;
    if read == 0 {
        let _ = writeln!(err);
    }
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
