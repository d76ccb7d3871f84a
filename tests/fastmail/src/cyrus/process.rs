//! Cyrus's master process: started, waited for until it answers, and ended.

use std::fmt;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail};
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};

use super::client::Client;
use super::config::Folder;
use super::user::User;

/// How long Cyrus may take to answer after its start; 0.1 to 0.4 s were measured.
const START_LIMIT: Duration = Duration::from_secs(20);
/// The pause between two looks at a Cyrus that does not answer yet.
const START_PAUSE: Duration = Duration::from_millis(20);
/// How long Cyrus may take to end after SIGTERM before it is killed; up to 1.8 s were measured.
const STOP_LIMIT: Duration = Duration::from_secs(5);

/// Cyrus is not installed where it was looked for.
#[derive(Debug)]
pub struct Missing(PathBuf);

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "cyrus is not installed ({} is missing): run `apt-get install --no-install-recommends cyrus-imapd \
             cyrus-caldav msmtp-mta`, or name the folder of its programs with --cyrus",
            self.0.display()
        )
    }
}

impl std::error::Error for Missing {}

/// A running Cyrus with all its state in one folder. Dropped, it is killed; [`Cyrus::stop`] ends it in good order.
#[derive(Debug)]
pub struct Cyrus {
    master: Child,
    group: Pid,
    client: Client,
    version: String,
}

impl Cyrus {
    /// Starts the master among `programs` (Debian: `/usr/lib/cyrus/bin`) with its state in `data`, and returns when
    /// its services answer.
    ///
    /// Fails with [`Missing`] where Cyrus is not installed, and with the master's exit status where it gives up.
    pub async fn start(programs: &Path, data: &Path) -> anyhow::Result<Self> {
        for program in ["master", "httpd", "imapd", "ctl_cyrusdb"] {
            let path = programs.join(program);
            if !path.exists() {
                return Err(Missing(path).into());
            }
        }
        let user = User::current()?;
        let folder = Folder::prepare(data, &user)?;
        let master = spawn(&programs.join("master"), &folder, &user)?;
        let group = master.id().and_then(|id| Pid::from_raw(id.cast_signed())).context("cyrus master has no pid")?;
        let client = Client::new(folder.http_socket(), folder.imap_socket());
        let mut cyrus = Self { master, group, client, version: String::new() };
        cyrus.version = cyrus.answer().await?;
        Ok(cyrus)
    }

    /// How this Cyrus is spoken to.
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// The version its IMAP greeting names, for example `3.6.1-Debian-3.6.1-4+deb12u5`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Waits until both services answer; gives the version.
    async fn answer(&mut self) -> anyhow::Result<String> {
        let start = Instant::now();
        loop {
            let error = match self.client.greet().await {
                Ok(version) => return Ok(version),
                Err(error) => error,
            };
            if let Some(status) = self.master.try_wait()? {
                bail!("cyrus master ended at its start with {status}: its log is in the system's log, facility mail");
            }
            if start.elapsed() > START_LIMIT {
                return Err(error.context(format!("cyrus did not answer within {START_LIMIT:?} of its start")));
            }
            sleep(START_PAUSE).await;
        }
    }

    /// Returns when the master has ended by itself, which it does not do while all is well.
    pub async fn ended(&mut self) -> anyhow::Result<ExitStatus> {
        self.master.wait().await.context("cannot wait for cyrus master")
    }

    /// Ends all of Cyrus's processes and waits for the master.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        self.signal(Signal::TERM);
        if let Ok(status) = timeout(STOP_LIMIT, self.master.wait()).await {
            let status = status.context("cannot wait for cyrus master")?;
            return match (status.code(), status.signal()) {
                (Some(0), _) | (_, Some(15)) => Ok(()),
                _ => bail!("cyrus master ended with {status}"),
            };
        }
        self.signal(Signal::KILL);
        self.master.wait().await.context("cannot wait for cyrus master")?;
        bail!("cyrus master did not end within {STOP_LIMIT:?} of SIGTERM and was killed")
    }

    /// A group that has ended already is what every caller wants, so the result does not matter.
    fn signal(&self, signal: Signal) {
        let _ = kill_process_group(self.group, signal);
    }
}

impl Drop for Cyrus {
    fn drop(&mut self) {
        if self.master.id().is_some() {
            self.signal(Signal::KILL);
        }
    }
}

/// A process group of its own: master ends by signalling its whole group, and a Ctrl-C in a terminal must reach the
/// front alone, which then ends Cyrus.
fn spawn(program: &Path, folder: &Folder, user: &User) -> anyhow::Result<Child> {
    let mut command = Command::new(program);
    command.arg("-C").arg(folder.imapd_conf_path()).arg("-M").arg(folder.cyrus_conf_path());
    command.arg("-p").arg(folder.pid_path());
    command.stdin(Stdio::null()).stdout(Stdio::null()).current_dir("/").process_group(0);
    if user.drop {
        command.uid(user.uid).gid(user.gid);
    }
    command.spawn().with_context(|| format!("cannot start {}", program.display()))
}
