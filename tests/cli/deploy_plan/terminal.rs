//! A person at a terminal: what is typed there, and what is shown.

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::process::{Child, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use super::bench::{Bench, Ran};

/// `deploy` with stdin and stderr on a terminal.
struct Session {
    child: Child,
    terminal: fs::File,
    shown: String,
}

/// Runs it while somebody types `answer`.
pub(crate) fn answered(bench: &Bench, args: &[&str], answer: &str) -> Ran {
    let mut session = Session::start(bench, args);
    session.terminal.write_all(answer.as_bytes()).expect("typed");
    session.end()
}

/// Runs it until it asks `question`, and interrupts it there.
pub(crate) fn interrupted_at(bench: &Bench, args: &[&str], question: &str) -> Ran {
    let mut session = Session::start(bench, args);
    while !session.shown.contains(question) {
        assert!(session.read(), "it ended without `{question}`: {}", session.shown);
    }
    kill_process(Pid::from_child(&session.child), Signal::INT).expect("it runs");
    session.end()
}

impl Session {
    fn start(bench: &Bench, args: &[&str]) -> Self {
        let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
        grantpt(&terminal).and_then(|()| unlockpt(&terminal)).expect("a terminal");
        let name = ptsname(&terminal, Vec::new()).expect("a name").into_string().expect("UTF-8");
        let end = || -> OwnedFd { fs::File::options().read(true).write(true).open(&name).expect("a terminal").into() };
        let child = bench.command(args).stdin(end()).stderr(end()).stdout(Stdio::piped()).spawn().expect("xtask runs");
        Self { child, terminal: terminal.into(), shown: String::new() }
    }

    /// Reads on; false at the end. A terminal whose other end is closed gives an error.
    fn read(&mut self) -> bool {
        let mut bytes = [0; 4096];
        let read = self.terminal.read(&mut bytes).unwrap_or(0);
        self.shown.push_str(&String::from_utf8_lossy(&bytes[..read]));
        read > 0
    }

    fn end(mut self) -> Ran {
        let mut stdout = self.child.stdout.take().expect("a pipe");
        let product = std::thread::spawn(move || {
            let mut product = String::new();
            stdout.read_to_string(&mut product).map(|_| product)
        });
        while self.read() {}
        let code = self.child.wait().expect("it ends").code();
        Ran { code, stdout: product.join().expect("read").expect("UTF-8"), stderr: self.shown }
    }
}
