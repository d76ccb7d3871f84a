//! The address book: one CardDAV REPORT, and the few lines of each vCard that a test asks for.

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use hyper::header::CONTENT_TYPE;
use hyper::{Request, StatusCode};
use serde::Serialize;

use crate::account::Account;

/// Asks for every card with its text (RFC 6352, section 8.6).
const ALL_CARDS: &str = r#"<C:addressbook-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav">
<D:prop><D:getetag/><C:address-data/></D:prop></C:addressbook-query>"#;

/// What a vCard stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    /// A person or a company.
    #[default]
    Card,
    /// A group of them.
    Group,
}

/// A vCard.
#[derive(Debug, Default, PartialEq, Serialize)]
pub(super) struct Card {
    pub(super) href: String,
    pub(super) etag: String,
    pub(super) uid: String,
    /// `FN`
    pub(super) name: String,
    pub(super) emails: Vec<String>,
    pub(super) kind: Kind,
    /// The uids of a group's members.
    pub(super) members: Vec<String>,
    /// The whole vCard as it is stored.
    pub(super) text: String,
}

/// All of one kind in the default address book, by name.
pub(super) async fn list(account: &Account, kind: Kind) -> anyhow::Result<Vec<Card>> {
    let path = format!("/dav/addressbooks/user/{}/Default/", account.name());
    let request = Request::builder().method("REPORT").uri(path).header("depth", "1");
    let request = request.header(CONTENT_TYPE, "application/xml").body(Bytes::from_static(ALL_CARDS.as_bytes()))?;
    let response = account.cyrus().send(account.name(), request).await?;
    let status = response.status();
    ensure!(status == StatusCode::MULTI_STATUS, "cyrus answered the REPORT of all cards with {status}");
    let mut cards = parse(std::str::from_utf8(response.body())?)?;
    cards.retain(|card| card.kind == kind);
    cards.sort_by(|a, b| (&a.name, &a.uid).cmp(&(&b.name, &b.uid)));
    Ok(cards)
}

fn parse(multistatus: &str) -> anyhow::Result<Vec<Card>> {
    let document = roxmltree::Document::parse(multistatus).context("cyrus sent a broken multistatus")?;
    let responses = document.descendants().filter(|node| node.tag_name().name() == "response");
    let card = |response: roxmltree::Node| {
        let text = |name| {
            let node = response.descendants().find(|node| node.tag_name().name() == name);
            node.and_then(|node| node.text()).unwrap_or_default().to_owned()
        };
        let mut card = vcard(&text("address-data"));
        (card.href, card.etag) = (text("href"), text("getetag"));
        card
    };
    Ok(responses.map(card).collect())
}

/// Reads the properties that matter here; long lines are folded (RFC 2426, section 2.6).
fn vcard(text: &str) -> Card {
    let mut card = Card { text: text.to_owned(), ..Card::default() };
    let unfolded = text.replace("\r\n", "\n").replace("\n ", "").replace("\n\t", "");
    for (property, value) in unfolded.lines().filter_map(|line| line.split_once(':')) {
        let name = property.split(';').next().unwrap_or_default();
        let name = name.rsplit('.').next().unwrap_or_default();
        match name.to_ascii_uppercase().as_str() {
            "UID" => value.clone_into(&mut card.uid),
            "FN" => card.name = value.replace("\\,", ",").replace("\\;", ";"),
            "EMAIL" => card.emails.push(value.to_owned()),
            "KIND" | "X-ADDRESSBOOKSERVER-KIND" if value.eq_ignore_ascii_case("group") => card.kind = Kind::Group,
            "MEMBER" | "X-ADDRESSBOOKSERVER-MEMBER" => {
                card.members.push(value.strip_prefix("urn:uuid:").unwrap_or(value).to_owned());
            }
            _ => {}
        }
    }
    card
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_read_with_its_members() {
        let text = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:g\r\nFN:Paper \r\n Trail\\, old\r\nN:;;;;\r\n\
                    X-ADDRESSBOOKSERVER-KIND:group\r\nX-ADDRESSBOOKSERVER-MEMBER:urn:uuid:c\r\nEND:VCARD\r\n";
        let card = vcard(text);
        assert_eq!((card.uid.as_str(), card.name.as_str(), card.kind), ("g", "Paper Trail, old", Kind::Group));
        assert_eq!(card.members, ["c"]);
    }

    #[test]
    fn a_card_is_read_with_its_addresses() {
        let card = vcard("BEGIN:VCARD\nUID:c\nFN:Ann\nitem1.EMAIL;TYPE=work:ann@a.example\nEND:VCARD\n");
        assert_eq!(card.emails, ["ann@a.example"]);
        assert_eq!(card.kind, Kind::Card);
    }
}
