//! Breaks the chart, one promise at a time, and expects a behaviour to notice: a test that cannot fail proves nothing.
//!
//! The chart is installed by Helm alone, so that nothing but the chart itself keeps its promises.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::chart_copy;
use super::mutation::{ALL, Mutation};
use crate::kind_test::behaviour::Behaviour;
use crate::kind_test::behaviours;
use crate::kind_test::case::Case;
use crate::kind_test::runner::{self, Installer, Trial};
use crate::kind_test::summary::{Outcome, Row};
use crate::kind_test::testbed::Testbed;
use crate::kind_test::{Options, diagnostics, with_testbed};
use crate::report::Console;
use crate::tools::Major;

/// What Helm says of a chart that it cannot render: no behaviour has caught anything then.
const NOT_RENDERED: &[&str] =
    &["execution error at", "parse error", "Error: template:", "specifications of the schema"];

/// Shows with the chart as it is that the behaviours pass, then with each mutated chart that one of them does not.
///
/// # Errors
/// Where the drill itself cannot go on.
pub fn run(options: &Options, console: Console) -> Result<Vec<String>> {
    with_testbed(options, console, |testbed| {
        let control = control()?;
        testbed.run.note(format_args!("drill: {} behaviours with the chart as it is", control.len()));
        let rows = runner::run(testbed, &control, options.jobs);
        testbed.run.interrupt.check()?;
        let failed: Vec<_> = rows.iter().filter(|row| row.outcome != Outcome::Passed).map(Row::line).collect();
        if !failed.is_empty() {
            return Ok(failed);
        }
        let wrong = mutated(testbed, options.jobs)?;
        if wrong.is_empty() {
            // Its failures were wanted: nobody needs to look into them.
            let _none_where_nothing_failed = std::fs::remove_dir_all(testbed.run.folder.join(diagnostics::FOLDER));
        }
        Ok(wrong)
    })
}

/// Each behaviour that a mutation names, once.
fn control() -> Result<Vec<Trial>> {
    let names: BTreeSet<_> = ALL.iter().flat_map(|mutation| mutation.candidates).collect();
    names.into_iter().map(|name| trial(name, Case::chart(), String::new())).collect()
}

fn mutated(testbed: &Testbed<'_>, jobs: usize) -> Result<Vec<String>> {
    testbed.run.note(format_args!("drill: {} mutations", ALL.len()));
    let mut trials = Vec::new();
    for (number, mutation) in ALL.iter().enumerate() {
        let chart = testbed.run.private.join(format!("mutated-{number}"));
        mutation.write(&Case::chart(), &chart)?;
        for name in mutation.candidates {
            trials.push((mutation, trial(name, chart.clone(), format!("-m{number}"))?));
        }
    }
    let only: Vec<_> = trials.iter().map(|(_, trial)| trial.clone()).collect();
    let rows = runner::run(testbed, &only, jobs);
    testbed.run.interrupt.check()?;
    let tried: Vec<_> = trials.iter().map(|(mutation, trial)| (*mutation, trial.behaviour.name)).zip(&rows).collect();
    let mut wrong = Vec::new();
    for mutation in ALL {
        let own = tried.iter().filter(|((of, _), _)| of.name == mutation.name);
        match own.clone().find_map(|((_, name), row)| Some((name, caught(&row.outcome)?))) {
            Some((name, head)) => testbed.run.note(format_args!("{}: caught by {name}: {head}", mutation.name)),
            None => wrong.push(not_caught(mutation, own.map(|(_, row)| *row))),
        }
    }
    Ok(wrong)
}

fn not_caught<'r>(mutation: &Mutation, rows: impl Iterator<Item = &'r Row>) -> String {
    let rows: Vec<_> = rows.map(Row::line).collect();
    format!("{}: nothing has caught it: {}", mutation.name, rows.join("; "))
}

