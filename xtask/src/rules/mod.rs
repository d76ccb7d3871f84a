//! Our own rules about charts and manifests: one file a rule, no I/O.

pub mod catalogue;
mod duplicate_env;
mod duplicate_object;
mod env_names;
mod gate;
mod hook_job_bounds;
mod hook_needs;
mod hook_selector;
mod namespace_object;
mod no_workloads;
mod packaged_secrets;
mod service_links;
mod unknown_hook;
mod view;

#[cfg(test)]
mod testing;

use crate::chart::Chart;
use crate::finding::{Finding, ObjectRef, Severity};
use crate::manifest::Object;

/// What a rule looks at.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// The objects of one render.
    pub objects: &'a [Object],
    /// How many pods and pod templates they hold.
    pub pods: usize,
    /// Whether every document could be read: what is missing may otherwise stand in one that could not.
    pub readable: bool,
    /// The chart, where it is one's render.
    pub chart: Option<&'a Chart>,
    /// Where a finding about the whole belongs: the chart's folder, or the file.
    pub source: &'a str,
    /// The unknown hook names for which Helm dropped whole documents.
    pub skipped_hooks: &'a [String],
}

/// Where a rule holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// In any manifests.
    Manifests,
    /// In the render of any chart.
    Chart,
    /// In the render of chart mailroom.
    Mailroom,
}

/// One rule.
pub struct Rule {
    /// The id, in kebab-case.
    pub id: &'static str,
    /// What it asks for, in one line.
    pub title: &'static str,
    /// Why: what goes wrong otherwise.
    pub why: &'static str,
    /// How to mend what it finds.
    pub fix: &'static str,
    /// Where it holds.
    pub scope: Scope,
    /// The problems in one render.
    pub check: fn(&Input) -> Vec<Problem>,
}

/// A breach of a rule: [`check`] makes the finding of it.
#[derive(Debug, PartialEq, Eq)]
pub struct Problem {
    source: String,
    object: ObjectRef,
    path: String,
    message: String,
}

/// Every rule, sorted by id.
pub const RULES: &[Rule] = &[
    duplicate_env::RULE,
    duplicate_object::RULE,
    env_names::RULE,
    gate::RULE,
    hook_job_bounds::RULE,
    hook_needs::RULE,
    hook_selector::RULE,
    namespace_object::RULE,
    no_workloads::RULE,
    packaged_secrets::RULE,
    service_links::RULE,
    unknown_hook::RULE,
];

/// The findings of every rule that holds for this input.
pub fn check(input: &Input) -> Vec<Finding> {
    holding(input.chart).flat_map(|rule| (rule.check)(input).into_iter().map(|problem| rule.finding(problem))).collect()
}

/// The rules that hold for manifests (no chart), or for the render of this chart.
pub fn holding(chart: Option<&Chart>) -> impl Iterator<Item = &'static Rule> {
    RULES.iter().filter(move |rule| rule.scope.holds(chart))
}

impl Scope {
    fn holds(self, chart: Option<&Chart>) -> bool {
        match self {
            Self::Manifests => true,
            Self::Chart => chart.is_some(),
            Self::Mailroom => chart.is_some_and(Chart::is_mailroom),
        }
    }
}

impl Rule {
    fn finding(&self, problem: Problem) -> Finding {
        let Problem { source, object, path, message } = problem;
        Finding {
            rule: self.id.to_owned(),
            severity: Severity::Error,
            source,
            object,
            path,
            message,
            fix: self.fix.to_owned(),
        }
    }
}

impl Problem {
    /// A problem of one object.
    fn of(object: &Object, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            source: object.source.clone(),
            object: object.reference.clone(),
            path: path.into(),
            message: message.into(),
        }
    }

    /// A problem of the render as a whole.
    fn of_all(input: &Input, message: impl Into<String>) -> Self {
        let source = input.source.to_owned();
        Self { source, object: ObjectRef::default(), path: String::new(), message: message.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_complete() {
        let ids: Vec<_> = RULES.iter().map(|rule| rule.id).collect();
        assert!(ids.is_sorted_by(|a, b| a < b), "{ids:?}");
        for rule in RULES {
            assert!(rule.id.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", rule.id);
            assert!([rule.title, rule.why, rule.fix].iter().all(|text| !text.is_empty()), "{}", rule.id);
        }
    }
}
