//! A folder with stub programs, pins and a place for built tools.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use xtask::exit;
use xtask::report::{Console, Verbosity};
use xtask::tools::{Cluster, Host};

/// What stubs may use; nothing else of the machine is on their PATH, a helm of its own least of all.
const SYSTEM: [&str; 7] = ["sh", "env", "cat", "chmod", "sleep", "kill", "git"];

/// The rest of a stub: writes down its arguments, its variables, its folder and its input.
pub(crate) const RECORD: &str = "printf '%s\\n' \"$@\" >\"$HERE/argv\"; env >\"$HERE/env\"; pwd >\"$HERE/dir\"";

/// A limit that no test on a busy machine runs into, and that ends one that would hang.
pub(crate) const LONG: Duration = Duration::from_secs(60);

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
        for name in SYSTEM {
            let found =
                ["/usr/bin", "/bin"].map(|folder| Path::new(folder).join(name)).into_iter().find(|path| path.exists());
            symlink(found.unwrap_or_else(|| panic!("no {name} here")), bench.path("bin").join(name)).expect("a link");
        }
        bench
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The lines of a file that a stub writes; none where it was not called.
    pub(crate) fn lines(&self, name: &str) -> Vec<String> {
        fs::read_to_string(self.path(name)).unwrap_or_default().lines().map(ToOwned::to_owned).collect()
    }

    /// Puts a stub on PATH; `$HERE` in its body is this folder.
    pub(crate) fn stub(&self, name: &str, body: &str) -> PathBuf {
        let path = self.path("bin").join(name);
        install(&path, &format!("#!/bin/sh\nHERE='{}'\n{body}\n", self.folder.path().display()));
        path
    }

    /// A stub `helm` that answers `version` with this text, and runs `body` for all else.
    pub(crate) fn helm(&self, version: &str, body: &str) -> PathBuf {
        self.stub("helm", &format!("[ \"$1\" = version ] && {{ printf '%s\\n' '{version}'; exit; }}\n{body}"))
    }

    /// A stub `kubectl` of a supported version that runs `body` for all but `version`.
    pub(crate) fn kubectl(&self, body: &str) -> PathBuf {
        let version = r#"{"clientVersion": {"gitVersion": "v1.36.1"}}"#;
        self.stub("kubectl", &format!("[ \"$1\" = version ] && {{ echo '{version}'; exit; }}\n{body}"))
    }

    pub(crate) fn var(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.vars.push((name.into(), value.into()));
        self
    }

    pub(crate) fn host(&self) -> Host {
        let path = ("PATH".into(), self.path("bin").into());
        let vars = self.vars.iter().cloned().chain([path]);
        Host::new(vars, self.path("pins"), self.path("built")).with_answer_limit(LONG)
    }
}

/// Written by another process: a file that this one has open for writing while a sibling test forks cannot be run.
fn install(path: &Path, text: &str) {
    let draft = path.with_extension("draft");
    fs::write(&draft, text).expect("a stub");
    let installed = Command::new("install").args(["-m", "755"]).args([&draft, path]).status().expect("install runs");
    assert!(installed.success());
}

pub(crate) fn cluster() -> Cluster {
    Cluster { kubeconfig: "/private/kubeconfig".into(), context: Some("here".into()) }
}

/// The error's chain as `main` prints it, after a look at its exit code.
pub(crate) fn refused<T>(result: anyhow::Result<T>) -> String {
    let Err(error) = result else { panic!("it was not refused") };
    assert_eq!(exit::code_of(&error), exit::ENVIRONMENT, "{error:#}");
    format!("{error:#}")
}

/// Waits for a condition that another process brings about.
pub(crate) fn until(what: &str, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + LONG;
    while !holds() {
        assert!(Instant::now() < deadline, "in vain: {what}");
        std::thread::yield_now();
    }
}
