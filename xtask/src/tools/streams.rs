//! The streams of a running program: read in threads, so that neither fills up while the other is waited for.

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::process::Child;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::redact::Mask;

/// The streams of [`Keep::Last`] may grow to twice this many bytes before their older half goes.
const KEPT: usize = 64 * 1024;

/// Which of its streams a line came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// The product.
    Stdout,
    /// Diagnostics.
    Stderr,
}

/// How much of the streams is kept besides being handed over line by line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    /// All of it: it is what was asked for.
    All,
    /// The last lines, for an error: a watch may go on for hours.
    Last,
}

/// Both streams of a child, and the threads that read them.
#[derive(Debug)]
pub(crate) struct Streams {
    kept: Arc<Mutex<Kept>>,
    at_end: Receiver<()>,
}

/// What takes each line, masked and without its line break; both threads call it.
type OnLine = dyn Fn(Stream, &str) + Send + Sync;

impl Streams {
    /// Begins to read, and writes the input; a program that ends without reading it says why by itself.
    pub(crate) fn of(
        child: &mut Child,
        stdin: Option<Vec<u8>>,
        keep: Keep,
        mask: &Mask,
        on_line: impl Fn(Stream, &str) + Send + Sync + 'static,
    ) -> Self {
        if let (Some(text), Some(mut pipe)) = (stdin, child.stdin.take()) {
            std::thread::spawn(move || pipe.write_all(&text));
        }
        let kept = Arc::new(Mutex::new(Kept { keep, stdout: Vec::new(), stderr: Vec::new() }));
        let on_line: Arc<OnLine> = Arc::new(on_line);
        let (sender, at_end) = channel();
        let stdout = child.stdout.take().map(|pipe| Box::new(pipe) as Box<dyn Read + Send>);
        let stderr = child.stderr.take().map(|pipe| Box::new(pipe) as Box<dyn Read + Send>);
        for (stream, pipe) in [(Stream::Stdout, stdout), (Stream::Stderr, stderr)] {
            let Some(pipe) = pipe else { continue };
            let (kept, mask, on_line, sender) = (kept.clone(), mask.clone(), on_line.clone(), sender.clone());
            std::thread::spawn(move || {
                read_lines(stream, pipe, &kept, &mask, &*on_line);
                drop(sender);
            });
        }
        Self { kept, at_end }
    }

    /// Waits until both are at their end and every line has been handed over, `limit` at most.
    pub(crate) fn wait_for_end(&self, limit: Duration) -> bool {
        // Nothing is ever sent: the last of the threads to end disconnects the channel.
        self.at_end.recv_timeout(limit) == Err(RecvTimeoutError::Disconnected)
    }

    /// stdout and stderr as they came, as far as they were kept.
    pub(crate) fn kept(&self) -> (Vec<u8>, Vec<u8>) {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        (kept.stdout.clone(), kept.stderr.clone())
    }
}

fn read_lines(stream: Stream, pipe: Box<dyn Read + Send>, kept: &Mutex<Kept>, mask: &Mask, on_line: &OnLine) {
    let mut pipe = BufReader::new(pipe);
    let mut line = Vec::new();
    while pipe.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
        kept.lock().unwrap_or_else(PoisonError::into_inner).add(stream, &line);
        on_line(stream, &mask.hide(String::from_utf8_lossy(&line).trim_end_matches(['\n', '\r'])));
        line.clear();
    }
}

#[derive(Debug)]
struct Kept {
    keep: Keep,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl Kept {
    fn add(&mut self, stream: Stream, line: &[u8]) {
        let kept = if stream == Stream::Stdout { &mut self.stdout } else { &mut self.stderr };
        kept.extend_from_slice(line);
        if self.keep == Keep::Last && kept.len() > 2 * KEPT {
            let older_half = kept.len() - KEPT;
            // Cut at the end of a line: half a secret would not be recognised.
            let rest_of_line = kept[older_half..].iter().position(|byte| *byte == b'\n');
            kept.drain(..rest_of_line.map_or(kept.len(), |rest| older_half + rest + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{KEPT, Keep, Kept, Stream};

    #[test]
    fn a_long_watch_keeps_whole_last_lines_only() {
        let mut kept = Kept { keep: Keep::Last, stdout: Vec::new(), stderr: Vec::new() };
        for number in 0..100_000 {
            kept.add(Stream::Stdout, format!("line {number}\n").as_bytes());
        }
        let text = String::from_utf8(kept.stdout).expect("text");
        assert!(text.len() <= 2 * KEPT && text.len() > KEPT / 2, "{}", text.len());
        assert!(text.starts_with("line ") && text.ends_with("line 99999\n"));
        assert!(kept.stderr.is_empty());
    }
}
