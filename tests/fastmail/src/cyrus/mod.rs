//! The Cyrus IMAP server behind the front: its configuration, its process, and how it is spoken to.
//!
//! Cyrus listens on Unix sockets in its private folder and nowhere else. It takes any password (the front has judged
//! the caller before), so nothing but the front may reach it; and a socket in a folder needs no free port.

mod client;
mod config;
mod process;
mod user;

pub use client::Client;
pub use process::{Cyrus, Missing};
