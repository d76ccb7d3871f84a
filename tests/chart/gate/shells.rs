//! The gate's script under three shells, each with the tools of one kind of image alone on its PATH, and `mailroom` a stub.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// The programs that the script's head promises to get along with.
const PROGRAMS: [&str; 7] = ["awk", "base64", "mktemp", "mv", "rm", "tail", "tr"];

/// Prints what run N of `mailroom` was told to print; blocks, deaf to signals, where it was told to.
const STUB: &str = r#"#!/bin/sh
PATH=/usr/bin:/bin
echo "$*" >>"$STUB/calls"
run=$(wc -l <"$STUB/calls")
if [ -e "$STUB/$run.blocks" ]; then
    trap '' TERM INT
    echo $$ >"$STUB/started"
    read line <"$STUB/release"
fi
[ -e "$STUB/$run.out" ] || exit 99
cat "$STUB/$run.out"
cat "$STUB/$run.err" >&2
exit "$(cat "$STUB/$run.status")"
"#;

/// A shell with the tools that come with it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shell {
    /// Debian's slim images: dash and mawk.
    Dash,
    /// Images that have GNU's tools: bash and the machine's own awk.
    Bash,
    /// Alpine and busybox: everything is one program.
    Busybox,
}

/// All three: a test that one of them is missing for fails.
pub(crate) const SHELLS: [Shell; 3] = [Shell::Dash, Shell::Bash, Shell::Busybox];

impl Shell {
    /// What stands behind a program's name in such an image.
    fn program(self, name: &str) -> PathBuf {
        match (self, name) {
            (Self::Busybox, _) => find("busybox", "busybox"),
            (Self::Dash, "sh") => find("dash", "dash"),
            (Self::Bash, "sh") => find("bash", "bash"),
            (Self::Dash, "awk") => find("mawk", "mawk"),
            (_, "awk") => find("awk", "mawk"),
            _ => find(name, "coreutils"),
        }
    }
}

/// The program on PATH.
///
/// # Panics
/// Where it is not installed: a shell that is not tested is a gate that may break there.
fn find(program: &str, package: &str) -> PathBuf {
    std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())
        .map(|dir| dir.join(program))
        .find(|path| path.is_file())
        .unwrap_or_else(|| panic!("{program} is not on PATH: apt-get install {package}"))
}

/// One run of `mailroom` by the gate.
#[derive(Clone, Default)]
pub(crate) struct Run {
    /// Its standard output.
    pub(crate) stdout: String,
    /// Its standard error.
    pub(crate) stderr: String,
    /// Its exit status.
    pub(crate) status: i32,
    /// Whether it says that it has started and then waits for ever, deaf to SIGTERM.
    pub(crate) blocks: bool,
}

/// A run that ends with 0 after this report.
pub(crate) fn prints(stdout: impl Into<String>) -> Run {
    Run { stdout: stdout.into(), ..Run::default() }
}

/// A run that ends with this status after this on standard error.
pub(crate) fn fails(status: i32, stderr: &str) -> Run {
    Run { status, stderr: stderr.into(), ..Run::default() }
}

/// The credentials that the gate gets.
#[derive(Clone, Copy)]
pub(crate) struct Credentials {
    /// `MAILROOM_JMAP_TOKEN`.
    pub(crate) token: &'static str,
    /// `MAILROOM_CARDDAV_USERNAME`.
    pub(crate) username: &'static str,
    /// `MAILROOM_CARDDAV_PASSWORD`.
    pub(crate) password: &'static str,
}

/// What is left after a gate has ended.
pub(crate) struct Outcome {
    /// The script's exit status; -1 where a signal killed it.
    pub(crate) status: i32,
    /// Its standard output: the Job's log.
    pub(crate) stdout: String,
    /// Its standard error: in the Job's log as well.
    pub(crate) stderr: String,
    /// The termination message.
    pub(crate) message: String,
    /// The arguments of each call of `mailroom`.
    pub(crate) calls: Vec<String>,
}

/// A gate set up and not yet started.
pub(crate) struct Gate {
    shell: Shell,
    dir: TempDir,
}

impl Gate {
    /// Makes an image for the shell, whose `mailroom` behaves as `runs` say, one after the other.
    pub(crate) fn new(shell: Shell, runs: &[Run]) -> Self {
        let gate = Self { shell, dir: tempfile::tempdir().expect("a temporary folder") };
        for folder in ["bin", "stub", "tmp"] {
            fs::create_dir(gate.path(folder)).expect("a folder");
        }
        for name in PROGRAMS.iter().chain(&["sh"]) {
            symlink(shell.program(name), gate.path("bin").join(name)).expect("a link");
        }
        let stub = gate.path("bin/mailroom");
        fs::write(&stub, STUB).expect("the stub");
        fs::set_permissions(&stub, fs::Permissions::from_mode(0o755)).expect("an executable stub");
        fs::write(gate.path("termination-log"), "").expect("the kubelet's file");
        for (run, number) in runs.iter().zip(1..) {
            let write = |kind: &str, text: &str| {
                fs::write(gate.path(&format!("stub/{number}.{kind}")), text).expect("what a run prints");
            };
            write("out", &run.stdout);
            write("err", &run.stderr);
            write("status", &run.status.to_string());
            if run.blocks {
                write("blocks", "");
                for fifo in ["stub/started", "stub/release"] {
                    let made = Command::new("mkfifo").arg(gate.path(fifo)).status().expect("mkfifo starts");
                    assert!(made.success(), "mkfifo {fifo}: {made}");
                }
            }
        }
        gate
    }

    /// A place in the gate's own folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Starts the script with these arguments.
    pub(crate) fn start(&self, arguments: &[&str], credentials: Option<Credentials>) -> Child {
        let mut command = Command::new(self.path("bin/sh"));
        command
            .arg(script())
            .args(arguments)
            .env_clear()
            .env("PATH", self.path("bin"))
            .env("TMPDIR", self.path("tmp"))
            .env("STUB", self.path("stub"))
            .env("TERMINATION_LOG", self.path("termination-log"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if let Some(credentials) = credentials {
            command
                .env("MAILROOM_JMAP_TOKEN", credentials.token)
                .env("MAILROOM_CARDDAV_USERNAME", credentials.username)
                .env("MAILROOM_CARDDAV_PASSWORD", credentials.password);
        }
        command.spawn().unwrap_or_else(|error| panic!("cannot start {:?}: {error}", self.shell))
    }

    /// Waits for the end, and checks that no temporary file is left.
    pub(crate) fn outcome(&self, child: Child) -> Outcome {
        let output = child.wait_with_output().expect("the script's output");
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8: nothing is cut inside a character");
        let left: Vec<_> = fs::read_dir(self.path("tmp")).expect("TMPDIR").collect();
        assert!(left.is_empty(), "{:?} leaves {left:?}", self.shell);
        Outcome {
            status: output.status.code().unwrap_or(-1),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
            message: text(fs::read(self.path("termination-log")).expect("the termination message")),
            calls: fs::read_to_string(self.path("stub/calls")).unwrap_or_default().lines().map(str::to_owned).collect(),
        }
    }

    /// Runs the script to its end.
    pub(crate) fn run(shell: Shell, arguments: &[&str], runs: &[Run]) -> Outcome {
        let gate = Self::new(shell, runs);
        gate.outcome(gate.start(arguments, None))
    }
}

/// The script as the chart ships it.
fn script() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../helm/mailroom/files/preflight.sh"))
}
