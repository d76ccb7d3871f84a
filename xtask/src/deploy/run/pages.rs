//! The last page of a deploy: what came of it, what runs now, and the next command with the user's own options.

use serde_json::Value;

use crate::deploy::fields::{annotation, number};
use crate::deploy::run::Run;
use crate::deploy::run::rollback::Rollback;
use crate::deploy::{Presence, REVISION_ANNOTATION};
use crate::report::{Page, Tone};

/// So many rows leave room for the rest of the page on a terminal of 24 lines.
const ROWS: usize = 8;

/// What came of a deploy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is done; the evidence.
    Done(Vec<String>),
    /// The gate said no.
    SaidNo {
        /// Its verdict.
        said: String,
        /// What it named, as `Section: name`.
        rows: Vec<String>,
    },
    /// The gate came to no verdict; why.
    NotRun { why: Vec<String> },
    /// The gate passed, and the rollout failed.
    RolloutFailed {
        /// Why.
        why: String,
        /// The last lines of the log that tells more.
        log: Vec<String>,
        /// What was done about it.
        rollback: Rollback,
    },
    /// A signal ended it.
    Interrupted,
}

impl Outcome {
    /// Whether the gate came to a verdict: then its Job has ended.
    pub(crate) fn has_verdict(&self) -> bool {
        !matches!(self, Self::NotRun { .. } | Self::Interrupted)
    }
}

/// The page; `cleared` is what was removed at the end, `after` the Deployment as it is now.
pub(crate) fn of(run: &Run<'_>, outcome: &Outcome, cleared: &[String], after: Option<&Value>) -> Page {
    let mut page = Page::default();
    match outcome {
        Outcome::Done(seen) => done(&mut page, run, seen),
        Outcome::SaidNo { said, rows } => said_no(&mut page, run, said, rows),
        Outcome::NotRun { why } => {
            page.add("Gate", Tone::Bad, ["did not run to a verdict"]);
            page.add("Cause", Tone::Plain, why);
        }
        Outcome::RolloutFailed { why, log, rollback } => rollout_failed(&mut page, why, log, rollback),
        Outcome::Interrupted => {
            page.add("Interrupted", Tone::Bad, ["Helm was ended and recorded the revision as failed"]);
        }
    }
    page.add("Removed", Tone::Careful, cleared);
    if !matches!(outcome, Outcome::Done(_)) {
        page.add("Runs now", Tone::Plain, runs_now(run, after));
        page.add("Next", Tone::Plain, next(run, outcome, after));
    }
    page
}

fn done(page: &mut Page, run: &Run<'_>, seen: &[String]) {
    let request = &run.session.request;
    let revision = run.state.next_revision();
    let what = format!("release {}, revision {revision}, in namespace {}", request.release, request.namespace);
    page.add("Done", Tone::Plain, [what]);
    let gate = format!("the gate Job {} of this revision is Complete", run.render.gate.job);
    page.add("Proved by", Tone::Plain, [gate].iter().chain(seen));
}

/// What the gate refused, and why.
pub(crate) fn said_no(page: &mut Page, run: &Run<'_>, said: &str, rows: &[String]) {
    page.add("Gate", Tone::Bad, ["said no"]);
    let title = if run.render.gate.applies { "Failed" } else { "Missing" };
    page.add(title, Tone::Bad, shortened(rows));
    page.add("Reason", Tone::Plain, [verdict(said, rows)]);
    let account = if run.render.gate.applies {
        "what the gate has created in the account stays there"
    } else {
        "nothing was changed in the account"
    };
    page.add("Account", Tone::Plain, [account]);
}

/// The rows, as many as there is room for.
fn shortened(rows: &[String]) -> Vec<String> {
    let mut shown: Vec<String> = rows.iter().take(ROWS).cloned().collect();
    if rows.len() > ROWS {
        shown.push(format!("and {} more, in the log above", rows.len() - ROWS));
    }
    shown
}

/// The gate's verdict; it repeats the rows at its end, which stand above already.
fn verdict(said: &str, rows: &[String]) -> String {
    let repeated = rows.first().and_then(|first| said.find(&format!(": {first}")));
    said[..repeated.unwrap_or(said.len())].to_owned()
}

