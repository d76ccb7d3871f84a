//! Who is asking: Fastmail takes a bearer token for JMAP and a user with an app password for CardDAV.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hyper::header::{AUTHORIZATION, HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use hyper::{Response, StatusCode};

use super::message::{Body, text};
use super::service::Service;
use crate::account::{Account, Accounts};

/// The account whose secret the request carries, in the form its service takes.
pub(crate) fn account(accounts: &Accounts, service: Service, headers: &HeaderMap) -> Option<Arc<Account>> {
    let header = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, value) = header.split_once(' ')?;
    match service {
        Service::Jmap if scheme.eq_ignore_ascii_case("bearer") => accounts.find(|known| known.token == value.trim()),
        Service::CardDav if scheme.eq_ignore_ascii_case("basic") => {
            let decoded = String::from_utf8(BASE64_STANDARD.decode(value.trim()).ok()?).ok()?;
            let (user, password) = decoded.split_once(':')?;
            accounts.find(|known| known.user == user && known.password == password)
        }
        _ => None,
    }
}

/// 401, with what the service would have taken.
pub(crate) fn unauthorized(service: Service) -> Response<Body> {
    let challenge = match service {
        Service::Jmap => "Bearer realm=\"Fastmail\"",
        Service::CardDav => "Basic realm=\"Fastmail\"",
    };
    let mut response = text(StatusCode::UNAUTHORIZED, "unknown token, user or password");
    response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    response
}
