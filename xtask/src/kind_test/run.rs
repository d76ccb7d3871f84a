//! One run: its name, its folders and its tools; it removes what it made, however it ends.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};

use super::journal::{Journal, Object, abandoned};
use super::remove;
use super::stage::Stage;
use crate::interrupt::Interrupt;
use crate::paths;
use crate::report::Console;
use crate::tools::{Docker, Kind};

/// The label of everything that a run makes in the engine; its value is the run's name.
pub const LABEL: &str = "mailroom.kind-test";

/// A run in progress. Dropped early, at an error or a panic, it removes all that it made.
#[derive(Debug)]
pub struct Run {
    /// `mailroom-` and a part of its own: the name of its cluster, its network and its folder.
    pub name: String,
    /// What a person may want to read afterwards: `target/kind-test/<name>`.
    pub folder: PathBuf,
    /// kubeconfig, keys, archives: mode 0700, removed with the rest.
    pub private: PathBuf,
    /// The engine.
    pub docker: Docker,
    /// kind.
    pub kind: Kind,
    /// The flag that a signal raises.
    pub interrupt: Interrupt,
    /// Progress.
    pub console: Console,
    start: Instant,
    journal: Mutex<Option<Journal>>,
}

/// What is left of a run that has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leave {
    /// Nothing.
    Nothing,
    /// The folder with the diagnostics.
    Diagnostics,
}

impl Run {
    /// Begins a run: names it, makes its folders, and tells of earlier ones that left something.
    ///
    /// # Errors
    /// Where the folders cannot be made.
    pub fn begin(docker: Docker, kind: Kind, interrupt: Interrupt, console: Console) -> Result<Self> {
        let runs = runs();
        for (folder, objects) in abandoned(&runs) {
            console.note(format_args!("{}", left_behind(&folder, &objects, &kind)));
        }
        let name = unique_name();
        let folder = runs.join(&name);
        let private = folder.join("private");
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&private)
            .context(format!("cannot make {}", private.display()))?;
        let journal = Mutex::new(Some(Journal::begin(&folder)?));
        Ok(Self { name, folder, private, docker, kind, interrupt, console, start: Instant::now(), journal })
    }

    /// Writes down what is about to be made; at a signal, nothing more is made.
    ///
    /// # Errors
    /// Where it cannot be written; exit 130 at a signal.
    pub fn record(&self, object: Object) -> Result<()> {
        self.interrupt.check()?;
        let mut journal = self.journal.lock().unwrap_or_else(PoisonError::into_inner);
        journal.as_mut().context("the run has ended")?.record(object)
    }

    /// Says that a stage begins.
    ///
    /// # Errors
    /// Exit 130 at a signal.
    pub fn stage(&self, stage: Stage) -> Result<()> {
        self.interrupt.check()?;
        self.note(stage);
        Ok(())
    }

    /// A line of progress with the seconds since the start.
    pub fn note(&self, line: impl std::fmt::Display) {
        self.console.note(format_args!("{:6.1} s  {line}", self.start.elapsed().as_secs_f64()));
    }

    /// Seconds since the start.
    pub fn seconds(&self) -> f64 {
        self.start.elapsed().as_secs_f64()
    }

    /// The run's kubeconfig.
    pub fn kubeconfig(&self) -> PathBuf {
        self.private.join("kubeconfig")
    }

    /// Ends the run and removes what it made.
    ///
    /// # Errors
    /// Where something could not be removed: what it is and the command that does it.
    pub fn end(&self, leave: Leave) -> Result<()> {
        let Some(journal) = self.take_journal() else { return Ok(()) };
        self.note(Stage::Remove);
        let mut failed = remove::all(self, &journal.objects());
        let files = if leave == Leave::Nothing { &self.folder } else { &self.private };
        if failed.is_empty() {
            if let Err(error) = std::fs::remove_dir_all(files) {
                failed.push(format!("{}: {error}", files.display()));
            } else if leave == Leave::Diagnostics {
                let _gone_with_the_rest = std::fs::remove_file(self.folder.join(super::journal::FILE));
            }
        }
        if failed.is_empty() { Ok(()) } else { bail!("not everything was removed:\n  {}", failed.join("\n  ")) }
    }

    /// Ends the run and leaves everything; gives the commands to connect and to delete.
    pub fn keep(&self) -> String {
        let objects = self.take_journal().map(|journal| journal.objects()).unwrap_or_default();
        let connect = format!("kept; to connect:\n  export KUBECONFIG={}\nto delete:", self.kubeconfig().display());
        let mut lines = vec![connect];
        lines.extend(objects.iter().map(|object| format!("  {}", object.removal(self.kind.program()))));
        lines.push(format!("  rm -r {}", self.folder.display()));
        lines.join("\n")
    }

    fn take_journal(&self) -> Option<Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        let leave =
            if self.folder.join(super::diagnostics::FOLDER).exists() { Leave::Diagnostics } else { Leave::Nothing };
        if let Err(error) = self.end(leave) {
            self.console.note(format_args!("{error:#}"));
        }
    }
}

/// The folder of all runs: `target/kind-test`.
pub fn runs() -> PathBuf {
    paths::target().join("kind-test")
}

/// Short enough for the host name of a node, and no other's: the time in microseconds and the process's number.
fn unique_name() -> String {
    let time = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_micros());
    format!("mailroom-{}-{}", base36(time % 36_u128.pow(7)), base36(std::process::id().into()))
}

fn base36(mut number: u128) -> String {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut digits = Vec::new();
    while digits.is_empty() || number > 0 {
        digits.push(char::from(DIGITS[usize::try_from(number % 36).unwrap_or_default()]));
        number /= 36;
    }
    digits.iter().rev().collect()
}

fn left_behind(folder: &Path, objects: &[Object], kind: &Kind) -> String {
    let removals = objects.iter().map(|object| object.removal(kind.program()));
    let commands: Vec<_> = removals.chain([format!("rm -r {}", folder.display())]).collect();
    format!("an earlier run was kept or killed; to remove what it left:\n  {}", commands.join("\n  "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_makes_a_host_name_and_is_no_other_s() {
        let name = unique_name();
        assert!(name.starts_with("mailroom-") && name.len() + "-control-plane".len() <= 63, "{name}");
        assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'), "{name}");
        assert_eq!((base36(0), base36(35), base36(36 * 36 + 1)), ("0".into(), "z".into(), "101".into()));
    }
}
