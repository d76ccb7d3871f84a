//! The library behind `cargo xtask`: it exists so that tests reach the code.
//!
//! Invariants: `pod_security` and `rules` do no I/O; only `tools` starts programs; only `report` and `main` print.

pub mod chart;
pub mod commands;
pub mod deploy;
pub mod duration;
pub mod exit;
pub mod finding;
pub mod interrupt;
pub mod kind_test;
pub mod lint;
pub mod manifest;
pub mod measure;
pub mod parallel;
pub mod paths;
pub mod pod_security;
pub mod report;
pub mod rules;
pub mod secrets;
pub mod tools;
