//! Push: it comes when something changes, and only then.

use bytes::Bytes;
use fastmail::front::service::Service;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::support::{Account, LIMIT, account, until};

/// An open stream of events.
pub(crate) struct Events(Incoming);

impl Events {
    pub(crate) async fn open(account: &Account, query: &str) -> Self {
        let request = account.request(Service::Jmap, "GET", &format!("/jmap/event/{query}"));
        let request = request.header("accept", "text/event-stream").body(Bytes::new()).unwrap();
        let answer = account.stream(request).await.unwrap();
        assert_eq!(answer.status(), 200);
        assert!(answer.headers()["content-type"].to_str().unwrap().starts_with("text/event-stream"));
        Self(answer.into_body())
    }

    /// The next event's text; none when the stream ends in good order.
    pub(crate) async fn next(&mut self) -> Option<String> {
        let frame = timeout(LIMIT, self.0.frame()).await.expect("an event within the limit")?;
        Some(String::from_utf8(frame.expect("the stream is whole").into_data().unwrap().to_vec()).unwrap())
    }

    async fn changed(&mut self, account: &Account) -> Value {
        let event = self.next().await.expect("the stream goes on");
        let data = event.strip_prefix("event: state\ndata: ").expect("a state event").trim_end();
        let mut data: Value = serde_json::from_str(data).unwrap();
        data["changed"][&account.name].take()
    }
}

#[tokio::test]
async fn a_delivery_is_pushed_on_a_stream_that_stays_open() {
    let account = account("push").await;
    let mut events = Events::open(&account, "?types=Email,Mailbox&closeafter=no&ping=30").await;
    for _ in 0..3 {
        account.post("mails", json!({"from": "news@a.example"})).await;
        assert!(events.changed(&account).await["Email"].is_string());
    }
    assert_eq!(account.get("").await["open_streams"], 1);
}

#[tokio::test]
async fn the_clients_own_changes_are_pushed_too_and_mere_reading_is_not() {
    let account = account("push-own").await;
    let mut events = Events::open(&account, "?types=Mailbox&ping=0").await;
    account.jmap(json!([["Mailbox/get", {"ids": null}, "0"]])).await.unwrap();
    account.put_group("g", "Feed").await.unwrap();
    account.create_mailbox("Feed").await.unwrap();
    let changed = events.changed(&account).await;
    let state = account.jmap(json!([["Mailbox/get", {"ids": []}, "0"]])).await.unwrap()[0][1]["state"].clone();
    assert_eq!(changed, json!({"Mailbox": state}), "the first event is that of the creation");
}

#[tokio::test]
async fn another_accounts_mail_is_not_pushed() {
    let (mine, other) = (account("push-mine").await, account("push-other").await);
    let mut events = Events::open(&mine, "?ping=1").await;
    other.post("mails", json!({"from": "news@a.example"})).await;
    assert_eq!(events.next().await.unwrap(), "event: ping\ndata: {\"interval\":1}\n\n");
}

#[tokio::test]
async fn close_after_state_ends_the_stream() {
    let account = account("push-close").await;
    let mut events = Events::open(&account, "?types=*&closeafter=state&ping=30").await;
    account.post("mails", json!({"from": "news@a.example"})).await;
    events.changed(&account).await;
    assert_eq!(events.next().await, None);
}

#[tokio::test]
async fn a_client_that_hangs_up_is_no_open_stream() {
    let account = account("push-gone").await;
    drop(Events::open(&account, "?ping=0").await);
    until("the stream's end", async || account.get("").await["open_streams"] == 0).await;
}
