//! A program while it runs: its lines as they come, its end awaited within a limit, ended by SIGTERM.
//!
//! Signals go through rustix, which is compiled for tempfile anyway: std knows SIGKILL alone, and `libc` would be unsafe.

use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use anyhow::Result;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions};

use super::captured::{ToolError, described};
use super::process::cannot_run;
use super::redact::Mask;
use super::streams::{Keep, Stream, Streams};
use crate::exit::Failure;

/// How long the streams may stay open after the program's end: a grandchild can hold them.
const STREAMS_AFTER_END: Duration = Duration::from_secs(2);

/// How long a group of processes is left alone before it is looked at again.
const GROUP_PAUSE: Duration = Duration::from_millis(20);

/// How long a program that is dropped while it runs may take to end on SIGTERM.
const END_ON_DROP: Duration = Duration::from_secs(15);

/// The process group of a child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Groups {
    /// Its own: a Ctrl-C in the terminal reaches us alone, and we decide what the child gets.
    Own,
    /// Ours: a Ctrl-C ends it together with us.
    Ours,
}

/// How a program ended.
#[derive(Clone, Copy, Debug)]
pub struct Ended {
    pub(crate) status: ExitStatus,
}

impl Ended {
    /// The exit code; none where a signal ended it.
    pub fn code(self) -> Option<i32> {
        self.status.code()
    }

    /// Whether it ended with 0.
    pub fn success(self) -> bool {
        self.status.success()
    }
}

/// A running program. Dropped while it runs, it gets SIGTERM and is waited for: no child outlives its handle unasked.
#[derive(Debug)]
pub struct Running {
    child: Child,
    command: String,
    groups: Groups,
    mask: Mask,
    streams: Streams,
    ended: Receiver<()>,
    status: Option<ExitStatus>,
}

impl Running {
    pub(crate) fn start(
        mut command: Command,
        line: String,
        stdin: Option<Vec<u8>>,
        (groups, keep): (Groups, Keep),
        mask: Mask,
        on_line: impl Fn(Stream, &str) + Send + Sync + 'static,
    ) -> Result<Self> {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.stdin(if stdin.is_some() { Stdio::piped() } else { Stdio::null() });
        if groups == Groups::Own {
            command.process_group(0);
        }
        let mut child = command.spawn().map_err(|error| cannot_run(&line, &error))?;
        let streams = Streams::of(&mut child, stdin, keep, &mask, on_line);
        let ended = watch(Pid::from_child(&child));
        Ok(Self { child, command: line, groups, mask, streams, ended, status: None })
    }

    /// The command line, masked.
    pub fn command(&self) -> &str {
        &self.command
    }

    /// Waits for the end, `limit` at most; none where it still runs then. All lines have been handed over at the end.
    ///
    /// # Errors
    /// Exit 3 where the system cannot tell its status.
    pub fn wait(&mut self, limit: Duration) -> Result<Option<Ended>> {
        if self.status.is_none() {
            if self.ended.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
                return Ok(None);
            }
            let failed = |error| Failure::environment(format!("cannot tell how `{}` ended: {error}", self.command));
            self.status = Some(self.child.wait().map_err(failed)?);
            self.streams.wait_for_end(STREAMS_AFTER_END);
        }
        Ok(self.status.map(|status| Ended { status }))
    }

    /// Asks it to end, by SIGTERM; [`Running::wait`] tells when it has. Its own children are its own affair: Helm still
    /// needs its credential plugin to record the release as failed.
    pub fn terminate(&self) {
        self.signal(rustix::process::kill_process, Signal::TERM);
    }

    /// Asks it to end as a Ctrl-C does, by SIGINT; [`Running::wait`] tells when it has.
    pub fn interrupt(&self) {
        self.signal(rustix::process::kill_process, Signal::INT);
    }

    /// Waits until nothing that it started runs any more either, `limit` at most; false where something still does.
    ///
    /// For a program that was ended while a child of it waits for an answer: until that comes, something may still be made.
    pub fn wait_for_group(&self, limit: Duration) -> bool {
        let deadline = Instant::now() + limit;
        let pid = Pid::from_child(&self.child);
        while self.groups == Groups::Own && rustix::process::test_kill_process_group(pid).is_ok() {
            if Instant::now() >= deadline {
                return false;
            }
            std::thread::sleep(GROUP_PAUSE);
        }
        true
    }

    /// Ends it and its children at once, for one that hangs and would not mind SIGTERM.
    pub(crate) fn kill(&mut self) {
        match self.groups {
            Groups::Own => self.signal(rustix::process::kill_process_group, Signal::KILL),
            Groups::Ours => self.signal(rustix::process::kill_process, Signal::KILL),
        }
        let _ = self.wait(END_ON_DROP);
    }

    /// The error for a program that ended as it should not have.
    pub fn error(&self, ended: Ended) -> ToolError {
        let stderr = self.mask.hide(&String::from_utf8_lossy(&self.streams.kept().1));
        ToolError::new(&self.command, ended.code(), &described(ended.status), &stderr)
    }

    /// stdout and stderr as they came, as far as they were kept.
    pub(crate) fn output(&self) -> (Vec<u8>, Vec<u8>) {
        self.streams.kept()
    }

    /// Its number cannot be another process's: until [`Running::wait`] has reaped it, the system keeps it.
    fn signal(&self, send: fn(Pid, Signal) -> rustix::io::Result<()>, signal: Signal) {
        if self.status.is_none() {
            let _ended_already = send(Pid::from_child(&self.child), signal);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.status.is_none() {
            self.terminate();
            let _ = self.wait(END_ON_DROP);
        }
    }
}

/// Says when the process has ended, without reaping it: its number stays its own for [`Running::signal`].
fn watch(pid: Pid) -> Receiver<()> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        let _ended = rustix::io::retry_on_intr(|| rustix::process::waitid(WaitId::Pid(pid), options));
        let _nobody_waits = sender.send(());
    });
    receiver
}
