//! The server against real Cyrus, over the wire. One server a test process, one account a test.
//!
//! Without Cyrus installed every test fails, and the server's error names the packages.

mod accounts;
mod admin;
mod carddav;
mod faults;
mod jmap;
mod lifecycle;
mod push;
mod readme;

mod support;
mod traffic;
mod wire;
