//! Runs behaviours side by side, and those that change what others rely on alone, after them.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Result, anyhow};

use super::behaviour::Behaviour;
use super::case::Case;
use super::diagnostics;
use super::summary::{Outcome, Row};
use super::testbed::Testbed;
use crate::tools::Major;

/// A behaviour to be tried, with one Helm or none.
#[derive(Clone, Debug)]
pub struct Trial {
    /// The behaviour.
    pub behaviour: Behaviour,
    /// The Helm.
    pub helm: Option<Major>,
    /// Who installs the chart, where the story leaves that open.
    pub installer: Installer,
    /// Tells it from other trials of the same behaviour; empty where there are none.
    pub mark: String,
}

/// Who installs the chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Installer {
    /// `xtask deploy`, with the chart of this repository.
    Deploy,
    /// Helm alone, with the chart in this folder.
    Helm(PathBuf),
}

impl Trial {
    /// By `xtask deploy`, as all behaviours are tried but in a drill.
    pub fn new(behaviour: Behaviour, helm: Option<Major>) -> Self {
        Self { behaviour, helm, installer: Installer::Deploy, mark: String::new() }
    }

    /// Its name, which is also that of its namespace and account.
    pub fn name(&self) -> String {
        let helm = match self.helm {
            None => "",
            Some(Major::Four) => "-helm4",
            Some(Major::Three) => "-helm3",
        };
        format!("{}{helm}{}", self.behaviour.name, self.mark)
    }
}

/// Tries them, `jobs` at a time, and beside them one of those that wait for most of their time; the rows come in the order
/// of the trials.
///
/// A signal ends what is under way; what was not begun then has no row.
pub fn run(testbed: &Testbed<'_>, trials: &[Trial], jobs: usize) -> Vec<Row> {
    let [busy, waiting, alone] = queues(trials).map(Mutex::new);
    let rows = Mutex::new(Vec::new());
    let work = |queues: &[&Queue<'_>]| {
        while let Some((number, trial)) = next(queues).filter(|_| !testbed.run.interrupt.raised()) {
            let row = attempt(testbed, trial);
            rows.lock().unwrap_or_else(PoisonError::into_inner).push((number, row));
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..jobs.max(1) {
            scope.spawn(|| work(&[&busy, &waiting]));
        }
        if jobs > 1 {
            scope.spawn(|| work(&[&waiting]));
        }
    });
    work(&[&alone]);
    let mut rows = rows.into_inner().unwrap_or_else(PoisonError::into_inner);
    rows.sort_by_key(|(number, _)| *number);
    rows.into_iter().map(|(_, row)| row).collect()
}

type Queue<'t> = Mutex<VecDeque<(usize, &'t Trial)>>;

/// What keeps the machine busy, what waits, and what must run alone; by their numbers.
fn queues(trials: &[Trial]) -> [VecDeque<(usize, &Trial)>; 3] {
    let (alone, rest): (Vec<_>, Vec<_>) = trials.iter().enumerate().partition(|(_, trial)| trial.behaviour.alone);
    let (waiting, busy): (Vec<_>, Vec<_>) = rest.into_iter().partition(|(_, trial)| trial.behaviour.waits);
    [busy, waiting, alone].map(VecDeque::from)
}

/// The first of the first queue that has one.
fn next<'t>(queues: &[&Queue<'t>]) -> Option<(usize, &'t Trial)> {
    queues.iter().find_map(|queue| queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front())
}

fn attempt(testbed: &Testbed<'_>, trial: &Trial) -> Row {
    let start = Instant::now();
    let name = trial.name();
    let outcome = if trial.behaviour.real_app && testbed.images.stand_in {
        Outcome::Skipped("the stand-in does no triage: give a real image by --image".to_owned())
    } else {
        match Case::new(testbed, &name, trial.helm, trial.installer.clone()) {
            Ok(case) => judged(testbed, &case, story(trial, &case)),
            Err(error) => Outcome::Failed(format!("{error:#}")),
        }
    };
    let row = Row { name, outcome, seconds: start.elapsed().as_secs_f64() };
    testbed.run.note(row.line());
    row
}

/// Tells the story; a panic in it is a failure like any other.
fn story(trial: &Trial, case: &Case<'_>) -> Result<()> {
    catch_unwind(AssertUnwindSafe(|| (trial.behaviour.story)(case))).unwrap_or_else(|panic| {
        let message = panic.downcast_ref::<String>().map(String::as_str);
        let message = message.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
        Err(anyhow!("panicked: {message}"))
    })
}

/// A failure is looked into at once, while its pods are there; what has passed makes room on the node.
fn judged(testbed: &Testbed<'_>, case: &Case<'_>, result: Result<()>) -> Outcome {
    let Err(error) = result else {
        let deleted = case.kubectl.delete("namespace", &case.namespace, "", &["--wait=false"]);
        return match deleted {
            Ok(_) => Outcome::Passed,
            Err(error) => Outcome::Failed(format!("its namespace could not be deleted: {error:#}")),
        };
    };
    let why = testbed.mask().hide(&format!("{error:#}"));
    if testbed.run.interrupt.raised() {
        return Outcome::Failed(why);
    }
    let state = diagnostics::of_case(testbed, case);
    let state = state.unwrap_or_else(|error| format!("its diagnostics failed: {error:#}"));
    Outcome::Failed(format!("{why}\n{state}"))
}

#[cfg(test)]
mod tests {
    use super::{Trial, queues};
    use crate::kind_test::behaviour::Behaviour;

    #[test]
    fn what_waits_and_what_runs_alone_has_a_queue_of_its_own() {
        let usual = Behaviour::new("usual", "", |_| Ok(()));
        let behaviours = [usual, Behaviour { alone: true, ..usual }, Behaviour { waits: true, ..usual }, usual]
            .map(|it| Trial::new(it, None));
        let numbers = queues(&behaviours).map(|queue| queue.into_iter().map(|(number, _)| number).collect::<Vec<_>>());
        assert_eq!(numbers, [vec![0, 3], vec![2], vec![1]]);
    }
}
