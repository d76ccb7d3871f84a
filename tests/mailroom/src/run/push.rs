//! The event source: a stream that tells when to poll, opened again whenever it ends.

use std::sync::mpsc::Sender;
use std::time::Duration;

use serde_json::json;

use super::Wake;
use super::status::Status;
use crate::exception::Exception;
use crate::http::{Body, Client, Request};
use crate::jmap::Jmap;
use crate::logging::{Level, Log};

/// The server pings every 30 seconds; three missed ones are a dead connection.
const SILENCE: Duration = Duration::from_secs(90);
/// The first pause after a failure, doubled with each further one.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Listens in a thread of its own, if the session names an event source.
pub(super) fn listen(jmap: &Jmap, wake: &Sender<Wake>, status: &Status, log: Log) -> Result<(), Exception> {
    let Some(request) = jmap.event_source().transpose()? else { return Ok(()) };
    let request = Request { read_limit: SILENCE, ..request };
    let mut listener = Listener {
        client: jmap.client().clone(),
        request,
        wake: wake.clone(),
        status: status.clone(),
        log,
        pauses: Pauses { first: FIRST_PAUSE, failures: 0 },
    };
    std::thread::spawn(move || listener.run());
    Ok(())
}

struct Listener {
    client: Client,
    request: Request,
    wake: Sender<Wake>,
    status: Status,
    log: Log,
    pauses: Pauses,
}

impl Listener {
    /// Opens the stream again and again: at once after a clean end, which keeps the status `connected`, and after a pause
    /// that grows where it failed.
    fn run(&mut self) {
        loop {
            if let Err(error) = self.listen_once() {
                self.status.disconnected();
                let pause = self.pauses.next();
                let fields = [("error", json!(error.to_string())), ("retry_in", json!(pause.as_secs_f64()))];
                self.log.write(Level::Warning, "eventsource", "eventsource_disconnected", &fields);
                std::thread::sleep(pause);
            }
            self.status.reconnecting();
        }
    }

    /// From opening the stream to its end.
    fn listen_once(&mut self) -> Result<(), Exception> {
        let mut body = self.client.open(&self.request)?.stream()?;
        self.status.connected();
        self.pauses.failures = 0;
        self.log.write(Level::Info, "eventsource", "eventsource_connected", &[]);
        let mut lines = Lines::default();
        while let Some(line) = lines.next(&mut body)? {
            match meaning(&line) {
                // A loop that is gone takes the process with it.
                Some(Meaning::Change) => drop(self.wake.send(Wake::Push)),
                Some(Meaning::Retry(pause)) => self.pauses.first = pause,
                None => {}
            }
        }
        Ok(())
    }
}

/// How long to wait after a failure: 2, 4, 8 up to 60 seconds, or from what the server asked for.
struct Pauses {
    first: Duration,
    failures: u32,
}

impl Pauses {
    fn next(&mut self) -> Duration {
        let pause = self.first.saturating_mul(2_u32.saturating_pow(self.failures)).min(LONGEST_PAUSE);
        self.failures = self.failures.saturating_add(1);
        pause
    }
}

#[derive(Debug, PartialEq)]
enum Meaning {
    Change,
    Retry(Duration),
}

/// What a line asks for; pings and data ask for nothing. The space after `event:` is required.
fn meaning(line: &str) -> Option<Meaning> {
    if line.starts_with("event: state") {
        return Some(Meaning::Change);
    }
    let milliseconds = line.strip_prefix("retry:")?.trim().parse().ok()?;
    Some(Meaning::Retry(Duration::from_millis(milliseconds)))
}

/// Cuts a body into lines.
#[derive(Default)]
struct Lines {
    buffer: Vec<u8>,
}

impl Lines {
    /// The next whole line, without its end; `None` at the end of the body.
    fn next(&mut self, body: &mut Body) -> Result<Option<String>, Exception> {
        loop {
            if let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.buffer.drain(..=end).collect();
                return Ok(Some(String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned()));
            }
            match body.read_next()? {
                Some(bytes) => self.buffer.extend(bytes),
                None => return Ok(None),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_event_needs_its_space() {
        for (line, expected) in [
            ("event: state", Some(Meaning::Change)),
            ("event:state", None),
            ("event: ping", None),
            ("data: {}", None),
            (": comment", None),
            ("retry: 250", Some(Meaning::Retry(Duration::from_millis(250)))),
            ("retry: soon", None),
        ] {
            assert_eq!(meaning(line), expected, "{line}");
        }
    }

    #[test]
    fn pauses_double_up_to_a_minute() {
        let mut pauses = Pauses { first: FIRST_PAUSE, failures: 0 };
        let seconds: Vec<u64> = (0..7).map(|_| pauses.next().as_secs()).collect();
        assert_eq!(seconds, [2, 4, 8, 16, 32, 60, 60]);
    }
}
