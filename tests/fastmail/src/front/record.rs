//! The record of requests: what came in, in order, and how it was answered; never an Authorization value.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use hyper::StatusCode;
use hyper::header::{AUTHORIZATION, COOKIE, HeaderMap, PROXY_AUTHORIZATION};
use serde::Serialize;

use super::message::Exchange;
use super::service::Service;

/// How many requests a record keeps; the oldest go first, and the numbers show that they went.
const KEPT_REQUESTS: usize = 5000;
/// How much of a body is kept, in bytes: more than any request of mailroom has.
const KEPT_BODY: usize = 64 * 1024;

/// One request.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// Counts from 1 in each record.
    pub number: u64,
    /// Milliseconds since the record began.
    pub at_ms: u128,
    /// The host it was for.
    pub service: Option<Service>,
    /// The HTTP method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// The headers, without those that carry secrets.
    pub headers: BTreeMap<String, String>,
    /// The names of its JMAP calls, in order.
    pub calls: Vec<String>,
    /// The body; bytes that are not UTF-8 are replaced.
    pub body: String,
    /// The status it was answered with; none while, or where, it was not.
    pub status: Option<u16>,
    /// The kind of the fault it met.
    pub fault: Option<&'static str>,
}

/// The requests of one account, or of strangers.
#[derive(Debug)]
pub struct Record {
    began: Instant,
    entries: Mutex<Entries>,
}

#[derive(Debug, Default)]
struct Entries {
    last: u64,
    kept: VecDeque<Entry>,
}

impl Default for Record {
    fn default() -> Self {
        Self { began: Instant::now(), entries: Mutex::default() }
    }
}

impl Record {
    /// All that is kept, oldest first.
    pub fn entries(&self) -> Vec<Entry> {
        self.lock().kept.iter().cloned().collect()
    }

    /// Forgets all; the numbers go on.
    pub fn clear(&self) {
        self.lock().kept.clear();
    }

    /// Writes a request down before it is answered; gives its number.
    pub(crate) fn begin(&self, request: &Exchange, fault: Option<&'static str>) -> u64 {
        let body = &request.body[..request.body.len().min(KEPT_BODY)];
        let mut entries = self.lock();
        entries.last += 1;
        let number = entries.last;
        entries.kept.push_back(Entry {
            number,
            at_ms: self.began.elapsed().as_millis(),
            service: request.service,
            method: request.method.to_string(),
            path: request.path().to_owned(),
            headers: without_secrets(&request.headers),
            calls: request.calls.clone(),
            body: String::from_utf8_lossy(body).into_owned(),
            status: None,
            fault,
        });
        if entries.kept.len() > KEPT_REQUESTS {
            entries.kept.pop_front();
        }
        number
    }

    /// Adds the status of request `number`.
    pub(crate) fn answered(&self, number: u64, status: StatusCode) {
        let mut entries = self.lock();
        if let Some(entry) = entries.kept.iter_mut().rev().find(|entry| entry.number == number) {
            entry.status = Some(status.as_u16());
        }
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn without_secrets(headers: &HeaderMap) -> BTreeMap<String, String> {
    let shown = headers.iter().filter(|(name, _)| ![AUTHORIZATION, PROXY_AUTHORIZATION, COOKIE].contains(name));
    shown.map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())).collect()
}
