//! The front: what Fastmail adds to Cyrus, and what a test wants of a server.
//!
//! One request runs through [`handle`]'s steps: read, host, account, record, fault, answer. Everything that is kept
//! between requests belongs to an account ([`crate::account::Account`]), so nothing can cross from one to another.

pub(crate) mod auth;
pub(crate) mod carddav;
pub mod faults;
pub(crate) mod jmap;
pub(crate) mod listen;
pub(crate) mod message;
pub(crate) mod proxy;
pub mod push;
pub mod record;
pub mod service;
pub mod tls;

use std::sync::Arc;

use hyper::{Response, StatusCode};

use crate::account::{Account, Accounts};
use faults::{Active, act};
use listen::Outcome;
use message::{Body, Exchange, text};
use record::Record;
use service::Service;

/// What all connections share.
#[derive(Debug, Default)]
pub struct Front {
    /// The accounts that are let in.
    pub accounts: Accounts,
    /// Requests that no account's secret came with.
    pub strangers: Record,
}

/// Answers one request, which was read whole.
pub(crate) async fn handle(front: &Front, request: Exchange) -> Outcome {
    let Some(service) = request.service else {
        return text(StatusCode::MISDIRECTED_REQUEST, "this server is api.fastmail.com and carddav.fastmail.com")
            .into();
    };
    let Some(account) = auth::account(&front.accounts, service, &request.headers) else {
        let number = front.strangers.begin(&request, None);
        front.strangers.answered(number, StatusCode::UNAUTHORIZED);
        return auth::unauthorized(service).into();
    };
    let fault = account.faults.take(&request);
    let number = account.record.begin(&request, fault.as_ref().map(Active::kind));
    let outcome = act::answer(&account, &request, fault.as_ref()).await;
    if let Outcome::Answer(response) = &outcome {
        account.record.answered(number, response.status());
    }
    outcome
}

/// The answer of the real server, with Fastmail's ways; `fault` may bend single calls.
pub(crate) async fn real_answer(account: &Arc<Account>, request: &Exchange, fault: Option<&Active>) -> Response<Body> {
    let answer = match request.service {
        Some(Service::CardDav) => carddav::answer(account, request).await,
        _ => jmap::answer(account, request, fault).await,
    };
    answer.unwrap_or_else(|error| text(StatusCode::BAD_GATEWAY, &format!("{error:#}")))
}
