//! Waits: every one has a condition, a limit and a name.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::interrupt::Interrupt;
use crate::tools::{Ended, Running};

/// How long a condition that does not hold is left alone at first before it is looked at again.
const PAUSE: Duration = Duration::from_millis(200);
/// And later, where it takes long: a look is a process, and the stories beside it need the machine too.
const LONG_PAUSE: Duration = Duration::from_millis(500);

/// How long a program that was told to end, and what it has started, may wait for an answer that is on its way.
const LAST_ANSWER: Duration = Duration::from_secs(60);

/// What a look at a condition shows.
pub enum Look<T> {
    /// It holds.
    Done(T),
    /// Not yet; what was seen instead, for the error.
    NotYet(String),
}

/// Looks until the condition holds.
///
/// A look that fails counts as "not yet": a server that starts refuses a few requests first.
///
/// # Errors
/// Where `limit` passes; the error names the condition and what was seen last. Exit 130 at a signal.
pub fn until<T>(
    what: &str,
    limit: Duration,
    interrupt: &Interrupt,
    mut look: impl FnMut() -> Result<Look<T>>,
) -> Result<T> {
    let start = Instant::now();
    loop {
        interrupt.check()?;
        let seen = match look() {
            Ok(Look::Done(value)) => return Ok(value),
            Ok(Look::NotYet(seen)) => seen,
            Err(error) => format!("{error:#}"),
        };
        let waited = start.elapsed();
        if waited >= limit {
            bail!("{what}: not within {} s; seen last: {seen}", limit.as_secs());
        }
        interrupt.pause((waited / 5).clamp(PAUSE, LONG_PAUSE))?;
    }
}

/// Waits for the end of a program, which must end with 0; at a signal it is ended and waited for.
///
/// # Errors
/// Where it ends otherwise or not within `limit`; exit 130 at a signal.
pub fn for_end(mut program: Running, limit: Duration, interrupt: &Interrupt) -> Result<Ended> {
    let start = Instant::now();
    loop {
        if let Some(ended) = program.wait(PAUSE)? {
            interrupt.check()?;
            return if ended.success() { Ok(ended) } else { Err(program.error(ended).into()) };
        }
        if let Err(error) = interrupt.check() {
            program.terminate();
            program.wait(LAST_ANSWER)?;
            // An engine that was asked for a container goes on making it: what asked waits for the answer, so do we.
            program.wait_for_group(LAST_ANSWER);
            return Err(error);
        }
        if start.elapsed() >= limit {
            bail!("`{}` did not end within {} s", program.command(), limit.as_secs());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_again_until_it_holds_and_takes_errors_for_not_yet() {
        let mut looks = 0;
        let value = until("three looks", Duration::from_secs(60), &Interrupt::default(), || {
            looks += 1;
            match looks {
                1 => bail!("connection refused"),
                2 => Ok(Look::NotYet("two".to_owned())),
                _ => Ok(Look::Done(looks)),
            }
        });
        assert_eq!(value.expect("it holds"), 3);
    }

    #[test]
    fn names_the_condition_and_what_was_seen_last() {
        let never = || -> Result<Look<()>> { Ok(Look::NotYet("0 of 1".to_owned())) };
        let error = until("nodes ready", Duration::ZERO, &Interrupt::default(), never).expect_err("it never holds");
        assert_eq!(error.to_string(), "nodes ready: not within 0 s; seen last: 0 of 1");
    }
}
