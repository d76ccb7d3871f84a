//! Faults on demand: a rule says which requests of an account fail, how, and how often.

pub(crate) mod act;
mod bend;

use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::ensure;
use serde::{Deserialize, Serialize};

use super::message::Exchange;
use super::service::Service;

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
        /// 100 to 999.
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

impl Rule {
    /// Refuses a rule that could never act as it says.
    fn check(&self) -> anyhow::Result<()> {
        let call = self.on.call.as_deref();
        match &self.fault {
            Fault::Status { status, .. } | Fault::Redirect { status: Some(status), .. } => {
                ensure!((100..=999).contains(status), "fault.status {status}: use 100 to 999");
            }
            Fault::FailedCall { .. } => ensure!(call.is_some(), "failed_call: name the call in on.call"),
            Fault::RefusedCreation { .. } => {
                ensure!(
                    call.is_some_and(|call| call.ends_with("/set")),
                    "refused_creation: name a set call in on.call, such as Mailbox/set"
                );
            }
            _ => {}
        }
        Ok(())
    }
}

impl Pattern {
    fn fits(&self, request: &Exchange) -> bool {
        let within = |part: &Option<String>, whole: &str| part.as_ref().is_none_or(|part| whole.contains(part));
        self.service.is_none_or(|service| request.service == Some(service))
            && self.method.as_ref().is_none_or(|method| request.method.as_str().eq_ignore_ascii_case(method))
            && within(&self.path, request.path())
            && self.call.as_ref().is_none_or(|call| request.calls.contains(call))
            && within(&self.body, &String::from_utf8_lossy(&request.body))
    }
}

/// A fault that met a request.
#[derive(Clone, Debug)]
pub(crate) struct Active {
    pub(crate) fault: Fault,
    pub(crate) acted: bool,
    /// The call that the pattern named.
    pub(crate) call: Option<String>,
}

impl Active {
    pub(crate) fn kind(&self) -> &'static str {
        self.fault.kind()
    }
}

/// A rule and how often it has fitted and acted.
#[derive(Clone, Debug, Serialize)]
pub struct State {
    /// Counts from 1 in each account.
    pub id: u64,
    /// The rule as it was given.
    pub rule: Rule,
    /// How many requests fitted while the rule was not used up, spared ones included.
    pub fitted: u32,
    /// How often it acted.
    pub acted: u32,
}

impl State {
    fn used_up(&self) -> bool {
        matches!(self.rule.times, Times::Number(times) if self.acted >= times)
    }

    /// Counts a fitting request; says whether the rule acts on it.
    fn count(&mut self) -> bool {
        self.fitted += 1;
        let acts = self.fitted > self.rule.skip;
        self.acted += u32::from(acts);
        acts
    }
}

/// The rules of one account.
#[derive(Debug, Default)]
pub struct Faults(Mutex<(u64, Vec<State>)>);

impl Faults {
    /// Adds a rule behind the others; gives its id. Refuses one that could never act as it says.
    pub fn add(&self, rule: Rule) -> anyhow::Result<u64> {
        rule.check()?;
        let (last, states) = &mut *self.lock();
        *last += 1;
        states.push(State { id: *last, rule, fitted: 0, acted: 0 });
        Ok(*last)
    }

    /// All rules, used up or not.
    pub fn states(&self) -> Vec<State> {
        self.lock().1.clone()
    }

    /// Takes all rules away.
    pub fn clear(&self) {
        self.lock().1.clear();
    }

    /// Counts an act of rule `id` that no request brought about.
    pub(crate) fn acted(&self, id: u64) {
        if let Some(state) = self.lock().1.iter_mut().find(|state| state.id == id) {
            state.acted += 1;
        }
    }

    /// The fault that meets `request`, used once by this.
    pub(crate) fn take(&self, request: &Exchange) -> Option<Active> {
        let (_, states) = &mut *self.lock();
        let fitting = states.iter_mut().filter(|state| !state.used_up() && state.rule.on.fits(request));
        let state = fitting.into_iter().find_map(|state| state.count().then_some(state))?;
        let Rule { fault, acted, on, .. } = state.rule.clone();
        Some(Active { fault, acted, call: on.call })
    }

    fn lock(&self) -> MutexGuard<'_, (u64, Vec<State>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use hyper::{HeaderMap, Method, Uri};

    use super::*;

    fn put(path: &'static str) -> Exchange {
        Exchange {
            service: Some(Service::CardDav),
            authority: Service::CardDav.host().into(),
            method: Method::PUT,
            uri: Uri::from_static(path),
            headers: HeaderMap::new(),
            body: Bytes::from_static(b"FN:Feed"),
            calls: Vec::new(),
        }
    }

    fn faults(rule: &str) -> Faults {
        let faults = Faults::default();
        faults.add(serde_json::from_str(rule).unwrap()).unwrap();
        faults
    }

    #[test]
    fn a_rule_acts_once_unless_told_otherwise() {
        let once = faults(r#"{"fault": {"kind": "reset"}}"#);
        assert!(once.take(&put("/a")).is_some());
        assert!(once.take(&put("/a")).is_none());
        let always = faults(r#"{"times": "always", "fault": {"kind": "reset"}}"#);
        assert!((0..9).all(|_| always.take(&put("/a")).is_some()));
    }

    #[test]
    fn skip_spares_the_first() {
        let second = faults(r#"{"skip": 1, "times": 1, "fault": {"kind": "status", "status": 412}}"#);
        let acts: Vec<_> = (0..3).map(|_| second.take(&put("/a")).is_some()).collect();
        assert_eq!(acts, [false, true, false]);
    }

    #[test]
    fn every_given_part_must_fit() {
        for (on, fits) in [
            (r#"{"service": "carddav"}"#, true),
            (r#"{"service": "jmap"}"#, false),
            (r#"{"method": "put"}"#, true),
            (r#"{"method": "GET"}"#, false),
            (r#"{"path": "/book/"}"#, true),
            (r#"{"path": "/jmap/"}"#, false),
            (r#"{"body": "FN:Feed"}"#, true),
            (r#"{"body": "FN:Imbox"}"#, false),
            (r#"{"call": "Mailbox/set"}"#, false),
            (r#"{"method": "PUT", "body": "FN:Imbox"}"#, false),
        ] {
            let faults = faults(&format!(r#"{{"on": {on}, "fault": {{"kind": "stall"}}}}"#));
            assert_eq!(faults.take(&put("/book/1.vcf")).is_some(), fits, "{on}");
        }
    }

    #[test]
    fn a_rule_that_cannot_act_is_refused() {
        for rule in [
            r#"{"fault": {"kind": "failed_call"}}"#,
            r#"{"on": {"call": "Mailbox/get"}, "fault": {"kind": "refused_creation"}}"#,
            r#"{"fault": {"kind": "status", "status": 42}}"#,
        ] {
            assert!(Faults::default().add(serde_json::from_str(rule).unwrap()).is_err(), "{rule}");
        }
        for rule in [r#"{"fault": {"kind": "sloow"}}"#, r#"{"on": {"url": "/"}, "fault": {"kind": "stall"}}"#] {
            assert!(serde_json::from_str::<Rule>(rule).is_err(), "{rule}");
        }
    }
}
