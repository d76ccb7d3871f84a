//! `--gate-only`: is something missing? The gate's own objects under a name of their own, without Helm and a revision.
//!
//! The copies of `ConfigMap` and Secret belong to the Job, which has a short time to live: should this program be killed,
//! the cluster removes all of them.

mod objects;

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::Value;

use self::objects::{Own, own};
use crate::deploy::fields::uid;
use crate::deploy::gate::earlier;
use crate::deploy::gate::job::{GateJob, Seen, Verdict};
use crate::deploy::gate::leftovers::end_gate;
use crate::deploy::run::helm_run::Progress;
use crate::deploy::run::look::{Look, Scope};
use crate::deploy::run::{PAUSE, Run, namespace, pages};
use crate::deploy::{Document, Presence, Render, Session, State};
use crate::exit::{self, Failure};
use crate::report::{self, Page, Tone};

/// How much longer than its deadline and grace the gate may take until its Job is seen to have ended.
const SLACK: Duration = Duration::from_secs(15);

/// Asks the gate, and removes it again.
///
/// # Errors
/// Exit 4 where it says no or cannot run, after its page; 130 at a signal; 3 where the API server cannot be asked.
pub(crate) fn ask(session: &Session, render: &Render, state: &State) -> Result<u8> {
    let mut run = Run::new(session, render, state);
    namespace::ensure(&mut run)?;
    run.stages.begin("gate", "looking for an earlier one");
    earlier::wait_until_none(&mut run)?;
    let own = own(render, RandomState::new().build_hasher().finish()).context("the render has no gate")?;
    let name = own.name.clone();
    let mut progress = Progress::new(GateJob::after(&Look::default(), &name, None));
    let verdict = judged(&mut run, &mut progress, &own);
    let left = remove(session, &mut progress.job, &own);
    let verdict = verdict?;
    let page = page(&run, &verdict, &progress.log.rows(), &left);
    report::product(&format!("\n{}", session.mask.hide(&page.text())))?;
    match verdict {
        Verdict::Passed { .. } => Ok(exit::OK),
        Verdict::No { .. } => Err(Failure::error(exit::GATE, "the gate said no")),
        Verdict::NotRun { .. } => Err(Failure::error(exit::GATE, "the gate did not run to a verdict")),
    }
}

/// Makes the objects and looks until the Job has ended.
fn judged(run: &mut Run<'_>, progress: &mut Progress, own: &Own) -> Result<Verdict> {
    run.stages.at("making it");
    make(run.session, &mut progress.job, own)?;
    let gate = &run.render.gate;
    let (start, limit) = (Instant::now(), gate.deadline + gate.grace + SLACK);
    let verdict = loop {
        let look = Look::take(run.session, Scope::Gate)?;
        let cause = progress.see_gate(run, &look)?;
        let ended = matches!(progress.job.see(&look), Seen::Complete(_) | Seen::Failed(_) | Seen::Gone | Seen::Other);
        match cause {
            _ if ended || start.elapsed() > limit => break progress.job.verdict(&look, gate, &own.document),
            Some(cause) => break Verdict::NotRun { why: cause.text },
            None => run.stages.tick(),
        }
        run.session.interrupt.pause(PAUSE)?;
    };
    progress.log.finish(run.session, &mut run.stages)?;
    match &verdict {
        Verdict::Passed { .. } => run.stages.done("passed"),
        Verdict::No { .. } => run.stages.failed("said no"),
        Verdict::NotRun { why } => run.stages.failed(why),
    }
    Ok(verdict)
}

/// The Job first, suspended: its UID makes the copies its own. Then it goes on.
fn make(session: &Session, job: &mut GateJob, own: &Own) -> Result<()> {
    let namespace = &session.request.namespace;
    let place = ["--namespace", namespace, "--output", "json"];
    let failed = || Failure::new(exit::GATE, "the gate could not run");
    let create = |object: &Value, more: &[&str]| session.kubectl.create(&object.to_string(), more);
    let made: Value = create(&own.document.value, &place).with_context(failed)?.json()?;
    job.uid = Some(uid(&made).to_owned());
    for copy in own.copies(uid(&made)) {
        create(&copy, &place[..2]).with_context(failed)?;
    }
    let go_on = r#"{"spec":{"suspend":false}}"#;
    let patch = ["patch", "job", &own.name, "--namespace", namespace, "--type", "merge", "--patch", go_on];
    session.kubectl.run(&patch)?.checked().with_context(failed)?;
    Ok(())
}

/// Removes all of it, the Job with its pod first; what could not be removed is said with the way out.
fn remove(session: &Session, job: &mut GateJob, own: &Own) -> Vec<String> {
    let _said_below = end_gate(session, job);
    let namespace = &session.request.namespace;
    let mut left = Vec::new();
    let all = [("job".to_owned(), own.name.clone())].into_iter().chain(own.copy_names());
    for (kind, name) in all {
        if let Err(error) = session.kubectl.delete(&kind, &name, namespace, &["--cascade=foreground"]) {
            let kubectl = session.kubectl_words();
            left.push(format!("{kind}/{name} could not be removed ({error:#}): `{kubectl} delete {kind}/{name}`"));
        }
    }
    left
}

fn page(run: &Run<'_>, verdict: &Verdict, rows: &[String], left: &[String]) -> Page {
    let request = &run.session.request;
    let mut page = Page::default();
    let next = match verdict {
        Verdict::Passed { .. } => {
            page.add("Gate", Tone::Plain, ["passed: everything that this configuration names exists"]);
            vec!["deploy it".to_owned(), format!("   {}", request.command(&[]))]
        }
        Verdict::No { said } => {
            pages::said_no(&mut page, run, said, rows);
            pages::ways_out(run, rows)
        }
        Verdict::NotRun { why } => {
            page.add("Gate", Tone::Bad, ["did not run to a verdict"]);
            page.add("Cause", Tone::Plain, [why]);
            pages::mend_and(&request.command(&["--gate-only"]))
        }
    };
    let mut cluster = vec!["the gate's objects were removed; no revision was made".to_owned()];
    if !left.is_empty() {
        cluster = left.to_vec();
    }
    if run.state.namespace.presence == Presence::Missing {
        cluster.push(format!("namespace {} was made and stays", request.namespace));
    }
    page.add("Cluster", if left.is_empty() { Tone::Plain } else { Tone::Bad }, cluster);
    page.add("Next", Tone::Plain, next);
    page
}

/// The Job as it is made, for the comparison with what is there.
fn document(value: Value, name: &str) -> Document {
    let (api_version, kind) = ("batch/v1".to_owned(), "Job".to_owned());
    Document { api_version, kind, name: name.to_owned(), hook: true, text: String::new(), value }
}
