//! The decision for a cluster: named, remembered, or current and confirmed; never guessed.
//!
//! Nothing is sent before the decision, and after it nothing but a private copy of its context is used: a switch of the
//! current context in another terminal changes nothing.

pub(crate) mod kubeconfig;
pub(crate) mod remember;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use self::kubeconfig::{Kubeconfig, Minimal};
use self::remember::Remembered;
use crate::deploy::{Request, Session};
use crate::exit::{self, Failure};
use crate::parallel;
use crate::report::{self, Console};
use crate::tools::kubectl::{Reason, reason};
use crate::tools::{Cluster, Host, Kubectl, Version};

/// The variable that names another file than `.deploy-target`.
const REMEMBERED: &str = "XTASK_DEPLOY_TARGET";

/// How the cluster came to be the one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chosen {
    /// Named by `--context`.
    Named,
    /// Remembered by an earlier `--remember`, and still the same cluster.
    Remembered,
    /// The current context, shown and confirmed on a terminal.
    Confirmed,
}

/// The cluster that was decided on.
#[derive(Debug)]
pub struct Target {
    /// The context's name in the user's kubeconfig, and the only one in ours.
    pub context: String,
    /// The API server's URL.
    pub server: String,
    /// The API server's version.
    pub version: Version,
    /// The UID of the namespace `kube-system`, which tells two clusters apart; none where it may not be read.
    pub uid: Option<String>,
    /// How it was chosen.
    pub chosen: Chosen,
    /// The user's kubeconfig, where one was named: commands for the user to paste name it too.
    pub named_kubeconfig: Option<PathBuf>,
    /// A private file (mode 0600) with this one context; it goes when the target is dropped.
    pub kubeconfig: tempfile::NamedTempFile,
    /// What the plan should say about it.
    pub warnings: Vec<String>,
}

/// The file that keeps the remembered cluster.
pub(super) fn remembered_file(host: &Host) -> PathBuf {
    host.var(REMEMBERED).map_or_else(|| crate::paths::root().join(".deploy-target"), PathBuf::from)
}

/// Decides for a context; nothing is sent.
///
/// # Errors
/// Exit 1 for a "no" of the user; exit 2 where the cluster is not named, not remembered and cannot be confirmed, or
/// its server is another one than was remembered; exit 3 where the kubeconfig cannot be read.
pub(super) fn choose(request: &Request, host: &Host) -> Result<Choice> {
    let file = remembered_file(host);
    let remembered = Remembered::load(&file)?;
    // Where a context is named, its kubeconfig is looked for as kubectl does, whatever was remembered.
    let kept = remembered.as_ref().filter(|_| request.context.is_none());
    let named_kubeconfig = request.kubeconfig.clone().or_else(|| kept?.kubeconfig.clone());
    let config =
        Kubeconfig::load(&kubeconfig::files(named_kubeconfig.as_deref(), host.var("KUBECONFIG"), host.var("HOME")))?;
    let (context, chosen) = pick(request, &config, remembered.as_ref())?;
    let minimal = config.minimal(&context, &request.namespace)?;
    let remembered = remembered.filter(|remembered| remembered.context == context);
    if let Some(remembered) = remembered.as_ref().filter(|remembered| remembered.server != minimal.server) {
        return Err(another_cluster(&file, remembered, &format!("its server is {} now", minimal.server)));
    }
    if chosen == Chosen::Confirmed {
        confirm(&context, &minimal.server)?;
    }
    Ok(Choice { context, chosen, named_kubeconfig, minimal, remembered, file })
}

/// A context that was decided on, and what it must prove.
pub(super) struct Choice {
    context: String,
    chosen: Chosen,
    named_kubeconfig: Option<PathBuf>,
    minimal: Minimal,
    /// What was remembered under this name.
    remembered: Option<Remembered>,
    /// Where it is kept.
    file: PathBuf,
}

