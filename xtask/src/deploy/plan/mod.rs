//! The plan: what is there, what will change, what the gate will do, and what stands against it; on one page.

pub(crate) mod additions;
pub(crate) mod admission;
pub(crate) mod ask;
pub(crate) mod diff;
pub(crate) mod managers;
pub(crate) mod names;
pub(crate) mod namespace_facts;
pub(crate) mod objects;
pub(crate) mod others;
pub(crate) mod release;
pub(crate) mod rights;
pub(crate) mod state;

use serde_json::Value;

use self::diff::Change;
use self::names::Names;
use crate::deploy::{Chosen, Document, LEVEL_LABELS, Live, Presence, Render, Session, State, Stored};
use crate::report::{Page, Tone, count};
use crate::tools::skew;

/// What the cluster said, what will change, and what stands against it.
#[derive(Debug)]
pub struct Plan {
    /// The page: what a person reads before anything is written. No secret value is on it.
    pub page: String,
    /// Why nothing may be written; empty where the plan stands.
    pub refusals: Vec<String>,
    /// What to look at.
    pub warnings: Vec<String>,
}

impl Plan {
    /// Puts what is known on a page, and gathers what stands against the deploy.
    pub fn new(session: &Session, render: &Render, state: &State) -> Self {
        let mut refusals = refusals(session, state);
        refusals.extend(state.missing_rights.iter().cloned());
        refusals.extend(release::refusal(session, state));
        refusals.extend(state.objects.refusals.iter().cloned());
        let warnings = warnings(session, render, state);
        let mut page = Page::default();
        page.add("Cluster", Tone::Plain, cluster(session));
        page.add("Namespace", Tone::Plain, namespace(session, state));
        page.add("Release", Tone::Plain, [release::line(session, state)]);
        page.add("Chart", Tone::Plain, [chart(session)]);
        page.add("Image", Tone::Plain, [image(render, state.live.as_ref())]);
        page.add("Gate", Tone::Plain, [gate(render)]);
        if state.missing_rights.is_empty() {
            let base = state.base();
            page.add("Names", Tone::Plain, names(render, base));
            page.add("Changes", Tone::Plain, changes(render, base, state));
        }
        page.add("Not known", Tone::Careful, state.unknown.iter().cloned());
        page.add("Warnings", Tone::Careful, warnings.iter().map(|warning| item(warning)));
        page.add("Refused", Tone::Bad, refusals.iter().map(|refusal| item(refusal)));
        Self { page: session.mask.hide(&page.text()), refusals, warnings }
    }
}

/// A sentence of a list; what follows on lines of its own is set in below it.
fn item(sentence: &str) -> String {
    format!("* {}", sentence.replace('\n', "\n  "))
}

impl State {
    /// What the changes are told against: what runs, else what Helm's record calls deployed.
    pub fn base(&self) -> Option<&Stored> {
        self.running().or_else(|| self.stored.iter().rev().find(|stored| stored.revision.status == "deployed"))
    }
}

fn cluster(session: &Session) -> Vec<String> {
    let target = &session.target;
    let how = match target.chosen {
        Chosen::Named => "named by --context",
        Chosen::Remembered => "remembered",
        Chosen::Confirmed => "the current context, confirmed",
    };
    vec![format!("{} ({how})", target.context), format!("{}, Kubernetes {}", target.server, target.version)]
}

fn namespace(session: &Session, state: &State) -> Vec<String> {
    let name = &session.request.namespace;
    let facts = &state.namespace;
    let mut lines = vec![match facts.presence {
        Presence::Missing => format!("{name}: will be made, with enforce, warn and audit = restricted"),
        Presence::Terminating => format!("{name}: is being deleted"),
        Presence::Unreadable => format!("{name}: may not be read"),
        Presence::Active if facts.labels_to_raise.is_empty() => format!("{name}: enforces restricted"),
        Presence::Active => format!("{name}: will be raised to restricted"),
    }];
    for (label, value, manager) in &facts.labels_to_raise {
        let label = label.rsplit('/').next().unwrap_or(label);
        let taken = manager.as_ref().map_or(String::new(), |manager| format!(" (set by `{manager}`, taken over)"));
        lines.push(format!("  {label}: {value} -> restricted{taken}"));
    }
    lines
}

fn chart(session: &Session) -> String {
    let metadata = &session.request.chart.metadata;
    format!("{} {}, app {}, by Helm {}", metadata.name, metadata.version, metadata.app_version, session.helm.version)
}

fn image(render: &Render, live: Option<&Live>) -> String {
    match live {
        Some(live) if live.image != render.image => format!("{} (now {})", render.image, live.image),
        _ => render.image.clone(),
    }
}

