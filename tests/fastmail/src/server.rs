//! Cyrus, the front and the admin port, put together.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use tempfile::TempDir;
use tokio::net::TcpSocket;
use tokio::task::JoinSet;

use crate::account::{Account, Credentials};
use crate::admin::{self, Admin};
use crate::cyrus::Cyrus;
use crate::front::Front;
use crate::front::listen::{self, Port};
use crate::front::tls::Authority;

/// How many connections may wait to be accepted.
const BACKLOG: u32 = 1024;

/// How a server is to run.
#[derive(Clone, Debug)]
pub struct Options {
    /// The address of all three ports.
    pub bind: IpAddr,
    /// HTTPS for both host names; 0 picks a free port, here and below.
    pub tls_port: u16,
    /// CONNECT.
    pub proxy_port: u16,
    /// The admin port.
    pub admin_port: u16,
    /// The folder of the CA's two files; a CA is made and forgotten where none is given.
    pub ca: Option<PathBuf>,
    /// The folder of all state, kept at the end; where none is given, one is made and removed at the end.
    pub data: Option<PathBuf>,
    /// The folder of Cyrus's programs.
    pub cyrus: PathBuf,
}

/// Where a server listens.
#[derive(Clone, Copy, Debug)]
pub struct Addresses {
    /// HTTPS.
    pub tls: SocketAddr,
    /// CONNECT.
    pub proxy: SocketAddr,
    /// Admin.
    pub admin: SocketAddr,
}

/// A running server.
#[derive(Debug)]
pub struct Server {
    /// Where it listens.
    pub addresses: Addresses,
    /// The folder of its state.
    pub data: PathBuf,
    /// The CA's certificate, in `data`.
    pub ca_file: PathBuf,
    cyrus: Cyrus,
    front: Arc<Front>,
    ports: JoinSet<()>,
    temporary: Option<TempDir>,
}

impl Server {
    /// Starts everything and returns when it answers. The ports open last, so that an open port means a working
    /// server.
    ///
    /// Fails with [`crate::cyrus::Missing`] where Cyrus is not installed.
    pub async fn start(options: Options) -> anyhow::Result<Self> {
        let authority = match &options.ca {
            Some(folder) => Authority::read(folder)?,
            None => Authority::new()?,
        };
        let acceptor = authority.acceptor()?;
        let [tls, proxy, admin] = [options.tls_port, options.proxy_port, options.admin_port]
            .map(|port| reserve(SocketAddr::new(options.bind, port)));
        let (tls, proxy, admin) = (tls?, proxy?, admin?);
        let (data, temporary) = data_folder(options.data)?;
        let cyrus = Cyrus::start(&options.cyrus, &data).await?;
        let ca_file = data.join("ca.crt");
        std::fs::write(&ca_file, authority.certificate())
            .with_context(|| format!("cannot write {}", ca_file.display()))?;

        let front = Arc::new(Front::default());
        let steering =
            Admin { front: Arc::clone(&front), cyrus: cyrus.client(), ca: authority.certificate().to_owned() };
        let addresses = Addresses { tls: tls.local_addr()?, proxy: proxy.local_addr()?, admin: admin.local_addr()? };
        let mut ports = JoinSet::new();
        ports.spawn(listen::serve(tls.listen(BACKLOG)?, Port::Tls, acceptor.clone(), Arc::clone(&front)));
        ports.spawn(listen::serve(proxy.listen(BACKLOG)?, Port::Proxy, acceptor, Arc::clone(&front)));
        ports.spawn(admin::serve(admin.listen(BACKLOG)?, Arc::new(steering)));
        Ok(Self { addresses, data, ca_file, cyrus, front, ports, temporary })
    }

    /// Cyrus's version.
    pub fn version(&self) -> &str {
        self.cyrus.version()
    }

    /// Makes an account and lets it in.
    pub async fn create_account(&self, credentials: Credentials) -> anyhow::Result<Arc<Account>> {
        self.front.accounts.create(credentials, &self.cyrus.client()).await
    }

    /// Returns, with the reason, if a part of the server ends by itself.
    pub async fn failed(&mut self) -> anyhow::Error {
        tokio::select! {
            status = self.cyrus.ended() => match status {
                Ok(status) => anyhow::anyhow!("cyrus master ended by itself with {status}"),
                Err(error) => error,
            },
            Some(port) = self.ports.join_next() => anyhow::anyhow!("a port stopped listening: {port:?}"),
        }
    }

    /// Ends everything, and removes the state unless its folder was given.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        self.ports.shutdown().await;
        self.cyrus.stop().await?;
        match self.temporary {
            Some(folder) => folder.close().context("cannot remove the data folder"),
            None => Ok(()),
        }
    }
}

fn data_folder(given: Option<PathBuf>) -> anyhow::Result<(PathBuf, Option<TempDir>)> {
    if let Some(given) = given {
        return Ok((std::path::absolute(given)?, None));
    }
    let temporary = tempfile::Builder::new().prefix("fastmail-").tempdir().context("cannot make a data folder")?;
    Ok((temporary.path().to_owned(), Some(temporary)))
}

/// Takes an address without listening on it yet: a taken port shows before Cyrus is started.
fn reserve(address: SocketAddr) -> anyhow::Result<TcpSocket> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    let bound = socket.bind(address);
    bound.with_context(|| format!("cannot listen on {address}: choose another port, or 0 for a free one"))?;
    Ok(socket)
}
