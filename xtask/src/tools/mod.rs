//! The only code that starts programs: which one, of which version, with which environment, and what came of it.
//!
//! A tool is found in this order: named outright by `XTASK_HELM`, `XTASK_KIND` or `XTASK_KUBECTL`; the first on `PATH`,
//! if its version is supported; built once from its pinned module in `xtask/go` (helm and kind, where there is Go).
//!
//! Invariants: no secret in an argv; all text of a child passes a [`Mask`] before it is shown or put into an error;
//! a child sees no `HELM_*`, `KUBE*`, `KIND_*` or `GIT_*` of the caller, only what this module sets.

mod build;
mod captured;
pub mod cargo;
pub mod docker;
mod find;
mod forms;
pub mod git;
mod go;
pub mod helm;
mod host;
pub mod kind;
pub mod kubectl;
mod own;
mod process;
mod redact;
mod running;
mod streams;
mod version;

pub use captured::{Captured, ToolError};
pub use cargo::Cargo;
pub use docker::Docker;
pub use git::{Git, Tracking};
pub use helm::{ChartCall, Helm, Major, Release, Revision, Upgrade, Values};
pub use host::{Cluster, Host};
pub use kind::{Kind, NewCluster};
pub use kubectl::Kubectl;
pub use own::Xtask;
pub use redact::Mask;
pub use running::{Ended, Running};
pub use streams::Stream;
pub use version::{Version, skew};
