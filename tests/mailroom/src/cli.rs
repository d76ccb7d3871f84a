//! The command line of the app, and what each command leaves on stdout, on stderr and as its exit status.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::Environment;
use crate::report::Colour;
use crate::setup::{self, Failure};
use crate::{run, signals};

/// A stand-in for mailroom: same commands, configuration, report, probes and failures, without the triage.
///
/// This is not the app. It connects for real and creates what `setup --apply` would, and it never sorts a mail.
#[derive(Debug, Parser)]
#[command(name = "mailroom")]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the service: the probe on port 8080, polls and pushes (the default)
    Run,
    /// Tell which mailboxes and contact groups are missing
    Setup {
        /// Create what is missing
        #[arg(long)]
        apply: bool,
    },
    /// Undo all triage: the app only, this stand-in refuses
    Reset {
        /// Change the account, not only tell
        #[arg(long)]
        apply: bool,
    },
}

impl Cli {
    /// Does what was asked for; a usage error has ended the process before, with 2.
    pub fn execute(self, environment: &Environment) -> ExitCode {
        match self.command.unwrap_or(Command::Run) {
            Command::Run => run::run(environment, tell),
            Command::Setup { apply } => run_setup(environment, apply),
            Command::Reset { .. } => {
                tell("Error: this is a stand-in for mailroom: `reset` undoes triage, and it does none");
                ExitCode::FAILURE
            }
        }
    }
}

fn run_setup(environment: &Environment, apply: bool) -> ExitCode {
    let coloured = std::io::stdout().is_terminal() && environment.nonempty("NO_COLOR").is_none();
    let colour = if coloured { Colour::Ansi } else { Colour::Plain };
    let outcome = signals::ignore_termination().map_err(Failure::Raised);
    match outcome.and_then(|()| setup::setup(environment, apply, colour)) {
        Ok(outcome) => {
            let mut stdout = std::io::stdout().lock();
            let written = stdout.write_all(outcome.text.as_bytes()).and_then(|()| stdout.flush());
            if written.is_ok() && outcome.complete { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(Failure::Told(message)) => {
            tell(&message);
            ExitCode::FAILURE
        }
        Err(Failure::Raised(exception)) => {
            tell(&exception.traceback());
            ExitCode::FAILURE
        }
    }
}

/// Writes a line on stderr; a stderr that is closed is nobody's problem here.
fn tell(message: &str) {
    let _ = writeln!(std::io::stderr(), "{message}");
}
