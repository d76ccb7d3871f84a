//! What SIGTERM and SIGINT do: nothing before the loop, a clean stop in it.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::Sender;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::exception::Exception;
use crate::run::Wake;

/// Lets SIGTERM do nothing from here on.
///
/// The app has no handler for it before its loop, and the kernel spares PID 1 a signal without a handler. The stand-in
/// ignores it under every PID, so that a gate which relies on SIGTERM hangs in a test of its script too.
pub fn ignore_termination() -> Result<(), Exception> {
    signal_hook::flag::register(SIGTERM, Arc::new(AtomicBool::new(false)))
        .map(|_| ())
        .map_err(|error| Exception::os(&error, ""))
}

/// Sends a [`Wake::Stop`] for each SIGTERM and SIGINT from here on.
pub fn watch(wake: Sender<Wake>) -> Result<(), Exception> {
    let mut signals = Signals::new([SIGTERM, SIGINT]).map_err(|error| Exception::os(&error, ""))?;
    std::thread::spawn(move || {
        for signal in &mut signals {
            let name = if signal == SIGINT { "SIGINT" } else { "SIGTERM" };
            if wake.send(Wake::Stop(name)).is_err() {
                return;
            }
        }
    });
    Ok(())
}
