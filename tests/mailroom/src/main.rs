//! The `mailroom` binary of the stand-in.

use std::process::ExitCode;

use clap::Parser;
use mailroom::cli::Cli;
use mailroom::config::Environment;

fn main() -> ExitCode {
    Cli::parse().execute(&Environment::of_process())
}
