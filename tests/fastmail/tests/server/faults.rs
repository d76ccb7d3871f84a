//! Each kind of fault, as a client meets it; and that the next request is well again.

use std::error::Error as _;
use std::io::ErrorKind;
use std::time::{Duration, Instant};

use anyhow::Error;
use bytes::Bytes;
use fastmail::front::service::Service;
use serde_json::{Value, json};

use crate::push::Events;
use crate::support::{Account, account, until};

async fn fault(account: &Account, rule: Value) {
    account.post("faults", rule).await;
}

/// The io error at the bottom of a failed request.
fn io_kind(error: &Error) -> Option<ErrorKind> {
    error.chain().find_map(|cause| cause.downcast_ref::<std::io::Error>()).map(std::io::Error::kind)
}

fn http(error: &Error) -> &hyper::Error {
    error.downcast_ref().expect("a failure of HTTP")
}

#[tokio::test]
async fn a_status_has_its_own_reason() {
    let account = account("f-status").await;
    let rule = json!({"fault": {"kind": "status", "status": 503, "reason": "Down For Tea", "body": "later"}});
    fault(&account, rule).await;
    let answer = account.session().await.unwrap();
    assert_eq!(answer.status(), 503);
    let reason = answer.extensions().get::<hyper::ext::ReasonPhrase>().unwrap();
    assert_eq!(reason.as_bytes(), b"Down For Tea");
    assert_eq!(&answer.body()[..], b"later");
    assert_eq!(account.session().await.unwrap().status(), 200, "once is once");
    let requests = account.get("requests").await;
    assert_eq!((&requests[0]["fault"], &requests[0]["status"]), (&json!("status"), &json!(503)));
    assert_eq!(requests[1]["fault"], Value::Null);
}

