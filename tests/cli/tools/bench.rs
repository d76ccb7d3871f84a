//! A folder with stub programs, pins and a place for built tools.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;
use xtask::exit;
use xtask::report::{Console, Verbosity};
use xtask::tools::Host;

/// Progress lines are no part of these tests.
pub(crate) fn quiet() -> Console {
    Console::new(Verbosity::Quiet)
}

pub(crate) struct Bench {
    folder: TempDir,
    vars: Vec<(OsString, OsString)>,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let bench = Self { folder: TempDir::new().expect("a folder"), vars: Vec::new() };
        for name in ["bin", "pins", "built"] {
            fs::create_dir(bench.path(name)).expect("a folder");
        }
        bench
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The lines of a file that stubs append to; none where no stub was called.
    pub(crate) fn lines(&self, name: &str) -> Vec<String> {
        fs::read_to_string(self.path(name)).unwrap_or_default().lines().map(ToOwned::to_owned).collect()
    }

    /// Puts a stub on PATH; `$HERE` in its body is this folder.
    pub(crate) fn stub(&self, name: &str, body: &str) -> PathBuf {
        let path = self.path("bin").join(name);
        write_program(&path, &format!("#!/bin/sh\nHERE='{}'\n{body}\n", self.folder.path().display()));
        path
    }

    /// A stub `helm` on PATH that answers `version` with this text.
    pub(crate) fn helm_that_says(&self, version: &str) -> PathBuf {
        self.stub("helm", &format!("[ \"$1\" = version ] && {{ printf '%s\\n' '{version}'; exit; }}\n{RECORD}"))
    }

    pub(crate) fn var(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.vars.push((name.into(), value.into()));
        self
    }

    pub(crate) fn host(&self) -> Host {
        let path = std::env::join_paths([self.path("bin").as_path(), Path::new("/usr/bin"), Path::new("/bin")]);
        let path = ("PATH".into(), path.expect("no colon in the folder's name"));
        Host::new(self.vars.iter().cloned().chain([path]), self.path("pins"), self.path("built"))
            .with_answer_limit(Duration::from_secs(60))
    }
}

/// The rest of a stub: writes down its arguments and its variables.
pub(crate) const RECORD: &str = "printf '%s\\n' \"$@\" >\"$HERE/argv\"; env >\"$HERE/env\"";

/// Written by another process: a file that this one has open for writing while a sibling test forks cannot be run.
pub(crate) fn write_program(path: &Path, text: &str) {
    let draft = path.with_extension("draft");
    fs::write(&draft, text).expect("a stub");
    let installed = Command::new("install").args(["-m", "755"]).args([&draft, path]).status().expect("install runs");
    assert!(installed.success());
}

/// The error's chain as `main` prints it, after a look at its exit code.
pub(crate) fn refused<T>(result: anyhow::Result<T>) -> String {
    let Err(error) = result else { panic!("it was not refused") };
    assert_eq!(exit::code_of(&error), exit::ENVIRONMENT, "{error:#}");
    format!("{error:#}")
}
