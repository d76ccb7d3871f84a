//! What the values of a deploy may not hold: `setup.apply`, which is said anew each time, and credentials elsewhere than
//! in the secrets file.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_yaml::Value;

use crate::deploy::Request;
use crate::exit::Failure;
use crate::secrets;

/// Refuses `setup.apply` on the command line, whatever its value.
///
/// # Errors
/// Exit 2.
pub fn refuse_setup_in_argv(assignments: &[String]) -> Result<()> {
    // Helm reads `a=1,b=2` as two assignments, and a backslash as the quoting of the next character.
    let plain: Vec<String> = assignments.iter().map(|assignment| assignment.replace('\\', "")).collect();
    for part in plain.iter().flat_map(|assignment| assignment.split(',')) {
        let key = part.split('=').next().unwrap_or_default().trim();
        let mut keys = key.split('.').map(|key| key.split('[').next().unwrap_or_default());
        if keys.next() == Some("setup") && matches!(keys.next(), None | Some("apply")) {
            return Err(Failure::usage(format!(
                "`{key}` cannot be set: say --apply-setup where the gate is to create what is missing"
            )));
        }
    }
    Ok(())
}

/// Refuses values files that say what only the command line or the secrets file may say.
///
/// # Errors
/// Exit 2: `setup.apply` other than `false` in any file, the chart's own `values.yaml` included; `secrets` in a file
/// that is not the secrets file.
pub(crate) fn refuse_in_files(request: &Request) -> Result<()> {
    let own = request.chart.dir.join("values.yaml");
    // Where the secrets file is missing, its own check says so.
    let secrets = Some(&request.secrets).filter(|file| file.exists());
    for file in [&own].into_iter().chain(secrets).chain(&request.files) {
        let values = read(file)?;
        if applies(&values) {
            return Err(Failure::usage(format!(
                "`{}` sets setup.apply: take it out, and say --apply-setup where the gate is to create what is missing",
                file.display()
            )));
        }
        if holds_secrets(&values) && !same(file, &request.secrets) {
            return Err(Failure::usage(format!(
                "`{}` sets `{}`: credentials belong into one file, {} (--secrets names another)",
                file.display(),
                secrets::KEY,
                request.secrets.display()
            )));
        }
    }
    Ok(())
}

fn applies(values: &Value) -> bool {
    match values.get("setup") {
        None | Some(Value::Null) => false,
        Some(setup) => setup.get("apply").is_some_and(|apply| *apply != Value::Bool(false)),
    }
}

fn holds_secrets(values: &Value) -> bool {
    match values.get(secrets::KEY) {
        None | Some(Value::Null) => false,
        Some(Value::Mapping(secrets)) => !secrets.is_empty(),
        Some(_) => true,
    }
}

/// The values of a file; what it says is never part of an error.
fn read(file: &Path) -> Result<Value> {
    let shown = file.display();
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::usage(format!("cannot read the values file `{shown}`: {error}")))?;
    let not_yaml = |error: serde_yaml::Error| {
        let place = error.location().map_or(String::new(), |at| format!(" at line {}", at.line()));
        Failure::usage(format!("the values file `{shown}` is not YAML{place}"))
    };
    let mut values: Value = serde_yaml::from_str(&text).map_err(not_yaml)?;
    values.apply_merge().map_err(not_yaml)?;
    Ok(values)
}

fn same(one: &PathBuf, other: &PathBuf) -> bool {
    let real = |path: &PathBuf| path.canonicalize().with_context(|| format!("{}", path.display()));
    one == other || real(one).is_ok_and(|one| real(other).is_ok_and(|other| one == other))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit;

    const CANARY: &str = "CANARY-9f3c";

    /// A chart, a secrets file and one more file, of these texts.
    fn judged(values: &str, secrets: &str, file: &str) -> Result<()> {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = dir.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        write("values.yaml", values);
        let mut request = crate::deploy::inputs::request::tests::request();
        request.chart.dir = dir.path().to_path_buf();
        request.secrets = write("secrets.yaml", secrets);
        request.files = vec![write("more.yaml", file)];
        refuse_in_files(&request)
    }

    #[test]
    fn setup_apply_is_refused_on_the_command_line_whatever_its_value() {
        for argument in [
            "setup.apply=true",
            "setup.apply=false",
            "a=1,setup.apply=true",
            r"setup\.apply=1",
            "setup=null",
            "setup.apply[0]=x",
            " setup.apply=1",
        ] {
            let error = refuse_setup_in_argv(&[argument.to_owned()]).expect_err(argument);
            assert_eq!(exit::code_of(&error), exit::USAGE);
        }
        refuse_setup_in_argv(&[
            "config.setup.apply=1".to_owned(),
            "setup.other=1".to_owned(),
            "a=setup.apply".to_owned(),
        ])
        .unwrap();
    }

    #[test]
    fn setup_apply_is_refused_in_every_file_unless_false() {
        judged("setup:\n  apply: false\n", "secrets: {a: b}\n", "setup: {}\n").unwrap();
        for apply in [
            "setup: {apply: true}",
            "setup: {apply: 'true'}",
            "setup: {apply: null}",
            "x: &x {apply: true}\nsetup: {<<: *x}",
        ] {
            for error in [judged(apply, "", ""), judged("", apply, ""), judged("", "", apply)] {
                let error = error.expect_err(apply);
                assert!(error.to_string().contains("sets setup.apply"), "{error}");
                assert_eq!(exit::code_of(&error), exit::USAGE);
            }
        }
    }

    #[test]
    fn credentials_belong_into_the_secrets_file() {
        judged("secrets: {}\n", &format!("secrets: {{a: {CANARY}}}\n"), "secrets:\n").unwrap();
        for error in
            [judged(&format!("secrets: {{a: {CANARY}}}"), "", ""), judged("", "", &format!("secrets: {CANARY}"))]
        {
            let message = error.unwrap_err().to_string();
            assert!(message.contains("one file") && !message.contains(CANARY), "{message}");
        }
    }

    #[test]
    fn a_file_that_is_missing_or_broken_is_named_without_its_text() {
        let mut request = crate::deploy::inputs::request::tests::request();
        request.files = vec!["/nowhere/values.yaml".into()];
        request.secrets = "/nowhere/secrets.yaml".into();
        assert!(refuse_in_files(&request).unwrap_err().to_string().contains("/nowhere/values.yaml"));
        let message = judged("", &format!("secrets: '{CANARY}"), "").unwrap_err().to_string();
        assert!(message.contains("secrets.yaml` is not YAML at line") && !message.contains(CANARY), "{message}");
    }
}
