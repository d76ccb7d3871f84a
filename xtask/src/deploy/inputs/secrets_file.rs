//! The secrets file, checked before anything is sent: there, whole, real, and out of git's reach.
//!
//! Keys are named, values never.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_yaml::Value;

use crate::chart;
use crate::deploy::Request;
use crate::exit::{self, Failure};
use crate::paths;
use crate::secrets;
use crate::tools::{Git, Tracking};

/// The secrets file, read and checked.
#[derive(Clone)]
pub struct Secrets {
    /// Passed to Helm by `-f`, after all other files.
    pub file: PathBuf,
    /// The values: for masking, never for printing.
    pub values: Vec<String>,
    /// What the plan should say about the file.
    pub warnings: Vec<String>,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secrets").field("file", &self.file).finish_non_exhaustive()
    }
}

/// The keys below `secrets` that the chart asks for.
const KEYS: [&str; 3] = ["jmapToken", "carddavUsername", "carddavPassword"];

/// Words that no credential holds and many a template does.
const TEMPLATE_WORDS: [&str; 4] = ["placeholder", "changeme", "change-me", "your-token"];

/// Reads and checks the file.
///
/// # Errors
/// Exit 1, with all that is wrong and the way out of each.
pub(crate) fn check(request: &Request, git: Option<&Git>) -> Result<Secrets> {
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

#[cfg(test)]
mod tests {
    use std::fs::Permissions;

    use super::*;

    const CANARY: &str = "CANARY-9f3c";
    const EXAMPLE: &str = "secrets: {jmapToken: fill-in, carddavUsername: me@mail.test, carddavPassword: app-word}\n";

    /// The verdict on a secrets file of this text and mode.
    fn checked(text: &str, mode: u32) -> Result<Secrets> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(chart::SECRETS_EXAMPLE), EXAMPLE).unwrap();
        let file = dir.path().join("mine.yaml");
        std::fs::write(&file, text).unwrap();
        std::fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
        let mut request = crate::deploy::inputs::request::tests::request();
        request.chart.dir = dir.path().to_path_buf();
        request.secrets = file;
        let git = Git::find(crate::report::Console::default());
        check(&request, git.as_ref())
    }

    fn with_token(token: &str) -> String {
        format!("secrets:\n  jmapToken: {token}\n  carddavUsername: a@b.test\n  carddavPassword: {CANARY}\n")
    }

    #[test]
    fn three_real_strings_will_do() {
        let secrets = checked(&with_token("'fmu1-0123456'"), 0o600).unwrap();
        assert_eq!(secrets.values, ["fmu1-0123456", "a@b.test", CANARY]);
        assert_eq!(secrets.warnings, [""; 0]);
        assert!(!format!("{secrets:?}").contains(CANARY));
    }

    #[test]
    fn each_key_that_will_not_do_is_named_and_no_value_is() {
        for (token, said) in [
            ("1234567", "is not read as a string"),
            ("true", "is not read as a string"),
            ("[CANARY-9f3c]", "is not read as a string"),
            ("", "has no value"),
            ("''", "is empty"),
            ("' '", "is empty"),
            ("fill-in", "is still a placeholder"),
            ("PLACEHOLDER-token", "is still a placeholder"),
            ("<CANARY-9f3c>", "is still a placeholder"),
            ("\"CANARY-9f3c\\n\"", "line break"),
            ("' CANARY-9f3c'", "space"),
            ("\"CANARY\\t-9f3c\"", "control character"),
        ] {
            let error = checked(&with_token(token), 0o600).expect_err(token);
            let message = format!("{error:#}");
            assert!(message.contains("secrets.jmapToken") && message.contains(said), "{token}: {message}");
            assert!(!message.contains("CANARY") && !message.contains("carddav"), "{message}");
            assert_eq!(exit::code_of(&error), exit::FINDINGS);
        }
    }

    #[test]
    fn all_missing_keys_are_named_at_once() {
        for text in ["", "secrets:\n", "other: {}\n", "jmapToken: x\n"] {
            let message = checked(text, 0o600).unwrap_err().to_string();
            assert!(KEYS.iter().all(|key| message.contains(&format!("secrets.{key} is missing"))), "{message}");
        }
    }

    #[test]
    fn a_file_that_is_no_yaml_is_told_by_its_line() {
        let message = checked(&with_token(&format!("'{CANARY}")), 0o600).unwrap_err().to_string();
        assert!(message.contains("is not YAML at line") && !message.contains(CANARY), "{message}");
    }

    #[test]
    fn a_file_that_others_may_read_is_a_warning() {
        for (mode, warned) in [(0o600, false), (0o400, false), (0o640, true), (0o604, true)] {
            let warnings = checked(&with_token("fmu1-0123456"), mode).unwrap().warnings;
            assert_eq!(warnings.iter().any(|warning| warning.contains("chmod 600")), warned, "{mode:o}: {warnings:?}");
        }
    }

    #[test]
    fn a_missing_file_is_told_with_the_copy_command() {
        let mut request = crate::deploy::inputs::request::tests::request();
        request.secrets = "/nowhere/s.yaml".into();
        let message = check(&request, None).unwrap_err().to_string();
        assert!(
            message.contains("install -m 600 helm/mailroom/secrets-values.yaml.example /nowhere/s.yaml"),
            "{message}"
        );
    }
}
