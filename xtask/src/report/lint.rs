//! The verdict of lint and template, as text and as JSON.

use std::fmt::Write;

use anyhow::{Context, Result};
use serde::Serialize;

use super::style::{BAD, CAREFUL, GOOD, STRONG, paint};
use crate::finding::{Finding, Severity};

/// One line of the summary: what was looked at, and how much of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// As in `pod security`.
    pub name: &'static str,
    /// What was covered, as in `14 pods (restricted:v1.37)`.
    pub covered: String,
    /// Error findings of this step.
    pub errors: usize,
    /// Warning findings of this step.
    pub warnings: usize,
}

/// How much was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// Kubernetes objects, over all scenarios.
    pub objects: usize,
    /// Pods and pod templates, over all scenarios.
    pub pods: usize,
    /// Scenarios rendered; 0 where manifests were given.
    pub scenarios: usize,
}

/// A finding, and the scenarios in which it came up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reported {
    /// What was found.
    #[serde(flatten)]
    pub finding: Finding,
    /// The scenarios; empty where manifests were given.
    pub scenarios: Vec<String>,
}

/// Everything that lint has to say.
#[derive(Clone, Debug, Serialize)]
pub struct LintReport {
    /// All findings, sorted, each once.
    pub findings: Vec<Reported>,
    /// How much was looked at.
    pub checked: Checked,
    /// The policy, as in `restricted:v1.37`.
    pub pod_security: String,
    /// One line per step, in the order of the work.
    #[serde(skip)]
    pub steps: Vec<Step>,
    /// A line about other policy versions, where they differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outlook: Option<String>,
}

impl LintReport {
    /// How many findings are errors.
    pub fn errors(&self) -> usize {
        self.findings.iter().filter(|reported| reported.finding.severity == Severity::Error).count()
    }

    /// The steps with their counts, then each finding with its place and the way out.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for step in &self.steps {
            let _ = writeln!(text, "{}", step.line());
        }
        if let Some(outlook) = &self.outlook {
            let _ = writeln!(text, "  {}  outlook          {outlook}", paint(STRONG, "note"));
        }
        let mut heading = String::new();
        for reported in &self.findings {
            let next = reported.heading();
            if next != heading {
                let _ = writeln!(text, "\n{}", paint(STRONG, &next));
                heading = next;
            }
            text.push_str(&reported.body());
        }
        text
    }

    /// The document that README describes, with a line break at its end.
    pub fn json(&self) -> Result<String> {
        let mut json = serde_json::to_string_pretty(self).context("cannot write the findings as JSON")?;
        json.push('\n');
        Ok(json)
    }

    /// The closing sentence, as in `found 1 error and 2 warnings in 42 objects`.
    pub fn conclusion(&self) -> String {
        let errors = self.errors();
        let found = match (errors, self.findings.len() - errors) {
            (0, 0) => "nothing wrong".to_owned(),
            (0, warnings) => count(warnings, "warning"),
            (errors, 0) => count(errors, "error"),
            (errors, warnings) => format!("{} and {}", count(errors, "error"), count(warnings, "warning")),
        };
        format!("found {found} in {}", count(self.checked.objects, "object"))
    }
}

impl Step {
    fn line(&self) -> String {
        let (style, word) = match (self.errors, self.warnings) {
            (0, 0) => (GOOD, "ok  "),
            (0, _) => (CAREFUL, "warn"),
            _ => (BAD, "FAIL"),
        };
        let mut line = format!("  {}  {:<16} {}", paint(style, word), self.name, self.covered);
        if self.errors > 0 {
            let _ = write!(line, ": {}", count(self.errors, "error"));
        }
        if self.warnings > 0 {
            let _ = write!(line, "{}{}", if self.errors > 0 { ", " } else { ": " }, count(self.warnings, "warning"));
        }
        line
    }
}

impl Reported {
    fn heading(&self) -> String {
        let Finding { source, object, .. } = &self.finding;
        let mut heading = source.clone();
        if !object.kind.is_empty() {
            let _ = write!(heading, ": {}/{}", object.kind, object.name);
        }
        if !self.scenarios.is_empty() {
            let _ = write!(heading, " [{}]", self.scenarios.join(", "));
        }
        heading
    }

    fn body(&self) -> String {
        let Finding { rule, severity, path, message, fix, .. } = &self.finding;
        let severity = match severity {
            Severity::Error => paint(BAD, "error"),
            Severity::Warning => paint(CAREFUL, "warning"),
        };
        let mut body = format!("  {severity} {rule}: {}\n", message.replace('\n', "\n    "));
        if !path.is_empty() {
            let _ = writeln!(body, "    at {path}");
        }
        if !fix.is_empty() {
            let _ = writeln!(body, "    fix: {fix}");
        }
        body
    }
}

/// A number and its noun: `1 error`, `2 errors`, `0 errors`.
pub fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
