//! This program itself, started as a user would start it.

use std::ffi::OsStr;

use anyhow::{Context, Result};

use super::process::Tool;
use super::{Captured, Host, Running, Stream};
use crate::report::Console;

/// The running `xtask`, for a story that deploys and for a drill that interrupts.
#[derive(Clone, Debug)]
pub struct Xtask {
    tool: Tool,
    vars: Vec<(String, std::ffi::OsString)>,
}

impl Xtask {
    /// Finds it.
    ///
    /// # Errors
    /// Where the system cannot tell which file this process runs.
    pub fn current(console: Console) -> Result<Self> {
        let program = std::env::current_exe().context("cannot tell which program this is")?;
        Ok(Self { tool: Tool::new(program, Host::current().inherited(), console), vars: Vec::new() })
    }

    /// The same, with one more variable.
    #[must_use]
    pub fn var(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.vars.push((name.to_owned(), value.as_ref().to_owned()));
        self
    }

    /// Runs it to its end; the caller judges its status.
    ///
    /// # Errors
    /// Exit 3 where it cannot be started.
    pub fn run(&self, args: &[&str]) -> Result<Captured> {
        self.vars.iter().fold(self.tool.call(args), |call, (name, value)| call.var(name, value)).capture()
    }

    /// Starts it; lines go to `on_line` as they come.
    ///
    /// # Errors
    /// Exit 3 where it cannot be started.
    pub fn stream(&self, args: &[&str], on_line: impl Fn(Stream, &str) + Send + Sync + 'static) -> Result<Running> {
        self.vars.iter().fold(self.tool.call(args), |call, (name, value)| call.var(name, value)).stream(on_line)
    }
}
