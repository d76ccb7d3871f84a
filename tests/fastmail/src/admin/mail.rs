//! Mailboxes and mails: looking, delivering, labelling. All by JMAP, as any client would.

use std::collections::BTreeMap;

use hyper::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Answer, Refusal, not_found, value};
use crate::account::Account;

/// A mail to deliver.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Delivery {
    /// The sender's address.
    from: String,
    /// The sender's name.
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    text: String,
    /// By name; `Inbox` alone where left out.
    #[serde(default)]
    mailboxes: Vec<String>,
    /// How many such mails; one where left out.
    #[serde(default)]
    count: Option<usize>,
}

/// A change of a mail's mailboxes, by name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Labels {
    #[serde(default)]
    add: Vec<String>,
    #[serde(default)]
    remove: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Mail<'a> {
    id: &'a Value,
    /// `[{name, email}]`
    from: &'a Value,
    subject: &'a Value,
    /// By name, sorted.
    mailboxes: Vec<&'a str>,
}

/// The mailboxes, each `{id, name, role, parentId, totalEmails}`.
pub(super) async fn mailboxes(account: &Account) -> Answer {
    let properties = ["id", "name", "role", "parentId", "totalEmails"];
    let call = json!([["Mailbox/get", {"ids": null, "properties": properties}, "0"]]);
    list(account.jmap(call).await?)
}

/// The mails, each `{id, from, subject, mailboxes}`.
pub(super) async fn mails(account: &Account) -> Answer {
    let names = mailboxes(account).await?;
    let names: BTreeMap<_, _> =
        each(&names).filter_map(|mailbox| Some((mailbox["id"].as_str()?, mailbox["name"].as_str()?))).collect();
    let properties = ["id", "from", "subject", "mailboxIds"];
    let ids = json!({"resultOf": "0", "name": "Email/query", "path": "/ids"});
    let calls = json!([["Email/query", {}, "0"], ["Email/get", {"#ids": ids, "properties": properties}, "1"]]);
    let mails = list(account.jmap(calls).await?.split_off(1))?;
    let shown = each(&mails).map(|mail| {
        let ids = mail["mailboxIds"].as_object().into_iter().flat_map(|ids| ids.keys());
        let mut mailboxes: Vec<_> = ids.filter_map(|id| names.get(id.as_str()).copied()).collect();
        mailboxes.sort_unstable();
        Mail { id: &mail["id"], from: &mail["from"], subject: &mail["subject"], mailboxes }
    });
    value(shown.collect::<Vec<_>>())
}

/// Delivers mails in one go; gives their ids, in no order.
pub(super) async fn deliver(account: &Account, delivery: Delivery) -> Answer {
    let inbox = vec!["Inbox".to_owned()];
    let ids = ids_of(account, if delivery.mailboxes.is_empty() { &inbox } else { &delivery.mailboxes }).await?;
    let mail = json!({
        "mailboxIds": ids.iter().map(|id| (id.clone(), Value::Bool(true))).collect::<serde_json::Map<_, _>>(),
        "from": [{"email": delivery.from, "name": delivery.name}],
        "to": [{"email": account.credentials.user}],
        "subject": delivery.subject,
        "textBody": [{"partId": "text", "type": "text/plain"}],
        "bodyValues": {"text": {"value": delivery.text}},
    });
    let create: serde_json::Map<_, _> =
        (0..delivery.count.unwrap_or(1)).map(|n| (n.to_string(), mail.clone())).collect();
    let responses = change(account, json!([["Email/set", {"create": create}, "0"]])).await?;
    check(&responses[0][1], "notCreated")?;
    let created = responses[0][1]["created"].as_object();
    Ok(json!({"ids": created.into_iter().flat_map(|mails| mails.values()).map(|mail| &mail["id"]).collect::<Vec<_>>()}))
}

/// Adds a mail to mailboxes, and takes it out of others.
pub(super) async fn label(account: &Account, id: &str, labels: &Labels) -> Answer {
    let mut patch = serde_json::Map::new();
    for (names, value) in [(&labels.add, json!(true)), (&labels.remove, Value::Null)] {
        for mailbox in ids_of(account, names).await? {
            patch.insert(format!("mailboxIds/{mailbox}"), value.clone());
        }
    }
    let responses = change(account, json!([["Email/set", {"update": {id: patch}}, "0"]])).await?;
    check(&responses[0][1], "notUpdated")?;
    Ok(json!({}))
}

/// Any JMAP calls; gives `methodResponses` as Cyrus wrote them.
pub(super) async fn calls(account: &Account, calls: Value) -> Answer {
    Ok(Value::Array(change(account, calls).await?))
}

/// Makes calls that may change something.
async fn change(account: &Account, calls: Value) -> Result<Vec<Value>, Refusal> {
    let _mail = account.mail.lock().await;
    let responses = account.jmap(calls).await;
    account.push.changed();
    Ok(responses?)
}

/// The ids of mailboxes by their names, at any depth; the Inbox is the one with the role.
async fn ids_of(account: &Account, names: &[String]) -> Result<Vec<String>, Refusal> {
    let mailboxes = mailboxes(account).await?;
    let id = |name: &String| {
        let found = each(&mailboxes).find(|mailbox| match name.as_str() {
            "Inbox" => mailbox["role"] == "inbox",
            name => mailbox["name"] == name,
        });
        found.and_then(|mailbox| mailbox["id"].as_str()).map(str::to_owned)
    };
    names.iter().map(|name| id(name).ok_or_else(|| not_found(&format!("mailbox {name:?} in this account")))).collect()
}

fn list(responses: Vec<Value>) -> Answer {
    match responses.into_iter().next() {
        Some(mut response) if response[1]["list"].is_array() => Ok(response[1]["list"].take()),
        other => Err(Refusal(StatusCode::BAD_GATEWAY, format!("cyrus answered without a list: {other:?}"))),
    }
}

fn each(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

fn check(answer: &Value, refused: &str) -> Result<(), Refusal> {
    match &answer[refused] {
        Value::Null => Ok(()),
        refused => Err(Refusal(StatusCode::UNPROCESSABLE_ENTITY, format!("cyrus refused: {refused}"))),
    }
}
