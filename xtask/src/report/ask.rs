//! Questions to a person on a terminal.

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context, Result};

/// How often a wait for an answer looks up.
const PATIENCE: Duration = Duration::from_millis(100);

/// Whether somebody can be asked: both stdin and stderr are a terminal.
pub fn somebody_is_there() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Asks on stderr; only `y` or `yes` is a yes, and the end of the input is a no.
///
/// While it waits it calls `go_on` again and again, whose error ends the wait: a signal alone would not end a read.
pub fn confirmed(question: &str, go_on: impl Fn() -> Result<()>) -> Result<bool> {
    {
        let mut err = anstream::stderr().lock();
        write!(err, "{question} [y/N] ").and_then(|()| err.flush()).context("cannot write to the terminal")?;
    }
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut answer = String::new();
        let read = std::io::stdin().lock().read_line(&mut answer);
        let _nobody_waits_any_more = sender.send(read.map(|_| answer));
    });
    loop {
        go_on()?;
        match receiver.recv_timeout(PATIENCE) {
            Ok(answer) => {
                let answer = answer.context("cannot read from the terminal")?;
                return Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"));
            }
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            Err(mpsc::RecvTimeoutError::Disconnected) => return Ok(false),
        }
    }
}
