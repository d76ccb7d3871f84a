//! A server of the test process's own, and a client that speaks to it as the app does: CONNECT, TLS, HTTP/1.1.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use fastmail::front::service::Service;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, HOST};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// No wait of a test is longer; it is there for a server that hangs, not for one that is slow.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// A running `fastmail serve`. It ends with this process, however that ends: its stdin does.
pub(crate) struct Server {
    /// The lines it printed, `NAME` to value.
    pub(crate) environment: Vec<(String, String)>,
    pub(crate) child: Child,
}

impl Server {
    /// Starts one.
    pub(crate) fn start() -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fastmail"));
        command.args(["serve", "--until-stdin-ends"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("fastmail starts");
        let stdout = BufReader::new(child.stdout.take().expect("stdout is piped"));
        let mut environment = Vec::new();
        for line in stdout.lines().map_while(Result::ok) {
            let (name, value) =
                line.strip_prefix("export ").and_then(|line| line.split_once('=')).expect("an export line");
            environment.push((name.to_owned(), value.to_owned()));
            if name == "MAILROOM_CARDDAV_PASSWORD" {
                return Self { environment, child };
            }
        }
        panic!("fastmail serve did not start, its error stands above: {:?}", child.wait());
    }

    /// The value of one of its lines.
    pub(crate) fn value(&self, name: &str) -> &str {
        let found = self.environment.iter().find(|(known, _)| known == name);
        &found.unwrap_or_else(|| panic!("no line for {name}")).1
    }

    pub(crate) fn ca_file(&self) -> PathBuf {
        self.value("SSL_CERT_FILE").into()
    }

    fn address(&self, name: &str) -> String {
        let value = self.value(name);
        value.strip_prefix("http://").unwrap_or(value).to_owned()
    }
}

/// The server that the tests of this process share.
pub(crate) fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(Server::start)
}

/// A new account on the shared server; each test has its own.
pub(crate) async fn account(name: &str) -> Account {
    Account::new(server(), name).await
}

/// An account and the secrets it is spoken to with.
#[derive(Clone)]
pub(crate) struct Account {
    server: &'static Server,
    pub(crate) name: String,
    pub(crate) token: String,
    pub(crate) basic: String,
}

impl Account {
    pub(crate) async fn new(server: &'static Server, name: &str) -> Self {
        admin(server, "POST", "/accounts", Some(json!({"name": name}))).await.expect("the account is made");
        let basic = BASE64_STANDARD.encode(format!("{name}@fastmail.test:password-{name}"));
        Self { server, name: name.into(), token: format!("token-{name}"), basic }
    }

    /// Looks at the account over the admin port.
    pub(crate) async fn get(&self, what: &str) -> Value {
        admin(self.server, "GET", &format!("/accounts/{}/{what}", self.name), None).await.expect(what)
    }

    /// Changes something over the admin port.
    pub(crate) async fn post(&self, what: &str, body: Value) -> Value {
        self.try_post(what, body).await.expect(what)
    }

    pub(crate) async fn try_post(&self, what: &str, body: Value) -> Result<Value> {
        admin(self.server, "POST", &format!("/accounts/{}/{what}", self.name), Some(body)).await
    }

    pub(crate) async fn delete(&self, what: &str) {
        admin(self.server, "DELETE", &format!("/accounts/{}/{what}", self.name), None).await.expect(what);
    }

    /// A request with the secret of its service.
    pub(crate) fn request(&self, service: Service, method: &str, path: &str) -> hyper::http::request::Builder {
        let secret = match service {
            Service::Jmap => format!("Bearer {}", self.token),
            Service::CardDav => format!("Basic {}", self.basic),
        };
        Request::builder().method(method).uri(path).header(HOST, service.host()).header(AUTHORIZATION, secret)
    }

    /// Sends a request and reads the whole answer.
    pub(crate) async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>> {
        whole(send(self.server, request).await?).await
    }

    /// Sends a request and gives the answer while its body still comes.
    pub(crate) async fn stream(&self, request: Request<Bytes>) -> Result<Response<Incoming>> {
        send(self.server, request).await
    }

    pub(crate) async fn session(&self) -> Result<Response<Bytes>> {
        self.send(self.request(Service::Jmap, "GET", "/jmap/session").body(Bytes::new())?).await
    }

    /// Makes JMAP calls; gives the responses.
    pub(crate) async fn jmap(&self, calls: Value) -> Result<Vec<Value>> {
        let answer = self.jmap_answer(&calls).await?;
        ensure!(answer.status() == 200, "jmap answered {}", answer.status());
        let mut answer: Value = serde_json::from_slice(answer.body())?;
        Ok(answer["methodResponses"].take().as_array().context("no methodResponses")?.clone())
    }

