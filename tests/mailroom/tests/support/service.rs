//! A running `mailroom run`, its log, its probe, and signals to it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};

use serde_json::Value;

use super::{LIMIT, Server};

/// A service that is killed when a test ends without having waited for it.
pub(crate) struct Service {
    child: Child,
    lines: Receiver<String>,
}

impl Service {
    /// Starts the service against a server; the probe takes a free port.
    pub(crate) fn start(server: &Server, variables: &[(&str, &str)]) -> Self {
        let mut command = server.mailroom(&["run"]);
        command.env("STAND_IN_HEALTH_PORT", "0").envs(variables.iter().copied());
        Self::spawn(&mut command)
    }

    /// Starts any command and reads its stderr.
    pub(crate) fn spawn(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let (sender, lines) = channel();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        std::thread::spawn(move || stderr.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        Self { child, lines }
    }

    /// The next log line with this event.
    pub(crate) fn wait_for_event(&self, event: &str) -> Value {
        loop {
            let line = self.lines.recv_timeout(LIMIT).unwrap_or_else(|_| panic!("no {event} in the log"));
            let line: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("not a log line: {line}"));
            if line["event"] == event {
                return line;
            }
        }
    }

    /// Waits until the probe listens; its port.
    pub(crate) fn port(&self) -> u16 {
        u16::try_from(self.wait_for_event("service_started")["port"].as_u64().unwrap()).unwrap()
    }

    /// Sends a signal by its short name.
    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill").args([format!("-{name}"), self.child.id().to_string()]).status().unwrap();
        assert!(status.success());
    }

    /// Waits for the end: the status, and the log from where it has not been read yet.
    pub(crate) fn end(mut self) -> (ExitStatus, Vec<String>) {
        let lines = self.lines.iter().collect();
        (self.child.wait().unwrap(), lines)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // Already gone in the good case.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a request line to a probe; the whole answer.
pub(crate) fn probe(port: u16, request_line: &str) -> String {
    let mut socket = TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(socket, "{request_line} HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    answer
}

/// The JSON of a probe, and whether it says 200.
pub(crate) fn health(port: u16) -> (bool, Value) {
    let answer = probe(port, "GET /healthz");
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.starts_with("HTTP/1.0 200 OK\r\n"), serde_json::from_str(body).unwrap())
}
