//! Versions as tools print them, and which of them are supported.

use std::fmt;

/// Suffixes that mark a version as not yet released; any other suffix is a vendor's mark (`v1.32.4-gke.100`).
const UNRELEASED: [&str; 5] = ["alpha", "beta", "rc", "pre", "dev"];

/// A version; the patch is absent in a Helm that was built without linker flags (`v4.3`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    /// The first number.
    pub major: u32,
    /// The second number.
    pub minor: u32,
    /// The third number, where it is said.
    pub patch: Option<u32>,
    /// Whether it is an alpha, beta, release candidate or development version.
    pub unreleased: bool,
}

impl Version {
    /// Reads `v4.3`, `4.3.1`, `v3.22.0+gabc`, `v4.3.1-rc.1`, `v1.32.4-gke.100`; none where it is no such text.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_prefix('v').unwrap_or(text);
        let text = text.split_once('+').map_or(text, |(core, _build)| core);
        let (core, suffix) = text.split_once('-').unwrap_or((text, ""));
        let numbers = core.split('.').map(number).collect::<Option<Vec<u32>>>()?;
        let (major, minor, patch) = match numbers[..] {
            [major, minor] => (major, minor, None),
            [major, minor, patch] => (major, minor, Some(patch)),
            _ => return None,
        };
        let unreleased = UNRELEASED.iter().any(|word| suffix.starts_with(word));
        Some(Self { major, minor, patch, unreleased })
    }
}

/// Digits only: `u32::from_str` would take a sign too.
fn number(digits: &str) -> Option<u32> {
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)?;
        self.patch.map_or(Ok(()), |patch| write!(f, ".{patch}"))?;
        f.write_str(if self.unreleased { " (not released)" } else { "" })
    }
}

/// The versions of a tool that are supported, in the words of an error.
pub(crate) struct Supported {
    /// As in `Helm 4.3 or newer below 5, or 3.22 or newer below 4`.
    pub(crate) words: &'static str,
    accepts: fn(Version) -> bool,
}

impl Supported {
    /// Whether a version is among them; a pre-release never is: its flags may still change.
    pub(crate) fn accepts(&self, version: Version) -> bool {
        !version.unreleased && (self.accepts)(version)
    }
}

/// Helm: 4.2.1 leaves hooks in `pending-install`, and 3.22 is the last Helm 3 with security fixes.
pub(crate) const HELM: Supported = Supported {
    words: "Helm 4.3 or newer below 5, or Helm 3.22 or newer below 4",
    accepts: |version| matches!((version.major, version.minor), (4, 3..) | (3, 22..)),
};

/// kind: 0.33 is the first that was tried here, with the configuration format and the flags that kind-test uses.
pub(crate) const KIND: Supported =
    Supported { words: "kind 0.33 or newer", accepts: |version| (version.major, version.minor) >= (0, 33) };

/// kubectl: 1.30 knows the flags in use; the skew against the server is another matter, see [`skew`].
pub(crate) const KUBECTL: Supported =
    Supported { words: "kubectl 1.30 or newer", accepts: |version| version.major == 1 && version.minor >= 30 };

/// How many minor versions a client and a server lie apart; Kubernetes supports one at most.
pub fn skew(client: Version, server: Version) -> u32 {
    client.minor.abs_diff(server.minor)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> String {
        Version::parse(text).map_or_else(|| "no version".to_owned(), |version| version.to_string())
    }

    #[test]
    fn reads_versions_as_tools_print_them() {
        for (text, expected) in [
            ("v4.3", "4.3"),
            ("v4.3.1\n", "4.3.1"),
            ("v3.22.0+g123abc", "3.22.0"),
            ("0.33.0", "0.33.0"),
            ("v1.32.4-dispatcher", "1.32.4"),
            ("v4.3.1-rc.1", "4.3.1 (not released)"),
            ("v0.34.0-alpha+ba5ad", "0.34.0 (not released)"),
            ("", "no version"),
            ("v4", "no version"),
            ("v4.3.1.2", "no version"),
            ("v4.+3", "no version"),
            ("v4.-3", "no version"),
            ("v4..1", "no version"),
            ("version 4.3.1", "no version"),
            ("v99999999999.3", "no version"),
        ] {
            assert_eq!(parsed(text), expected, "{text:?}");
        }
    }

    #[test]
    fn supports_the_stated_ranges_and_nothing_else() {
        let verdict = |supported: &Supported, text| supported.accepts(Version::parse(text).expect("a version"));
        for good in ["v4.3", "v4.3.0", "v4.99.0", "v3.22", "v3.22.0+g1", "v3.23.1"] {
            assert!(verdict(&HELM, good), "{good}");
        }
        for bad in ["v4.2.1", "v4.2", "v3.21.9", "v2.17.0", "v5.0.0", "v4.4.0-rc.1", "v0.0.0", "v4.3.1-beta.2"] {
            assert!(!verdict(&HELM, bad), "{bad}");
        }
        assert!(verdict(&KIND, "v0.33.0") && verdict(&KIND, "1.0.0"));
        assert!(!verdict(&KIND, "v0.32.9") && !verdict(&KIND, "v0.34.0-alpha"));
        assert!(verdict(&KUBECTL, "v1.30.0") && verdict(&KUBECTL, "v1.32.4-dispatcher"));
        assert!(!verdict(&KUBECTL, "v1.29.9") && !verdict(&KUBECTL, "v2.0.0"));
    }

    #[test]
    fn counts_skew_in_both_directions() {
        let version = |text| Version::parse(text).expect("a version");
        assert_eq!(skew(version("v1.37.2"), version("v1.32.4")), 5);
        assert_eq!(skew(version("v1.36.0"), version("v1.37.2")), 1);
    }
}
