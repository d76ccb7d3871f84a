//! A request that was read whole, and the few kinds of answers.

use std::convert::Infallible;

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::header::{
    ACCEPT_ENCODING, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderMap, HeaderName, TRANSFER_ENCODING, UPGRADE,
};
use hyper::http::uri::Authority;
use hyper::{Method, Request, Response, StatusCode, Uri};
use serde_json::Value;

use super::service::Service;

/// The body of an answer: whole, or a push stream.
pub(crate) type Body = BoxBody<Bytes, Infallible>;

/// Headers that belong to one connection, or that the front sets itself, and so never pass through it.
/// `Accept-Encoding`: the front reads and changes bodies; `Alt-Svc`: it speaks HTTP/1.1 alone.
const NOT_PASSED: [HeaderName; 7] = [
    ACCEPT_ENCODING,
    CONNECTION,
    CONTENT_LENGTH,
    TRANSFER_ENCODING,
    UPGRADE,
    HeaderName::from_static("alt-svc"),
    HeaderName::from_static("keep-alive"),
];

/// A request, read whole.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) service: Option<Service>,
    /// The host as the client named it, with the port where it named one: absolute URLs are made of it.
    pub(crate) authority: String,
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// The names of the JMAP calls in the body, in order; none for other requests.
    pub(crate) calls: Vec<String>,
}

impl Exchange {
    /// Reads `request` to its end; fails where the client breaks off.
    pub(crate) async fn read(request: Request<Incoming>) -> Result<Self, hyper::Error> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await?.to_bytes();
        let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
        let authority = parts.uri.authority().map(Authority::as_str).or(host).unwrap_or_default().to_owned();
        let service = Service::of_authority(&authority);
        let calls = if service == Some(Service::Jmap) { call_names(&body) } else { Vec::new() };
        Ok(Self { service, authority, method: parts.method, uri: parts.uri, headers: parts.headers, body, calls })
    }

    /// Path and query.
    pub(crate) fn path(&self) -> &str {
        self.uri.path_and_query().map_or("/", |path| path.as_str())
    }

    /// The same request for Cyrus, at `path`.
    pub(crate) fn to_cyrus(&self, path: &str, body: Bytes) -> anyhow::Result<Request<Bytes>> {
        let mut request = Request::builder().method(&self.method).uri(path).body(body)?;
        *request.headers_mut() = passed(&self.headers);
        Ok(request)
    }
}

fn call_names(body: &[u8]) -> Vec<String> {
    let Ok(request) = serde_json::from_slice::<Value>(body) else { return Vec::new() };
    let calls = request["methodCalls"].as_array().map(Vec::as_slice).unwrap_or_default();
    calls.iter().filter_map(|call| call[0].as_str()).map(str::to_owned).collect()
}

/// The headers that pass through the front.
pub(crate) fn passed(headers: &HeaderMap) -> HeaderMap {
    let mut headers = headers.clone();
    for name in &NOT_PASSED {
        headers.remove(name);
    }
    headers
}

/// An answer with a body that is there.
pub(crate) fn whole(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Response<Body> {
    let mut response = Response::new(Full::new(body.into()).boxed());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, content_type.try_into().expect("our types are header values"));
    response
}

/// An answer in words.
pub(crate) fn text(status: StatusCode, words: &str) -> Response<Body> {
    whole(status, "text/plain; charset=utf-8", format!("{words}\n"))
}

/// An answer in JSON.
pub(crate) fn json(status: StatusCode, value: &Value) -> Response<Body> {
    whole(status, "application/json; charset=utf-8", value.to_string())
}

/// Cyrus's answer with `body` in place of its own.
pub(crate) fn from_cyrus(response: &Response<Bytes>, body: Bytes) -> Response<Body> {
    let mut answer = Response::new(Full::new(body).boxed());
    *answer.status_mut() = response.status();
    *answer.headers_mut() = passed(response.headers());
    answer
}
