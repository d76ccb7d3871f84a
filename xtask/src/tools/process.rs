//! One call of one program: its command line, environment and input, and what came back.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use xshell::Shell;

use super::redact::Mask;
use super::running::{Groups, Running};
use crate::exit::{ENVIRONMENT, Failure};
use crate::report::Console;

/// How many of the last lines of stderr an error repeats.
const LAST_LINES: usize = 12;

/// A program with all that its calls have in common.
#[derive(Clone, Debug)]
pub(crate) struct Tool {
    pub(crate) program: PathBuf,
    pub(crate) vars: Arc<Vec<(OsString, OsString)>>,
    pub(crate) mask: Mask,
    pub(crate) console: Console,
}

impl Tool {
    pub(crate) fn new(program: PathBuf, vars: Vec<(OsString, OsString)>, console: Console) -> Self {
        Self { program, vars: Arc::new(vars), mask: Mask::default(), console }
    }

    /// A call with these arguments, in the current folder, without input and without a limit.
    pub(crate) fn call(&self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Call<'_> {
        let args = args.into_iter().map(|arg| arg.as_ref().to_owned()).collect();
        Call { tool: self, args, vars: Vec::new(), stdin: None, dir: None, limit: None }
    }
}

/// A call in the making.
#[derive(Debug)]
pub(crate) struct Call<'t> {
    tool: &'t Tool,
    args: Vec<OsString>,
    vars: Vec<(OsString, OsString)>,
    stdin: Option<Vec<u8>>,
    dir: Option<PathBuf>,
    limit: Option<Duration>,
}

impl Call<'_> {
    /// One more argument.
    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.args.push(arg.as_ref().to_owned());
        self
    }

    /// More arguments.
    pub(crate) fn args(mut self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.args.extend(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    /// A variable of this call alone.
    pub(crate) fn var(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.vars.push((name.into(), value.as_ref().to_owned()));
        self
    }

    /// Text for the program's stdin: the way for a secret, which an argv would publish.
    pub(crate) fn stdin(mut self, text: impl Into<Vec<u8>>) -> Self {
        self.stdin = Some(text.into());
        self
    }

    /// The folder to run in.
    pub(crate) fn dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.dir = Some(dir.into());
        self
    }

    /// The longest that the call may take; then the program is ended, and that is an error.
    pub(crate) fn limit(mut self, limit: Duration) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Runs it to its end and captures both streams, whatever the exit status.
    ///
    /// xshell's own `output` serves the plain call; it knows no limit, and takes it for an error when a program ends
    /// without reading its input, so calls with either go by [`Running`].
    ///
    /// # Errors
    /// Exit 3 where the program cannot be started, takes longer than its limit, or writes a stdout that is no UTF-8.
    pub(crate) fn capture(self) -> Result<Captured> {
        if self.stdin.is_some() || self.limit.is_some() {
            return self.capture_within();
        }
        let line = self.announce();
        let shell = Shell::new().with_context(|| cannot_start(&line))?;
        let output = self.xshell(&shell).ignore_status().quiet().output().with_context(|| cannot_start(&line))?;
        Captured::new(line, output.status, output.stdout, &output.stderr, &self.tool.mask)
    }

    fn capture_within(mut self) -> Result<Captured> {
        let (line, limit, mask) = (self.line(), self.limit, self.tool.mask.clone());
        let stdin = self.stdin.take();
        let mut running = self.start(stdin, Groups::Own, |_, _| ())?;
        if let Some(ended) = running.wait(limit.unwrap_or(Duration::MAX))? {
            let (stdout, stderr) = running.output();
            return Captured::new(line, ended.status, stdout, &stderr, &mask);
        }
        running.kill();
        let seconds = limit.unwrap_or_default().as_secs_f64();
        Err(Failure::environment(format!("`{line}` did not end within {seconds} s and was stopped")))
    }

    /// Starts it and hands back the running program; each line, masked, goes to `on_line` as it comes.
    pub(crate) fn stream(self, on_line: impl Fn(super::Stream, &str) + Send + Sync + 'static) -> Result<Running> {
        self.start(None, Groups::Own, on_line)
    }

    /// As [`Call::stream`], in our own process group: a Ctrl-C in the terminal ends it together with us.
    pub(crate) fn stream_in_our_group(self) -> Result<Running> {
        self.start(None, Groups::Ours, |_, _| ())
    }

    fn start(
        self,
        stdin: Option<Vec<u8>>,
        groups: Groups,
        on_line: impl Fn(super::Stream, &str) + Send + Sync + 'static,
    ) -> Result<Running> {
        let line = self.announce();
        let shell = Shell::new().with_context(|| cannot_start(&line))?;
        let command = Command::from(self.xshell(&shell));
        Running::start(command, line, stdin, groups, self.tool.mask.clone(), on_line)
    }

    fn xshell<'s>(&self, shell: &'s Shell) -> xshell::Cmd<'s> {
        if let Some(dir) = &self.dir {
            shell.change_dir(dir);
        }
        let vars = self.tool.vars.iter().chain(&self.vars);
        shell.cmd(&self.tool.program).args(&self.args).env_clear().envs(vars.map(|(name, value)| (name, value)))
    }

    /// The command line, masked, and shown at `-v`.
    fn announce(&self) -> String {
        let line = self.line();
        self.tool.console.detail(format_args!("$ {line}"));
        line
    }

    fn line(&self) -> String {
        self.tool.mask.hide(&command_line(&self.tool.program, &self.args))
    }
}

