//! A mail keeps at least one mailbox (RFC 8621, section 4.1.1). Fastmail refuses an update that would take the last
//! one; Cyrus accepts it, and the mail is gone. So the front judges the updates and holds such a one back.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::merge::Interventions;
use crate::account::Account;

/// The mailboxes of each mail.
type Mailboxes = BTreeMap<String, BTreeSet<String>>;

/// Takes out of `calls` each update that would leave a mail in no mailbox. The calls are followed in order: what an
/// earlier one does counts for a later one.
pub(super) async fn keep(
    account: &Account,
    calls: &mut [Value],
    interventions: &mut Interventions,
) -> anyhow::Result<()> {
    let touched: BTreeSet<_> = updates(calls).filter(|(_, patch)| is_move(patch)).map(|(id, _)| id.clone()).collect();
    if touched.is_empty() {
        return Ok(());
    }
    let get = json!([["Email/get", {"ids": touched, "properties": ["mailboxIds"]}, "0"]]);
    let mut mailboxes = mailboxes(&account.jmap(get).await?);
    judge(calls, &mut mailboxes, interventions);
    Ok(())
}

fn updates(calls: &[Value]) -> impl Iterator<Item = (&String, &Value)> {
    let sets = calls.iter().filter(|call| call[0] == "Email/set");
    sets.filter_map(|call| call[1]["update"].as_object()).flatten()
}

fn is_move(patch: &Value) -> bool {
    patch.as_object().is_some_and(|patch| patch.keys().any(|key| key.starts_with("mailboxIds")))
}

fn mailboxes(responses: &[Value]) -> Mailboxes {
    let list = responses.first().and_then(|response| response[1]["list"].as_array()).map(Vec::as_slice);
    let mails = list.unwrap_or_default().iter();
    mails
        .filter_map(|mail| {
            let ids = mail["mailboxIds"].as_object()?.keys().cloned().collect();
            Some((mail["id"].as_str()?.to_owned(), ids))
        })
        .collect()
}

fn judge(calls: &mut [Value], mailboxes: &mut Mailboxes, interventions: &mut Interventions) {
    for (index, call) in calls.iter_mut().enumerate().filter(|(_, call)| call[0] == "Email/set") {
        let Some(update) = call.pointer_mut("/1/update").and_then(Value::as_object_mut) else { continue };
        update.retain(|id, patch| {
            let (Some(now), Some(patch)) = (mailboxes.get_mut(id), patch.as_object()) else { return true };
            let after = after(now, patch);
            if after.is_empty() {
                let description = "an email must be in at least one mailbox";
                let error =
                    json!({"type": "invalidProperties", "properties": ["mailboxIds"], "description": description});
                interventions.refuse(index, "notUpdated", id.clone(), error);
                return false;
            }
            *now = after;
            true
        });
    }
}

/// The mailboxes of a mail after a patch: `mailboxIds` replaces them, `mailboxIds/ID` adds (true) or takes (null) one.
fn after(now: &BTreeSet<String>, patch: &Map<String, Value>) -> BTreeSet<String> {
    let mut after = now.clone();
    if let Some(Value::Object(all)) = patch.get("mailboxIds") {
        after = all.keys().cloned().collect();
    }
    for (key, value) in patch {
        match key.strip_prefix("mailboxIds/") {
            Some(id) if value.is_null() => after.remove(id),
            Some(id) => after.insert(id.to_owned()),
            None => continue,
        };
    }
    after
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(patches: &[Value]) -> (Vec<Value>, usize) {
        let mut calls: Vec<_> =
            patches.iter().map(|patch| json!(["Email/set", {"update": {"m": patch}}, "0"])).collect();
        let mut mailboxes = Mailboxes::from([("m".into(), ["a".into()].into())]);
        let mut interventions = Interventions::default();
        judge(&mut calls, &mut mailboxes, &mut interventions);
        let left = calls.iter().flat_map(|call| call[1]["update"].as_object().unwrap().values().cloned()).collect();
        (left, interventions.refusals())
    }

    #[test]
    fn the_last_mailbox_is_not_taken() {
        for patch in [json!({"mailboxIds/a": null}), json!({"mailboxIds": {}})] {
            assert_eq!(set(&[patch]), (vec![], 1));
        }
    }

    #[test]
    fn a_move_passes() {
        let patches = [json!({"mailboxIds/a": null, "mailboxIds/b": true})];
        assert_eq!(set(&patches), (patches.to_vec(), 0));
    }

    #[test]
    fn calls_are_followed_in_order() {
        let (add, take) = (json!({"mailboxIds/b": true}), json!({"mailboxIds/a": null}));
        assert_eq!(set(&[add.clone(), take.clone()]), (vec![add.clone(), take.clone()], 0));
        assert_eq!(set(&[take, add.clone()]), (vec![add], 1));
    }

    #[test]
    fn taking_a_mailbox_the_mail_is_not_in_passes() {
        let patches = [json!({"mailboxIds/z": null}), json!({"keywords/$seen": true})];
        assert_eq!(set(&patches), (patches.to_vec(), 0));
    }
}
