//! What Helm itself says, as findings: the entries of `helm lint`, and the error of a render that failed.

use crate::finding::{Finding, ObjectRef, Severity};

/// The rule of findings that `helm lint --strict` makes.
pub(super) const LINT: &str = "helm-lint";
/// The rule of a render that Helm refused.
pub(super) const RENDER: &str = "helm-render";
/// The rule of values that values.schema.json refuses.
pub(super) const SCHEMA: &str = "values-schema";

/// The findings of `helm lint`: each `[ERROR]` and `[WARNING]` entry, which may go over several lines.
///
/// `dir` is the chart's folder as it is shown. `passed` is whether Helm ended with 0: where it did not and no entry
/// says why, its stderr is the finding.
pub(super) fn lint_findings(stdout: &str, stderr: &str, passed: bool, dir: &str) -> Vec<Finding> {
    let mut findings: Vec<Finding> = entries(stdout)
        .into_iter()
        .flat_map(|Entry { severity, place, message }| {
            let source =
                if place.is_empty() { dir.to_owned() } else { format!("{dir}/{}", place.trim_end_matches('/')) };
            schema_findings(&message, dir).unwrap_or_else(|| vec![finding(LINT, severity, &source, &message)])
        })
        .collect();
    if !passed && !findings.iter().any(|finding| finding.severity == Severity::Error) {
        if findings.is_empty() {
            findings.push(finding(LINT, Severity::Error, dir, stderr.trim()));
        }
        // `--strict` fails on warnings: then they are errors for us too.
        for finding in &mut findings {
            finding.severity = Severity::Error;
        }
    }
    findings
}

/// Why Helm refused to render: one finding for each value that the schema refuses, else the error of a template.
///
/// Log lines before the error and hints about Helm's own flags are left out. `chart` is the chart's name, `dir` its
/// folder as it is shown.
pub(super) fn render_failure(stderr: &str, chart: &str, dir: &str) -> Vec<Finding> {
    let from = stderr.find("Error: ").map_or(0, |at| at + "Error: ".len());
    let lines: Vec<&str> = stderr[from..]
        .lines()
        .map(str::trim_end)
        .filter(|line| !line.is_empty() && !line.starts_with("Use --debug flag"))
        .collect();
    let message = lines.join("\n");
    schema_findings(&message, dir).unwrap_or_else(|| vec![template_failure(&message, chart, dir)])
}

/// An entry of `helm lint`.
struct Entry {
    severity: Severity,
    place: String,
    message: String,
}

fn entries(stdout: &str) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut open = false;
    for line in stdout.lines() {
        if let Some((severity, rest)) = opening(line) {
            open = severity.is_some();
            if let Some(severity) = severity {
                let (place, message) = rest.split_once(": ").unwrap_or(("", rest));
                entries.push(Entry { severity, place: place.to_owned(), message: message.to_owned() });
            }
        } else if line.is_empty() || line.ends_with("chart(s) failed") {
            open = false;
        } else if let (true, Some(last)) = (open, entries.last_mut()) {
            last.message = format!("{}\n{line}", last.message);
        }
    }
    entries
}

/// The severity (none for `[INFO]`) and the text of a line that opens an entry.
fn opening(line: &str) -> Option<(Option<Severity>, &str)> {
    let levels = [("[ERROR] ", Some(Severity::Error)), ("[WARNING] ", Some(Severity::Warning)), ("[INFO] ", None)];
    levels.into_iter().find_map(|(mark, severity)| line.strip_prefix(mark).map(|rest| (severity, rest)))
}

/// `- at '/a/b/0': reason`, one for each value that the schema refuses; indented lines belong to the one above.
fn schema_findings(message: &str, dir: &str) -> Option<Vec<Finding>> {
    let mut findings: Vec<Finding> = Vec::new();
    for line in message.lines() {
        if let Some((pointer, reason)) = line.strip_prefix("- at '").and_then(|rest| rest.split_once("': ")) {
            findings.push(schema_finding(&dotted(pointer), reason, dir));
        } else if let (true, Some(last)) = (line.starts_with(' '), findings.last_mut()) {
            last.message = format!("{}\n{line}", last.message);
        }
    }
    (!findings.is_empty()).then_some(findings)
}

