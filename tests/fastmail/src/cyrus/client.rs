//! Speaks to Cyrus over its Unix sockets: HTTP for JMAP and CardDAV, one IMAP login to make an account.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, bail, ensure};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::header::{AUTHORIZATION, CONNECTION, CONTENT_TYPE, HOST, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::UnixStream;
use tokio::sync::Semaphore;

/// Cyrus serves each connection with a process of about 25 MiB, so this bounds its memory, whatever the number of
/// accounts.
const CONCURRENT_REQUESTS: usize = 8;

/// The capabilities of the JMAP calls the front makes itself.
const USING: [&str; 2] = ["urn:ietf:params:jmap:core", "urn:ietf:params:jmap:mail"];

/// A handle on a running Cyrus; clones share its limit of concurrent requests.
#[derive(Clone, Debug)]
pub struct Client {
    http: PathBuf,
    imap: PathBuf,
    permits: Arc<Semaphore>,
}

impl Client {
    pub(super) fn new(http: PathBuf, imap: PathBuf) -> Self {
        Self { http, imap, permits: Arc::new(Semaphore::new(CONCURRENT_REQUESTS)) }
    }

    /// Sends `request` in the name of `account` and reads the whole answer.
    ///
    /// Fails where Cyrus cannot be reached or breaks off; an HTTP error status is an answer.
    pub async fn send(&self, account: &str, mut request: Request<Bytes>) -> anyhow::Result<Response<Bytes>> {
        let headers = request.headers_mut();
        let basic = BASE64_STANDARD.encode(format!("{account}:any"));
        headers.insert(AUTHORIZATION, HeaderValue::try_from(format!("Basic {basic}"))?);
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
        headers.entry(HOST).or_insert(HeaderValue::from_static("localhost"));

        let _permit = self.permits.acquire().await?;
        let stream = UnixStream::connect(&self.http).await.context("cannot connect to cyrus httpd")?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        let exchange = async move {
            let response = sender.send_request(request.map(Full::new)).await?;
            let (parts, body) = response.into_parts();
            Ok::<_, hyper::Error>(Response::from_parts(parts, body.collect().await?.to_bytes()))
        };
        let (response, _) = tokio::join!(exchange, connection);
        response.context("cyrus httpd broke off")
    }

    /// Makes JMAP `calls` in the name of `account`; gives `methodResponses`.
    ///
    /// Fails where the request as a whole is refused; the error of one call is among the responses.
    pub async fn jmap(&self, account: &str, calls: Value) -> anyhow::Result<Vec<Value>> {
        let body = json!({"using": USING, "methodCalls": calls}).to_string();
        let request = Request::post("/jmap/").header(CONTENT_TYPE, "application/json").body(Bytes::from(body))?;
        let response = self.send(account, request).await?;
        let status = response.status();
        ensure!(
            status == StatusCode::OK,
            "cyrus answered a jmap request with {status}: {}",
            String::from_utf8_lossy(response.body())
        );
        let mut answer: Value = serde_json::from_slice(response.body()).context("cyrus answered with broken JSON")?;
        match answer["methodResponses"].take() {
            Value::Array(responses) => Ok(responses),
            _ => bail!("cyrus answered without methodResponses: {answer}"),
        }
    }

    /// Makes `account` with its Inbox and its address book, or finds it made.
    ///
    /// An IMAP login makes the Inbox, the first HTTP request after it the address book; without the Inbox, HTTP
    /// requests fail with status 500.
    pub async fn create_account(&self, account: &str) -> anyhow::Result<()> {
        let mut stream = BufReader::new(self.connect_imap().await?);
        read_line(&mut stream).await?;
        stream.write_all(format!("a LOGIN {account} any\r\n").as_bytes()).await?;
        let answer = loop {
            let line = read_line(&mut stream).await?;
            if line.starts_with("a ") {
                break line;
            }
        };
        ensure!(answer.starts_with("a OK"), "cyrus refused to make account {account}: {answer}");
        let request = Request::builder().method(Method::GET).uri("/jmap/").body(Bytes::new())?;
        let status = self.send(account, request).await?.status();
        ensure!(status.is_success(), "cyrus answered the first request of account {account} with {status}");
        Ok(())
    }

    /// Hears both services answer; gives the version from IMAP's greeting.
    pub(super) async fn greet(&self) -> anyhow::Result<String> {
        UnixStream::connect(&self.http).await.context("cannot connect to cyrus httpd")?;
        let greeting = read_line(&mut BufReader::new(self.connect_imap().await?)).await?;
        let version = greeting.split_once("Cyrus IMAP ").and_then(|(_, rest)| rest.split(' ').next());
        Ok(version.with_context(|| format!("this is no greeting of cyrus: {greeting}"))?.to_owned())
    }

    async fn connect_imap(&self) -> anyhow::Result<UnixStream> {
        UnixStream::connect(&self.imap).await.context("cannot connect to cyrus imapd")
    }
}

async fn read_line(stream: &mut BufReader<UnixStream>) -> anyhow::Result<String> {
    let mut line = String::new();
    let bytes = stream.read_line(&mut line).await?;
    ensure!(bytes > 0, "cyrus imapd hung up");
    Ok(line.trim_end().to_owned())
}
