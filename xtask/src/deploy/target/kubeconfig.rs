//! The user's kubeconfig, read once: its contexts, and a minimal copy with one of them.
//!
//! Files are merged as client-go merges them: the first that names a context, cluster or user wins, and so does the
//! first current context. Paths in a file are relative to that file (client-go, `RelativizeClusterLocalPaths` and
//! `ResolveLocalPaths`), so the copy holds them in full.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::exit::{self, Failure};

/// Fields of a cluster and of a user that name files.
const CLUSTER_FILES: [&str; 1] = ["certificate-authority"];
const USER_FILES: [&str; 3] = ["client-certificate", "client-key", "tokenFile"];

/// One or several kubeconfig files, merged.
#[derive(Clone, Default)]
pub(crate) struct Kubeconfig {
    current: Option<String>,
    contexts: Vec<Entry>,
    clusters: Vec<Entry>,
    users: Vec<Entry>,
    files: Vec<PathBuf>,
}

/// An entry and the folder that its paths are relative to.
#[derive(Clone)]
struct Entry {
    name: String,
    value: Value,
    folder: PathBuf,
}

/// A kubeconfig with one context, and what is worth saying about it.
pub(crate) struct Minimal {
    /// The file's text: JSON, which every reader of YAML reads alike. It may hold credentials.
    pub text: String,
    /// The API server's URL.
    pub server: String,
    /// What the plan should say about it.
    pub warnings: Vec<String>,
}

/// The files that count: the one that was named, else those of `KUBECONFIG`, else `~/.kube/config`.
pub(crate) fn files(named: Option<&Path>, variable: Option<&OsStr>, home: Option<&OsStr>) -> Vec<PathBuf> {
    match (named, variable) {
        (Some(named), _) => vec![named.to_path_buf()],
        (None, Some(list)) => std::env::split_paths(list).filter(|path| !path.as_os_str().is_empty()).collect(),
        (None, None) => home.map(|home| Path::new(home).join(".kube/config")).into_iter().collect(),
    }
}

impl Kubeconfig {
    /// Reads and merges the files. One that does not exist is passed over, as kubectl does, unless it is the only one.
    ///
    /// # Errors
    /// Exit 3 where there is none, or one of them cannot be read; its text is never part of the error.
    pub(crate) fn load(files: &[PathBuf]) -> Result<Self> {
        let mut merged = Self::default();
        for file in files {
            match std::fs::read_to_string(file) {
                Ok(text) => merged.add(file, &text)?,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound && files.len() > 1 => {}
                Err(error) => return Err(Failure::environment(format!("kubeconfig `{}`: {error}", file.display()))),
            }
        }
        if merged.files.is_empty() {
            return Err(Failure::environment("there is no kubeconfig: name one with --kubeconfig, or set KUBECONFIG"));
        }
        Ok(merged)
    }

    /// The current context's name; none where none is set.
    pub(crate) fn current(&self) -> Option<&str> {
        self.current.as_deref()
    }

    /// One context as a kubeconfig of its own, with `namespace` as its default.
    ///
    /// # Errors
    /// Exit 2 where there is no such context, exit 3 where it is not complete.
    pub(crate) fn minimal(&self, context: &str, namespace: &str) -> Result<Minimal> {
        let entry = find(&self.contexts, context).ok_or_else(|| self.no_context(context))?;
        let incomplete = |what: &str| {
            Failure::environment(format!("context `{context}` in {} has no {what}; mend the kubeconfig", self.shown()))
        };
        let named = |field: &str| entry.value.get(field).and_then(Value::as_str).filter(|name| !name.is_empty());
        let cluster_name = named("cluster").ok_or_else(|| incomplete("cluster"))?;
        let cluster = find(&self.clusters, cluster_name).ok_or_else(|| incomplete("cluster that the file defines"))?;
        let server = cluster.value.get("server").and_then(Value::as_str).unwrap_or_default().trim_end_matches('/');
        if server.is_empty() {
            return Err(incomplete("server"));
        }
        let user =
            named("user").map(|name| find(&self.users, name).ok_or_else(|| incomplete("user that the file defines")));
        let user = user.transpose()?;
        let text = json!({
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": context,
            "contexts": [{"name": context, "context": {
                "cluster": cluster_name, "user": user.map_or("", |user| &user.name), "namespace": namespace,
            }}],
            "clusters": [{"name": cluster_name, "cluster": cluster.with_full_paths(&CLUSTER_FILES)}],
            "users": user.map(|user| json!({"name": user.name, "user": user.with_full_paths(&USER_FILES)})).into_iter().collect::<Vec<_>>(),
        });
        let warnings = warnings(context, server, &cluster.value, user.map(|user| &user.value));
        Ok(Minimal { text: text.to_string(), server: server.to_owned(), warnings })
    }

