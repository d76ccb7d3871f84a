//! What the values of a deploy may not hold: `setup.apply`, which is said anew each time, and credentials elsewhere than
//! in the secrets file.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_yaml::Value;

use super::Request;
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
pub fn refuse_in_files(request: &Request) -> Result<()> {
    let own = request.chart.dir.join("values.yaml");
    for file in [&own, &request.secrets].into_iter().chain(&request.files) {
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
