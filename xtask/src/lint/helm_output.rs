//! What Helm itself says, as findings: the lines of `helm lint`, and the error of a render that failed.

use crate::finding::{Finding, ObjectRef, Severity};

/// The rule of findings that `helm lint --strict` makes.
pub(super) const LINT: &str = "helm-lint";
/// The rule of a render that Helm refused.
pub(super) const RENDER: &str = "helm-render";

/// The findings of `helm lint`: each `[ERROR]` and `[WARNING]` entry, which may go over several lines.
///
/// `dir` is the chart's folder as it is shown. `passed` is whether Helm ended with 0: where it did not and no entry
/// says why, its stderr is the finding.
pub(super) fn lint_findings(stdout: &str, stderr: &str, passed: bool, dir: &str) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    let mut entry_is_open = false;
    for line in stdout.lines() {
        if let Some((severity, rest)) = entry(line) {
            entry_is_open = severity.is_some();
            if let Some(severity) = severity {
                let (place, message) = rest.split_once(": ").unwrap_or(("", rest));
                findings.push(finding(LINT, severity, &source(dir, place), message));
            }
        } else if line.is_empty() || line.ends_with("chart(s) failed") {
            entry_is_open = false;
        } else if let (true, Some(last)) = (entry_is_open, findings.last_mut()) {
            last.message = format!("{}\n{line}", last.message);
        }
    }
    if !passed && !findings.iter().any(|finding| finding.severity == Severity::Error) {
        if findings.is_empty() {
            findings.push(finding(LINT, Severity::Error, dir, stderr.trim()));
        }
        // `--strict` fails on warnings: then they are errors for us too.
        findings.iter_mut().for_each(|finding| finding.severity = Severity::Error);
    }
    findings
}

/// The finding of a render that Helm refused: its `Error:` and what follows, without the hints about Helm's own flags.
pub(super) fn render_failure(stderr: &str, dir: &str) -> Finding {
    let from = stderr.find("Error: ").map_or(0, |at| at + "Error: ".len());
    let lines: Vec<&str> = stderr[from..]
        .lines()
        .map(str::trim_end)
        .filter(|line| !line.is_empty() && !line.starts_with("Use --debug flag"))
        .collect();
    finding(RENDER, Severity::Error, dir, &lines.join("\n"))
}

/// The severity (none for `[INFO]`) and the text of a line that opens an entry.
fn entry(line: &str) -> Option<(Option<Severity>, &str)> {
    let levels = [("[ERROR] ", Some(Severity::Error)), ("[WARNING] ", Some(Severity::Warning)), ("[INFO] ", None)];
    levels.into_iter().find_map(|(mark, severity)| line.strip_prefix(mark).map(|rest| (severity, rest)))
}

fn source(dir: &str, place: &str) -> String {
    if place.is_empty() { dir.to_owned() } else { format!("{dir}/{}", place.trim_end_matches('/')) }
}

fn finding(rule: &str, severity: Severity, source: &str, message: &str) -> Finding {
    Finding {
        rule: rule.to_owned(),
        severity,
        source: source.to_owned(),
        object: ObjectRef::default(),
        path: String::new(),
        message: message.to_owned(),
        fix: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO_ERRORS: &str = "==> Linting c\n[INFO] Chart.yaml: icon is recommended\n[ERROR] values.yaml: - at '/y': got string, want integer\n- at '': additional properties 'z' not allowed\n\n[ERROR] templates/: values don't meet the schema\nc:\n- at '/y': got string\n\n\n1 chart(s) linted, 1 chart(s) failed\n";

    #[test]
    fn each_entry_is_one_finding_with_all_its_lines() {
        let findings = lint_findings(TWO_ERRORS, "Error: 1 chart(s) linted, 1 chart(s) failed\n", false, "helm/c");
        let seen: Vec<_> = findings.iter().map(|f| (f.source.as_str(), f.message.as_str())).collect();
        assert_eq!(
            seen,
            [
                (
                    "helm/c/values.yaml",
                    "- at '/y': got string, want integer\n- at '': additional properties 'z' not allowed"
                ),
                ("helm/c/templates", "values don't meet the schema\nc:\n- at '/y': got string"),
            ]
        );
    }

    #[test]
    fn a_warning_that_strict_fails_on_is_an_error() {
        let stdout = "==> Linting c\n[WARNING] templates/a.yaml: old api\n\n1 chart(s) linted, 1 chart(s) failed\n";
        assert_eq!(lint_findings(stdout, "", false, "c")[0].severity, Severity::Error);
        assert_eq!(lint_findings(stdout, "", true, "c")[0].severity, Severity::Warning);
    }

    #[test]
    fn a_failure_that_no_entry_explains_shows_stderr() {
        let findings = lint_findings("", "Error: no such chart\n", false, "c");
        assert_eq!(findings[0].message, "Error: no such chart");
        assert!(lint_findings("==> Linting c\n[INFO] Chart.yaml: icon is recommended\n", "", true, "c").is_empty());
    }

    #[test]
    fn a_failed_render_is_told_without_log_lines_and_debug_hints() {
        let stderr = "level=WARN msg=\"missing required values\"\nError: execution error at (c/templates/a.yaml:13:13): please set x\n\nUse --debug flag to render out invalid YAML\n";
        assert_eq!(render_failure(stderr, "c").message, "execution error at (c/templates/a.yaml:13:13): please set x");
    }
}
