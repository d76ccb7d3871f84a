//! CardDAV: Cyrus's own answers. Only its redirects need mending: Cyrus does not know that it stands behind TLS.

use hyper::Response;
use hyper::header::{HeaderValue, LOCATION};

use super::message::{Body, Exchange, from_cyrus};
use crate::account::Account;

/// Cyrus's answer, with an `https` Location.
pub(crate) async fn answer(account: &Account, request: &Exchange) -> anyhow::Result<Response<Body>> {
    let to_cyrus = request.to_cyrus(request.path(), request.body.clone())?;
    let response = account.cyrus().send(account.name(), to_cyrus).await?;
    let mut answer = from_cyrus(&response, response.body().clone());
    let location = response.headers().get(LOCATION).and_then(|location| location.to_str().ok());
    if let Some(rest) = location.and_then(|location| location.strip_prefix("http://")) {
        answer.headers_mut().insert(LOCATION, HeaderValue::try_from(format!("https://{rest}"))?);
    }
    Ok(answer)
}
