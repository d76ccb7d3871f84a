//! `cargo xtask`: parse, dispatch, print the error chain, exit code.

use std::process::ExitCode;

use clap::Parser;

use xtask::commands::{Cli, run};
use xtask::{exit, report};

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            report::error(&error);
            ExitCode::from(exit::code_of(&error))
        }
    }
}
