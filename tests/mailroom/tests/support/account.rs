//! The account behind the test server: mailboxes, groups, and the answers to what the program asks.

use serde_json::{Value, json};

/// Mailboxes and contact groups by name, in the order of their creation.
pub(crate) struct Account {
    pub(crate) mailboxes: Vec<String>,
    pub(crate) groups: Vec<String>,
    cards: Vec<String>,
}

/// A whole answer, or the event stream.
pub(super) enum Reply {
    Whole(String),
    Events,
}

fn whole(status: &str, body: &str) -> Reply {
    Reply::Whole(format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{body}", body.len()))
}

impl Account {
    pub(super) fn fresh() -> Self {
        Self { mailboxes: vec!["Inbox".into()], groups: Vec::new(), cards: Vec::new() }
    }

    pub(super) fn answer(&mut self, request: &str) -> Reply {
        let (head, body) = request.split_once("\r\n\r\n").unwrap_or((request, ""));
        let mut words = head.split_whitespace();
        let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        match (method, path) {
            ("GET", "/jmap/session") => whole("200 OK", &session().to_string()),
            ("POST", "/jmap/api") => whole("200 OK", &self.jmap(&serde_json::from_str(body).unwrap()).to_string()),
            ("GET", "/jmap/event?types=Email,Mailbox&closeafter=no&ping=30") => Reply::Events,
            ("PROPFIND", "/.well-known/carddav") => {
                multistatus("/", "<d:current-user-principal><d:href>/me/</d:href></d:current-user-principal>")
            }
            ("PROPFIND", "/me/") => {
                multistatus("/me/", "<c:addressbook-home-set><d:href>/home/</d:href></c:addressbook-home-set>")
            }
            ("PROPFIND", "/home/") => {
                multistatus("/home/book/", "<d:resourcetype><d:collection/><c:addressbook/></d:resourcetype>")
            }
            ("REPORT", "/home/book/") => {
                let cards: Vec<String> =
                    self.cards.iter().map(|card| format!("<c:address-data>{card}</c:address-data>")).collect();
                multistatus("/home/book/x.vcf", &cards.concat())
            }
            ("PUT", _) => {
                let name = body.lines().find_map(|line| line.strip_prefix("FN:")).unwrap_or_default();
                self.groups.push(name.to_owned());
                self.cards.push(body.to_owned());
                whole("201 Created", "")
            }
            _ => whole("404 Not Found", ""),
        }
    }

    fn jmap(&mut self, request: &Value) -> Value {
        let calls = request["methodCalls"].as_array().unwrap();
        let responses: Vec<Value> = calls.iter().map(|call| json!([call[0], self.call(call), call[2]])).collect();
        json!({ "methodResponses": responses })
    }

    fn call(&mut self, call: &Value) -> Value {
        match call[0].as_str().unwrap() {
            "Mailbox/get" => {
                let mailbox = |name: &String| {
                    let role = (name == "Inbox").then_some("inbox");
                    json!({ "id": format!("id-{name}"), "name": name, "role": role, "parentId": null })
                };
                json!({ "list": self.mailboxes.iter().map(mailbox).collect::<Vec<_>>() })
            }
            "Mailbox/set" => {
                let name = call[1]["create"]["mb0"]["name"].as_str().unwrap();
                self.mailboxes.push(name.to_owned());
                json!({ "created": { "mb0": { "id": format!("id-{name}") } } })
            }
            "Email/query" => json!({ "ids": [] }),
            other => panic!("the program has no business with {other}"),
        }
    }
}

fn session() -> Value {
    json!({
        "apiUrl": "https://api.fastmail.com/jmap/api",
        "primaryAccounts": { "urn:ietf:params:jmap:mail": "u1" },
        "eventSourceUrl": "https://api.fastmail.com/jmap/event",
    })
}

fn multistatus(href: &str, properties: &str) -> Reply {
    whole(
        "207 Multi-Status",
        &format!(
            "<d:multistatus xmlns:d=\"DAV:\" xmlns:c=\"urn:ietf:params:xml:ns:carddav\"><d:response><d:href>{href}</d:href>\
             <d:propstat><d:prop>{properties}</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat>\
             </d:response></d:multistatus>"
        ),
    )
}