fn rollout_failed(page: &mut Page, why: &str, log: &[String], rollback: &Rollback) {
    page.add("Rollout", Tone::Bad, ["failed, after the gate had passed"]);
    page.add("Cause", Tone::Plain, [why]);
    page.add("Log", Tone::Plain, log);
    page.add(
        "Rollback",
        Tone::Plain,
        [match rollback {
            Rollback::None(why) => format!("none: {why}"),
            Rollback::To(revision) => format!("to the manifest of revision {revision}: done, without a gate"),
            Rollback::Failed(revision, why) => format!("to the manifest of revision {revision}: failed, too: {why}"),
        }],
    );
}

/// What runs, told from the Deployment alone.
fn runs_now(run: &Run<'_>, after: Option<&Value>) -> Vec<String> {
    let request = &run.session.request;
    let before = run.state.live.as_ref();
    let mut lines = match (after, before) {
        (None, None) => vec!["nothing, as before".to_owned()],
        (None, Some(_)) => vec!["nothing: the Deployment that was there is gone".to_owned()],
        (Some(after), before) => vec![deployment(run, after, before.and_then(|live| live.stamp.as_deref()))],
    };
    if run.state.namespace.presence == Presence::Missing {
        lines.push(format!("namespace {} was made and stays", request.namespace));
    }
    lines
}

fn deployment(run: &Run<'_>, after: &Value, before: Option<&str>) -> String {
    let stamp = annotation(after, REVISION_ANNOTATION);
    let pods =
        format!("{} of {} pods available", number(after, "/status/availableReplicas"), number(after, "/spec/replicas"));
    let ours = run.state.next_revision().to_string();
    match stamp {
        Some(stamp) if stamp == ours => format!("revision {stamp}, the one that was not proved ({pods})"),
        Some(stamp) if Some(stamp) == before => format!("revision {stamp}, as before ({pods})"),
        Some(stamp) => format!("revision {stamp} ({pods})"),
        None => format!("a Deployment that carries no revision ({pods})"),
    }
}

/// The commands to go on with.
fn next(run: &Run<'_>, outcome: &Outcome, after: Option<&Value>) -> Vec<String> {
    let request = &run.session.request;
    let again = request.command(if request.apply_setup { &["--apply-setup"] } else { &[] });
    if let Some(back) = way_back(run, outcome, after) {
        return back;
    }
    match outcome {
        Outcome::SaidNo { rows, .. } => ways_out(run, rows),
        Outcome::Interrupted => vec!["go on with".to_owned(), format!("   {again}")],
        _ => mend_and(&again),
    }
}

/// The ways out once the gate has said no: two where something is missing, else one.
pub(crate) fn ways_out(run: &Run<'_>, rows: &[String]) -> Vec<String> {
    let request = &run.session.request;
    if run.render.gate.applies {
        return mend_and(&request.command(&["--apply-setup"]));
    }
    if rows.is_empty() {
        return mend_and(&request.command(&[]));
    }
    vec![
        "1. make the configuration name what exists, or create it in Fastmail by hand; then".to_owned(),
        format!("   {}", request.command(&[])),
        "2. or let the gate create what is missing".to_owned(),
        format!("   {}", request.command(&["--apply-setup"])),
    ]
}

/// The only way out.
pub(crate) fn mend_and(again: &str) -> Vec<String> {
    vec!["mend the cause, then".to_owned(), format!("   {again}")]
}

/// Where this revision runs without a proof: how to take it back.
fn way_back(run: &Run<'_>, outcome: &Outcome, after: Option<&Value>) -> Option<Vec<String>> {
    let ours = run.state.next_revision().to_string();
    let unproved = after.is_some_and(|after| annotation(after, REVISION_ANNOTATION) == Some(&ours));
    if !unproved || matches!(outcome, Outcome::Done(_)) {
        return None;
    }
    let (helm, release) = (run.session.helm_words(), &run.session.request.release);
    let back = match run.state.running() {
        Some(running) => format!("{helm} rollback {release} {} --wait", running.revision.revision),
        None => format!("{helm} uninstall {release}"),
    };
    let again = run.session.request.command(if run.session.request.apply_setup { &["--apply-setup"] } else { &[] });
    Some(vec![
        "take it back:".to_owned(),
        format!("   {back}"),
        "or mend the cause, then".to_owned(),
        format!("   {again}"),
    ])
}
