//! The tools module against stub programs: which one is chosen, what it is given, what is made of its answers.
//!
//! A stub is a small sh script in a folder of its own; the surroundings are a value, so tests run side by side.

#[path = "tools/bench.rs"]
mod bench;
#[path = "tools/building.rs"]
mod building;
#[path = "tools/engines.rs"]
mod engines;
#[path = "tools/finding.rs"]
mod finding;
#[path = "tools/git.rs"]
mod git;
#[path = "tools/helm_charts.rs"]
mod helm_charts;
#[path = "tools/helm_releases.rs"]
mod helm_releases;
#[path = "tools/kubectl.rs"]
mod kubectl;
#[path = "tools/masking.rs"]
mod masking;
#[path = "tools/running.rs"]
mod running;
