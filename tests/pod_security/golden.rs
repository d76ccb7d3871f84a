//! The golden verdicts: `golden.jsonl`, one document a line with what the oracle says of its pods.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::verdicts::Verdicts;

/// A line of the file.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Line {
    pub(crate) document: Value,
    pub(crate) pods: Vec<Verdicts>,
}

/// The file, which is checked in.
pub(crate) fn path() -> PathBuf {
    xtask::paths::root().join("tests/pod_security/golden.jsonl")
}
