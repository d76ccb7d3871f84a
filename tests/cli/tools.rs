//! The tools module against stub programs: which one is chosen, what it is given, what is made of its answers.
//!
//! A stub is a small sh script in a folder of its own; the surroundings are a value, so tests run side by side.

#[path = "tools/bench.rs"]
mod bench;
#[path = "tools/finding.rs"]
mod finding;
#[path = "tools/helm_charts.rs"]
mod helm_charts;
