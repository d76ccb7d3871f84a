//! Cargo, for the workspace's own programs: the mail server and the stand-in go into images of the tests.

use std::ffi::OsStr;
use std::path::PathBuf;

use anyhow::Result;

use super::find::on_path;
use super::process::Tool;
use super::{Host, Running, Stream};
use crate::exit::Failure;
use crate::paths;
use crate::report::Console;

/// The cargo that this program was started by, else the first on `PATH`.
#[derive(Clone, Debug)]
pub struct Cargo(Tool);

impl Cargo {
    /// Finds it.
    ///
    /// # Errors
    /// Exit 3 where there is none.
    pub fn find(console: Console) -> Result<Self> {
        let host = Host::current();
        let program = host.var("CARGO").map(PathBuf::from).or_else(|| on_path(&host, OsStr::new("cargo")));
        let program =
            program.ok_or_else(|| Failure::environment("there is no cargo on PATH: see https://rustup.rs"))?;
        Ok(Self(Tool::new(program, host.inherited(), console)))
    }

    /// Starts `cargo run` for a program of this workspace, as in `["--package", "x", "--bin", "y"]`.
    ///
    /// # Errors
    /// Exit 3 where cargo cannot be started.
    pub fn run(
        &self,
        program: &[&str],
        args: &[&str],
        on_line: impl Fn(Stream, &str) + Send + Sync + 'static,
    ) -> Result<Running> {
        let call = self.0.call(["run", "--locked"]).args(program).arg("--").args(args);
        call.dir(paths::root()).stream(on_line)
    }
}
