//! One file a command: its arguments and its `run`.

pub(crate) mod ca;
pub(crate) mod image;
pub(crate) mod serve;
