//! The traffic of one deploy: look, create what is missing, look again. Shared with the example `many_accounts`.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::support::Account;

/// What the app's default configuration wants of a fresh account, less the Inbox: 17 mailboxes and 8 groups.
const MAILBOXES: [&str; 17] = [
    "Screener",
    "Imbox",
    "Feed",
    "Paper Trail",
    "Jail",
    "Person",
    "Billboard",
    "Truck",
    "@ToImbox",
    "@ToFeed",
    "@ToPaperTrail",
    "@ToJail",
    "@ToPerson",
    "@ToBillboard",
    "@ToTruck",
    "@MailroomError",
    "@MailroomWarning",
];
const GROUPS: [&str; 8] = ["Imbox", "Feed", "Paper Trail", "Jail", "Person", "Billboard", "Truck", "Mailroom"];

/// Requests that [`deploy`] makes: two looks of four, and one a creation.
pub(crate) const REQUESTS: usize = 2 * 4 + MAILBOXES.len() + GROUPS.len();

/// A gate with apply on a fresh account, then a plain gate. Each name carries the account's, so that a name that is
/// out of place shows.
pub(crate) async fn deploy(account: &Account) -> Result<()> {
    ensure!(look(account).await? == (1, 0), "{} is not fresh", account.name);
    for name in MAILBOXES {
        account.create_mailbox(&own(account, name)).await?;
    }
    for (number, name) in GROUPS.iter().enumerate() {
        let status = account.put_group(&format!("{}-{number}", account.name), &own(account, name)).await?.status();
        ensure!(status == 201, "the group {name} of {} was answered {status}", account.name);
    }
    let seen = look(account).await?;
    ensure!(seen == (1 + MAILBOXES.len(), GROUPS.len()), "{} has {seen:?} mailboxes and groups", account.name);
    Ok(())
}

/// The names in `list` that are not of this account.
pub(crate) fn foreign(account: &Account, list: &Value) -> Vec<String> {
    let names = list.as_array().into_iter().flatten().filter_map(|entry| entry["name"].as_str());
    names.filter(|name| *name != "Inbox" && !name.ends_with(&own(account, ""))).map(str::to_owned).collect()
}

fn own(account: &Account, name: &str) -> String {
    format!("{name} of {}", account.name)
}

/// Session, discovery, mailboxes and groups; gives the numbers of the latter two.
async fn look(account: &Account) -> Result<(usize, usize)> {
    account.session().await?;
    account.dav("PROPFIND", "/dav/principals/", &[("depth", "0")], "").await?;
    let mailboxes = account.jmap(json!([["Mailbox/get", {"ids": null}, "0"]])).await?;
    let query = r#"<C:addressbook-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"><D:prop><C:address-data/></D:prop></C:addressbook-query>"#;
    let book = format!("/dav/addressbooks/user/{}/Default/", account.name);
    let report = account.dav("REPORT", &book, &[("depth", "1")], query).await?;
    let cards = String::from_utf8_lossy(report.body()).matches("BEGIN:VCARD").count();
    Ok((mailboxes[0][1]["list"].as_array().map_or(0, Vec::len), cards))
}
