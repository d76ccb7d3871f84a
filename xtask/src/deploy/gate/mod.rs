//! The gate: its Job told from every other, its log, an earlier one in the way, a question without a deploy.

pub(crate) mod earlier;
pub(crate) mod job;
pub(crate) mod leftovers;
pub(crate) mod log;
pub(crate) mod only;