fn gate(render: &Render) -> String {
    let limit = render.gate.deadline.as_secs();
    if render.gate.applies {
        format!("creates what is missing in the account, then checks again; {limit} s at most")
    } else {
        format!("checks the account and creates nothing; {limit} s at most")
    }
}

/// What the configuration needs in the account, told against what the base needed.
fn names(render: &Render, base: Option<&Stored>) -> Vec<String> {
    let new = match Names::of_config(&render.config) {
        Ok(new) => new,
        Err(error) => return vec![format!("not known: {error:#}")],
    };
    let total = format!("{} and {}", mailboxes(new.mailboxes.len()), count(new.groups.len(), "contact group"));
    let Some((base, old)) = base.and_then(|base| Some((base, Names::of_config(config(&base.documents)?).ok()?))) else {
        return vec![format!("{total} must exist")];
    };
    let (needed, gone) = (new.without(&old), old.without(&new));
    let revision = base.revision.revision;
    if needed.is_empty() && gone.is_empty() {
        return vec![format!("{total} must exist, the same as for revision {revision}")];
    }
    let mut lines = vec![format!("{total} must exist; against revision {revision}:")];
    lines.extend(listed('+', &needed));
    lines.extend(listed('-', &gone));
    if !gone.is_empty() {
        lines.push("what is no longer needed stays in the account: nothing is deleted there".to_owned());
    }
    lines
}

fn mailboxes(number: usize) -> String {
    if number == 1 { "1 mailbox or label".to_owned() } else { format!("{number} mailboxes and labels") }
}

fn listed(sign: char, names: &Names) -> Vec<String> {
    let mailboxes = names.mailboxes.iter().map(|name| ("mailbox", name));
    let groups = names.groups.iter().map(|name| ("contact group", name));
    mailboxes.chain(groups).map(|(what, name)| format!("  {sign} {what} {name:?}")).collect()
}

fn config(documents: &[Document]) -> Option<&str> {
    let of = |document: &'_ Document| document.kind == "ConfigMap";
    documents
        .iter()
        .filter(|it| of(it))
        .find_map(|it| it.value.pointer("/data")?.get("config.yaml").and_then(Value::as_str))
}

/// What changes against the base, object by object.
fn changes(render: &Render, base: Option<&Stored>, state: &State) -> Vec<String> {
    let new: Vec<Document> = render.documents.iter().filter(|document| !document.hook).cloned().collect();
    let Some(base) = base else {
        return new.iter().map(|document| format!("+ {}", document.reference())).collect();
    };
    let changes = diff::objects(&base.documents, &new);
    let revision = base.revision.revision;
    if changes.is_empty() {
        return vec![format!("none against revision {revision}, but for its number")];
    }
    let what =
        if state.running().is_some() { "which runs" } else { "deployed by Helm's record; what runs is not stored" };
    let mut lines = vec![format!("against revision {revision}, {what}:")];
    for (reference, change) in changes {
        match change {
            Change::Added => lines.push(format!("+ {reference}")),
            Change::Removed => lines.push(format!("- {reference}")),
            Change::Changed(text) => {
                lines.push(reference);
                lines.extend(text.lines().map(|line| format!("  {line}")));
            }
        }
    }
    lines
}

fn refusals(session: &Session, state: &State) -> Vec<String> {
    let name = &session.request.namespace;
    let mut refusals = Vec::new();
    if state.namespace.presence == Presence::Terminating {
        let watch = format!("`{} wait --for=delete namespace/{name}`", session.kubectl_words());
        refusals.push(format!("namespace {name} is being deleted: try again when it is gone ({watch})"));
    }
    if session.request.remember && session.target.uid.is_none() {
        refusals
            .push("--remember needs to read the namespace kube-system, by which the cluster is known again".to_owned());
    }
    refusals
}

fn warnings(session: &Session, render: &Render, state: &State) -> Vec<String> {
    let facts = &state.namespace;
    let mut warnings =
        [&session.target.warnings, &session.secrets.warnings, &render.warnings].map(Clone::clone).concat();
    if skew(session.kubectl.version, session.target.version) > 1 {
        warnings.push(format!(
            "kubectl {} and Kubernetes {} lie more than one minor version apart, which Kubernetes does not support",
            session.kubectl.version, session.target.version
        ));
    }
    if !facts.refused_pods.is_empty() {
        let pods = count(facts.refused_pods.len(), "pod");
        let list = facts.refused_pods.join("\n  ");
        warnings.push(format!("{pods} of others in this namespace would be refused when made anew:\n  {list}"));
    }
    if let Some(version) = &facts.pinned_version {
        warnings.push(format!("label {}-version pins the policy to {version}; it stays", LEVEL_LABELS[0]));
    }
    if session.mask.too_short() > 0 {
        warnings.push("a credential of fewer than four characters cannot be masked in what tools say".to_owned());
    }
    warnings.extend(state.objects.warnings.iter().cloned());
    warnings
}