    fn add(&mut self, file: &Path, text: &str) -> Result<()> {
        let file = std::path::absolute(file)?;
        let failed = || Failure::new(exit::ENVIRONMENT, format!("cannot read the kubeconfig `{}`", file.display()));
        let value = parse(text).with_context(failed)?;
        let folder = file.parent().unwrap_or(Path::new("/"));
        for (list, entries) in
            [("contexts", &mut self.contexts), ("clusters", &mut self.clusters), ("users", &mut self.users)]
        {
            let found = entries_of(&value, list, folder).with_context(failed)?;
            let new: Vec<_> = found.into_iter().filter(|entry| find(entries, &entry.name).is_none()).collect();
            entries.extend(new);
        }
        let current = value.get("current-context").and_then(Value::as_str).filter(|name| !name.is_empty());
        self.current = self.current.take().or_else(|| current.map(str::to_owned));
        self.files.push(file);
        Ok(())
    }

    fn no_context(&self, context: &str) -> anyhow::Error {
        let known: Vec<_> = self.contexts.iter().map(|entry| entry.name.as_str()).collect();
        let known =
            if known.is_empty() { "it has none".to_owned() } else { format!("there are: {}", known.join(", ")) };
        Failure::usage(format!("no context `{context}` in {}; {known}", self.shown()))
    }

    fn shown(&self) -> String {
        self.files.iter().map(|file| format!("`{}`", file.display())).collect::<Vec<_>>().join(", ")
    }
}

impl Entry {
    /// The value with its paths in full; a command of an exec plugin is one only if it has a slash.
    fn with_full_paths(&self, fields: &[&str]) -> Value {
        let mut value = self.value.clone();
        let full = |path: &mut Value| {
            if let Some(text) = path.as_str().filter(|text| !text.is_empty()) {
                *path = self.folder.join(text).to_string_lossy().into_owned().into();
            }
        };
        fields.iter().filter_map(|&field| value.get_mut(field).map(full)).for_each(drop);
        if let Some(command) = value.pointer_mut("/exec/command")
            && command.as_str().is_some_and(|command| command.contains('/'))
        {
            full(command);
        }
        value
    }
}

fn find<'e>(entries: &'e [Entry], name: &str) -> Option<&'e Entry> {
    entries.iter().find(|entry| entry.name == name)
}

/// The text as JSON; the error names a line and nothing of the text, which holds credentials.
fn parse(text: &str) -> Result<Value> {
    let place = |error: serde_yaml::Error| {
        error.location().map_or_else(
            || anyhow::anyhow!("it is not YAML"),
            |at| anyhow::anyhow!("it is not YAML at line {}", at.line()),
        )
    };
    let mut value: serde_yaml::Value = serde_yaml::from_str(text).map_err(place)?;
    value.apply_merge().map_err(place)?;
    serde_json::to_value(value).map_err(|_| anyhow::anyhow!("it has a key that is no string"))
}

fn entries_of(file: &Value, list: &str, folder: &Path) -> Result<Vec<Entry>> {
    let inner = list.trim_end_matches('s');
    let mut entries: Vec<Entry> = Vec::new();
    for item in file.get(list).and_then(Value::as_array).into_iter().flatten() {
        let name =
            item.get("name").and_then(Value::as_str).with_context(|| format!("an entry of `{list}` has no name"))?;
        if find(&entries, name).is_some() {
            anyhow::bail!("`{list}` names `{name}` twice");
        }
        let value = item.get(inner).filter(|value| value.is_object()).cloned().unwrap_or_else(|| json!({}));
        entries.push(Entry { name: name.to_owned(), value, folder: folder.to_path_buf() });
    }
    Ok(entries)
}

fn warnings(context: &str, server: &str, cluster: &Value, user: Option<&Value>) -> Vec<String> {
    let mut warnings = Vec::new();
    if cluster.get("insecure-skip-tls-verify").and_then(Value::as_bool) == Some(true) || !server.starts_with("https://")
    {
        warnings.push(format!(
            "context `{context}` does not verify its API server ({server}): somebody in between could read the credentials"
        ));
    }
    if user.is_some_and(|user| user.get("auth-provider").is_some()) {
        warnings.push(format!(
            "the user of context `{context}` has an auth-provider: a token that it renews here is not written back to your kubeconfig"
        ));
    }
    warnings
}

#[cfg(test)]
mod tests;
