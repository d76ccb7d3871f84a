//! CardDAV as the app speaks it.

use hyper::header::{ETAG, LOCATION};
use serde_json::json;

use crate::support::{Account, account, group};

const QUERY_ALL: &str = r#"<C:addressbook-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav">
<D:prop><D:getetag/><C:address-data/></D:prop></C:addressbook-query>"#;

/// Asks for one property; gives the href in the answer.
async fn discover(account: &Account, path: &str, property: &str) -> String {
    let body = format!(
        r#"<D:propfind xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"><D:prop>{property}</D:prop></D:propfind>"#
    );
    let answer = account.dav("PROPFIND", path, &[("depth", "0")], &body).await.unwrap();
    assert_eq!(answer.status(), 207, "{path}");
    let text = String::from_utf8(answer.body().to_vec()).unwrap();
    let document = roxmltree::Document::parse(&text).unwrap();
    let prop = document.descendants().find(|node| node.tag_name().name() == "prop").unwrap();
    let href = prop.descendants().find(|node| node.tag_name().name() == "href").expect("an href in the property");
    href.text().unwrap().to_owned()
}

#[tokio::test]
async fn discovery_leads_to_the_address_book() {
    let account = account("discovery").await;
    let start = account.dav("PROPFIND", "/.well-known/carddav", &[("depth", "0")], "").await.unwrap();
    assert_eq!(start.status(), 301);
    let location = start.headers()[LOCATION].to_str().unwrap();
    let path = location.strip_prefix("https://carddav.fastmail.com").expect("an https location");
    let principal = discover(&account, path, "<D:current-user-principal/>").await;
    let home = discover(&account, &principal, "<C:addressbook-home-set/>").await;
    let books = account.dav("PROPFIND", &home, &[("depth", "1")], "").await.unwrap();
    let books = String::from_utf8(books.body().to_vec()).unwrap();
    assert!(books.contains(&format!("<D:href>{home}Default/</D:href>")), "{books}");
}

#[tokio::test]
async fn groups_are_put_reported_and_guarded_by_etags() {
    let account = account("groups").await;
    let created = account.put_group("g-1", "Feed").await.unwrap();
    assert_eq!(created.status(), 201);
    let etag = created.headers()[ETAG].to_str().unwrap().to_owned();
    assert_eq!(account.put_group("g-1", "Feed").await.unwrap().status(), 412, "it exists");

    let path = account.card_path("g-1");
    let put = async |etag: &str, name: &str| {
        let headers = [("content-type", "text/vcard"), ("if-match", etag)];
        account.dav("PUT", &path, &headers, &group("g-1", name)).await.unwrap().status()
    };
    assert_eq!(put(&etag, "Feed 2").await, 204);
    assert_eq!(put(&etag, "Feed 3").await, 412, "the etag is stale");

    let book = format!("/dav/addressbooks/user/{}/Default/", account.name);
    let report = account.dav("REPORT", &book, &[("depth", "1")], QUERY_ALL).await.unwrap();
    assert_eq!(report.status(), 207);
    assert!(String::from_utf8(report.body().to_vec()).unwrap().contains("FN:Feed 2"));
    let stored = account.dav("GET", &path, &[], "").await.unwrap();
    assert_eq!(stored.body(), group("g-1", "Feed 2").as_bytes());

    let groups = account.get("groups").await;
    assert_eq!((&groups[0]["name"], &groups[0]["uid"]), (&json!("Feed 2"), &json!("g-1")));
    assert_eq!(groups.as_array().unwrap().len(), 1);
    assert_eq!(account.get("cards").await, json!([]));
}

#[tokio::test]
async fn a_card_is_found_by_its_address_alone() {
    let account = account("cards").await;
    for (uid, email) in [("c-1", "news@a.example"), ("c-2", "xnews@a.example")] {
        let card =
            format!("BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nFN:{uid}\r\nN:;;;;\r\nEMAIL:{email}\r\nEND:VCARD\r\n");
        let put = account.dav("PUT", &account.card_path(uid), &[("content-type", "text/vcard")], &card).await.unwrap();
        assert_eq!(put.status(), 201);
    }
    let query = QUERY_ALL.replace(
        "</C:addressbook-query>",
        r#"<C:filter><C:prop-filter name="EMAIL"><C:text-match match-type="equals">news@a.example</C:text-match></C:prop-filter></C:filter></C:addressbook-query>"#,
    );
    let book = format!("/dav/addressbooks/user/{}/Default/", account.name);
    let report = account.dav("REPORT", &book, &[("depth", "1")], &query).await.unwrap();
    let text = String::from_utf8(report.body().to_vec()).unwrap();
    assert!(text.contains("c-1.vcf") && !text.contains("c-2.vcf"), "{text}");
    assert_eq!(account.get("cards").await.as_array().unwrap().len(), 2);
}
