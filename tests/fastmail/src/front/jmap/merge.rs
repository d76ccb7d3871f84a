//! What the front holds back from Cyrus, and how Cyrus's answer is made whole again.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::front::faults::{Active, Fault};

/// The keys of a set answer (RFC 8620, section 5.3) that Cyrus writes as null where they are unused.
const SET_KEYS: [&str; 6] = ["created", "updated", "destroyed", "notCreated", "notUpdated", "notDestroyed"];

/// The calls, and the parts of calls, that Cyrus never sees.
#[derive(Debug, Default)]
pub(super) struct Interventions {
    /// Calls that fail, with their error.
    failed: BTreeMap<usize, Value>,
    /// Parts of set calls that are refused.
    refused: Vec<Refusal>,
}

#[derive(Debug)]
struct Refusal {
    call: usize,
    key: &'static str,
    id: String,
    error: Value,
}

impl Interventions {
    /// Refuses one part of set call number `call`, answered below `key`.
    pub(super) fn refuse(&mut self, call: usize, key: &'static str, id: String, error: Value) {
        self.refused.push(Refusal { call, key, id, error });
    }

    /// Does what a fault asks: fails calls, or takes their creations out of `calls`.
    pub(super) fn apply(&mut self, active: &Active, calls: &mut [Value]) {
        let named = |call: &Value| call[0].as_str() == active.call.as_deref();
        for (index, call) in calls.iter_mut().enumerate().filter(|(_, call)| named(call)) {
            match &active.fault {
                Fault::FailedCall { error, description } => {
                    self.failed
                        .insert(index, problem(error.as_deref().unwrap_or("serverFail"), description.as_deref()));
                }
                Fault::RefusedCreation { error, description } => {
                    let problem = problem(error.as_deref().unwrap_or("forbidden"), description.as_deref());
                    let create = call.pointer_mut("/1/create").and_then(Value::as_object_mut);
                    for id in create.map(std::mem::take).unwrap_or_default().into_iter().map(|(id, _)| id) {
                        self.refuse(index, "notCreated", id, problem.clone());
                    }
                }
                _ => {}
            }
        }
    }

    /// The calls that go to Cyrus.
    pub(super) fn forwarded(&self, calls: &[Value]) -> Vec<Value> {
        let kept = calls.iter().enumerate().filter(|(index, _)| !self.failed.contains_key(index));
        kept.map(|(_, call)| call.clone()).collect()
    }

    /// Cyrus's responses with ours among them, in the order of `calls`.
    pub(super) fn merge(&self, calls: &[Value], responses: Vec<Value>) -> Vec<Value> {
        let mut merged = Vec::new();
        let mut responses = responses.into_iter().peekable();
        for (index, call) in calls.iter().enumerate() {
            if let Some(error) = self.failed.get(&index) {
                merged.push(json!(["error", error, call[2]]));
                continue;
            }
            let Some(mut response) = responses.next() else { break };
            self.refuse_in(index, &mut response);
            merged.push(response);
            // A call may have several responses; they carry its id, which need not differ from the next call's.
            let last_of_its_id = calls.get(index + 1).is_none_or(|next| next[2] != call[2]);
            while last_of_its_id && responses.peek().is_some_and(|further| further[2] == call[2]) {
                merged.extend(responses.next());
            }
        }
        merged.extend(responses);
        merged
    }

    fn refuse_in(&self, call: usize, response: &mut Value) {
        let answered = response[0].as_str().is_some_and(|name| name.ends_with("/set"));
        for refusal in self.refused.iter().filter(|refusal| answered && refusal.call == call) {
            response[1][refusal.key][&refusal.id] = refusal.error.clone();
        }
    }

    #[cfg(test)]
    pub(super) fn refusals(&self) -> usize {
        self.refused.len()
    }
}

fn problem(error: &str, description: Option<&str>) -> Value {
    match description {
        Some(description) => json!({"type": error, "description": description}),
        None => json!({"type": error}),
    }
}

/// Takes the unused keys out of set answers: clients may expect an object there.
pub(super) fn strip_nulls(responses: &mut [Value]) {
    for response in responses.iter_mut().filter(|response| response[0].as_str().is_some_and(|n| n.ends_with("/set"))) {
        if let Some(answer) = response[1].as_object_mut() {
            answer.retain(|key, value| !(value.is_null() && SET_KEYS.contains(&key.as_str())));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn active(fault: &str, call: &str) -> Active {
        Active { fault: serde_json::from_str(fault).unwrap(), acted: false, call: Some(call.into()) }
    }

    #[test]
    fn a_failed_call_is_answered_at_its_place_and_never_forwarded() {
        let mut calls = vec![json!(["A/get", {}, "0"]), json!(["B/get", {}, "0"]), json!(["C/get", {}, "2"])];
        let mut interventions = Interventions::default();
        interventions.apply(&active(r#"{"kind": "failed_call", "type": "forbidden"}"#, "B/get"), &mut calls);
        assert_eq!(interventions.forwarded(&calls), [calls[0].clone(), calls[2].clone()]);
        let responses = vec![json!(["A/get", {"list": []}, "0"]), json!(["C/get", {}, "2"])];
        let merged = interventions.merge(&calls, responses);
        let names: Vec<_> = merged.iter().map(|response| response[0].as_str().unwrap()).collect();
        assert_eq!(names, ["A/get", "error", "C/get"]);
        assert_eq!(merged[1], json!(["error", {"type": "forbidden"}, "0"]));
    }

    #[test]
    fn a_refused_creation_is_answered_in_not_created() {
        let mut calls = vec![json!(["Mailbox/set", {"create": {"mb0": {"name": "Feed"}}}, "0"])];
        let mut interventions = Interventions::default();
        let fault = r#"{"kind": "refused_creation", "type": "overQuota", "description": "full"}"#;
        interventions.apply(&active(fault, "Mailbox/set"), &mut calls);
        assert_eq!(calls[0][1]["create"], json!({}));
        let mut merged = interventions.merge(&calls, vec![json!(["Mailbox/set", {"created": null}, "0"])]);
        strip_nulls(&mut merged);
        let refused = json!({"notCreated": {"mb0": {"type": "overQuota", "description": "full"}}});
        assert_eq!(merged, [json!(["Mailbox/set", refused, "0"])]);
    }

    #[test]
    fn further_responses_of_a_call_stay_behind_it() {
        let calls = [json!(["A/set", {}, "a"]), json!(["B/get", {}, "b"])];
        let responses = vec![json!(["A/set", {}, "a"]), json!(["A/copy", {}, "a"]), json!(["B/get", {}, "b"])];
        assert_eq!(Interventions::default().merge(&calls, responses.clone()), responses);
    }
}
