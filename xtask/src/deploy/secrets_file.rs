//! The secrets file, checked before anything is sent: there, whole, real, and out of git's reach.
//!
//! Keys are named, values never.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use anyhow::Result;
use serde_yaml::Value;

use super::{Request, Secrets};
use crate::chart;
use crate::exit::{self, Failure};
use crate::paths;
use crate::secrets;
use crate::tools::{Git, Tracking};

/// The keys below `secrets` that the chart asks for.
const KEYS: [&str; 3] = ["jmapToken", "carddavUsername", "carddavPassword"];

/// Words that no credential holds and many a template does.
const TEMPLATE_WORDS: [&str; 4] = ["placeholder", "changeme", "change-me", "your-token"];

/// Reads and checks the file.
///
/// # Errors
/// Exit 1, with all that is wrong and the way out of each.
pub fn check(request: &Request, git: Option<&Git>) -> Result<Secrets> {
    let file = &request.secrets;
    let shown = paths::shown(file);
    let text = std::fs::read_to_string(file).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => missing(request, &shown),
        _ => Failure::error(exit::FINDINGS, format!("cannot read the secrets file `{shown}`: {error}")),
    })?;
    let values = parse(&text, &shown)?;
    let example = std::fs::read_to_string(request.chart.dir.join(chart::SECRETS_EXAMPLE)).unwrap_or_default();
    let example = serde_yaml::from_str(&example).unwrap_or(Value::Null);
    let mut problems: Vec<String> = KEYS.iter().filter_map(|key| problem(&values, &example, key)).collect();
    let mut warnings = Vec::new();
    match git.map(|git| git.tracking(file)).transpose()? {
        Some(Tracking::Tracked) => problems.push(format!(
            "git tracks it: `git rm --cached {shown}`, ignore it, and make new credentials if it was ever pushed"
        )),
        Some(Tracking::Untracked) => {
            problems.push(format!("git does not ignore it, so `git add .` would take it: add {shown} to .gitignore"));
        }
        Some(Tracking::Ignored | Tracking::NoWorkTree) => {}
        None => warnings.push(format!("there is no git on PATH: whether it ignores `{shown}` is not known")),
    }
    if !problems.is_empty() {
        let list = problems.join("\n  ");
        return Err(Failure::error(exit::FINDINGS, format!("the secrets file `{shown}` will not do:\n  {list}")));
    }
    warnings.extend(readable_by_others(file, &shown));
    let values = KEYS.iter().filter_map(|key| secret(&values, key)?.as_str().map(str::to_owned)).collect();
    Ok(Secrets { file: file.clone(), values, warnings })
}

fn missing(request: &Request, shown: &str) -> anyhow::Error {
    let example = paths::shown(&request.chart.dir.join(chart::SECRETS_EXAMPLE));
    Failure::error(
        exit::FINDINGS,
        format!("there is no secrets file `{shown}`: `install -m 600 {example} {shown}`, and fill the copy in"),
    )
}

/// The file's values; the reader's own message may quote the text, so only the line is passed on.
fn parse(text: &str, shown: &str) -> Result<Value> {
    serde_yaml::from_str(text).map_err(|error| {
        let place = error.location().map_or(String::new(), |at| format!(" at line {}", at.line()));
        Failure::error(exit::FINDINGS, format!("the secrets file `{shown}` is not YAML{place}"))
    })
}

fn secret<'v>(values: &'v Value, key: &str) -> Option<&'v Value> {
    values.get(secrets::KEY)?.get(key)
}

/// What is wrong with one key; none where it holds something that may be a credential.
fn problem(values: &Value, example: &Value, key: &str) -> Option<String> {
    let name = format!("{}.{key}", secrets::KEY);
    let text = match secret(values, key) {
        None => return Some(format!("{name} is missing")),
        Some(Value::Null) => return Some(format!("{name} has no value")),
        Some(Value::String(text)) => text,
        Some(_) => return Some(format!("{name} is not read as a string: put it into quotes")),
    };
    let lower = text.to_lowercase();
    let from_example = secret(example, key).and_then(Value::as_str) == Some(text);
    match () {
        () if text.trim().is_empty() => Some(format!("{name} is empty")),
        () if from_example || TEMPLATE_WORDS.iter().any(|word| lower.contains(word)) || is_bracketed(text) => {
            Some(format!("{name} is still a placeholder"))
        }
        // The app prints a token that ends in a line break, in the traceback of the failed request.
        () if text.trim() != text || text.contains(char::is_control) => {
            Some(format!("{name} has a space or a line break at an end, or a control character in it"))
        }
        () => None,
    }
}

/// `<token>` and the like.
fn is_bracketed(text: &str) -> bool {
    text.starts_with('<') && text.ends_with('>')
}

fn readable_by_others(file: &Path, shown: &str) -> Option<String> {
    let mode = file.metadata().ok()?.permissions().mode() & 0o777;
    (mode & 0o077 != 0)
        .then(|| format!("other users of this machine may read `{shown}` (mode {mode:o}): `chmod 600 {shown}`"))
}
