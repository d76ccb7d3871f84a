//! A level at a version: what a namespace's labels ask for.

use std::fmt;
use std::str::FromStr;

use super::{Level, Version};

/// What pods are held to; the default is the restricted level at the newest version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Policy {
    /// How strict.
    pub level: Level,
    /// By the rules of which Kubernetes minor.
    pub version: Version,
}

impl Policy {
    /// The level at the version.
    pub const fn new(level: Level, version: Version) -> Self {
        Self { level, version }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::new(Level::Restricted, Version::NEWEST)
    }
}

/// `restricted:v1.37`, the version resolved.
impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.level, self.version)
    }
}

impl FromStr for Policy {
    type Err = anyhow::Error;

    /// Reads `LEVEL` (at the newest version) or `LEVEL:VERSION`.
    fn from_str(text: &str) -> anyhow::Result<Self> {
        let (level, version) = match text.split_once(':') {
            Some((level, version)) => (level, version.parse()?),
            None => (text, Version::NEWEST),
        };
        Ok(Self::new(level.parse()?, version))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_shows_the_resolved_policy() {
        for (text, shown) in [
            ("restricted", "restricted:v1.37"),
            ("baseline:latest", "baseline:v1.37"),
            ("restricted:v1.30", "restricted:v1.30"),
            ("privileged:v1.99", "privileged:v1.37"),
        ] {
            assert_eq!(text.parse::<Policy>().unwrap().to_string(), shown);
        }
        assert_eq!(Policy::default().to_string(), "restricted:v1.37");
    }

    #[test]
    fn malformed_policies_say_what_is_accepted() {
        for (text, way_out) in [
            ("", "use privileged, baseline or restricted"),
            ("Restricted", "use privileged, baseline or restricted"),
            ("strict:v1.30", "use privileged, baseline or restricted"),
            ("restricted:", "use `latest` or `v1.N`"),
            ("restricted:1.30", "use `latest` or `v1.N`"),
            ("restricted:v1.30:v1.31", "use `latest` or `v1.N`"),
        ] {
            let error = text.parse::<Policy>().expect_err(text).to_string();
            assert!(error.contains(way_out), "{text}: {error}");
        }
    }
}
