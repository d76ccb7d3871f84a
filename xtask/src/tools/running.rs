//! A program while it runs: its lines as they come, its end awaited within a limit, ended by SIGTERM.
//!
//! Signals go through rustix, which is compiled for tempfile anyway: std knows SIGKILL alone, and `libc` would be unsafe.

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions};

use super::process::{ToolError, described};
use super::redact::Mask;
use crate::exit::Failure;

/// How long the streams may stay open after the program's end: a grandchild can hold them.
const STREAMS_AFTER_END: Duration = Duration::from_secs(2);

/// How long a program that is dropped while it runs may take to end on SIGTERM.
const END_ON_DROP: Duration = Duration::from_secs(15);

/// Which of its streams a line came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// The product.
    Stdout,
    /// Diagnostics.
    Stderr,
}

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
    ended: Receiver<()>,
    drained: Receiver<()>,
    output: Arc<Mutex<(Vec<u8>, Vec<u8>)>>,
    status: Option<ExitStatus>,
}

impl Running {
    pub(crate) fn start(
        mut command: Command,
        line: String,
        stdin: Option<Vec<u8>>,
        groups: Groups,
        mask: Mask,
        on_line: impl Fn(Stream, &str) + Send + Sync + 'static,
    ) -> Result<Self> {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.stdin(if stdin.is_some() { Stdio::piped() } else { Stdio::null() });
        if groups == Groups::Own {
            command.process_group(0);
        }
        let mut child =
            command.spawn().map_err(|error| Failure::environment(format!("cannot run `{line}`: {error}")))?;
        let output = Arc::new(Mutex::new((Vec::new(), Vec::new())));
        feed(&mut child, stdin);
        let drained = drain(&mut child, &output, &mask, &(Arc::new(on_line) as Lines));
        let ended = watch(pid(&child));
        Ok(Self { child, command: line, groups, mask, ended, drained, output, status: None })
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
            let failed = || format!("cannot tell how `{}` ended", self.command);
            self.status = Some(self.child.wait().with_context(failed)?);
            let _at_their_end = self.drained.recv_timeout(STREAMS_AFTER_END);
        }
        Ok(self.status.map(|status| Ended { status }))
    }

    /// Asks it to end, by SIGTERM; [`Running::wait`] tells when it has.
    pub fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    /// Ends a program that changes nothing, and does not wait.
    pub(crate) fn kill(&mut self) {
        self.signal(Signal::KILL);
        let _ = self.wait(END_ON_DROP);
    }

    /// The error for a program that ended as it should not have.
    pub fn error(&self, ended: Ended) -> ToolError {
        let stderr = self.mask.hide(&String::from_utf8_lossy(&self.output().1));
        ToolError::new(&self.command, ended.code(), &described(ended.status), &stderr)
    }

    /// Both streams so far, as they came.
    pub(crate) fn output(&self) -> (Vec<u8>, Vec<u8>) {
        self.output.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Its number cannot be another process's: until [`Running::wait`] has reaped it, the system keeps it.
    fn signal(&self, signal: Signal) {
        if self.status.is_none() {
            let pid = pid(&self.child);
            let _gone_already = match self.groups {
                Groups::Own => rustix::process::kill_process_group(pid, signal),
                Groups::Ours => rustix::process::kill_process(pid, signal),
            };
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

fn pid(child: &Child) -> Pid {
    Pid::from_child(child)
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

/// Writes the input in a thread of its own; a program that ends without reading it says why by itself.
fn feed(child: &mut Child, stdin: Option<Vec<u8>>) {
    if let (Some(text), Some(mut pipe)) = (stdin, child.stdin.take()) {
        std::thread::spawn(move || pipe.write_all(&text));
    }
}

type Lines = Arc<dyn Fn(Stream, &str) + Send + Sync>;
type Output = Arc<Mutex<(Vec<u8>, Vec<u8>)>>;

/// Reads both streams in threads; the receiver is disconnected once both are at their end.
fn drain(child: &mut Child, output: &Output, mask: &Mask, on_line: &Lines) -> Receiver<()> {
    let (sender, receiver) = channel();
    let streams: [(Stream, Option<Box<dyn Read + Send>>); 2] = [
        (Stream::Stdout, child.stdout.take().map(|pipe| Box::new(pipe) as _)),
        (Stream::Stderr, child.stderr.take().map(|pipe| Box::new(pipe) as _)),
    ];
    for (stream, pipe) in streams {
        let Some(pipe) = pipe else { continue };
        let (output, mask, on_line, sender) = (output.clone(), mask.clone(), on_line.clone(), sender.clone());
        std::thread::spawn(move || read_lines(stream, pipe, &output, &mask, &*on_line, &sender));
    }
    receiver
}

fn read_lines(
    stream: Stream,
    pipe: Box<dyn Read + Send>,
    output: &Output,
    mask: &Mask,
    on_line: &(dyn Fn(Stream, &str) + Send + Sync),
    _open: &Sender<()>,
) {
    let mut pipe = BufReader::new(pipe);
    let mut line = Vec::new();
    while pipe.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
        let mut output = output.lock().unwrap_or_else(PoisonError::into_inner);
        match stream {
            Stream::Stdout => output.0.extend_from_slice(&line),
            Stream::Stderr => output.1.extend_from_slice(&line),
        }
        drop(output);
        let text = String::from_utf8_lossy(&line);
        on_line(stream, &mask.hide(text.trim_end_matches(['\n', '\r'])));
        line.clear();
    }
}
