//! The API: calls go to Cyrus and its responses come back, each bent as far as Fastmail differs, and no further.

use std::sync::Arc;

use hyper::Response;
use serde_json::Value;

use super::merge::{Interventions, strip_nulls};
use super::{CYRUS_PATH, last_mailbox, pass, search, send};
use crate::account::Account;
use crate::front::faults::{Active, Fault};
use crate::front::message::{Body, Exchange, from_cyrus};

/// Methods that change something end in one of these.
const WRITES: [&str; 3] = ["/set", "/import", "/copy"];

/// Answers an API request, in steps: search, fault, last mailbox, Cyrus, push, merge, nulls.
///
/// A request that is no JMAP request goes to Cyrus as it is, which knows best how to refuse it.
pub(super) async fn post(
    account: &Arc<Account>,
    request: &Exchange,
    fault: Option<&Active>,
) -> anyhow::Result<Response<Body>> {
    let Some((mut envelope, mut calls)) = parse(request) else { return pass(account, request, CYRUS_PATH).await };
    let mut interventions = Interventions::default();
    search::rewrite(&mut calls);
    if let Some(active) = fault {
        interventions.apply(active, &mut calls);
    }
    let moves_mail = calls.iter().any(|call| call[0] == "Email/set");
    let _mail = if moves_mail { Some(account.mail.lock().await) } else { None };
    last_mailbox::keep(account, &mut calls, &mut interventions).await?;

    envelope["methodCalls"] = Value::Array(interventions.forwarded(&calls));
    let response = send(account, request, envelope.to_string().into()).await;
    if calls.iter().any(writes) {
        account.push.changed();
    }
    let response = response?;
    let Some((mut answer, responses)) = read(response.body()) else {
        return Ok(from_cyrus(&response, response.body().clone()));
    };
    let mut responses = interventions.merge(&calls, responses);
    if !matches!(fault.map(|active| &active.fault), Some(Fault::NullKeys)) {
        strip_nulls(&mut responses);
    }
    answer["methodResponses"] = Value::Array(responses);
    Ok(from_cyrus(&response, answer.to_string().into()))
}

fn parse(request: &Exchange) -> Option<(Value, Vec<Value>)> {
    take(&request.body, "methodCalls")
}

fn read(body: &[u8]) -> Option<(Value, Vec<Value>)> {
    take(body, "methodResponses")
}

/// A JSON object, and the array that was below `key`.
fn take(body: &[u8], key: &str) -> Option<(Value, Vec<Value>)> {
    let mut object: Value = serde_json::from_slice(body).ok()?;
    let Value::Array(array) = object.get_mut(key)?.take() else { return None };
    Some((object, array))
}

fn writes(call: &Value) -> bool {
    call[0].as_str().is_some_and(|name| WRITES.iter().any(|ending| name.ends_with(ending)))
}
