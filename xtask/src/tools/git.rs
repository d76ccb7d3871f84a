//! git, asked about one file.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::Host;
use super::find::on_path;
use super::process::{Call, Tool};
use crate::report::Console;

/// git's exit code where a folder lies in no work tree, or git will not look into it.
const NO_WORK_TREE: i32 = 128;

/// What git would do with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tracking {
    /// It is in the index: the next commit has it, an ignore rule or not.
    Tracked,
    /// An ignore rule names it, and it is not in the index.
    Ignored,
    /// Neither: `git add .` would take it.
    Untracked,
    /// It lies in no work tree.
    NoWorkTree,
}

/// git, if there is one.
#[derive(Clone, Debug)]
pub struct Git(Tool);

impl Git {
    /// The first `git` on `PATH`; none is no error: a source archive has no work tree.
    pub fn find(console: Console) -> Option<Self> {
        Self::find_in(&Host::current(), console)
    }

    /// As [`Git::find`], in the given surroundings.
    pub fn find_in(host: &Host, console: Console) -> Option<Self> {
        let program = on_path(host, OsStr::new("git"))?;
        Some(Self(Tool::new(program, host.inherited(), console)))
    }

    /// What git would do with this file; it need not exist, its folder must.
    ///
    /// # Errors
    /// Exit 3 where git cannot be started or fails.
    pub fn tracking(&self, file: &Path) -> Result<Tracking> {
        let index = self.asked(file, &["ls-files", "--error-unmatch"]).capture()?;
        match index.code {
            Some(0) => return Ok(Tracking::Tracked),
            Some(1) => {}
            Some(NO_WORK_TREE) => return Ok(Tracking::NoWorkTree),
            _ => return Err(index.error().into()),
        }
        let ignored = self.asked(file, &["check-ignore", "--quiet"]).capture()?;
        match ignored.code {
            Some(0) => Ok(Tracking::Ignored),
            Some(1) => Ok(Tracking::Untracked),
            _ => Err(ignored.error().into()),
        }
    }

    /// The work tree's top folder; none outside of one.
    ///
    /// # Errors
    /// Exit 3 where git cannot be started or fails.
    pub fn top(&self, folder: &Path) -> Result<Option<PathBuf>> {
        let captured = self.0.call(["rev-parse", "--show-toplevel"]).dir(folder).capture()?;
        match captured.code {
            Some(NO_WORK_TREE) => Ok(None),
            _ => Ok(Some(captured.checked()?.stdout.trim_end_matches('\n').into())),
        }
    }

    /// A question about a file, asked in its folder by its bare name.
    fn asked(&self, file: &Path, words: &[&str]) -> Call<'_> {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        self.0.call(words).arg("--").arg(file.file_name().unwrap_or_default()).dir(folder)
    }
}
