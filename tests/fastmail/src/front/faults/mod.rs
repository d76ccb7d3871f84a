//! Faults on demand: a rule says which requests of an account fail, how, and how often.

pub(crate) mod act;
mod bend;
mod rule;

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use super::message::Exchange;
pub use rule::{Always, Fault, Pattern, Rule, Times};

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
    use crate::front::service::Service;

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
            r#"{"fault": {"kind": "status", "status": 100}}"#,
            r#"{"fault": {"kind": "status", "status": 500, "reason": "a\nb"}}"#,
            r#"{"fault": {"kind": "redirect", "location": "a\nb"}}"#,
            r#"{"acted": true, "fault": {"kind": "slow", "millis": 1}}"#,
        ] {
            assert!(Faults::default().add(serde_json::from_str(rule).unwrap()).is_err(), "{rule}");
        }
        for rule in [r#"{"fault": {"kind": "sloow"}}"#, r#"{"on": {"url": "/"}, "fault": {"kind": "stall"}}"#] {
            assert!(serde_json::from_str::<Rule>(rule).is_err(), "{rule}");
        }
    }
}
