//! Multistatus answers (RFC 4918, section 13), read as the app reads them.

use roxmltree::{Document, Node};

use crate::exception::{self, Exception};

const DAV: &str = "DAV:";
const CARDDAV: &str = "urn:ietf:params:xml:ns:carddav";

/// An element's namespace and local name.
type Name = (&'static str, &'static str);

pub(super) const CURRENT_USER_PRINCIPAL: Name = (DAV, "current-user-principal");
pub(super) const ADDRESSBOOK_HOME_SET: Name = (CARDDAV, "addressbook-home-set");
const RESPONSE: Name = (DAV, "response");
const HREF: Name = (DAV, "href");
const PROPSTAT: Name = (DAV, "propstat");
const STATUS: Name = (DAV, "status");
const RESOURCETYPE: Name = (DAV, "resourcetype");
const ADDRESSBOOK: Name = (CARDDAV, "addressbook");
const ADDRESS_DATA: Name = (CARDDAV, "address-data");

/// The `href` inside the first element called `property`.
pub(super) fn nested_href(xml: &[u8], property: Name) -> Result<String, Exception> {
    with(xml, |root| {
        let href = below(root, property).next().and_then(|property| below(property, HREF).next());
        href.map(text).ok_or_else(|| Exception::new(exception::ATTRIBUTE, "'NoneType' object has no attribute 'text'"))
    })
}

/// The `href` of the first response that is an address book: its first `propstat` has status 200 and that resource type.
pub(super) fn first_address_book(xml: &[u8]) -> Result<String, Exception> {
    with(xml, |root| {
        below(root, RESPONSE)
            .filter(|response| {
                below(*response, PROPSTAT).next().is_some_and(|propstat| {
                    let is_found = below(propstat, STATUS).next().is_some_and(|status| text(status).contains("200"));
                    is_found && below(propstat, RESOURCETYPE).any(|sort| below(sort, ADDRESSBOOK).next().is_some())
                })
            })
            .find_map(|response| below(response, HREF).next())
            .map(text)
            .ok_or_else(|| Exception::new(exception::RUNTIME, "No address book found in the CardDAV home"))
    })
}

/// The text of every card.
pub(super) fn cards(xml: &[u8]) -> Result<Vec<String>, Exception> {
    with(xml, |root| Ok(below(root, ADDRESS_DATA).map(text).collect()))
}

fn with<T>(xml: &[u8], read: impl Fn(Node) -> Result<T, Exception>) -> Result<T, Exception> {
    let xml = String::from_utf8_lossy(xml);
    if xml.trim().is_empty() {
        return Err(Exception::new(exception::XML_PARSE, "no element found: line 1, column 0"));
    }
    match Document::parse(&xml) {
        Ok(document) => read(document.root()),
        Err(error) => {
            let at = error.pos();
            let place = format!("line {}, column {}", at.row, at.col.saturating_sub(1));
            Err(Exception::new(exception::XML_PARSE, format!("not well-formed (invalid token): {place}")))
        }
    }
}

fn below<'a, 'input>(node: Node<'a, 'input>, name: Name) -> impl Iterator<Item = Node<'a, 'input>> {
    node.descendants().filter(move |descendant| descendant.has_tag_name(name))
}

fn text(node: Node) -> String {
    node.descendants().filter(Node::is_text).filter_map(|part| part.text()).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(href: &str, propstats: &str) -> String {
        format!("<response><href>{href}</href>{propstats}</response>")
    }

    fn multistatus(responses: &str) -> String {
        format!(r#"<multistatus xmlns="DAV:" xmlns:c="urn:ietf:params:xml:ns:carddav">{responses}</multistatus>"#)
    }

    const BOOK: &str = "<propstat><prop><resourcetype><collection/><c:addressbook/></resourcetype></prop>\
                        <status>HTTP/1.1 200 OK</status></propstat>";

    #[test]
    fn the_first_propstat_decides_what_is_an_address_book() {
        let plain = "<propstat><prop><resourcetype><collection/></resourcetype></prop><status>HTTP/1.1 200 OK</status></propstat>";
        let xml = multistatus(
            &[
                response("/home/", plain),
                response("/late/", &format!("{plain}{BOOK}")),
                response("/gone/", &BOOK.replace("200 OK", "404 Not Found")),
                response("/book/", BOOK),
                response("/second/", BOOK),
            ]
            .concat(),
        );
        assert_eq!(first_address_book(xml.as_bytes()).unwrap(), "/book/");
        let none = first_address_book(multistatus(&response("/home/", plain)).as_bytes()).unwrap_err();
        assert_eq!(none.class(), exception::RUNTIME);
    }

    #[test]
    fn hrefs_are_found_inside_their_property() {
        let xml = multistatus(&response(
            "/",
            "<propstat><prop><current-user-principal><href> /me/ </href></current-user-principal></prop></propstat>",
        ));
        assert_eq!(nested_href(xml.as_bytes(), CURRENT_USER_PRINCIPAL).unwrap(), "/me/");
        assert_eq!(nested_href(xml.as_bytes(), ADDRESSBOOK_HOME_SET).unwrap_err().class(), exception::ATTRIBUTE);
    }

    #[test]
    fn cards_may_come_in_cdata() {
        let card =
            "<propstat><prop><c:address-data><![CDATA[BEGIN:VCARD\nFN:A & B]]></c:address-data></prop></propstat>";
        assert_eq!(cards(multistatus(&response("/a.vcf", card)).as_bytes()).unwrap(), ["BEGIN:VCARD\nFN:A & B"]);
    }

    #[test]
    fn what_is_not_xml_is_placed() {
        for (text, expected) in [
            ("", "no element found: line 1, column 0"),
            ("garbage", "not well-formed (invalid token): line 1, column 0"),
        ] {
            let error = cards(text.as_bytes()).unwrap_err();
            assert_eq!(
                error.traceback().lines().last().unwrap(),
                format!("xml.etree.ElementTree.ParseError: {expected}")
            );
        }
    }
}
