//! `deploy` once its plan stands, against stub programs: what Helm and kubectl are called with, what counts as evidence,
//! what is shown, and what never is.

#[path = "../deploy_plan/bench.rs"]
#[allow(dead_code, reason = "shared with the tests of the plan")]
mod bench;
mod done;
mod gate;
mod gate_only;
mod interrupted;
mod rollout;
mod scene;
