//! All that a person or a program reads of us: with `main`, the only place that prints.
//!
//! stdout is the product, stderr the progress; colours follow `NO_COLOR` and the terminal (anstream).

mod console;

pub use console::{Console, Verbosity};
