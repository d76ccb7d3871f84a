//! The command line: one file a command, with its clap struct and its `run()`; no rules in here.

pub mod completions;
pub mod deploy;
pub mod kind_test;
pub mod lint;
pub mod options;
pub mod template;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::report::{Console, Verbosity};

/// Lint, render, test and deploy the mailroom chart.
#[derive(Debug, Parser)]
#[command(name = "xtask", bin_name = "cargo xtask", max_term_width = 80)]
pub struct Cli {
    /// Show the product and errors only
    #[arg(short, long, global = true, display_order = 98, conflicts_with = "verbose")]
    quiet: bool,

    /// Show the programs that are started, too
    #[arg(short, long, global = true, display_order = 99)]
    verbose: bool,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Lint(lint::Args),
    Template(template::Args),
    Deploy(deploy::Args),
    KindTest(kind_test::Args),
    Completions(completions::Args),
}

/// Runs the command that was asked for, and gives the exit code.
pub fn run(cli: Cli) -> Result<u8> {
    let verbosity = match (cli.quiet, cli.verbose) {
        (true, _) => Verbosity::Quiet,
        (_, true) => Verbosity::Verbose,
        _ => Verbosity::Normal,
    };
    let console = Console::new(verbosity);
    match cli.command {
        Command::Lint(args) => args.run(console),
        Command::Template(args) => args.run(console),
        Command::Deploy(args) => args.run(console),
        Command::KindTest(args) => args.run(console),
        Command::Completions(args) => args.run(),
    }
}
