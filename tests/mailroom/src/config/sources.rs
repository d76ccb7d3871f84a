//! Where settings come from: the file, and environment variables that win over it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::value::{Dict, Value, quoted};
use super::{ConfigError, yaml};
use crate::exception::{self, Exception};

/// The environment variables that hold text, with the settings they set.
const TEXTS: [(&str, &str); 3] = [
    ("MAILROOM_JMAP_TOKEN", "jmap_token"),
    ("MAILROOM_CARDDAV_USERNAME", "carddav_username"),
    ("MAILROOM_CARDDAV_PASSWORD", "carddav_password"),
];
/// The environment variables that hold a section as JSON.
const SECTIONS: [(&str, &str); 4] = [
    ("MAILROOM_POLLING", "polling"),
    ("MAILROOM_TRIAGE", "triage"),
    ("MAILROOM_MAILROOM", "mailroom"),
    ("MAILROOM_LOGGING", "logging"),
];

/// Environment variables, taken once so that tests can give their own.
#[derive(Debug, Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// The environment of this process.
    pub fn of_process() -> Self {
        Self(std::env::vars_os().map(|(k, v)| (k.to_string_lossy().into(), v.to_string_lossy().into())).collect())
    }

    /// The value of a variable, set but empty included.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The value of a variable that counts as unset where it is empty.
    pub fn nonempty(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(variables: I) -> Self {
        Self(variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

/// All settings that were given: the file's first, then what only the environment has.
pub(super) fn settings(environment: &Environment) -> Result<Dict, ConfigError> {
    let path = PathBuf::from(environment.get("MAILROOM_CONFIG").unwrap_or("config.yaml"));
    let path = std::path::absolute(&path).unwrap_or_else(|_| std::env::current_dir().unwrap_or_default());
    if !path.exists() {
        return Err(ConfigError::NotFound(path));
    }
    let from_environment = environment_settings(environment)?;
    Ok(file_settings(&path)?.merged_with(from_environment))
}

fn environment_settings(environment: &Environment) -> Result<Dict, Exception> {
    let mut settings = Dict::default();
    for (variable, setting) in TEXTS {
        if let Some(text) = environment.get(variable) {
            settings.insert(Value::Str(setting.into()), Value::Str(text.into()));
        }
    }
    for (variable, setting) in SECTIONS {
        let Some(text) = environment.get(variable) else { continue };
        let section: Value = serde_json::from_str(text).map_err(|_| {
            let message = format!("error parsing value for field \"{setting}\" from source \"EnvSettingsSource\"");
            Exception::new(exception::SETTINGS, message)
        })?;
        if section != Value::None {
            settings.insert(Value::Str(setting.into()), section);
        }
    }
    Ok(settings)
}

/// The file's settings; a directory in the file's place counts as an empty file, which is how a volume without a
/// `subPath` silently runs the defaults.
fn file_settings(path: &Path) -> Result<Dict, Exception> {
    if !path.is_file() {
        return Ok(Dict::default());
    }
    let name = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|error| Exception::os(&error, &name))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let position = error.utf8_error().valid_up_to();
        let byte = error.as_bytes()[position];
        let message =
            format!("'utf-8' codec can't decode byte 0x{byte:02x} in position {position}: invalid start byte");
        Exception::new(exception::UNICODE_DECODE, message)
    })?;
    match yaml::read(&text, &name)? {
        Value::Dict(settings) => Ok(settings),
        Value::None => Ok(Dict::default()),
        other => {
            let message = format!("the settings are a mapping of sections, not {}", quoted(other.type_name()));
            Err(Exception::new(exception::VALUE, message))
        }
    }
}
