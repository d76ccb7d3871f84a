//! The JMAP side of an account: session, mailboxes, and the questions of a poll (RFC 8620, RFC 8621).

mod json;

use serde_json::{Value, json};
use url::Url;

use crate::exception::{self, Exception};
use crate::http::{Client, Request};

/// The one session resource of the service.
const SESSION: &str = "https://api.fastmail.com/jmap/session";
const CORE: &str = "urn:ietf:params:jmap:core";
const MAIL: &str = "urn:ietf:params:jmap:mail";
/// The most mails that a poll asks for at each label.
const POLL_LIMIT: u32 = 100;

/// A connected account.
pub struct Jmap {
    client: Client,
    token: String,
    api_url: Url,
    account: String,
    event_source: Option<String>,
}

/// A mailbox, as far as the app looks at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// The server's id.
    pub id: String,
    /// Its own name, without those of its parents.
    pub name: String,
    /// `inbox` and the like.
    pub role: Option<String>,
}

impl Jmap {
    /// Reads the session of the account that `token` opens.
    pub fn connect(client: Client, token: &str) -> Result<Self, Exception> {
        let url = parsed(SESSION)?;
        let session = json::parse(&client.send(&authorized(Request::new("GET", url), token))?.body()?)?;
        let api_url = json::text(json::key(&session, "apiUrl")?)?;
        let api_url = parsed(&api_url)?;
        let account = json::text(json::key(json::key(&session, "primaryAccounts")?, MAIL)?)?;
        let event_source = session.get("eventSourceUrl").and_then(Value::as_str).map(str::to_owned);
        Ok(Self { client, token: token.to_owned(), api_url, account, event_source })
    }

    /// The request that opens the account's event source, if the session names one.
    pub fn event_source(&self) -> Option<Result<Request, Exception>> {
        let url = self.event_source.as_ref()?;
        let url = parsed(&format!("{url}?types=Email,Mailbox&closeafter=no&ping=30"));
        Some(url.map(|url| authorized(Request::new("GET", url), &self.token).header("Accept", "text/event-stream")))
    }

    /// The client that the requests of this account go through.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// All mailboxes at any depth.
    pub fn mailboxes(&self) -> Result<Vec<Mailbox>, Exception> {
        let responses = self.call(&[("Mailbox/get", json!({ "ids": null }))])?;
        let list = json::key(json::at(json::at(&responses, 0)?, 1)?, "list")?;
        json::items(list)?
            .iter()
            .map(|mailbox| {
                Ok(Mailbox {
                    id: json::text(json::key(mailbox, "id")?)?,
                    name: json::text(json::key(mailbox, "name")?)?,
                    role: mailbox.get("role").and_then(Value::as_str).map(str::to_owned),
                })
            })
            .collect()
    }

    /// Creates a mailbox at the top; a refusal of the server is a [`exception::RUNTIME`].
    pub fn create_mailbox(&self, name: &str) -> Result<(), Exception> {
        let create = json!({ "create": { "mb0": { "name": name, "isSubscribed": true } } });
        let responses = self.call(&[("Mailbox/set", create)])?;
        let result = json::at(json::at(&responses, 0)?, 1)?;
        match result.get("created") {
            // The app looks for its key in whatever is there, and trips over null.
            Some(Value::Null) => {
                return Err(Exception::new(exception::TYPE, "argument of type 'NoneType' is not iterable"));
            }
            Some(created) if created.get("mb0").is_some() => {
                return json::text(json::key(json::key(created, "mb0")?, "id")?).map(|_| ());
            }
            _ => {}
        }
        let refusal = result.get("notCreated").and_then(|all| all.get("mb0")).unwrap_or(result);
        let detail = |key| refusal.get(key).and_then(Value::as_str);
        let sort = detail("type").unwrap_or("unknown error");
        let description = detail("description").map(|text| format!(": {text}")).unwrap_or_default();
        Err(Exception::new(exception::RUNTIME, format!("Mailbox '{name}' was not created: {sort}{description}")))
    }

    /// How many mails wait at these mailboxes, all asked in one request; one that the server cannot answer counts none.
    pub fn waiting(&self, mailboxes: &[String]) -> Result<usize, Exception> {
        let calls: Vec<(&str, Value)> = mailboxes
            .iter()
            .map(|id| ("Email/query", json!({ "filter": { "inMailbox": id }, "limit": POLL_LIMIT })))
            .collect();
        let responses = self.call(&calls)?;
        let mut waiting = 0;
        for position in 0..calls.len() {
            let response = json::at(&responses, position)?;
            if json::at(response, 0)?.as_str() != Some("error") {
                waiting += json::items(json::key(json::at(response, 1)?, "ids")?)?.len();
            }
        }
        Ok(waiting)
    }

    /// Sends method calls in one request, and returns its `methodResponses`, which are read by position.
    fn call(&self, calls: &[(&str, Value)]) -> Result<Value, Exception> {
        let calls: Vec<Value> = calls
            .iter()
            .enumerate()
            .map(|(position, (method, arguments))| {
                let mut arguments = arguments.clone();
                arguments["accountId"] = json!(self.account);
                json!([method, arguments, format!("c{position}")])
            })
            .collect();
        let body = json!({ "using": [CORE, MAIL], "methodCalls": calls }).to_string();
        let request = authorized(Request::new("POST", self.api_url.clone()), &self.token);
        let answer = json::parse(&self.client.send(&request.content("application/json", body))?.body()?)?;
        json::key(&answer, "methodResponses").cloned()
    }
}

fn parsed(url: &str) -> Result<Url, Exception> {
    Url::parse(url).map_err(|_| {
        let message = "Request URL is missing an 'http://' or 'https://' protocol.";
        Exception::new(exception::UNSUPPORTED_PROTOCOL, message)
    })
}

fn authorized(request: Request, token: &str) -> Request {
    request.header("Authorization", format!("Bearer {token}"))
}
