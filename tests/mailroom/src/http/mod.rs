//! A blocking HTTP/1.1 client that fails the way the app's does.
//!
//! Four things of the app's client are visible in its errors and decide its exit status, and no blocking client library
//! gives all of them: a limit for each single read, write and connect, not for the whole request; the reason phrase of a
//! status line; the difference between a connection that was never made and one that broke; redirects that keep or
//! change the method. So this is `httparse` over `rustls`, one connection for each request.

mod body;
mod connect;
mod head;
mod proxy;
mod redirect;
mod response;
mod tls;

use std::time::Duration;

use url::Url;

pub use body::Body;
pub use response::{Incoming, Response};

use crate::config::Environment;
use crate::exception::Exception;

/// The limit of each connect, TLS handshake, read and write.
pub const LIMIT: Duration = Duration::from_secs(5);

/// A request before it is sent.
#[derive(Debug, Clone)]
pub struct Request {
    /// The method, in capitals.
    pub method: String,
    /// Where to.
    pub url: Url,
    /// Header fields besides `Host`, `Content-Length` and what every request has.
    pub headers: Vec<(&'static str, String)>,
    /// The content; empty for none.
    pub body: Vec<u8>,
    /// The limit of each single read of the answer.
    pub read_limit: Duration,
}

impl Request {
    /// A request without content, with the app's limits.
    pub fn new(method: &str, url: Url) -> Self {
        Self { method: method.to_owned(), url, headers: Vec::new(), body: Vec::new(), read_limit: LIMIT }
    }

    /// The same request with one more header field.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The same request with content of a media type.
    #[must_use]
    pub fn content(self, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), ..self.header("Content-Type", media_type) }
    }
}

/// Sends requests: the trust store and the proxies of one environment.
#[derive(Debug, Clone)]
pub struct Client {
    connector: connect::Connector,
}

impl Client {
    /// Reads `SSL_CERT_FILE`, `SSL_CERT_DIR`, `HTTPS_PROXY` and `NO_PROXY`; a trust store that cannot be read is an error.
    pub fn new(environment: &Environment) -> Result<Self, Exception> {
        let connector =
            connect::Connector { tls: tls::configuration(environment)?, proxy: proxy::Rules::of(environment)? };
        Ok(Self { connector })
    }

    /// Sends one request and reads the head of the answer, whatever its status; no redirect is followed.
    pub fn open(&self, request: &Request) -> Result<Incoming, Exception> {
        head::check_ascii(request)?;
        let mut stream = self.connector.connect(&request.url)?;
        stream.set_read_limit(request.read_limit)?;
        head::write(&mut stream, request)?;
        response::read_head(stream, request)
    }

    /// Sends one request and reads the whole answer; no redirect is followed.
    pub fn send(&self, request: &Request) -> Result<Response, Exception> {
        self.open(request)?.whole()
    }

    /// Sends a request, follows redirects, and reads the whole answer.
    pub fn send_following(&self, request: Request) -> Result<Response, Exception> {
        redirect::follow(request, |request| self.send(request))
    }
}
