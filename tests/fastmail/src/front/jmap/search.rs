//! Search by sender: Cyrus answers the `from` filter with a search index alone, and `serverFail` without one. The
//! `header` filter finds the same mails without an index, so `from` becomes that.
//!
//! It matches any part of the From header, letter case aside, where Fastmail matches words: `news@a` also finds
//! `xnews@a`.

use serde_json::{Map, Value, json};

/// Rewrites the filters of all `Email/query` calls.
pub(super) fn rewrite(calls: &mut [Value]) {
    for call in calls.iter_mut().filter(|call| call[0] == "Email/query") {
        if let Some(filter) = call.pointer_mut("/1/filter") {
            rewrite_filter(filter);
        }
    }
}

/// A filter is a condition, or an operator over filters (RFC 8620, section 5.5).
fn rewrite_filter(filter: &mut Value) {
    let Value::Object(condition) = filter else { return };
    if let Some(Value::Array(filters)) = condition.get_mut("conditions") {
        filters.iter_mut().for_each(rewrite_filter);
    } else if let Some(from) = condition.remove("from") {
        *filter = with_sender(condition, &from);
    }
}

fn with_sender(rest: &mut Map<String, Value>, from: &Value) -> Value {
    let sender = json!({"header": ["From", from]});
    if rest.is_empty() {
        return sender;
    }
    json!({"operator": "AND", "conditions": [rest, sender]})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(mut filter: Value) -> Value {
        rewrite_filter(&mut filter);
        filter
    }

    #[test]
    fn a_sender_alone_becomes_a_header() {
        assert_eq!(rewritten(json!({"from": "a@b"})), json!({"header": ["From", "a@b"]}));
    }

    #[test]
    fn other_conditions_stay() {
        let expected = json!({"operator": "AND", "conditions": [{"inMailbox": "m"}, {"header": ["From", "a@b"]}]});
        assert_eq!(rewritten(json!({"from": "a@b", "inMailbox": "m"})), expected);
        assert_eq!(rewritten(json!({"inMailbox": "m"})), json!({"inMailbox": "m"}));
    }

    #[test]
    fn operators_are_entered() {
        let filter = json!({"operator": "NOT", "conditions": [{"from": "a@b"}]});
        assert_eq!(rewritten(filter), json!({"operator": "NOT", "conditions": [{"header": ["From", "a@b"]}]}));
    }

    #[test]
    fn other_calls_are_left_alone() {
        let calls = [json!(["Mailbox/query", {"filter": {"from": "a@b"}}, "0"]), json!("no call")];
        let mut rewritten = calls.clone();
        rewrite(&mut rewritten);
        assert_eq!(rewritten, calls);
    }
}
