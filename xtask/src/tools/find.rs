//! Which program to use: the one that a variable names, else the first on `PATH`, if its version is supported.

use std::ffi::OsStr;
use std::fmt::Display;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::process::Tool;
use super::version::{Supported, Version};
use super::{Captured, Host};
use crate::exit::Failure;
use crate::report::Console;

/// How one kind of tool is named, asked and judged.
pub(crate) struct Wanted {
    /// The program's name on `PATH`.
    pub(crate) name: &'static str,
    /// The variable that names one outright.
    pub(crate) variable: &'static str,
    /// The arguments that make it print its version.
    pub(crate) ask: &'static [&'static str],
    /// Reads the version out of what it prints.
    pub(crate) read: fn(&str) -> Option<Version>,
    /// Which versions will do.
    pub(crate) supported: &'static Supported,
}

/// A program that was found, and its version.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) program: PathBuf,
    pub(crate) version: Version,
}

impl Wanted {
    /// The program that the variable names, if it is set.
    ///
    /// # Errors
    /// Exit 3 where there is none, or its version is not supported: a choice that was made is not passed over.
    pub(crate) fn named(&self, host: &Host, console: Console) -> Result<Option<Found>> {
        let Some(named) = host.var(self.variable) else { return Ok(None) };
        let said = format!("{}={}", self.variable, named.display());
        let way_out = format!("name {}, or unset {}", self.supported.words, self.variable);
        let refused = |why: &dyn Display| Failure::environment(format!("{said} {why}: {way_out}"));
        let program = if named.as_encoded_bytes().contains(&b'/') {
            std::path::absolute(named).ok().filter(|path| is_program(path))
        } else {
            on_path(host, named)
        };
        let Some(program) = program else { return Err(refused(&"is not there or is no program")) };
        self.judged(program, host, console).map(Some).map_err(|why| refused(&why))
    }

    /// The first of that name on `PATH`; one that will not do is named in one line and passed over.
    pub(crate) fn on_path(&self, host: &Host, console: Console) -> Option<Found> {
        let program = on_path(host, OsStr::new(self.name))?;
        let shown = program.display().to_string();
        let judged = self.judged(program, host, console);
        judged.inspect_err(|why| console.note(format_args!("passing over {shown}: it {why}"))).ok()
    }

    /// The first of that name on `PATH`, whose version must be supported, for a tool that is not built here.
    ///
    /// # Errors
    /// Exit 3 where there is none, or its version is not supported.
    pub(crate) fn required_on_path(&self, host: &Host, console: Console) -> Result<Found> {
        let way_out = format!("install {}, or name one by {}", self.supported.words, self.variable);
        let program = on_path(host, OsStr::new(self.name))
            .ok_or_else(|| Failure::environment(format!("there is no {} on PATH: {way_out}", self.name)))?;
        let shown = program.display().to_string();
        self.judged(program, host, console).map_err(|why| Failure::environment(format!("{shown} {why}: {way_out}")))
    }

    /// Asks a program for its version; the error completes a sentence that begins with its path.
    fn judged(&self, program: PathBuf, host: &Host, console: Console) -> Result<Found, String> {
        let asked = self.ask.join(" ");
        let tool = Tool::new(program.clone(), host.inherited(), console);
        let answer = tool.call(self.ask).limit(host.answer_limit).capture();
        let answer =
            answer.and_then(Captured::checked).map_err(|error| format!("cannot say its version ({error:#})"))?;
        let line = answer.stdout.trim();
        let version = (self.read)(line).ok_or_else(|| format!("answers `{asked}` with no version ({line:?})"))?;
        if self.supported.accepts(version) {
            console.detail(format_args!("{} {version}: {}", self.name, program.display()));
            Ok(Found { program, version })
        } else {
            Err(format!("is version {version}, which is not supported"))
        }
    }
}

/// The first program of that name on `PATH`. Relative entries are passed over: they mean another program in each folder.
pub(crate) fn on_path(host: &Host, name: &OsStr) -> Option<PathBuf> {
    let folders = std::env::split_paths(host.var("PATH")?).filter(|folder| folder.is_absolute()).collect::<Vec<_>>();
    folders.into_iter().map(|folder| folder.join(name)).find(|path| is_program(path))
}

fn is_program(path: &Path) -> bool {
    path.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}