/// Writes the private kubeconfig, asks the cluster who it is, and gives a kubectl that knows no other. A remembered cluster
/// must prove itself before it is asked anything else.
///
/// # Errors
/// Exit 2 where it is another cluster than was remembered under its name; exit 3 where it does not answer.
pub(super) fn open(choice: Choice, host: &Host, console: Console) -> Result<(Target, Kubectl)> {
    let Choice { context, chosen, named_kubeconfig, minimal: Minimal { text, server, warnings }, remembered, file } =
        choice;
    let failed = "cannot write a private copy of the kubeconfig";
    let mut kubeconfig = tempfile::Builder::new().prefix("mailroom-deploy-").tempfile().context(failed)?;
    kubeconfig.write_all(text.as_bytes()).and_then(|()| kubeconfig.flush()).context(failed)?;
    let cluster = Cluster { kubeconfig: kubeconfig.path().to_path_buf(), context: Some(context.clone()) };
    let kubectl = Kubectl::find_in(host, cluster, console)?;
    let failed =
        || Failure::new(exit::ENVIRONMENT, format!("cannot ask the cluster of context `{context}` at {server}"));
    let (uid, version) = match &remembered {
        None => parallel::both(|| kube_system_uid(&kubectl), || kubectl.server_version()),
        Some(remembered) => {
            let uid = kube_system_uid(&kubectl).with_context(failed)?;
            prove(uid.as_deref(), chosen, remembered, &file)?;
            (Ok(uid), kubectl.server_version())
        }
    };
    let (uid, version) = (uid.with_context(failed)?, version.with_context(failed)?);
    Ok((Target { context, server, version, uid, chosen, named_kubeconfig, kubeconfig, warnings }, kubectl))
}

/// The context to use, and how it was chosen: not yet confirmed where it is the current one.
fn pick(request: &Request, config: &Kubeconfig, remembered: Option<&Remembered>) -> Result<(String, Chosen)> {
    if let Some(context) = &request.context {
        return Ok((context.clone(), Chosen::Named));
    }
    if let Some(remembered) = remembered {
        return Ok((remembered.context.clone(), Chosen::Remembered));
    }
    let ways_out = "name it with --context, once with --remember to keep it";
    let Some(current) = config.current() else {
        return Err(Failure::usage(format!(
            "no cluster is named, none is remembered, and there is no current context: {ways_out}"
        )));
    };
    if request.yes {
        return Err(Failure::usage(format!(
            "--yes does not confirm a cluster: the current context is `{current}`; {ways_out}"
        )));
    }
    if !report::somebody_is_there() {
        return Err(Failure::usage(format!(
            "the current context is `{current}`, and there is no terminal to confirm it on: {ways_out}"
        )));
    }
    Ok((current.to_owned(), Chosen::Confirmed))
}

fn confirm(context: &str, server: &str) -> Result<()> {
    let question = format!("No cluster was named. The current context is `{context}`, at {server}.\nUse this cluster?");
    if report::confirmed(&question, || Ok(()))? {
        Ok(())
    } else {
        Err(Failure::error(exit::FINDINGS, "the cluster was not confirmed: nothing was sent"))
    }
}

/// Keeps the session's cluster for later runs.
///
/// # Errors
/// Exit 1 where its UID may not be read: then it could not be proved to be the same one later.
pub(super) fn remember(session: &Session, host: &Host) -> Result<()> {
    let file = remembered_file(host);
    let Target { context, server, uid, named_kubeconfig, .. } = &session.target;
    let kube_system_uid = uid.clone().context("--remember needs to read the namespace kube-system")?;
    let kubeconfig = named_kubeconfig.as_ref().map(std::path::absolute).transpose()?;
    let remembered = Remembered { context: context.clone(), server: server.clone(), kube_system_uid, kubeconfig };
    remembered.save(&file)?;
    session.console.note(format_args!("`{context}` is remembered in {}", crate::paths::shown(&file)));
    Ok(())
}

/// The UID of `kube-system`, as good as a cluster's own; none where the user may not read it.
fn kube_system_uid(kubectl: &Kubectl) -> Result<Option<String>> {
    match kubectl.get("namespace", "kube-system", "") {
        Ok(found) => Ok(found.and_then(|it| it.pointer("/metadata/uid").and_then(Value::as_str).map(str::to_owned))),
        Err(error) if reason(&error) == Reason::Forbidden => Ok(None),
        Err(error) => Err(error),
    }
}

/// Refuses a cluster that carries a remembered name and is another one.
fn prove(uid: Option<&str>, chosen: Chosen, remembered: &Remembered, file: &Path) -> Result<()> {
    match uid {
        Some(uid) if uid == remembered.kube_system_uid => Ok(()),
        Some(uid) => Err(another_cluster(file, remembered, &format!("the UID of its kube-system is {uid} now"))),
        None if chosen == Chosen::Named => Ok(()),
        None => Err(Failure::usage(format!(
            "you may not read the namespace kube-system, so `{}` cannot be proved to be the remembered cluster: name it with --context",
            remembered.context
        ))),
    }
}

fn another_cluster(file: &Path, remembered: &Remembered, why: &str) -> anyhow::Error {
    Failure::usage(format!(
        "context `{}` is not the cluster that was remembered ({}, kube-system {}): {why}; \
         if it was rebuilt or moved on purpose, `rm {}` and remember it again",
        remembered.context,
        remembered.server,
        remembered.kube_system_uid,
        crate::paths::shown(file)
    ))
}
