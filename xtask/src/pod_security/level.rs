//! The three levels of the Pod Security Standards.

use std::fmt;
use std::str::FromStr;

/// A level, from the least to the most strict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// No check at all.
    Privileged,
    /// Prevents known privilege escalations.
    Baseline,
    /// Follows the hardening practices for pods.
    Restricted,
}

impl Level {
    /// The level as namespace labels spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Privileged => "privileged",
            Self::Baseline => "baseline",
            Self::Restricted => "restricted",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Level {
    type Err = anyhow::Error;

    /// Reads the exact, lower-case spelling.
    fn from_str(text: &str) -> anyhow::Result<Self> {
        [Self::Privileged, Self::Baseline, Self::Restricted]
            .into_iter()
            .find(|level| level.as_str() == text)
            .ok_or_else(|| {
                anyhow::format_err!("no pod security level `{text}`: use privileged, baseline or restricted")
            })
    }
}
