//! Connections: name, TCP, tunnel through a proxy, TLS.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};
use url::Url;

use super::{LIMIT, head, proxy, response, tls};
use crate::exception::{self, Exception};

/// What connections of one environment have in common.
#[derive(Debug, Clone)]
pub(super) struct Connector {
    pub(super) tls: Arc<ClientConfig>,
    pub(super) proxy: proxy::Rules,
}

impl Connector {
    /// Connects to the host of `url`; over TLS for `https`.
    pub(super) fn connect(&self, url: &Url) -> Result<Stream, Exception> {
        let host = url.host_str().unwrap_or_default();
        let port = url.port_or_known_default().unwrap_or_default();
        match url.scheme() {
            "http" => Ok(Stream::plain(tcp(host, port)?)),
            "https" => {
                let socket = match self.proxy.proxy_for(host) {
                    Some(proxy) => tunnel(proxy, host, port)?,
                    None => tcp(host, port)?,
                };
                self.secure(socket, host)
            }
            _ => {
                let message = "Request URL is missing an 'http://' or 'https://' protocol.";
                Err(Exception::new(exception::UNSUPPORTED_PROTOCOL, message))
            }
        }
    }

    fn secure(&self, mut socket: TcpStream, host: &str) -> Result<Stream, Exception> {
        let failed = |error: &std::io::Error| tls::handshake_error(error, host);
        let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned())
            .map_err(|error| Exception::new(exception::CONNECT, error.to_string()))?;
        let mut session = ClientConnection::new(Arc::clone(&self.tls), name)
            .map_err(|error| Exception::new(exception::CONNECT, error.to_string()))?;
        while session.is_handshaking() {
            session.complete_io(&mut socket).map_err(|error| failed(&error))?;
        }
        Ok(Stream { transport: Transport::Tls(Box::new(StreamOwned::new(session, socket))) })
    }
}

/// Resolves a name and tries its addresses in turn, each with the full limit; the last error is the one to tell.
fn tcp(host: &str, port: u16) -> Result<TcpStream, Exception> {
    let mut last = None;
    for address in resolve(host, port)? {
        match TcpStream::connect_timeout(&address, LIMIT) {
            Ok(socket) => {
                let limits = socket.set_read_timeout(Some(LIMIT)).and_then(|()| socket.set_write_timeout(Some(LIMIT)));
                limits.map_err(|error| Exception::os(&error, ""))?;
                // Requests are written in one piece; waiting for more would only delay them.
                let _ = socket.set_nodelay(true);
                return Ok(socket);
            }
            Err(error) => last = Some(error),
        }
    }
    Err(match last {
        Some(error) if matches!(error.kind(), std::io::ErrorKind::TimedOut | std::io::ErrorKind::WouldBlock) => {
            Exception::new(exception::CONNECT_TIMEOUT, "timed out")
        }
        Some(error) => Exception::new(exception::CONNECT, exception::errno_text(&error)),
        None => Exception::new(exception::CONNECT, "[Errno -2] Name or service not known"),
    })
}

fn resolve(host: &str, port: u16) -> Result<impl Iterator<Item = SocketAddr>, Exception> {
    (host.trim_matches(['[', ']']), port).to_socket_addrs().map_err(|error| {
        let text = error.to_string();
        let text = text.rsplit(": ").next().unwrap_or_default();
        let number = match text {
            "Temporary failure in name resolution" => -3,
            "No address associated with hostname" => -5,
            _ => -2,
        };
        Exception::new(exception::CONNECT, format!("[Errno {number}] {text}"))
    })
}

/// Opens a tunnel to `host` through a proxy; an answer outside 2xx is an error of its own class.
fn tunnel(proxy: &proxy::Proxy, host: &str, port: u16) -> Result<TcpStream, Exception> {
    let mut stream = Stream::plain(tcp(&proxy.host, proxy.port)?);
    let authorization =
        proxy.authorization.as_ref().map(|value| format!("Proxy-Authorization: {value}\r\n")).unwrap_or_default();
    let request =
        format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\nAccept: */*\r\n{authorization}\r\n");
    stream.write_whole(request.as_bytes())?;
    let (answer, _) = head::read(&mut stream)?;
    if !(200..300).contains(&answer.status) {
        return Err(Exception::new(exception::PROXY, response::status_text(answer.status, &answer.reason)));
    }
    match stream.transport {
        Transport::Plain(socket) => Ok(socket),
        Transport::Tls(_) => unreachable!("a proxy is spoken to without TLS"),
    }
}

/// An open connection whose reads and writes fail with the app's classes.
#[derive(Debug)]
pub(super) struct Stream {
    transport: Transport,
}

#[derive(Debug)]
enum Transport {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
}

impl Stream {
    fn plain(socket: TcpStream) -> Self {
        Self { transport: Transport::Plain(socket) }
    }

    /// The limit of each single read from now on.
    pub(super) fn set_read_limit(&self, limit: Duration) -> Result<(), Exception> {
        let socket = match &self.transport {
            Transport::Plain(socket) => socket,
            Transport::Tls(session) => &session.sock,
        };
        socket.set_read_timeout(Some(limit)).map_err(|error| Exception::os(&error, ""))
    }

    /// Writes all of `bytes`.
    pub(super) fn write_whole(&mut self, bytes: &[u8]) -> Result<(), Exception> {
        let written = match &mut self.transport {
            Transport::Plain(socket) => socket.write_all(bytes),
            Transport::Tls(session) => session.write_all(bytes).and_then(|()| session.flush()),
        };
        written.map_err(|error| match error.kind() {
            std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut => {
                Exception::new(exception::WRITE_TIMEOUT, "The write operation timed out")
            }
            _ => Exception::new(exception::WRITE, exception::errno_text(&error)),
        })
    }

    /// Appends what arrives next to `buffer`; `false` at the end of the connection, with or without TLS's own goodbye.
    pub(super) fn read_more(&mut self, buffer: &mut Vec<u8>) -> Result<bool, Exception> {
        let mut chunk = [0; 16 * 1024];
        loop {
            let read = match &mut self.transport {
                Transport::Plain(socket) => socket.read(&mut chunk),
                Transport::Tls(session) => session.read(&mut chunk),
            };
            match read {
                Ok(count) => {
                    buffer.extend_from_slice(&chunk[..count]);
                    return Ok(count > 0);
                }
                Err(error) => match error.kind() {
                    std::io::ErrorKind::Interrupted => {}
                    std::io::ErrorKind::UnexpectedEof => return Ok(false),
                    std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut => {
                        return Err(Exception::new(exception::READ_TIMEOUT, "The read operation timed out"));
                    }
                    _ => return Err(Exception::new(exception::READ, exception::errno_text(&error))),
                },
            }
        }
    }
}
