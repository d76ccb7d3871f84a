//! `fastmail serve`: the whole server in the foreground, on the loopback or in a container.

use std::fmt::Write as _;
use std::io::{Write as _, stdout};
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use fastmail::account::{Credentials, NewAccount};
use fastmail::server::{Options, Server};
use tokio::io::{AsyncReadExt as _, stdin};
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};

/// Run the server in the foreground, until SIGINT or SIGTERM
///
/// Once it answers, it prints shell lines to stdout that point a client at it.
#[derive(Args)]
pub(crate) struct Serve {
    /// Address of all ports
    #[arg(long, value_name = "IP", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    bind: IpAddr,
    /// Port of HTTPS, for both host names [default: a free one]
    #[arg(long, value_name = "PORT", default_value_t = 0, hide_default_value = true)]
    tls_port: u16,
    /// Port of the CONNECT proxy [default: a free one]
    #[arg(long, value_name = "PORT", default_value_t = 0, hide_default_value = true)]
    proxy_port: u16,
    /// Port of the admin API [default: a free one]
    #[arg(long, value_name = "PORT", default_value_t = 0, hide_default_value = true)]
    admin_port: u16,
    /// Folder with ca.crt and ca.key, as `fastmail ca` makes it [default: a new CA]
    #[arg(long, value_name = "DIR")]
    ca: Option<PathBuf>,
    /// Folder of all state, kept at the end [default: a new one, removed at the end]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Account to begin with, with secrets made of its name; can be given several times
    #[arg(long, value_name = "NAME", default_value = "demo")]
    account: Vec<String>,
    /// Folder of Cyrus's programs
    #[arg(long, value_name = "DIR", default_value = "/usr/lib/cyrus/bin")]
    cyrus: PathBuf,
    /// End when stdin ends too, so that the server never outlives the program that started it
    #[arg(long)]
    until_stdin_ends: bool,
}

impl Serve {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let runtime = Runtime::new().context("cannot start the runtime")?;
        let result = runtime.block_on(self.serve());
        // A pending read of stdin would otherwise hold the process.
        runtime.shutdown_background();
        result
    }

    async fn serve(self) -> anyhow::Result<()> {
        let accounts: Vec<_> = self.account.iter().map(|name| credentials(name)).collect::<Result<_, _>>()?;
        let end = signals()?;
        let options = Options {
            bind: self.bind,
            tls_port: self.tls_port,
            proxy_port: self.proxy_port,
            admin_port: self.admin_port,
            ca: self.ca,
            data: self.data,
            cyrus: self.cyrus,
        };
        // A signal during the start is kept for the end of it: a half-started Cyrus is harder to end than a whole one.
        let mut server = Server::start(options).await?;
        for account in &accounts {
            server.create_account(account.clone()).await?;
        }
        eprintln!("fastmail answers; cyrus {}, state in {}", server.version(), server.data.display());
        stdout().write_all(usage(&server, accounts.first()).as_bytes())?;

        let failure = tokio::select! {
            error = server.failed() => Some(error),
            () = end => None,
            () = stdin_ends(), if self.until_stdin_ends => None,
        };
        let stopped = server.stop().await;
        failure.map_or(stopped, Err)
    }
}

fn credentials(name: &str) -> anyhow::Result<Credentials> {
    NewAccount { name: name.to_owned(), ..NewAccount::default() }.credentials()
}

/// Completes at the first SIGINT or SIGTERM; both are caught from now on.
fn signals() -> anyhow::Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

async fn stdin_ends() {
    let mut ignored = [0; 64];
    while stdin().read(&mut ignored).await.is_ok_and(|bytes| bytes > 0) {}
}

/// Lines for a shell; the admin address is for the reader's own calls.
fn usage(server: &Server, first: Option<&Credentials>) -> String {
    let addresses = server.addresses;
    let mut lines = format!(
        "export FASTMAIL_ADMIN=http://{}\nexport FASTMAIL_TLS={}\nexport HTTPS_PROXY=http://{}\nexport SSL_CERT_FILE={}\n",
        addresses.admin,
        addresses.tls,
        addresses.proxy,
        server.ca_file.display(),
    );
    if let Some(Credentials { token, user, password, .. }) = first {
        let _ = write!(
            lines,
            "export MAILROOM_JMAP_TOKEN={token}\nexport MAILROOM_CARDDAV_USERNAME={user}\n\
             export MAILROOM_CARDDAV_PASSWORD={password}\n"
        );
    }
    lines
}
