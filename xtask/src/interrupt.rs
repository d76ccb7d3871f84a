//! SIGINT, SIGTERM and SIGHUP: what runs is ended early and still cleaned up after.
//!
//! Nothing is done in the handler itself. A signal raises a flag that every wait looks at, so that the thread which made
//! a thing is the one that removes it. Children live in process groups of their own: the terminal's Ctrl-C reaches us alone.

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::exit::{Failure, INTERRUPTED};
use crate::report::Console;

/// Stands for no signal, but for [`Interrupt::stop`].
const FAILURE: i32 = 0;

/// A flag that a signal raises; cheap to clone, one for all threads.
#[derive(Clone, Default)]
pub struct Interrupt(Arc<State>);

#[derive(Default)]
struct State {
    signal: Mutex<Option<i32>>,
    raised: Condvar,
}

impl Interrupt {
    /// Catches the signals from now on, for the rest of the process; `clean_up` names what goes on at the first one.
    ///
    /// A SIGHUP that the caller ignores, as `nohup` does, stays ignored.
    ///
    /// # Errors
    /// Where the system refuses the handler.
    pub fn install(clean_up: &'static str, console: Console) -> Result<Self> {
        let interrupt = Self::default();
        let mut signals = Signals::new([SIGINT, SIGTERM]).context("cannot catch signals")?;
        if !ignored(SIGHUP) {
            signals.add_signal(SIGHUP).context("cannot catch SIGHUP")?;
        }
        let raised = interrupt.clone();
        std::thread::spawn(move || {
            for signal in signals.forever() {
                let again = raised.raise(signal).is_none();
                let name = name(signal);
                if again {
                    console.note(format_args!("{name} again: still {clean_up}; a second signal skips nothing"));
                } else {
                    console.note(format_args!("interrupted by {name}: {clean_up}"));
                }
            }
        });
        Ok(interrupt)
    }

    /// An error, exit 130, once a signal has come.
    pub fn check(&self) -> Result<()> {
        let signal = *self.0.signal.lock().unwrap_or_else(PoisonError::into_inner);
        signal.map_or(Ok(()), |signal| Err(Failure::error(INTERRUPTED, format!("interrupted by {}", name(signal)))))
    }

    /// Whether a signal has come.
    pub fn raised(&self) -> bool {
        self.check().is_err()
    }

    /// Pauses; a signal ends the pause at once, as an error.
    pub fn pause(&self, time: Duration) -> Result<()> {
        let signal = self.0.signal.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.0.raised.wait_timeout_while(signal, time, |signal| signal.is_none());
        drop(waited.map_err(|_| ()));
        self.check()
    }

    /// Ends all waits as a signal does: for a failure that makes pointless what other threads are at.
    pub fn stop(&self) {
        let _was_raised = self.raise(FAILURE);
    }

    /// None where a signal has come before.
    fn raise(&self, number: i32) -> Option<()> {
        let mut signal = self.0.signal.lock().unwrap_or_else(PoisonError::into_inner);
        let first = signal.is_none().then_some(());
        signal.get_or_insert(number);
        self.0.raised.notify_all();
        first
    }
}

impl fmt::Debug for Interrupt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Interrupt({})", if self.raised() { "raised" } else { "-" })
    }
}

fn name(signal: i32) -> &'static str {
    match signal {
        SIGINT => "SIGINT",
        SIGTERM => "SIGTERM",
        SIGHUP => "SIGHUP",
        FAILURE => "a failure elsewhere",
        _ => "a signal",
    }
}

/// Whether this process was started with the signal ignored: a bit of the mask that proc(5) calls `SigIgn`.
fn ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::exit::code_of;

    #[test]
    fn a_signal_ends_pauses_of_all_threads_with_130() {
        let interrupt = Interrupt::default();
        let waiting = interrupt.clone();
        let waiter = std::thread::spawn(move || waiting.pause(Duration::from_secs(3600)));
        assert_eq!(interrupt.raise(SIGTERM), Some(()));
        assert_eq!(interrupt.raise(SIGINT), None);
        let error = waiter.join().expect("the thread ends").expect_err("an interrupted pause");
        assert_eq!((code_of(&error), error.to_string()), (INTERRUPTED, "interrupted by SIGTERM".to_owned()));
        assert_eq!(code_of(&interrupt.pause(Duration::ZERO).expect_err("it stays raised")), INTERRUPTED);
    }

    #[test]
    fn without_a_signal_a_pause_ends_by_itself() {
        assert!(Interrupt::default().pause(Duration::from_millis(1)).is_ok());
    }
}
