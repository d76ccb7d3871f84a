//! Host names, secrets, the proxy: what stands before any protocol.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use fastmail::front::service::Service;
use hyper::header::{AUTHORIZATION, HOST};
use serde_json::Value;

use crate::support::{account, admin, connect, server};

#[tokio::test]
async fn a_wrong_secret_is_401_and_belongs_to_no_account() {
    let account = account("wrong-secret").await;
    for (service, path, secret) in [
        (Service::Jmap, "/jmap/session?a", "Bearer canary-token".to_owned()),
        (Service::Jmap, "/jmap/session?b", format!("Basic {}", account.basic)),
        (Service::CardDav, "/.well-known/carddav?c", format!("Bearer {}", account.token)),
        (
            Service::CardDav,
            "/.well-known/carddav?d",
            format!("Basic {}", BASE64_STANDARD.encode("wrong-secret@fastmail.test:canary")),
        ),
    ] {
        let mut request = account.request(service, "GET", path).body(Bytes::new()).unwrap();
        request.headers_mut().insert(AUTHORIZATION, secret.parse().unwrap());
        let answer = account.send(request).await.unwrap();
        assert_eq!(answer.status(), 401, "{path}");
        assert!(answer.headers().contains_key("www-authenticate"), "{path}");
        let strangers = admin(server(), "GET", "/strangers", None).await.unwrap().to_string();
        assert!(strangers.contains(path), "{strangers}");
        assert!(!strangers.contains("canary"), "{strangers}");
    }
    assert_eq!(account.get("requests").await, Value::Array(vec![]));
}

#[tokio::test]
async fn the_record_shows_requests_without_secrets() {
    let account = account("record").await;
    account.session().await.unwrap();
    let requests = account.get("requests").await;
    assert_eq!(requests[0]["path"], "/jmap/session");
    assert_eq!(requests[0]["status"], 200);
    assert_eq!(requests[0]["headers"][HOST.as_str()], "api.fastmail.com");
    assert!(!requests.to_string().contains(&account.token), "{requests}");
    account.delete("requests").await;
    assert_eq!(account.get("requests").await, Value::Array(vec![]));
}

#[tokio::test]
async fn a_host_that_is_not_ours_is_misdirected() {
    let account = account("misdirected").await;
    let mut request = account.request(Service::Jmap, "GET", "/jmap/session").body(Bytes::new()).unwrap();
    *request.uri_mut() = "https://example.org/jmap/session".parse().unwrap();
    assert_eq!(account.send(request).await.unwrap().status(), 421);
}

#[tokio::test]
async fn the_proxy_reaches_our_names_alone() {
    connect(server(), "carddav.fastmail.com:443").await.unwrap();
    let refused = connect(server(), "example.org:443").await.unwrap_err().to_string();
    assert_eq!(refused, "HTTP/1.1 403 Forbidden");
}
