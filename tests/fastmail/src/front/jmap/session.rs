//! The session (RFC 8620, section 2): Cyrus's own, with absolute URLs at Fastmail's paths.

use anyhow::Context as _;
use bytes::Bytes;
use hyper::Response;
use serde_json::{Value, json};

use super::{API_PATH, EVENT_PATH, send};
use crate::account::Account;
use crate::front::message::{Body, Exchange, from_cyrus};

/// The session of `account`, its URLs on the host and port that the client named.
pub(super) async fn get(account: &Account, request: &Exchange) -> anyhow::Result<Response<Body>> {
    let response = send(account, request, Bytes::new()).await?;
    if !response.status().is_success() {
        return Ok(from_cyrus(&response, response.body().clone()));
    }
    let mut session = serde_json::from_slice(response.body()).context("cyrus sent a broken session")?;
    make_absolute(&mut session, &request.authority);
    Ok(from_cyrus(&response, session.to_string().into()))
}

/// `eventSourceUrl` is bare at Fastmail: clients add the query themselves. The other two keep Cyrus's path templates.
fn make_absolute(session: &mut Value, authority: &str) {
    session["apiUrl"] = json!(format!("https://{authority}{API_PATH}"));
    session["eventSourceUrl"] = json!(format!("https://{authority}{EVENT_PATH}"));
    for key in ["downloadUrl", "uploadUrl"] {
        if let Some(path) = session[key].as_str().filter(|url| url.starts_with('/')) {
            session[key] = json!(format!("https://{authority}{path}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_absolute_and_the_event_source_is_bare() {
        let mut session = json!({
            "apiUrl": "/jmap/", "uploadUrl": "/jmap/upload/{accountId}/", "downloadUrl": "/jmap/download/{blobId}",
            "eventSourceUrl": "/jmap/eventsource/?types={types}", "state": "0"
        });
        make_absolute(&mut session, "api.fastmail.com:8443");
        let expected = json!({
            "apiUrl": "https://api.fastmail.com:8443/jmap/api/",
            "uploadUrl": "https://api.fastmail.com:8443/jmap/upload/{accountId}/",
            "downloadUrl": "https://api.fastmail.com:8443/jmap/download/{blobId}",
            "eventSourceUrl": "https://api.fastmail.com:8443/jmap/event/", "state": "0"
        });
        assert_eq!(session, expected);
    }
}
