//! What is taken for granted about the app: the names that it asks for, and what it does with mail. A new image of it that
//! does otherwise is noticed here.

use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::support::{four, plain};
use crate::deploy::{Names, gate_rows};
use crate::kind_test::behaviour::{Behaviour, expect_that};
use crate::kind_test::case::Case;
use crate::kind_test::wait::Look;

pub(super) const BEHAVIOURS: &[Behaviour] = &[
    four(
        "app-keeps-our-schema",
        "the gate asks for just the names that deploy computes, with every key of the schema set and with none",
        keeps_our_schema,
    ),
    Behaviour {
        real_app: true,
        ..four(
            "app-triages-delivered-mail",
            "a mail that gets a category's label is moved there, and its sender becomes a contact of the group",
            triages,
        )
    },
];

/// A scenario that sets every key of the configuration.
const EVERY_KEY: &str = include_str!("../../../../helm/mailroom/ci/custom-categories-values.yaml");
/// Triage took 2 s by push; without push it begins with the first poll, a minute after the start.
const TRIAGED: Duration = Duration::from_secs(90);
const SENDER: &str = "news@a.example";

fn keeps_our_schema(case: &Case<'_>) -> Result<()> {
    let mut every_key = every_key()?;
    asks_for_what_we_compute(case, "with every key set", &every_key, &every_key.to_string())?;
    // Only then does the app ask for the label of warnings.
    every_key["mailroom"]["warnings_enabled"] = true.into();
    asks_for_what_we_compute(case, "with every key set and warnings", &every_key, &every_key.to_string())?;
    // The chart's defaults taken away, so that the app's own hold.
    let no_key = json!({"polling": null, "triage": null, "mailroom": null, "logging": null});
    asks_for_what_we_compute(case, "with no key set", &no_key, "{}")
}

fn every_key() -> Result<Value> {
    let mut values: Value = serde_yaml::from_str(EVERY_KEY).context("the scenario does not read")?;
    Ok(values["config"].take())
}

/// Holds what the gate asks for on an empty account against what deploy computes from `text`, the configuration as the
/// app reads it.
fn asks_for_what_we_compute(case: &Case<'_>, what: &str, config: &Value, text: &str) -> Result<()> {
    let refused = case.install(&json!({"config": config}), false)?;
    refused.refused(&format!("the gate {what}"), "not everything that the configuration names exists")?;
    let log = case.kubectl.logs("job/mailroom-gate", "gate", &case.namespace, &[])?.checked()?.stdout;
    let (asked, mut computed) = (asked_for(&log), Names::of_config(text)?);
    computed.mailboxes.remove("Inbox"); // which no account is without
    let (app, ours) = (asked.without(&computed), computed.without(&asked));
    let drift = format!("asked for by the app alone: {}\ncomputed by deploy alone: {}", listed(&app), listed(&ours));
    let expected = "just the names of xtask/src/deploy/plan/names.rs";
    expect_that(&format!("what the app asks for {what}"), expected, &drift, app.is_empty() && ours.is_empty())
}

/// The names in the gate's log. Of mailroom's own, the app makes a mailbox of one with an `@` and a group of any other.
fn asked_for(log: &str) -> Names {
    let mut names = Names::default();
    for (section, name) in gate_rows(log.lines()).iter().filter_map(|row| row.split_once(": ")) {
        let name = name.to_owned();
        match section {
            "Contact Groups" => names.groups.insert(name),
            "Mailroom" if !name.starts_with('@') => names.groups.insert(name),
            "Mailboxes" | "Action Labels" | "Mailroom" => names.mailboxes.insert(name),
            _ => false,
        };
    }
    names
}

fn listed(names: &Names) -> String {
    let mailboxes = names.mailboxes.iter().map(|name| format!("mailbox {name:?}"));
    let groups = names.groups.iter().map(|name| format!("contact group {name:?}"));
    let all: Vec<_> = mailboxes.chain(groups).collect();
    if all.is_empty() { "nothing".to_owned() } else { all.join(", ") }
}

