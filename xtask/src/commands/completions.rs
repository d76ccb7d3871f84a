//! `cargo xtask completions`.

use anyhow::Result;
use clap::CommandFactory;
use clap_complete::Shell;

use crate::{exit, report};

/// Print the completions of this command line for a shell
///
/// The script completes `xtask`, the program that the alias `cargo xtask` runs.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The shell to write for
    shell: Shell,
}

impl Args {
    /// Prints the script.
    pub fn run(self) -> Result<u8> {
        let mut command = super::Cli::command();
        command.set_bin_name("xtask");
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command, "xtask", &mut script);
        report::product(&String::from_utf8_lossy(&script))?;
        Ok(exit::OK)
    }
}
