//! Hooks that Helm passed over: with an unknown event it drops the whole manifest, says so in one line, and ends with 0.

use crate::tools::Captured;

/// As Helm 3.22 prints it: `manifest_sorter.go:199: info: skipping unknown hook: "pre-instal,pre-upgrade"`.
const HELM_3: &str = "skipping unknown hook: ";
/// As Helm 4.3 prints it: `level=INFO msg="skipping unknown hooks" hookTypes=pre-instal,pre-upgrade`.
const HELM_4: &str = "msg=\"skipping unknown hooks\" hookTypes=";

impl Captured {
    /// The `helm.sh/hook` annotations, lower case, of manifests that Helm dropped for an event that it does not know.
    pub fn skipped_hooks(&self) -> Vec<String> {
        self.stderr.lines().filter_map(skipped_hook).collect()
    }
}

fn skipped_hook(line: &str) -> Option<String> {
    let annotation = [HELM_3, HELM_4].iter().find_map(|marker| line.split_once(marker))?.1;
    Some(serde_json::from_str(annotation).unwrap_or_else(|_not_quoted| annotation.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::skipped_hook;

    #[test]
    fn reads_the_line_of_both_majors() {
        for (line, expected) in [
            (
                r#"manifest_sorter.go:199: info: skipping unknown hook: "pre-instal,pre-upgrade""#,
                Some("pre-instal,pre-upgrade"),
            ),
            (
                r#"level=INFO msg="skipping unknown hooks" hookTypes=pre-instal,pre-upgrade"#,
                Some("pre-instal,pre-upgrade"),
            ),
            (r#"level=INFO msg="skipping unknown hooks" hookTypes="pre install""#, Some("pre install")),
            (r#"2026/11/25 08:46:02 manifest_sorter.go:199: info: skipping unknown hook: """#, Some("")),
            ("level=INFO msg=\"other\"", None),
        ] {
            assert_eq!(skipped_hook(line).as_deref(), expected, "{line}");
        }
    }
}
