//! Acts a fault out: in place of the real answer, or on it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::ext::ReasonPhrase;
use hyper::header::LOCATION;
use hyper::{Response, StatusCode};
use tokio::time::sleep;

use super::{Active, Fault, bend};
use crate::account::Account;
use crate::front::listen::{Break, Outcome};
use crate::front::message::{Body, Exchange, text, whole};
use crate::front::real_answer;
use crate::front::service::Service;

/// Neither JSON nor XML.
const GARBAGE: &str = "}<not what you asked for\u{0}";

/// What becomes of `request`, with `fault` where one met it.
pub(crate) async fn answer(account: &Arc<Account>, request: &Exchange, fault: Option<&Active>) -> Outcome {
    let Some(active) = fault else { return real_answer(account, request, None).await.into() };
    if let Some(outcome) = instead(&active.fault, request.service) {
        if active.acted {
            real_answer(account, request, None).await;
        }
        return outcome;
    }
    if let Fault::Slow { millis } = active.fault {
        sleep(Duration::from_millis(millis)).await;
    }
    let real = real_answer(account, request, fault).await;
    match &active.fault {
        Fault::CloseMidBody => Outcome::Break(Break::Bytes(half(real).await)),
        Fault::MissingKey { key } => without(key, real).await.into(),
        _ => real.into(),
    }
}

/// The outcome of a fault that replaces the real answer.
fn instead(fault: &Fault, service: Option<Service>) -> Option<Outcome> {
    Some(match fault {
        Fault::Status { status, reason, body } => self::status(*status, reason.as_deref(), body).into(),
        Fault::Stall => Outcome::Silence,
        Fault::Reset => Outcome::Break(Break::Reset),
        Fault::NotHttp => Outcome::Break(Break::Bytes(b"220 this is not HTTP\r\n".to_vec())),
        Fault::Garbage => {
            let content_type = if service == Some(Service::Jmap) { "application/json" } else { "application/xml" };
            let status = if service == Some(Service::Jmap) { StatusCode::OK } else { StatusCode::MULTI_STATUS };
            whole(status, content_type, GARBAGE).into()
        }
        Fault::Redirect { location, status } => redirect(location, status.unwrap_or(301)).into(),
        _ => return None,
    })
}

/// The rule was checked when it was added: its values are what they must be.
fn status(status: u16, reason: Option<&str>, body: &str) -> Response<Body> {
    let status = StatusCode::from_u16(status).expect("a checked status");
    let mut response = whole(status, "text/plain; charset=utf-8", body.to_owned());
    if let Some(reason) = reason {
        let reason = ReasonPhrase::try_from(reason.as_bytes()).expect("a checked reason");
        response.extensions_mut().insert(reason);
    }
    response
}

fn redirect(location: &str, code: u16) -> Response<Body> {
    let mut response = status(code, None, "");
    response.headers_mut().insert(LOCATION, location.try_into().expect("a checked location"));
    response
}

/// The head of the answer with its full length, and the first half of the body.
async fn half(response: Response<Body>) -> Vec<u8> {
    let (head, body) = split(response).await;
    let mut bytes = format!("HTTP/1.1 {}\r\n", head.status).into_bytes();
    for (name, value) in &head.headers {
        bytes.extend_from_slice(name.as_str().as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    // A body of one byte or none is cut as well: the head promises more than comes.
    let promised = body.len().max(2);
    bytes.extend_from_slice(format!("content-length: {promised}\r\n\r\n").as_bytes());
    bytes.extend_from_slice(&body[..body.len() / 2]);
    bytes
}

async fn without(key: &str, response: Response<Body>) -> Response<Body> {
    let (head, body) = split(response).await;
    match bend::without(key, &body) {
        Some(bent) => Response::from_parts(head, http_body_util::Full::new(Bytes::from(bent)).boxed()),
        None => text(StatusCode::INTERNAL_SERVER_ERROR, &format!("fault missing_key: the answer has no {key:?}")),
    }
}

async fn split(response: Response<Body>) -> (hyper::http::response::Parts, Bytes) {
    let (head, body) = response.into_parts();
    let body = body.collect().await.unwrap_or_else(|never| match never {});
    (head, body.to_bytes())
}