#[tokio::test]
async fn a_stalled_request_is_never_answered() {
    let account = account("f-stall").await;
    fault(&account, json!({"fault": {"kind": "stall"}})).await;
    tokio::select! {
        answer = account.session() => panic!("{answer:?}"),
        () = until("the record", async || account.get("requests").await[0]["fault"] == "stall") => {}
    }
    assert_eq!(account.get("requests").await[0]["status"], Value::Null);
    assert_eq!(account.session().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_reset_is_a_reset() {
    let account = account("f-reset").await;
    fault(&account, json!({"times": 2, "fault": {"kind": "reset"}})).await;
    for _ in 0..2 {
        let error = account.session().await.unwrap_err();
        assert_eq!(io_kind(&error), Some(ErrorKind::ConnectionReset), "{error:?} {:?}", http(&error).source());
    }
    assert_eq!(account.session().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_body_is_cut_in_the_middle() {
    let account = account("f-cut").await;
    fault(&account, json!({"fault": {"kind": "close_mid_body"}})).await;
    let error = account.session().await.unwrap_err();
    assert!(io_kind(&error) == Some(ErrorKind::UnexpectedEof) || http(&error).is_incomplete_message(), "{error:?}");
}

#[tokio::test]
async fn garbage_is_no_json_and_no_xml_and_may_be_no_http() {
    let account = account("f-garbage").await;
    fault(&account, json!({"times": 2, "fault": {"kind": "garbage"}})).await;
    let answer = account.session().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(serde_json::from_slice::<Value>(answer.body()).is_err());
    let answer = account.dav("PROPFIND", "/dav/principals/", &[], "").await.unwrap();
    assert_eq!(answer.status(), 207);
    assert!(roxmltree::Document::parse(&String::from_utf8_lossy(answer.body())).is_err());
    fault(&account, json!({"fault": {"kind": "not_http"}})).await;
    assert!(http(&account.session().await.unwrap_err()).is_parse());
}

#[tokio::test]
async fn a_redirect_leads_where_it_is_told() {
    let account = account("f-redirect").await;
    let rule = json!({"fault": {"kind": "redirect", "location": "https://api.fastmail.com/elsewhere", "status": 308}});
    fault(&account, rule).await;
    let answer = account.session().await.unwrap();
    assert_eq!(answer.status(), 308);
    assert_eq!(answer.headers()["location"], "https://api.fastmail.com/elsewhere");
}

#[tokio::test]
async fn a_key_or_an_element_is_missing() {
    let account = account("f-missing").await;
    fault(&account, json!({"fault": {"kind": "missing_key", "key": "apiUrl"}})).await;
    let session: Value = serde_json::from_slice(account.session().await.unwrap().body()).unwrap();
    assert_eq!(session.get("apiUrl"), None);
    assert!(session["eventSourceUrl"].is_string());
    let rule = json!({"on": {"service": "carddav"}, "fault": {"kind": "missing_key", "key": "href"}});
    fault(&account, rule).await;
    let books = format!("/dav/addressbooks/user/{}/", account.name);
    let answer = account.dav("PROPFIND", &books, &[("depth", "1")], "").await.unwrap();
    let text = String::from_utf8(answer.body().to_vec()).unwrap();
    let document = roxmltree::Document::parse(&text).expect("it is still XML");
    assert!(document.descendants().all(|node| node.tag_name().name() != "href"));
    fault(&account, json!({"fault": {"kind": "missing_key", "key": "noSuchKey"}})).await;
    assert_eq!(account.session().await.unwrap().status(), 500, "a fault that cannot act is loud");
}

#[tokio::test]
async fn one_call_of_several_fails() {
    let account = account("f-call").await;
    let rule = json!({"on": {"call": "Email/query"}, "fault": {"kind": "failed_call", "type": "serverUnavailable"}});
    fault(&account, rule).await;
    let calls = json!([
        ["Mailbox/get", {"ids": null}, "a"], ["Email/query", {}, "b"], ["Mailbox/get", {"ids": []}, "c"]
    ]);
    let responses = account.jmap(calls).await.unwrap();
    assert_eq!(responses[0][1]["list"][0]["name"], "Inbox");
    assert_eq!(responses[1], json!(["error", {"type": "serverUnavailable"}, "b"]));
    assert_eq!(responses[2][2], "c");
    fault(&account, json!({"on": {"call": "Email/query"}, "fault": {"kind": "failed_call"}})).await;
    let alone = account.jmap(json!([["Email/query", {}, "x"]])).await.unwrap();
    assert_eq!(alone, [json!(["error", {"type": "serverFail"}, "x"])]);
}

#[tokio::test]
async fn a_creation_is_refused_and_leaves_nothing() {
    let account = account("f-create").await;
    let fault_ = json!({"kind": "refused_creation", "type": "overQuota", "description": "full"});
    fault(&account, json!({"on": {"call": "Mailbox/set", "body": "\"Feed\""}, "fault": fault_})).await;
    account.create_mailbox("Imbox").await.unwrap();
    let refused = account.create_mailbox("Feed").await.unwrap_err().to_string();
    assert!(refused.contains(r#""notCreated": Object {"mb0": Object {"description": String("full")"#), "{refused}");
    let names = account.get("mailboxes").await.to_string();
    assert!(names.contains("Imbox") && !names.contains("Feed"), "{names}");
    account.create_mailbox("Feed").await.unwrap();
}

#[tokio::test]
async fn the_second_put_meets_412() {
    let account = account("f-412").await;
    let rule = json!({"on": {"method": "PUT"}, "skip": 1, "fault": {"kind": "status", "status": 412}});
    fault(&account, rule).await;
    let mut seen = Vec::new();
    for name in ["a", "b", "c"] {
        seen.push(account.put_group(name, name).await.unwrap().status().as_u16());
    }
    assert_eq!(seen, [201, 412, 201]);
    assert_eq!(account.get("groups").await.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn an_answer_can_be_lost_after_the_act() {
    let account = account("f-acted").await;
    fault(&account, json!({"on": {"call": "Mailbox/set"}, "acted": true, "fault": {"kind": "reset"}})).await;
    account.create_mailbox("Feed").await.unwrap_err();
    assert!(account.get("mailboxes").await.to_string().contains("Feed"));
    fault(&account, json!({"on": {"call": "Mailbox/set"}, "fault": {"kind": "reset"}})).await;
    account.create_mailbox("Jail").await.unwrap_err();
    assert!(!account.get("mailboxes").await.to_string().contains("Jail"));
}

#[tokio::test]
async fn slow_is_no_faster_than_asked() {
    let account = account("f-slow").await;
    fault(&account, json!({"fault": {"kind": "slow", "millis": 300}})).await;
    let start = Instant::now();
    assert_eq!(account.session().await.unwrap().status(), 200);
    assert!(start.elapsed() >= Duration::from_millis(300));
}

#[tokio::test]
async fn push_is_closed_in_good_order() {
    let account = account("f-push").await;
    let mut open = Events::open(&account, "?ping=0").await;
    fault(&account, json!({"on": {"path": "/jmap/event/"}, "times": 2, "fault": {"kind": "push_closed"}})).await;
    assert_eq!(open.next().await, None, "the open stream was the first");
    assert_eq!(Events::open(&account, "").await.next().await, None, "a new one the second");
    let mut well = Events::open(&account, "?ping=1").await;
    assert!(well.next().await.unwrap().starts_with("event: ping"));
}

#[tokio::test]
async fn null_keys_are_kept_on_demand() {
    let account = account("f-null").await;
    fault(&account, json!({"on": {"call": "Mailbox/set"}, "times": "always", "fault": {"kind": "null_keys"}})).await;
    account.create_mailbox("Feed").await.unwrap();
    let twice = json!([["Mailbox/set", {"create": {"mb0": {"name": "Feed"}}}, "0"]]);
    let answer = account.jmap(twice.clone()).await.unwrap();
    assert_eq!(answer[0][1].get("created"), Some(&Value::Null));
    account.delete("faults").await;
    assert_eq!(account.jmap(twice).await.unwrap()[0][1].get("created"), None);
}

#[tokio::test]
async fn a_rule_tells_how_often_it_fitted_and_acted() {
    let account = account("f-count").await;
    fault(&account, json!({"skip": 1, "times": 2, "fault": {"kind": "status", "status": 500}})).await;
    for _ in 0..4 {
        account.send(account.request(Service::Jmap, "GET", "/").body(Bytes::new()).unwrap()).await.unwrap();
    }
    let state = account.get("faults").await[0].clone();
    assert_eq!((&state["fitted"], &state["acted"]), (&json!(3), &json!(2)));
}