    pub(crate) async fn jmap_answer(&self, calls: &Value) -> Result<Response<Bytes>> {
        let using = ["urn:ietf:params:jmap:core", "urn:ietf:params:jmap:mail"];
        let body = json!({"using": using, "methodCalls": calls}).to_string();
        let request = self.request(Service::Jmap, "POST", "/jmap/api/").header("content-type", "application/json");
        self.send(request.body(body.into())?).await
    }

    /// Creates a mailbox; gives its id.
    pub(crate) async fn create_mailbox(&self, name: &str) -> Result<String> {
        let create = json!({"create": {"mb0": {"name": name, "isSubscribed": true}}});
        let responses = self.jmap(json!([["Mailbox/set", create, "0"]])).await?;
        let id = responses[0][1]["created"]["mb0"]["id"].as_str();
        Ok(id.with_context(|| format!("{name} was not created: {responses:?}"))?.to_owned())
    }

    pub(crate) async fn dav(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<Response<Bytes>> {
        let mut request = self.request(Service::CardDav, method, path);
        if method != "PUT" {
            request = request.header("content-type", "application/xml; charset=utf-8");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Bytes::copy_from_slice(body.as_bytes()))?).await
    }

    /// The path of a card in the account's address book.
    pub(crate) fn card_path(&self, uid: &str) -> String {
        format!("/dav/addressbooks/user/{}/Default/{uid}.vcf", self.name)
    }

    /// Creates a contact group as the app does.
    pub(crate) async fn put_group(&self, uid: &str, name: &str) -> Result<Response<Bytes>> {
        let headers = [("content-type", "text/vcard; charset=utf-8"), ("if-none-match", "*")];
        self.dav("PUT", &self.card_path(uid), &headers, &group(uid, name)).await
    }
}

/// A contact group's vCard.
pub(crate) fn group(uid: &str, name: &str) -> String {
    format!(
        "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nFN:{name}\r\nN:;;;;\r\n\
         X-ADDRESSBOOKSERVER-KIND:group\r\nEND:VCARD\r\n"
    )
}

/// A request to the admin port; an error where its answer is one.
pub(crate) async fn admin(server: &Server, method: &str, path: &str, body: Option<Value>) -> Result<Value> {
    let body = body.map(|body| body.to_string()).unwrap_or_default();
    let request = Request::builder().method(method).uri(path).header(HOST, "admin").body(Bytes::from(body))?;
    let stream = TcpStream::connect(server.address("FASTMAIL_ADMIN")).await?;
    let answer = whole(exchange(stream, request).await?).await?;
    let value = serde_json::from_slice(answer.body())?;
    ensure!(answer.status() == 200, "{} {value}", answer.status());
    Ok(value)
}

/// Sends a request through the proxy and TLS, as the app does with `HTTPS_PROXY` and `SSL_CERT_FILE`.
pub(crate) async fn send(server: &Server, request: Request<Bytes>) -> Result<Response<Incoming>> {
    let host = request.headers()[HOST].to_str()?.to_owned();
    let stream = connect(server, &format!("{host}:443")).await?;
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(server.ca_file())?)?;
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TlsConnector::from(Arc::new(config)).connect(ServerName::try_from(host)?, stream).await?;
    exchange(stream, request).await
}

/// Asks the proxy for a connection to `target`.
pub(crate) async fn connect(server: &Server, target: &str) -> Result<TcpStream> {
    let mut stream = tokio::io::BufReader::new(TcpStream::connect(server.address("HTTPS_PROXY")).await?);
    stream.write_all(format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n").as_bytes()).await?;
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        ensure!(stream.read_line(&mut head).await? > 0, "the proxy hung up after {head:?}");
    }
    ensure!(head.starts_with("HTTP/1.1 200 "), "{}", head.lines().next().unwrap_or_default());
    Ok(stream.into_inner())
}

async fn exchange<S>(stream: S, request: Request<Bytes>) -> Result<Response<Incoming>>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(sender.send_request(request.map(Full::new)).await?)
}

async fn whole(response: Response<Incoming>) -> Result<Response<Bytes>> {
    let (head, body) = response.into_parts();
    Ok(Response::from_parts(head, body.collect().await?.to_bytes()))
}

/// Asks `look` again until it says yes.
pub(crate) async fn until<F: Future<Output = bool>>(what: &str, look: impl Fn() -> F) {
    let waiting = async {
        while !look().await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LIMIT, waiting).await.unwrap_or_else(|_| panic!("{what} did not happen within {LIMIT:?}"));
}
