//! The admin port: JSON over plain HTTP, by which a test steers the server and looks into its accounts.
//!
//! What it does to an account bypasses the record and the faults, and wakes the push streams as any change does.

mod contacts;
mod mail;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::time::sleep;

use crate::account::{Account, NewAccount};
use crate::cyrus::Client;
use crate::front::Front;
use crate::front::faults::{Fault, Rule};
use crate::front::message::{self, Body};
use contacts::Kind;

/// The pause after a failed accept, which means that the process has no file descriptors left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What the admin port works on.
#[derive(Debug)]
pub(crate) struct Admin {
    pub(crate) front: Arc<Front>,
    pub(crate) cyrus: Client,
    /// The CA's certificate, PEM.
    pub(crate) ca: String,
}

/// A request that is not carried out: the status and the reason, which names the way out.
#[derive(Debug)]
struct Refusal(StatusCode, String);

impl From<anyhow::Error> for Refusal {
    fn from(error: anyhow::Error) -> Self {
        Self(StatusCode::BAD_GATEWAY, format!("{error:#}"))
    }
}

type Answer = Result<Value, Refusal>;

/// Serves `listener` for ever.
pub(crate) async fn serve(listener: TcpListener, admin: Arc<Admin>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let admin = Arc::clone(&admin);
        tokio::spawn(async move {
            let service = service_fn(move |request| respond(Arc::clone(&admin), request));
            // A connection that fails is the client's to report.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn respond(admin: Arc<Admin>, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
    let (head, body) = request.into_parts();
    let Ok(body) = body.collect().await else {
        return Ok(message::text(StatusCode::BAD_REQUEST, "the body broke off"));
    };
    let segments: Vec<_> = head.uri.path().split('/').filter(|segment| !segment.is_empty()).collect();
    if (&head.method, &segments[..]) == (&Method::GET, &["ca.crt"]) {
        return Ok(message::whole(StatusCode::OK, "application/x-pem-file", admin.ca.clone()));
    }
    Ok(match admin.answer(&head.method, &segments, &body.to_bytes()).await {
        Ok(value) => message::json(StatusCode::OK, &value),
        Err(Refusal(status, error)) => message::json(status, &json!({"error": error})),
    })
}

impl Admin {
    async fn answer(&self, method: &Method, segments: &[&str], body: &Bytes) -> Answer {
        match (method.as_str(), segments) {
            ("GET", ["healthz"]) => Ok(json!({"status": "ok"})),
            ("GET", ["strangers"]) => value(self.front.strangers.entries()),
            ("DELETE", ["strangers"]) => {
                self.front.strangers.clear();
                Ok(json!({}))
            }
            ("GET", ["accounts"]) => Ok(self.front.accounts.all().iter().map(|account| shown(account)).collect()),
            ("POST", ["accounts"]) => self.create(read(body)?).await,
            (_, ["accounts", name, rest @ ..]) => {
                let account = self.front.accounts.named(name);
                let account = account.ok_or_else(|| not_found(&format!("account {name:?}: make it first")))?;
                of_account(&account, method, rest, body).await
            }
            _ => Err(no_route(method, segments)),
        }
    }

    async fn create(&self, new: NewAccount) -> Answer {
        let refused = |status| move |error: anyhow::Error| Refusal(status, format!("{error:#}"));
        let credentials = new.credentials().map_err(refused(StatusCode::BAD_REQUEST))?;
        let created = self.front.accounts.create(credentials, &self.cyrus).await;
        value(&created.map_err(refused(StatusCode::CONFLICT))?.credentials)
    }
}

async fn of_account(account: &Account, method: &Method, rest: &[&str], body: &Bytes) -> Answer {
    match (method.as_str(), rest) {
        ("GET", []) => Ok(shown(account)),
        ("GET", ["mailboxes"]) => mail::mailboxes(account).await,
        ("GET", ["mails"]) => mail::mails(account).await,
        ("POST", ["mails"]) => mail::deliver(account, read(body)?).await,
        ("POST", ["mails", id]) => mail::label(account, id, &read(body)?).await,
        ("GET", ["cards"]) => value(contacts::list(account, Kind::Card).await?),
        ("GET", ["groups"]) => value(contacts::list(account, Kind::Group).await?),
        ("POST", ["jmap"]) => mail::calls(account, read(body)?).await,
        ("GET", ["requests"]) => value(account.record.entries()),
        ("DELETE", ["requests"]) => {
            account.record.clear();
            Ok(json!({}))
        }
        ("GET", ["faults"]) => value(account.faults.states()),
        ("POST", ["faults"]) => add_fault(account, read(body)?),
        ("DELETE", ["faults"]) => {
            account.faults.clear();
            Ok(json!({}))
        }
        _ => Err(no_route(method, rest)),
    }
}

/// Open push streams are closed now: they were opened by requests that no rule met.
fn add_fault(account: &Account, rule: Rule) -> Answer {
    let closes = matches!(rule.fault, Fault::PushClosed);
    let id = account.faults.add(rule).map_err(|error| Refusal(StatusCode::BAD_REQUEST, error.to_string()))?;
    if closes && account.push.close() > 0 {
        account.faults.acted(id);
    }
    Ok(json!({"id": id}))
}

/// An account without its secrets.
fn shown(account: &Account) -> Value {
    json!({
        "name": account.name(),
        "user": account.credentials.user,
        "open_streams": account.push.open_streams(),
    })
}

fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| Refusal(StatusCode::BAD_REQUEST, format!("the body: {error}")))
}

fn value(answer: impl Serialize) -> Answer {
    serde_json::to_value(answer).map_err(|error| Refusal(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))
}

fn not_found(what: &str) -> Refusal {
    Refusal(StatusCode::NOT_FOUND, format!("there is no {what}"))
}

fn no_route(method: &Method, segments: &[&str]) -> Refusal {
    not_found(&format!("{method} /{}: README.md lists what the admin port answers", segments.join("/")))
}
