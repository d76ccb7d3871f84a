//! A stand-in for the mailroom app: everything that a chart, a gate and a cluster see of it, without the triage.
//!
//! README.md says what is the app's and what is the stand-in's own. Order of reading: [`config`], [`required`],
//! [`setup`], [`report`], then the two clients [`jmap`] and [`carddav`] over [`http`], then [`run`].

pub mod carddav;
pub mod cli;
pub mod config;
pub mod exception;
pub mod http;
pub mod jmap;
pub mod logging;
pub mod report;
pub mod required;
pub mod run;
pub mod setup;
pub mod sieve;
pub mod signals;