fn cannot_start(line: &str) -> Failure {
    Failure::new(ENVIRONMENT, format!("cannot run `{line}`"))
}

/// A command line that can be pasted into a shell.
fn command_line(program: &Path, args: &[OsString]) -> String {
    let words = std::iter::once(program.as_os_str()).chain(args.iter().map(OsString::as_os_str));
    words.map(|word| quoted(&word.to_string_lossy())).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// What a program that ended has left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Captured {
    /// The command line, masked.
    pub command: String,
    /// The exit code; none where a signal ended it.
    pub code: Option<i32>,
    /// stdout as it came, secrets included: it is the product that was asked for.
    pub stdout: String,
    /// stderr, masked.
    pub stderr: String,
    status: String,
}

impl Captured {
    fn new(command: String, status: ExitStatus, stdout: Vec<u8>, stderr: &[u8], mask: &Mask) -> Result<Self> {
        let stdout = String::from_utf8(stdout)
            .map_err(|error| Failure::environment(format!("`{command}` wrote something that is no UTF-8: {error}")))?;
        let stderr = mask.hide(&String::from_utf8_lossy(stderr));
        Ok(Self { command, code: status.code(), stdout, stderr, status: described(status) })
    }

    /// Whether it ended with 0.
    pub fn success(&self) -> bool {
        self.code == Some(0)
    }

    /// Itself where it ended with 0, else the error.
    ///
    /// # Errors
    /// A [`ToolError`], exit 3.
    pub fn checked(self) -> Result<Self> {
        if self.success() { Ok(self) } else { Err(self.error().into()) }
    }

    /// It as an error, for a caller that has judged it to be one.
    pub fn error(&self) -> ToolError {
        ToolError::new(&self.command, self.code, &self.status, &self.stderr)
    }
}

/// A program that ended as it should not have; `main` makes it exit 3 unless the caller says otherwise.
#[derive(Debug)]
pub struct ToolError {
    /// The exit code; none where a signal ended the program.
    pub code: Option<i32>,
    /// All of its stderr, masked.
    pub stderr: String,
    summary: String,
    said: Failure,
}

impl ToolError {
    pub(crate) fn new(command: &str, code: Option<i32>, status: &str, stderr: &str) -> Self {
        let lines: Vec<&str> = stderr.lines().filter(|line| !line.trim().is_empty()).collect();
        let last = &lines[lines.len().saturating_sub(LAST_LINES)..];
        let said = if last.is_empty() { "nothing on stderr".to_owned() } else { last.join("\n  ") };
        let summary = format!("`{command}` ended with {status}");
        Self { code, stderr: stderr.to_owned(), summary, said: Failure::new(ENVIRONMENT, said) }
    }
}

impl fmt::Display for ToolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.summary)
    }
}

impl std::error::Error for ToolError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.said)
    }
}

/// `status 1` or `signal 9`.
pub(crate) fn described(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt as _;
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("status {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => "an unknown status".to_owned(),
    }
}
