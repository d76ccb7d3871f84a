//! Push (RFC 8620, section 7.3): event streams that tell of a change when there is one.
//!
//! Debian's Cyrus answers its own event source with 204 at once, and clients then reconnect in a tight loop. So the
//! front keeps the streams. All changes pass through it (nothing else reaches Cyrus), so it need not poll: a request
//! that may change something wakes the account's streams, and each then asks Cyrus for the states and sends what is
//! new. An idle stream costs nothing but its pings.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::Frame;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use hyper::{Response, Uri};
use serde_json::{Map, Value, json};
use tokio::sync::watch;
use tokio::time::{Instant, Interval, interval_at};

use super::message::Body;
use crate::account::Account;

/// Where a client does not say how often to ping.
const DEFAULT_PING: Duration = Duration::from_secs(30);
/// The types that have a state to tell of.
const TYPES: [&str; 2] = ["Email", "Mailbox"];

/// The push streams of one account.
#[derive(Debug, Default)]
pub struct Push {
    /// Counts the requests that may have changed something.
    changes: watch::Sender<u64>,
    /// Counts how often all streams were closed.
    closings: watch::Sender<u64>,
    open: Arc<AtomicUsize>,
}

impl Push {
    /// How many streams are open.
    pub fn open_streams(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }

    /// Wakes the streams: something may have changed.
    pub(crate) fn changed(&self) {
        self.changes.send_modify(|count| *count += 1);
    }

    /// Ends all streams in good order; gives how many there were.
    pub(crate) fn close(&self) -> usize {
        let open = self.open_streams();
        self.closings.send_modify(|count| *count += 1);
        open
    }
}

/// What the client asked for in the query of the event source's URL.
#[derive(Debug, PartialEq)]
struct Wishes {
    types: Vec<&'static str>,
    ping: Option<Duration>,
    close_after_state: bool,
}

impl Wishes {
    fn of(uri: &Uri) -> Self {
        let mut wishes = Self { types: TYPES.to_vec(), ping: Some(DEFAULT_PING), close_after_state: false };
        for (key, value) in uri.query().unwrap_or_default().split('&').filter_map(|pair| pair.split_once('=')) {
            match key {
                "types" if value != "*" => {
                    let asked = value.replace("%2C", ",");
                    wishes.types.retain(|name| asked.split(',').any(|asked| asked == *name));
                }
                "ping" => {
                    let seconds = value.parse().unwrap_or(DEFAULT_PING.as_secs());
                    wishes.ping = (seconds > 0).then(|| Duration::from_secs(seconds));
                }
                "closeafter" => wishes.close_after_state = value == "state",
                _ => {}
            }
        }
        wishes
    }
}

/// Opens a stream. What changes after the answer's head has arrived is told, however soon.
pub(crate) async fn open(account: &Arc<Account>, uri: &Uri) -> anyhow::Result<Response<Body>> {
    let stream = Stream::new(Arc::clone(account), Wishes::of(uri)).await?;
    let frames = stream::unfold(stream, |mut stream| async move {
        let event = stream.next().await?;
        Some((Ok::<_, Infallible>(Frame::data(Bytes::from(event))), stream))
    });
    Ok(event_stream(StreamBody::new(frames).boxed()))
}

/// The answer of an event source with `body` for its events.
pub(crate) fn event_stream(body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=utf-8"));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

struct Stream {
    account: Arc<Account>,
    changes: watch::Receiver<u64>,
    closings: watch::Receiver<u64>,
    states: Map<String, Value>,
    wishes: Wishes,
    pings: Option<Interval>,
    ended: bool,
    _open: Open,
}

impl Stream {
    /// Listens first and asks for the states then, so that no change falls in between.
    async fn new(account: Arc<Account>, wishes: Wishes) -> anyhow::Result<Self> {
        let open = Open::new(&account.push.open);
        let (changes, closings) = (account.push.changes.subscribe(), account.push.closings.subscribe());
        let states = states(&account, &wishes.types).await?;
        let pings = wishes.ping.map(|period| interval_at(Instant::now() + period, period));
        Ok(Self { account, changes, closings, states, wishes, pings, ended: false, _open: open })
    }

    /// The next event, as it goes over the wire; none at the end.
    async fn next(&mut self) -> Option<String> {
        while !self.ended {
            let ping = async {
                match &mut self.pings {
                    Some(pings) => pings.tick().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                _ = self.closings.changed() => return None,
                result = self.changes.changed() => result.ok()?,
                _ = ping => return Some(self.ping_event()),
            }
            let states = states(&self.account, &self.wishes.types).await.ok()?;
            if states != self.states {
                return Some(self.state_event(states));
            }
        }
        None
    }

    fn ping_event(&self) -> String {
        let seconds = self.wishes.ping.unwrap_or_default().as_secs();
        format!("event: ping\ndata: {{\"interval\":{seconds}}}\n\n")
    }

    fn state_event(&mut self, states: Map<String, Value>) -> String {
        let new = states.iter().filter(|(name, state)| self.states.get(*name) != Some(*state));
        let new: Map<_, _> = new.map(|(name, state)| (name.clone(), state.clone())).collect();
        let data = json!({"@type": "StateChange", "changed": {self.account.name(): new}});
        self.states = states;
        self.ended = self.wishes.close_after_state;
        format!("event: state\ndata: {data}\n\n")
    }
}

/// Counts a stream for as long as it lives.
#[derive(Debug)]
struct Open(Arc<AtomicUsize>);

impl Open {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(count))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// The state of each type, as Cyrus has it now.
async fn states(account: &Account, types: &[&str]) -> anyhow::Result<Map<String, Value>> {
    let calls: Vec<_> = types.iter().map(|name| json!([format!("{name}/get"), {"ids": []}, name])).collect();
    let responses = account.jmap(Value::Array(calls)).await?;
    Ok(types.iter().zip(responses).map(|(name, response)| ((*name).to_owned(), response[1]["state"].clone())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wishes(uri: &'static str) -> Wishes {
        Wishes::of(&Uri::from_static(uri))
    }

    #[test]
    fn a_bare_url_asks_for_everything() {
        let all = Wishes { types: TYPES.to_vec(), ping: Some(DEFAULT_PING), close_after_state: false };
        assert_eq!(wishes("/jmap/event/"), all);
        assert_eq!(wishes("/jmap/event/?types=*&closeafter=no&ping=30"), all);
    }

    #[test]
    fn the_query_narrows_it() {
        let narrow = Wishes { types: vec!["Mailbox"], ping: None, close_after_state: true };
        assert_eq!(wishes("/jmap/event/?types=Mailbox,Thread&closeafter=state&ping=0"), narrow);
    }
}
