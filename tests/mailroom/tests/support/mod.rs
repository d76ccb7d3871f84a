//! A mail account on a loopback port: TLS behind a CONNECT proxy, a few mailboxes and groups, and answers to order.
//!
//! It is as small as the tests of exit codes and messages allow. How real mail server software behaves is tested
//! against the server in `tests/fastmail`.

#![allow(dead_code, reason = "each test file uses a part of it")]

mod account;
pub(crate) mod service;
mod tls;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output};
use std::sync::{Arc, Condvar, Mutex};

use rustls::{ServerConfig, ServerConnection, StreamOwned};

pub(crate) use account::Account;
use account::Reply;

/// How long anything may take that a test waits for.
pub(crate) const LIMIT: std::time::Duration = std::time::Duration::from_secs(60);

/// A TLS session with the program under test.
pub(crate) type Session = StreamOwned<ServerConnection, TcpStream>;

/// What happens to a connection instead of a proper answer.
#[derive(Clone)]
pub(crate) enum Fault {
    /// These bytes, then the end of the connection.
    Answer(Vec<u8>),
    /// The request is read, and nothing comes back.
    Stall,
    /// The request is read, and the connection reset.
    Reset,
    /// The proxy answers CONNECT with these bytes.
    Tunnel(&'static str),
    /// The tunnel is open, and the TLS handshake gets no answer.
    TlsStall,
}

impl Fault {
    /// A whole answer with this status line and body.
    pub(crate) fn status(line: &str, body: &str) -> Self {
        Self::Answer(format!("HTTP/1.1 {line}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes())
    }
}

/// When a fault strikes.
struct Rule {
    /// A piece of the request's first line or of its body; of the CONNECT line for faults before TLS.
    piece: &'static str,
    fault: Fault,
    /// How many times; `None` is always.
    left: Option<usize>,
}

/// What the threads of a server share.
struct Shared {
    tls: Arc<ServerConfig>,
    account: Mutex<Account>,
    rules: Mutex<Vec<Rule>>,
    requests: Mutex<Vec<String>>,
    requested: Condvar,
    /// Pushes that are still to be sent to whoever listens.
    pushes: Mutex<usize>,
    pushed: Condvar,
}

/// A server that lives as long as the test process.
pub(crate) struct Server {
    port: u16,
    folder: tempfile::TempDir,
    shared: Arc<Shared>,
}

impl Server {
    /// Starts one with a fresh account: an Inbox, and an empty address book.
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let tls = tls::configuration(&folder.path().join("ca.pem"));
        let shared = Arc::new(Shared {
            tls,
            account: Mutex::new(Account::fresh()),
            rules: Mutex::default(),
            requests: Mutex::default(),
            requested: Condvar::new(),
            pushes: Mutex::default(),
            pushed: Condvar::new(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let for_threads = Arc::clone(&shared);
        std::thread::spawn(move || {
            for socket in listener.incoming().flatten() {
                let shared = Arc::clone(&for_threads);
                std::thread::spawn(move || shared.serve(socket));
            }
        });
        Self { port, folder, shared }
    }

    /// Lets `fault` strike every request that contains `piece`.
    pub(crate) fn always(&self, piece: &'static str, fault: Fault) -> &Self {
        self.shared.rules.lock().unwrap().push(Rule { piece, fault, left: None });
        self
    }

    /// Lets `fault` strike the next request that contains `piece`.
    pub(crate) fn once(&self, piece: &'static str, fault: Fault) -> &Self {
        self.shared.rules.lock().unwrap().push(Rule { piece, fault, left: Some(1) });
        self
    }

    /// The account as it is now.
    pub(crate) fn account(&self) -> std::sync::MutexGuard<'_, Account> {
        self.shared.account.lock().unwrap()
    }

    /// Sends a push to whoever listens, or will.
    pub(crate) fn push(&self) {
        *self.shared.pushes.lock().unwrap() += 1;
        self.shared.pushed.notify_all();
    }

    /// The first lines of all requests so far, and the bodies of JMAP calls.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.shared.requests.lock().unwrap().clone()
    }

    /// Waits until as many requests as `count` have contained `piece`.
    pub(crate) fn wait_for_requests(&self, piece: &str, count: usize) {
        let missing = |all: &mut Vec<String>| all.iter().filter(|request| request.contains(piece)).count() < count;
        let requests = self.shared.requests.lock().unwrap();
        let (requests, waited) = self.shared.requested.wait_timeout_while(requests, LIMIT, missing).unwrap();
        assert!(!waited.timed_out(), "{count} requests with {piece} did not come, but {requests:#?}");
    }

    /// A folder that lives as long as the server; the CA's certificate is in it.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The program, set up to reach this server and no other, with the default configuration.
    pub(crate) fn mailroom(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mailroom"));
        command
            .args(arguments)
            .env_clear()
            .env("MAILROOM_CONFIG", self.folder())
            .env("MAILROOM_JMAP_TOKEN", "canary-token")
            .env("MAILROOM_CARDDAV_USERNAME", "someone@example.com")
            .env("MAILROOM_CARDDAV_PASSWORD", "canary-password1")
            .env("HTTPS_PROXY", format!("http://127.0.0.1:{}", self.port))
            .env("SSL_CERT_FILE", self.folder().join("ca.pem"));
        command
    }
}

impl Shared {
    fn serve(&self, mut socket: TcpStream) {
        let connect = read_request(&mut socket).unwrap_or_default();
        match self.fault(&connect, |fault| matches!(fault, Fault::Tunnel(_) | Fault::TlsStall)) {
            Some(Fault::Tunnel(answer)) => {
                let _ = socket.write_all(answer.as_bytes());
                return;
            }
            Some(Fault::TlsStall) => {
                let _ = socket.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
                return hold(&mut socket);
            }
            _ => {}
        }
        let _ = socket.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
        let mut session = ServerConnection::new(Arc::clone(&self.tls)).unwrap();
        while session.is_handshaking() {
            if session.complete_io(&mut socket).is_err() {
                return;
            }
        }
        let mut session = StreamOwned::new(session, socket);
        let Some(request) = read_request(&mut session) else { return };
        self.requests.lock().unwrap().push(recorded(&request));
        self.requested.notify_all();
        match self.fault(&request, |_| true) {
            Some(Fault::Answer(bytes)) => {
                let _ = session.write_all(&bytes);
                // Without this the client could see a reset instead of what was written.
                session.conn.send_close_notify();
                let _ = session.flush();
            }
            Some(Fault::Reset) => {
                // Closing with a linger time of zero sends a reset in the place of a proper end.
                socket2::SockRef::from(&session.sock).set_linger(Some(std::time::Duration::ZERO)).unwrap();
            }
            Some(_) => hold(&mut session),
            None => self.reply(&request, &mut session),
        }
    }

    fn reply(&self, request: &str, session: &mut Session) {
        // The account must not stay locked while an event stream is open.
        let reply = self.account.lock().unwrap().answer(request);
        match reply {
            Reply::Whole(text) => {
                let _ = session.write_all(text.as_bytes()).and_then(|()| session.flush());
            }
            Reply::Events => self.send_events(session),
        }
    }

    /// Keeps the stream open and sends an event for each push, until the client is gone.
    fn send_events(&self, session: &mut Session) {
        let mut text =
            String::from("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\nevent: ping\ndata: {}\n\n");
        while session.write_all(text.as_bytes()).and_then(|()| session.flush()).is_ok() {
            let pushes = self.pushed.wait_while(self.pushes.lock().unwrap(), |pushes| *pushes == 0);
            text = "event: state\ndata: {}\n\n".repeat(std::mem::take(&mut *pushes.unwrap()));
        }
    }

    fn fault(&self, request: &str, fits: impl Fn(&Fault) -> bool) -> Option<Fault> {
        let mut rules = self.rules.lock().unwrap();
        let rule =
            rules.iter_mut().find(|rule| rule.left != Some(0) && request.contains(rule.piece) && fits(&rule.fault))?;
        rule.left = rule.left.map(|left| left - 1);
        Some(rule.fault.clone())
    }
}

/// Waits for the client to give up.
fn hold(stream: &mut impl Read) {
    while stream.read(&mut [0; 1024]).is_ok_and(|count| count > 0) {}
}

fn recorded(request: &str) -> String {
    let (head, body) = request.split_once("\r\n\r\n").unwrap_or((request, ""));
    let first = head.lines().next().unwrap_or_default().trim_end_matches(" HTTP/1.1");
    if first.starts_with("POST") { format!("{first} {body}") } else { first.to_owned() }
}

/// Head and body of one request.
fn read_request(stream: &mut impl Read) -> Option<String> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: ")).unwrap_or("0");
            if body.len() >= length.parse::<usize>().unwrap() {
                return Some(text.into_owned());
            }
        }
        match stream.read(&mut chunk) {
            Ok(count) if count > 0 => bytes.extend_from_slice(&chunk[..count]),
            _ => return None,
        }
    }
}

/// An output as three texts that a failed assertion shows well.
pub(crate) fn parts(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8 output");
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

/// The last line of a text.
pub(crate) fn last_line(text: &str) -> &str {
    text.lines().last().unwrap_or_default()
}

/// Runs `setup` with more arguments against a server.
pub(crate) fn setup(server: &Server, arguments: &[&str]) -> (Option<i32>, String, String) {
    parts(&server.mailroom(&[&["setup"], arguments].concat()).output().unwrap())
}
