//! The admin port's own ways; what it shows of an account is in the other tests.

use serde_json::{Value, json};

use crate::support::{account, admin, server};

#[tokio::test]
async fn a_mail_is_delivered_labelled_and_shown() {
    let account = account("admin-mail").await;
    account.create_mailbox("@ToFeed").await.unwrap();
    let mail = json!({"from": "news@a.example", "name": "Jürgen", "subject": "Grüße", "text": "a\nb"});
    let id = account.post("mails", mail).await["ids"][0].clone();
    let path = format!("mails/{}", id.as_str().unwrap());
    account.post(&path, json!({"add": ["@ToFeed"]})).await;
    let mut shown = account.get("mails").await[0].take();
    assert_eq!(shown["mailboxes"].take(), json!(["@ToFeed", "Inbox"]));
    assert_eq!(shown["from"], json!([{"email": "news@a.example", "name": "Jürgen"}]));
    assert_eq!(shown["subject"], "Grüße");
    account.post(&path, json!({"remove": ["Inbox"]})).await;
    assert_eq!(account.get("mails").await[0]["mailboxes"], json!(["@ToFeed"]));
    assert_eq!(account.get("mailboxes").await[1]["totalEmails"], 1);
    assert_eq!(account.get("requests").await.as_array().unwrap().len(), 1, "the admin port leaves no record");
}

#[tokio::test]
async fn calls_of_any_kind_pass() {
    let account = account("admin-jmap").await;
    let feed = account.create_mailbox("Feed").await.unwrap();
    let gone = account.post("jmap", json!([["Mailbox/set", {"destroy": [feed]}, "0"]])).await;
    assert_eq!(gone[0][1]["destroyed"], json!([feed]));
    assert_eq!(account.get("mailboxes").await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn mistakes_are_told_with_the_way_out() {
    let account = account("admin-mistakes").await;
    for (what, body, told) in [
        (
            "mails",
            json!({"from": "a@b", "mailboxes": ["Fed"]}),
            "404 Not Found {\"error\":\"there is no mailbox \\\"Fed\\\"",
        ),
        ("mails", json!({"form": "a@b"}), "400 Bad Request {\"error\":\"the body: unknown field `form`"),
        (
            "mails/Mffffffffffffffffffffffff",
            json!({"add": ["Inbox"]}),
            "422 Unprocessable Entity {\"error\":\"cyrus refused:",
        ),
        (
            "faults",
            json!({"fault": {"kind": "sloow"}}),
            "400 Bad Request {\"error\":\"the body: unknown variant `sloow`",
        ),
        (
            "faults",
            json!({"fault": {"kind": "failed_call"}}),
            "400 Bad Request {\"error\":\"failed_call: name the call in on.call\"}",
        ),
        ("nothing", Value::Null, "404 Not Found {\"error\":\"there is no POST /nothing: README.md lists"),
    ] {
        let error = account.try_post(what, body).await.unwrap_err().to_string();
        assert!(error.starts_with(told), "{error}");
    }
    let error = admin(server(), "GET", "/accounts/nobody", None).await.unwrap_err().to_string();
    assert_eq!(error, "404 Not Found {\"error\":\"there is no account \\\"nobody\\\": make it first\"}");
}

#[tokio::test]
async fn it_is_ready_and_lists_accounts_without_secrets() {
    account("admin-list").await;
    assert_eq!(admin(server(), "GET", "/healthz", None).await.unwrap(), json!({"status": "ok"}));
    let accounts = admin(server(), "GET", "/accounts", None).await.unwrap().to_string();
    assert!(accounts.contains("admin-list") && !accounts.contains("token-") && !accounts.contains("password-"));
}
