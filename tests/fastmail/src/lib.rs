//! A mail server that answers as Fastmail does, for tests and for trying mailroom without an account.
//!
//! Behind is a real Cyrus IMAP server, the software Fastmail is built on ([`cyrus`]). Before it stands a front
//! ([`front`]) with what Fastmail adds: both host names over TLS, tokens, absolute URLs, push; and with what a test
//! wants: a record of every request and faults on demand. A test steers it through the [`admin`] port.
//!
//! [`server::Server`] puts the three together; `README.md` shows them at work.

pub mod account;
pub mod admin;
pub mod cyrus;
pub mod front;
pub mod server;
