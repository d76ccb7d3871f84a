//! The contacts side of an account: discovery, groups, and new groups (RFC 6352, RFC 6764).

mod vcard;
mod xml;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use url::Url;

use crate::exception::{self, Exception};
use crate::http::{Client, Request, Response};

/// Where discovery starts.
const WELL_KNOWN: &str = "https://carddav.fastmail.com/.well-known/carddav";

const PRINCIPAL: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<d:propfind xmlns:d="DAV:"><d:prop><d:current-user-principal/></d:prop></d:propfind>"#;
const HOME: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<d:propfind xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:carddav"><d:prop><c:addressbook-home-set/></d:prop></d:propfind>"#;
const BOOKS: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<d:propfind xmlns:d="DAV:"><d:prop><d:resourcetype/></d:prop></d:propfind>"#;
const ALL_CARDS: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<c:addressbook-query xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:carddav"><d:prop><d:getetag/><c:address-data/></d:prop></c:addressbook-query>"#;

/// A connected address book.
pub struct CardDav {
    client: Client,
    authorization: String,
    /// Ends in a slash.
    address_book: Url,
}

impl CardDav {
    /// Finds the account's first address book.
    ///
    /// An account without one is a [`exception::RUNTIME`], which nothing catches while connecting.
    pub fn connect(client: Client, username: &str, password: &str) -> Result<Self, Exception> {
        let authorization = format!("Basic {}", BASE64_STANDARD.encode(format!("{username}:{password}")));
        let start = absolute(WELL_KNOWN)?;
        let mut book = Self { client, authorization, address_book: start.clone() };
        let principal =
            book.discover(&start, "0", PRINCIPAL, |xml| xml::nested_href(xml, xml::CURRENT_USER_PRINCIPAL))?;
        let home = book.discover(&principal, "0", HOME, |xml| xml::nested_href(xml, xml::ADDRESSBOOK_HOME_SET))?;
        book.address_book = book.discover(&home, "1", BOOKS, xml::first_address_book)?;
        Ok(book)
    }

    /// The names of all contact groups; one that exists twice is there twice.
    pub fn groups(&self) -> Result<Vec<String>, Exception> {
        let response = self.send("REPORT", &self.address_book, "1", ALL_CARDS)?;
        let cards = xml::cards(&response.body()?)?;
        Ok(cards.iter().filter_map(|card| vcard::group_name(card)).collect())
    }

    /// Writes a new, empty contact group.
    pub fn create_group(&self, name: &str) -> Result<(), Exception> {
        let uid = uuid::Uuid::new_v4().to_string();
        let url = resolve(&self.address_book, &format!("{uid}.vcf"))?;
        let request = Request::new("PUT", url)
            .header("Authorization", &self.authorization)
            .header("If-None-Match", "*")
            .content("text/vcard; charset=utf-8", vcard::new_group(&uid, name));
        self.client.send_following(request)?.body().map(|_| ())
    }

    /// One step of discovery: a PROPFIND, and the place that its answer names.
    fn discover(
        &self,
        url: &Url,
        depth: &'static str,
        question: &str,
        find: impl Fn(&[u8]) -> Result<String, Exception>,
    ) -> Result<Url, Exception> {
        let response = self.send("PROPFIND", url, depth, question)?;
        let answered = response.url().clone();
        resolve(&answered, &find(&response.body()?)?)
    }

    fn send(&self, method: &str, url: &Url, depth: &'static str, body: &str) -> Result<Response, Exception> {
        let request = Request::new(method, url.clone())
            .header("Authorization", &self.authorization)
            .header("Depth", depth)
            .content("application/xml; charset=utf-8", body);
        self.client.send_following(request)
    }
}

fn absolute(url: &str) -> Result<Url, Exception> {
    Url::parse(url).map_err(|error| Exception::new(exception::UNSUPPORTED_PROTOCOL, format!("{url}: {error}")))
}

fn resolve(base: &Url, href: &str) -> Result<Url, Exception> {
    base.join(href).map_err(|error| Exception::new(exception::UNSUPPORTED_PROTOCOL, format!("{href}: {error}")))
}
