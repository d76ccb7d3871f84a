//! Policy versions: `v1.N`, the Kubernetes minor whose rules are meant.

use std::fmt;
use std::str::FromStr;

/// A policy version, resolved: `latest`, and every version above the newest known one, is the newest known one.
///
/// The API server resolves in the same way, as its library caps at the newest version that changed a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(u8);

impl Version {
    /// The first version of the policy.
    pub const OLDEST: Self = Self(0);
    /// The newest version at which a check changed; what `latest` means.
    pub const NEWEST: Self = Self(37);

    /// The version `v1.minor`, at most [`Version::NEWEST`].
    pub const fn new(minor: u8) -> Self {
        if minor < Self::NEWEST.0 { Self(minor) } else { Self::NEWEST }
    }

    /// The `N` of `v1.N`.
    pub const fn minor(self) -> u8 {
        self.0
    }

    /// Every version from `v1.0` to the newest.
    pub fn all() -> impl Iterator<Item = Self> {
        (Self::OLDEST.0..=Self::NEWEST.0).map(Self)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v1.{}", self.0)
    }
}

impl FromStr for Version {
    type Err = anyhow::Error;

    /// Reads `latest` or `v1.N`, where N has no leading zero and fits the integers of the API server (63 bits).
    fn from_str(text: &str) -> anyhow::Result<Self> {
        if text == "latest" {
            return Ok(Self::NEWEST);
        }
        text.strip_prefix("v1.")
            .filter(|minor| minor.bytes().all(|byte| byte.is_ascii_digit()))
            .filter(|minor| *minor == "0" || !minor.starts_with('0'))
            .and_then(|minor| minor.parse::<i64>().ok())
            .map(|minor| Self::new(u8::try_from(minor).unwrap_or(u8::MAX)))
            .ok_or_else(|| {
                anyhow::format_err!("malformed policy version `{text}`: use `latest` or `v1.N`, as in v1.30")
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_api_server_reads() {
        for (text, minor) in
            [("v1.0", 0), ("v1.9", 9), ("v1.30", 30), ("v1.37", 37), ("latest", 37), ("v1.38", 37), ("v1.300", 37)]
        {
            assert_eq!(text.parse::<Version>().unwrap().minor(), minor, "{text}");
        }
        assert_eq!("v1.9223372036854775807".parse::<Version>().unwrap(), Version::NEWEST);
    }

    #[test]
    fn refuses_what_the_api_server_refuses() {
        for text in [
            "",
            "v1.",
            "1.37",
            "v1.37.2",
            "v2.0",
            "v1.05",
            "v1.00",
            "v1.-1",
            "v1.+1",
            "v1.x",
            "v1.1 ",
            " v1.1",
            "V1.1",
            "v1",
            "Latest",
            "v1.9223372036854775808",
            "v1.٣",
        ] {
            let error = text.parse::<Version>().expect_err(text).to_string();
            assert!(error.contains(&format!("`{text}`")) && error.contains("`v1.N`"), "{error}");
        }
    }

    #[test]
    fn new_caps_at_the_newest() {
        assert_eq!(Version::new(36).minor(), 36);
        assert_eq!(Version::new(38), Version::NEWEST);
        assert_eq!(Version::all().count(), 38);
    }
}
