//! Cargo, for the workspace's own programs: the mail server and the stand-in go into images of the tests.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

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

    /// Starts `cargo run` for a package of this workspace.
    ///
    /// # Errors
    /// Exit 3 where cargo cannot be started.
    pub fn run(
        &self,
        package: &str,
        args: &[&str],
        on_line: impl Fn(Stream, &str) + Send + Sync + 'static,
    ) -> Result<Running> {
        let call = self.0.call(["run", "--locked", "--package", package, "--"]).args(args);
        call.dir(paths::root()).stream(on_line)
    }

    /// Starts a release build of a package's program that needs no library of the image that it goes into.
    ///
    /// A static C library wants a named target: without one, procedural macros would be built with it too.
    ///
    /// # Errors
    /// Exit 3 where cargo cannot be started.
    pub fn build_static(
        &self,
        package: &str,
        on_line: impl Fn(Stream, &str) + Send + Sync + 'static,
    ) -> Result<Running> {
        let call = self.0.call(["build", "--locked", "--release", "--package", package, "--target", &static_target()]);
        let call = call.var("RUSTFLAGS", "-C target-feature=+crt-static").var("CARGO_PROFILE_RELEASE_STRIP", "true");
        call.dir(paths::root()).stream(on_line)
    }
}

/// Where [`Cargo::build_static`] puts a program.
pub fn static_program(name: &str) -> PathBuf {
    Path::new(&paths::target()).join(static_target()).join("release").join(name)
}

fn static_target() -> String {
    format!("{}-unknown-linux-gnu", std::env::consts::ARCH)
}
