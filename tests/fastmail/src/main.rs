//! `fastmail serve | image | ca`: parses, dispatches, prints the error chain and sets the exit code.

mod commands;

use std::process::ExitCode;

use clap::Parser;
use fastmail::cyrus::Missing;

/// A mail server that answers as Fastmail does: Cyrus IMAP behind a front with TLS, tokens, push and faults
#[derive(Parser)]
#[command(version, max_term_width = 120)]
enum Command {
    Serve(commands::serve::Serve),
    Image(commands::image::Image),
    Ca(commands::ca::Ca),
}

/// Ends with 0 (done), 1 (failed), 2 (usage, by clap) or 3 (a program of the environment is missing).
fn main() -> ExitCode {
    let result = match Command::parse() {
        Command::Serve(serve) => serve.run(),
        Command::Image(image) => image.run(),
        Command::Ca(ca) => ca.run(),
    };
    let Err(error) = result else { return ExitCode::SUCCESS };
    eprintln!("error: {error:#}");
    if error.is::<Missing>() { ExitCode::from(3) } else { ExitCode::FAILURE }
}
