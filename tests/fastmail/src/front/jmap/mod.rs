//! JMAP: Fastmail's paths before Cyrus's one, and the differences between the two.

mod calls;
mod last_mailbox;
mod merge;
mod search;
mod session;

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty};
use hyper::header::{HeaderValue, LOCATION};
use hyper::{Method, Response, StatusCode};

use super::faults::{Active, Fault};
use super::message::{Body, Exchange, from_cyrus, text};
use super::push;
use crate::account::Account;

/// Where Cyrus has its session (GET) and its API (POST).
const CYRUS_PATH: &str = "/jmap/";
/// Where Fastmail has them.
const SESSION_PATH: &str = "/jmap/session";
const API_PATH: &str = "/jmap/api/";
const EVENT_PATH: &str = "/jmap/event/";

/// The answer at a path of Fastmail's.
pub(crate) async fn answer(
    account: &Arc<Account>,
    request: &Exchange,
    fault: Option<&Active>,
) -> anyhow::Result<Response<Body>> {
    match (&request.method, request.uri.path()) {
        (&Method::GET, SESSION_PATH) => session::get(account, request).await,
        (&Method::POST, API_PATH | "/jmap/api") => calls::post(account, request, fault).await,
        (&Method::GET, EVENT_PATH | "/jmap/event") => match fault.map(|active| &active.fault) {
            Some(Fault::PushClosed) => Ok(push::event_stream(Empty::new().boxed())),
            _ => push::open(account, &request.uri).await,
        },
        (&Method::GET, "/.well-known/jmap") => Ok(moved_to_session()),
        (_, path) if path.starts_with("/jmap/upload/") || path.starts_with("/jmap/download/") => {
            pass(account, request, request.path()).await
        }
        (method, path) => Ok(text(StatusCode::NOT_FOUND, &format!("nothing answers {method} {path}"))),
    }
}

/// Cyrus's answer as it is.
async fn pass(account: &Account, request: &Exchange, path: &str) -> anyhow::Result<Response<Body>> {
    let response = account.cyrus().send(account.name(), request.to_cyrus(path, request.body.clone())?).await?;
    Ok(from_cyrus(&response, response.body().clone()))
}

/// Sends `body` to Cyrus's API.
async fn send(account: &Account, request: &Exchange, body: Bytes) -> anyhow::Result<Response<Bytes>> {
    account.cyrus().send(account.name(), request.to_cyrus(CYRUS_PATH, body)?).await
}

fn moved_to_session() -> Response<Body> {
    let mut response = text(StatusCode::MOVED_PERMANENTLY, SESSION_PATH);
    response.headers_mut().insert(LOCATION, HeaderValue::from_static(SESSION_PATH));
    response
}
