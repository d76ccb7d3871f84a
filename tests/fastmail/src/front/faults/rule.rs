//! The rule language of the admin port: what JSON may say, and what it means.

use anyhow::ensure;
use hyper::ext::ReasonPhrase;
use hyper::header::HeaderValue;
use serde::{Deserialize, Serialize};

use crate::front::message::Exchange;
use crate::front::service::Service;

/// A rule. The first rule of an account that fits a request and is not used up is the one that acts.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Which requests.
    #[serde(default)]
    pub on: Pattern,
    /// How many fitting requests are spared first.
    #[serde(default)]
    pub skip: u32,
    /// How often it acts.
    #[serde(default)]
    pub times: Times,
    /// The real server acts on the request first; then its answer is lost. For faults that replace the answer.
    #[serde(default)]
    pub acted: bool,
    /// What happens.
    pub fault: Fault,
}

/// Which requests: those that fit every part that is given.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pattern {
    /// The host.
    pub service: Option<Service>,
    /// The HTTP method.
    pub method: Option<String>,
    /// Contained in path and query.
    pub path: Option<String>,
    /// A JMAP call among the request's calls, such as `Mailbox/set`.
    pub call: Option<String>,
    /// Contained in the body.
    pub body: Option<String>,
}

/// How often a rule acts: a number, or `"always"`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Times {
    /// That often.
    Number(u32),
    /// For ever.
    Word(Always),
}

/// The word `always`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Always {
    /// For ever.
    Always,
}

impl Default for Times {
    fn default() -> Self {
        Self::Number(1)
    }
}

/// What happens to a request.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// An HTTP status, with its own reason phrase and body where they are given.
    Status {
        /// 200 to 999.
        status: u16,
        /// The standard one where left out.
        reason: Option<String>,
        /// Empty where left out.
        #[serde(default)]
        body: String,
    },
    /// No answer, ever; the connection stays open.
    Stall,
    /// The connection is reset.
    Reset,
    /// The real answer's head and the first half of its body, then the connection ends.
    CloseMidBody,
    /// Status 200 and a body that is neither JSON nor XML.
    Garbage,
    /// Bytes that are not HTTP.
    NotHttp,
    /// A redirect.
    Redirect {
        /// Where to.
        location: String,
        /// 301 where left out.
        status: Option<u16>,
    },
    /// The real answer without a key (JSON, at any depth) or an element (XML, by local name).
    MissingKey {
        /// The name of it.
        key: String,
    },
    /// The call that the pattern names fails with a method-level error; the other calls of the request go on.
    FailedCall {
        /// `serverFail` where left out.
        #[serde(rename = "type")]
        error: Option<String>,
        /// None where left out.
        description: Option<String>,
    },
    /// The set call that the pattern names creates nothing: each creation is answered in `notCreated`.
    RefusedCreation {
        /// `forbidden` where left out.
        #[serde(rename = "type")]
        error: Option<String>,
        /// None where left out.
        description: Option<String>,
    },
    /// The real answer, later.
    Slow {
        /// How much later, in milliseconds.
        millis: u64,
    },
    /// Open push streams end in good order, and new ones end as soon as they are open.
    PushClosed,
    /// A set answer keeps the keys that Cyrus leaves null, such as `"created": null`.
    NullKeys,
}

impl Fault {
    /// The name of its kind, as in JSON.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Status { .. } => "status",
            Self::Stall => "stall",
            Self::Reset => "reset",
            Self::CloseMidBody => "close_mid_body",
            Self::Garbage => "garbage",
            Self::NotHttp => "not_http",
            Self::Redirect { .. } => "redirect",
            Self::MissingKey { .. } => "missing_key",
            Self::FailedCall { .. } => "failed_call",
            Self::RefusedCreation { .. } => "refused_creation",
            Self::Slow { .. } => "slow",
            Self::PushClosed => "push_closed",
            Self::NullKeys => "null_keys",
        }
    }
}

impl Fault {
    /// Whether the client gets something else than the real answer; [`Rule::acted`] is for these.
    pub(super) fn replaces_the_answer(&self) -> bool {
        matches!(
            self,
            Self::Status { .. } | Self::Stall | Self::Reset | Self::Garbage | Self::NotHttp | Self::Redirect { .. }
        )
    }
}

impl Rule {
    /// Refuses a rule that could never act as it says.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        let kind = self.fault.kind();
        ensure!(
            !self.acted || self.fault.replaces_the_answer(),
            "acted: the real server acts anyway before {kind}: leave it out"
        );
        let call = self.on.call.as_deref();
        match &self.fault {
            Fault::Status { status, reason, .. } => {
                check_status(*status)?;
                let reason = reason.as_deref().unwrap_or_default();
                ensure!(
                    ReasonPhrase::try_from(reason.as_bytes()).is_ok(),
                    "fault.reason: use printable characters alone"
                );
            }
            Fault::Redirect { location, status } => {
                check_status(status.unwrap_or(301))?;
                ensure!(HeaderValue::try_from(location).is_ok(), "fault.location: use printable characters alone");
            }
            Fault::FailedCall { .. } => ensure!(call.is_some(), "{kind}: name the call in on.call"),
            Fault::RefusedCreation { .. } => ensure!(
                call.is_some_and(|call| call.ends_with("/set")),
                "{kind}: name a set call in on.call, such as Mailbox/set"
            ),
            _ => {}
        }
        Ok(())
    }
}

/// Below 200 are interim answers, after which a client waits for the real one.
fn check_status(status: u16) -> anyhow::Result<()> {
    ensure!((200..=999).contains(&status), "fault.status {status}: use 200 to 999");
    Ok(())
}

impl Pattern {
    pub(super) fn fits(&self, request: &Exchange) -> bool {
        let within = |part: &Option<String>, whole: &str| part.as_ref().is_none_or(|part| whole.contains(part));
        self.service.is_none_or(|service| request.service == Some(service))
            && self.method.as_ref().is_none_or(|method| request.method.as_str().eq_ignore_ascii_case(method))
            && within(&self.path, request.path())
            && self.call.as_ref().is_none_or(|call| request.calls.contains(call))
            && within(&self.body, &String::from_utf8_lossy(&request.body))
    }
}
