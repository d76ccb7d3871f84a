//! Hostile ways to get a deploy that is done while a mailbox is missing; each that is not
//! refused always once more, as a control, while it exists.

mod meddle;
mod table;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::kind_test::behaviours::support;
use crate::kind_test::case::Case;
use crate::kind_test::installing::Installed;
use crate::kind_test::runner::Installer;
use crate::kind_test::testbed::Testbed;
use crate::kind_test::{Options, with_testbed};
use crate::report::Console;
use crate::tools::Major;
use table::{ALL, Attempt, Control, Way};

/// Tries them all, side by side; gives what went wrong, a line each.
///
/// # Errors
/// Where the drill itself cannot go on.
pub fn run(options: &Options, console: Console) -> Result<Vec<String>> {
    with_testbed(options, console, |testbed| {
        let next = AtomicUsize::new(0);
        let wrong = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for _ in 0..options.jobs.max(1) {
                scope.spawn(|| work(testbed, &next, &wrong));
            }
        });
        testbed.run.interrupt.check()?;
        testbed.run.note(format_args!("{} attempts", ALL.len()));
        Ok(wrong.into_inner().unwrap_or_else(PoisonError::into_inner))
    })
}

/// Takes one attempt after the other until none is left, or a signal comes.
fn work(testbed: &Testbed<'_>, next: &AtomicUsize, wrong: &Mutex<Vec<String>>) {
    while let Some(attempt) = ALL.get(next.fetch_add(1, Ordering::Relaxed)) {
        if testbed.run.interrupt.raised() {
            return;
        }
        let result = tried(testbed, attempt);
        let failed = result.is_err();
        let said = result.unwrap_or_else(|error| testbed.mask().hide(&format!("FAILED: {error:#}")));
        let line = format!("{}: {said}", attempt.name);
        testbed.run.note(&line);
        if failed {
            wrong.lock().unwrap_or_else(PoisonError::into_inner).push(line);
        }
    }
}

/// A release that runs, then the attempt with the mailbox missing, then the same with the mailbox there.
fn tried(testbed: &Testbed<'_>, attempt: &Attempt) -> Result<String> {
    let case = Case::new(testbed, &format!("try-{}", attempt.name), Some(Major::Four), Installer::Deploy)?;
    case.deploy(&support::plain(), &["--apply-setup"])?.done("the first deploy")?;
    for near in attempt.near {
        make(&case, near)?;
    }
    let before = running(&case)?;
    let missing = once(&case, attempt)?;
    ensure!(missing.code != Some(0), "with the mailbox missing it ended with 0:\n{}", missing.text);
    ensure!(
        !missing.text.lines().any(|line| line.starts_with("Done ")),
        "with the mailbox missing it said Done:\n{}",
        missing.text
    );
    let after = running(&case)?;
    if before != after {
        ensure!(attempt.harms, "with the mailbox missing the release was changed: {before:?}, then {after:?}");
        let told = missing.code == Some(4) && missing.text.contains("Runs now ");
        ensure!(told, "the release was changed, and it did not tell what runs now:\n{}", missing.text);
    }
    let control = match attempt.control {
        Control::Done => {
            make(&case, attempt.mailbox)?;
            let control = once(&case, attempt)?;
            ensure!(
                control.code == Some(0),
                "the control, with the mailbox there, was refused:\n{}\nwithout it:\n{}",
                control.text,
                missing.text
            );
            "exit 0".to_owned()
        }
        Control::Refused(why) => format!("not tried: refused always, {why}"),
    };
    case.kubectl.delete("namespace", &case.namespace, "", &["--wait=false"])?;
    let code = missing.code.map_or("a signal".to_owned(), |code| code.to_string());
    Ok(format!("missing: exit {code}, {}; control: {control}", reason(&missing)))
}

/// The deploy as the attempt has it.
fn once(case: &Case<'_>, attempt: &Attempt) -> Result<Installed> {
    let values = json!({"config": {"triage": {"categories": ["Feed"], "screener_mailbox": attempt.mailbox}}});
    match attempt.way {
        Way::Plain => case.deploy(&values, &[]),
        Way::Options(more) => case.deploy(&values, more),
        Way::Environment(vars) => case.deploy_with(vars, &values, &[]),
        Way::Values(text) => {
            let file = case.file("hostile.yaml", text)?;
            case.deploy(&values, &["-f", &file])
        }
        Way::Chart(file, from, to) => {
            let chart = meddle::chart(case, file, from, to)?;
            case.deploy(&values, &["--chart", &chart])
        }
        Way::Helm(script) => {
            let helm = meddle::helm(case, script)?;
            case.deploy_with(&[("XTASK_HELM", &helm)], &values, &[])
        }
        Way::Meddle(act) => meddle::meanwhile(case, act, || case.deploy(&values, &[])),
    }
}

/// Makes a mailbox.
fn make(case: &Case<'_>, name: &str) -> Result<()> {
    let calls = json!([["Mailbox/set", {"create": {"new": {"name": name}}}, "0"]]);
    let answer = case.front().post(&format!("/accounts/{}/jmap", case.account.name), &calls)?;
    let created = answer.pointer("/0/1/created/new").is_some_and(Value::is_object);
    ensure!(created, "the mailbox {name:?} could not be made: {answer}");
    Ok(())
}

/// The app's pods and its configuration.
fn running(case: &Case<'_>) -> Result<(Vec<String>, String)> {
    let pods = case.kubectl.list("pods", &case.namespace, support::APP)?;
    let pods = pods.iter().map(|pod| pod["metadata"]["uid"].to_string()).collect();
    Ok((pods, support::deployed_config(case)?.context("no ConfigMap")?))
}

/// The head of what it said.
fn reason(said: &Installed) -> String {
    let heads = ["Reason ", "Cause ", "Refused ", "error: ", "Error: "];
    let lines = || said.text.lines().map(str::trim);
    let line = lines().find(|line| heads.iter().any(|head| line.starts_with(head)));
    let line = line.or_else(|| lines().rfind(|line| !line.is_empty())).unwrap_or("nothing said");
    line.chars().take(110).collect()
}
