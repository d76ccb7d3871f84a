//! JMAP as the app speaks it.

use bytes::Bytes;
use fastmail::front::service::Service;
use serde_json::{Value, json};

use crate::support::{Account, account};

fn ids(response: &Value) -> Vec<&str> {
    response[1]["ids"].as_array().expect("a query's ids").iter().filter_map(Value::as_str).collect()
}

async fn mailboxes_of(account: &Account, mail: &Value) -> Value {
    let get = json!([["Email/get", {"ids": [mail], "properties": ["id", "mailboxIds"]}, "0"]]);
    account.jmap(get).await.unwrap()[0][1]["list"][0]["mailboxIds"].clone()
}

#[tokio::test]
async fn the_session_has_absolute_urls() {
    let account = account("session").await;
    let answer = account.session().await.unwrap();
    let session: Value = serde_json::from_slice(answer.body()).unwrap();
    assert_eq!(session["apiUrl"], "https://api.fastmail.com/jmap/api/");
    assert_eq!(session["eventSourceUrl"], "https://api.fastmail.com/jmap/event/");
    assert_eq!(session["primaryAccounts"]["urn:ietf:params:jmap:mail"], "session");
    for name in ["upgrade", "connection", "alt-svc"] {
        assert!(!answer.headers().contains_key(name), "{name}");
    }
}

#[tokio::test]
async fn unknown_paths_are_404_and_well_known_leads_to_the_session() {
    let account = account("paths").await;
    for (path, status) in [("/jmap/", 404), ("/", 404), ("/.well-known/jmap", 301)] {
        let request = account.request(Service::Jmap, "GET", path).body(Bytes::new()).unwrap();
        assert_eq!(account.send(request).await.unwrap().status(), status, "{path}");
    }
}

#[tokio::test]
async fn mailboxes_are_created_listed_and_not_doubled() {
    let account = account("mailboxes").await;
    let feed = account.create_mailbox("Feed").await.unwrap();
    let create = json!({"create": {"mb0": {"name": "Feed", "isSubscribed": true}}});
    let twice = account.jmap(json!([["Mailbox/set", create, "0"]])).await.unwrap();
    assert_eq!(twice[0][1]["notCreated"]["mb0"]["type"], "invalidProperties");
    assert_eq!(twice[0][1].get("created"), None, "a null would crash the app");
    let listed = account.jmap(json!([["Mailbox/get", {"ids": null}, "0"]])).await.unwrap();
    let list = listed[0][1]["list"].as_array().unwrap();
    let names: Vec<_> = list.iter().map(|mailbox| mailbox["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Inbox", "Feed"]);
    assert_eq!(list[0]["role"], "inbox");
    assert_eq!(list[1]["id"], feed);
}

#[tokio::test]
async fn mail_is_found_by_label_and_by_sender() {
    let account = account("search").await;
    let label = account.create_mailbox("@ToFeed").await.unwrap();
    account.post("mails", json!({"from": "news@a.example", "mailboxes": ["Inbox", "@ToFeed"]})).await;
    account.post("mails", json!({"from": "News@A.example", "count": 100})).await;
    account.post("mails", json!({"from": "other@b.example"})).await;
    let queries = json!([
        ["Email/query", {"filter": {"inMailbox": label}, "limit": 100}, "0"],
        ["Email/query", {"filter": {"from": "news@a.example"}, "limit": 100}, "1"],
        ["Email/query", {"filter": {"from": "news@a.example"}, "limit": 100, "position": 100}, "2"],
        ["Email/query", {"filter": {"inMailbox": "nowhere"}}, "3"],
    ]);
    let responses = account.jmap(queries).await.unwrap();
    let found: Vec<_> = responses[..3].iter().map(|response| ids(response).len()).collect();
    assert_eq!(found, [1, 100, 1]);
    assert_eq!((&responses[3][0], &responses[3][2]), (&json!("error"), &json!("3")));
}

#[tokio::test]
async fn a_mail_moves_and_keeps_its_last_mailbox() {
    let account = account("moves").await;
    let feed = account.create_mailbox("Feed").await.unwrap();
    let mail = account.post("mails", json!({"from": "news@a.example"})).await["ids"][0].clone();
    let mailboxes = mailboxes_of(&account, &mail).await;
    let inbox = mailboxes.as_object().unwrap().keys().next().unwrap().clone();
    let set = |patch: Value| {
        let update = json!({mail.as_str().unwrap(): patch});
        let account = account.clone();
        async move { account.jmap(json!([["Email/set", {"update": update}, "0"]])).await.unwrap()[0][1].clone() }
    };

    let moved = set(json!({format!("mailboxIds/{feed}"): true, format!("mailboxIds/{inbox}"): null})).await;
    assert_eq!(moved.get("notUpdated"), None, "{moved}");
    assert_eq!(mailboxes_of(&account, &mail).await, json!({&feed: true}));

    let refused = set(json!({format!("mailboxIds/{feed}"): null})).await;
    assert_eq!(refused["notUpdated"][mail.as_str().unwrap()]["type"], "invalidProperties");
    assert_eq!(mailboxes_of(&account, &mail).await, json!({&feed: true}));
}

#[tokio::test]
async fn two_requests_together_cannot_take_the_last_mailbox() {
    let account = account("race").await;
    let feed = account.create_mailbox("Feed").await.unwrap();
    let mails =
        account.post("mails", json!({"from": "a@a.example", "count": 20, "mailboxes": ["Inbox", "Feed"]})).await;
    for mail in mails["ids"].as_array().unwrap() {
        let mailboxes = mailboxes_of(&account, mail).await;
        let inbox = mailboxes.as_object().unwrap().keys().find(|id| **id != feed).unwrap();
        let take = |mailbox: &str| {
            let patch = json!({format!("mailboxIds/{mailbox}"): null});
            json!([["Email/set", {"update": {mail.as_str().unwrap(): patch}}, "0"]])
        };
        let (a, b) = tokio::join!(account.jmap(take(&feed)), account.jmap(take(inbox)));
        let refused = [a, b].map(|answer| answer.unwrap()[0][1].get("notUpdated").is_some());
        assert_eq!(refused.iter().filter(|refused| **refused).count(), 1);
        assert_eq!(mailboxes_of(&account, mail).await.as_object().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn what_is_no_jmap_request_is_refused_by_cyrus() {
    let account = account("no-request").await;
    for body in ["not json", "[]", "{}", r#"{"using": [], "methodCalls": "x"}"#] {
        let request = account.request(Service::Jmap, "POST", "/jmap/api/").header("content-type", "application/json");
        let answer = account.send(request.body(Bytes::from_static(body.as_bytes())).unwrap()).await.unwrap();
        assert_eq!(answer.status(), 400, "{body}");
    }
}
