//! One call of one program: its command line, environment and input, and what came back.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use xshell::Shell;

use super::captured::Captured;
use super::redact::Mask;
use super::running::{Groups, Running};
use super::streams::{Keep, Stream};
use crate::exit::Failure;
use crate::report::Console;

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

    /// Variables of this call alone.
    pub(crate) fn vars(mut self, vars: Vec<(OsString, OsString)>) -> Self {
        self.vars.extend(vars);
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
        let shell = shell(&line)?;
        // `secret` keeps the command line out of xshell's own errors: there it would not be masked.
        let output = self.xshell(&shell).ignore_status().quiet().secret().output();
        let output = output.map_err(|error| cannot_run(&line, &error))?;
        Captured::new(line, output.status, output.stdout, &output.stderr, &self.tool.mask)
    }

    fn capture_within(self) -> Result<Captured> {
        let (line, limit, mask) = (self.line(), self.limit, self.tool.mask.clone());
        let mut running = self.start((Groups::Own, Keep::All), |_, _| ())?;
        if let Some(ended) = running.wait(limit.unwrap_or(Duration::MAX))? {
            let (stdout, stderr) = running.output();
            return Captured::new(line, ended.status, stdout, &stderr, &mask);
        }
        running.kill();
        let seconds = limit.unwrap_or_default().as_secs_f64();
        Err(Failure::environment(format!("`{line}` did not end within {seconds} s and was stopped")))
    }

    /// Starts it and hands back the running program; each line, masked, goes to `on_line` as it comes.
    pub(crate) fn stream(self, on_line: impl Fn(Stream, &str) + Send + Sync + 'static) -> Result<Running> {
        self.start((Groups::Own, Keep::Last), on_line)
    }

    /// As [`Call::stream`], in our own process group: a Ctrl-C in the terminal ends it together with us.
    pub(crate) fn stream_in_our_group(self) -> Result<Running> {
        self.start((Groups::Ours, Keep::Last), |_, _| ())
    }

    fn start(self, how: (Groups, Keep), on_line: impl Fn(Stream, &str) + Send + Sync + 'static) -> Result<Running> {
        let line = self.announce();
        let shell = shell(&line)?;
        let command = Command::from(self.xshell(&shell));
        Running::start(command, line, self.stdin, how, self.tool.mask.clone(), on_line)
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

/// One shell a call: it is not `Sync`, and costs one look at the current folder.
fn shell(line: &str) -> Result<Shell> {
    Shell::new().map_err(|error| cannot_run(line, &error))
}

pub(crate) fn cannot_run(line: &str, error: &dyn fmt::Display) -> anyhow::Error {
    Failure::environment(format!("cannot run `{line}`: {error}"))
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