/// The head of what was expected and seen, where the behaviour failed by that and not by a chart that does not render.
fn caught(outcome: &Outcome) -> Option<String> {
    let Outcome::Failed(why) = outcome else { return None };
    let mut lines = why.lines();
    let what = lines.next()?;
    let expected = lines.next()?.strip_prefix("    expected: ")?;
    let seen: Vec<_> = lines.skip_while(|line| !line.starts_with("    seen: ")).take(2).map(str::trim).collect();
    let rendered = !NOT_RENDERED.iter().any(|words| why.contains(words));
    rendered.then(|| format!("{what}: expected {expected}, {}", seen.join(" ").trim_end()))
}

fn trial(name: &str, chart: PathBuf, mark: String) -> Result<Trial> {
    Ok(Trial { installer: Installer::Helm(chart), mark, ..Trial::new(behaviour(name)?, Some(Major::Four)) })
}

fn behaviour(name: &str) -> Result<Behaviour> {
    let all = behaviours::all();
    all.into_iter().find(|behaviour| behaviour.name == name).with_context(|| format!("there is no behaviour {name}"))
}

impl Mutation {
    /// Writes a copy of the chart with this mutation into a new folder.
    ///
    /// # Errors
    /// Where the text that it replaces is not in the chart, exactly once; or where a file cannot be written.
    pub fn write(&self, chart: &Path, folder: &Path) -> Result<()> {
        chart_copy::write(chart, folder)?;
        for edit in self.edits {
            let file = folder.join(edit.file);
            let text = std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
            let times = text.matches(edit.text).count();
            anyhow::ensure!(times == 1, "{}: {} has its text {times} times, not once", self.name, edit.file);
            std::fs::write(&file, text.replace(edit.text, edit.replacement))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind_test::drill::mutation::Edit;
    use crate::tools::{Captured, ChartCall, Helm, Values};

    #[test]
    fn each_mutation_applies_to_the_chart_and_renders_otherwise_than_it() {
        let helm = Helm::pinned(Major::Four, Console::default()).expect("Helm");
        let render = |chart: &Path| {
            let files = vec![Case::chart().join("secrets-values.yaml.example")];
            let values = Values { files, ..Values::default() };
            let call = ChartCall {
                chart: chart.to_owned(),
                values,
                kube_version: "1.37".to_owned(),
                release: "mailroom".to_owned(),
                namespace: "mailroom".to_owned(),
            };
            helm.template(&call).and_then(Captured::checked).expect("it renders").stdout
        };
        let unbroken = render(&Case::chart());
        for mutation in ALL {
            let folder = tempfile::tempdir().expect("a folder");
            mutation.write(&Case::chart(), folder.path()).expect("it applies");
            assert_ne!(render(folder.path()), unbroken, "{}", mutation.name);
        }
    }

    #[test]
    fn a_text_that_is_not_in_the_chart_is_an_error() {
        let edits = &[Edit { file: "values.yaml", text: "no such text", replacement: "" }];
        let mutation = Mutation { name: "none", edits, candidates: &[] };
        let folder = tempfile::tempdir().expect("a folder");
        let error = mutation.write(&Case::chart(), folder.path()).expect_err("it is not there");
        assert_eq!(error.to_string(), "none: values.yaml has its text 0 times, not once");
    }

    #[test]
    fn every_candidate_is_a_behaviour() {
        assert!(!control().expect("all are there").is_empty());
        assert!(ALL.iter().all(|mutation| !mutation.candidates.is_empty()));
    }

    #[test]
    fn only_a_mismatch_of_a_rendered_chart_counts_as_caught() {
        let failed = |why: &str| caught(&Outcome::Failed(why.to_owned()));
        let mismatch = "pods\n    expected: 1\n    seen:     2\n\nits pods";
        assert_eq!(failed(mismatch).as_deref(), Some("pods: expected 1, seen:     2"));
        assert_eq!(failed("the gate to run: not within 60 s"), None);
        assert_eq!(failed("x\n    expected: exit 0\n    seen:     exit 1\nError: template: a.yaml:1"), None);
        assert_eq!(caught(&Outcome::Passed), None);
    }
}