fn schema_finding(path: &str, reason: &str, dir: &str) -> Finding {
    let message = if path.is_empty() { reason.to_owned() } else { format!("`{path}`: {reason}") };
    let fix = if reason.ends_with("want string") {
        "quote the value: YAML takes what looks like a number, a boolean or null for one"
    } else {
        "correct the key or the value; the chart's README.md and values.yaml say what there is"
    };
    Finding { path: path.to_owned(), fix: fix.to_owned(), ..finding(SCHEMA, Severity::Error, dir, &message) }
}

/// A JSON pointer as a path: `/config/triage/categories/0` is `config.triage.categories[0]`.
fn dotted(pointer: &str) -> String {
    pointer.split('/').filter(|key| !key.is_empty()).fold(String::new(), |path, key| {
        let key = key.replace("~1", "/").replace("~0", "~");
        match (path.is_empty(), key.bytes().all(|byte| byte.is_ascii_digit())) {
            (_, true) => format!("{path}[{key}]"),
            (true, false) => key,
            (false, false) => format!("{path}.{key}"),
        }
    })
}

/// `execution error at (CHART/templates/x.yaml:1:2): reason`, with the template as source.
fn template_failure(message: &str, chart: &str, dir: &str) -> Finding {
    let told = message.strip_prefix("execution error at (").and_then(|rest| rest.split_once("): "));
    let Some((place, reason)) = told else { return finding(RENDER, Severity::Error, dir, message) };
    let file = place.split(':').next().unwrap_or(place);
    let source = file.strip_prefix(&format!("{chart}/")).map_or(file.to_owned(), |rest| format!("{dir}/{rest}"));
    finding(RENDER, Severity::Error, &source, reason)
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

    const SCHEMA_ERRORS: &str = "==> Linting c\n[INFO] Chart.yaml: icon is recommended\n\
        [ERROR] values.yaml: - at '/a/0/y': got string, want integer\n- at '': additional properties 'z' not allowed\n\n\
        [ERROR] templates/: values don't meet the specifications of the schema(s) in the following chart(s):\nc:\n\
        - at '/a/0/y': got string, want integer\n- at '': additional properties 'z' not allowed\n\n\n\
        1 chart(s) linted, 1 chart(s) failed\n";

    #[test]
    fn each_value_that_the_schema_refuses_is_a_finding() {
        let findings = lint_findings(SCHEMA_ERRORS, "Error: 1 chart(s) linted, 1 chart(s) failed\n", false, "helm/c");
        let seen: Vec<_> = findings.iter().map(|f| (f.path.as_str(), f.message.as_str())).collect();
        let (y, z) = (("a[0].y", "`a[0].y`: got string, want integer"), ("", "additional properties 'z' not allowed"));
        assert_eq!(seen, [y, z, y, z]);
        assert!(findings.iter().all(|finding| finding.rule == SCHEMA && finding.source == "helm/c"));
    }

    #[test]
    fn an_entry_goes_on_until_an_empty_line() {
        let stdout = "[ERROR] templates/: one\ntwo\n\n1 chart(s) linted, 1 chart(s) failed\n";
        let findings = lint_findings(stdout, "", false, "c");
        assert_eq!((findings[0].source.as_str(), findings[0].message.as_str()), ("c/templates", "one\ntwo"));
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
    fn a_failed_template_is_told_by_its_reason() {
        let stderr = "level=WARN msg=\"missing required values\"\n\
            Error: execution error at (c/templates/a.yaml:13:13): please set x\n\nUse --debug flag to render out invalid YAML\n";
        let found = &render_failure(stderr, "c", "helm/c")[0];
        assert_eq!((found.source.as_str(), found.message.as_str()), ("helm/c/templates/a.yaml", "please set x"));
    }

    #[test]
    fn nested_reasons_stay_with_their_value() {
        let stderr = "Error: values don't meet\nc:\n- at '/a': oneOf failed\n  - at '/a': got number, want string\n";
        let found = render_failure(stderr, "c", "helm/c");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].message, "`a`: oneOf failed\n  - at '/a': got number, want string");
    }
}