fn triages(case: &Case<'_>) -> Result<()> {
    case.install(&plain(), true)?.done("the install")?;
    let mail = delivered(case, "Screener")?;
    label(case, &mail, "@ToFeed")?;
    case.until("the mail to be in Feed alone", TRIAGED, || is_in(case, &mail, &["Feed"]))?;
    case.until("its sender to be a contact in the group Feed", TRIAGED, || is_contact(case, SENDER, "Feed"))
}

/// Delivers a mail of the sender into a mailbox; gives its id.
fn delivered(case: &Case<'_>, mailbox: &str) -> Result<String> {
    let mail = json!({"from": SENDER, "name": "News", "subject": "Hello", "mailboxes": [mailbox]});
    let delivered = case.front().post(&mails(case), &mail)?;
    delivered["ids"][0].as_str().map(str::to_owned).context("the mail server gave no id")
}

/// Labels a mail, as its reader does to say what its sender is.
fn label(case: &Case<'_>, mail: &str, label: &str) -> Result<()> {
    case.front().post(&format!("{}/{mail}", mails(case)), &json!({"add": [label]})).map(drop)
}

fn mails(case: &Case<'_>) -> String {
    format!("/accounts/{}/mails", case.account.name)
}

/// Whether a mail is in these mailboxes and no others.
fn is_in(case: &Case<'_>, id: &str, mailboxes: &[&str]) -> Result<Look<()>> {
    let mails = case.front().list(&case.account, "mails")?;
    let seen = mails.iter().find(|mail| mail["id"] == id).map_or(&Value::Null, |mail| &mail["mailboxes"]);
    Ok(if *seen == json!(mailboxes) { Look::Done(()) } else { Look::NotYet(seen.to_string()) })
}

/// Whether an address is that of a contact in a group.
fn is_contact(case: &Case<'_>, address: &str, group: &str) -> Result<Look<()>> {
    let list = |what| case.front().list(&case.account, what);
    let (cards, groups) = (list("cards")?, list("groups")?);
    let card = cards.iter().find(|card| card["emails"] == json!([address]));
    let members = groups.iter().find(|it| it["name"] == group).and_then(|it| it["members"].as_array());
    let holds = card.zip(members).is_some_and(|(card, members)| members.contains(&card["uid"]));
    Ok(if holds { Look::Done(()) } else { Look::NotYet(format!("contacts {cards:?}, groups {groups:?}")) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(value: &Value) -> Vec<&str> {
        let mut keys: Vec<_> = value.as_object().into_iter().flatten().map(|(key, _)| key.as_str()).collect();
        keys.sort_unstable();
        keys
    }

    #[test]
    fn every_key_of_the_schema_is_set() {
        let schema = include_str!("../../../../helm/mailroom/values.schema.json");
        let schema: Value = serde_json::from_str(schema).unwrap();
        let (sections, config) = (&schema["properties"]["config"]["properties"], every_key().unwrap());
        assert_eq!(keys(&config), keys(sections));
        for section in keys(sections) {
            assert_eq!(keys(&config[section]), keys(&sections[section]["properties"]), "{section}");
        }
        let categories = config["triage"]["categories"].as_array().unwrap();
        let mut used: Vec<_> = categories.iter().flat_map(keys).collect();
        used.sort_unstable();
        used.dedup();
        assert_eq!(used, keys(&schema["definitions"]["category"]["properties"]));
    }

    #[test]
    fn a_row_is_what_the_app_makes_of_it() {
        let log = "  Mailboxes: before the verdict\ngate failed: 5 to create\n\n  Mailboxes: A: B\n  Action Labels: @ToA\n\
                   \u{20} Contact Groups: @G\n  Mailroom: @E\n  Mailroom: M\n\nTwo ways out:\n  1. Make it: or not.\n";
        let names = asked_for(log);
        assert_eq!(
            listed(&names),
            r#"mailbox "@E", mailbox "@ToA", mailbox "A: B", contact group "@G", contact group "M""#
        );
    }
}
