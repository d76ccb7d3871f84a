//! The app's configuration: a YAML file, the environment merged over it, types, defaults and rules.

mod categories;
mod convert;
mod fields;
mod json;
mod problems;
mod rules;
mod sources;
pub mod value;
mod yaml;

use std::path::PathBuf;

pub use problems::Problems;
pub use sources::Environment;
use value::Value;

use crate::exception::{self, Exception};

/// A whole and valid configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// `MAILROOM_JMAP_TOKEN`; may be empty, and is then refused at the first request.
    pub jmap_token: String,
    /// `MAILROOM_CARDDAV_USERNAME`.
    pub carddav_username: String,
    /// `MAILROOM_CARDDAV_PASSWORD`.
    pub carddav_password: String,
    /// Seconds between polls; not checked, as in the app: 0 polls without a pause, negative ones crash the loop.
    pub interval: i64,
    /// Seconds that a push waits for more pushes.
    pub debounce_seconds: i64,
    /// The mailbox that unknown senders land in.
    pub screener_mailbox: String,
    /// The categories in the order of the configuration.
    pub categories: Vec<Category>,
    /// The label of mails that could not be sorted.
    pub label_error: String,
    /// The label of mails that were sorted with a doubt.
    pub label_warning: String,
    /// Whether `label_warning` is used, and so required.
    pub warnings_enabled: bool,
    /// The contact group of the contacts that the app made.
    pub provenance_group: String,
    /// The log level's name; an unknown one is `info`.
    pub log_level: String,
}

/// A category with everything derived that the configuration leaves out.
#[derive(Debug, Clone, PartialEq)]
pub struct Category {
    /// Its name.
    pub name: String,
    /// The mailbox that serves as the label for it.
    pub label: String,
    /// The contact group of its senders.
    pub contact_group: String,
    /// The mailbox that mails of its senders go to.
    pub destination_mailbox: String,
    /// Whether senders are written as persons, not as companies.
    pub is_person: bool,
    /// The category above it.
    pub parent: Option<String>,
    /// Whether its mails also stay in the Inbox.
    pub add_to_inbox: bool,
}

/// Why there is no configuration.
#[derive(Debug)]
pub enum ConfigError {
    /// The file that `MAILROOM_CONFIG` names does not exist; its absolute path.
    NotFound(PathBuf),
    /// Pydantic's list of problems, which `setup` and `run` both report in one message.
    Invalid(Box<Problems>),
    /// Anything else; `setup` reports it in one message, `run` as a traceback.
    Raised(Exception),
}

impl From<Exception> for ConfigError {
    fn from(exception: Exception) -> Self {
        Self::Raised(exception)
    }
}

/// Loads the configuration that `environment` describes.
pub fn load(environment: &Environment) -> Result<Config, ConfigError> {
    let settings = sources::settings(environment)?;
    if let Some((key, _)) = settings.iter().find(|(key, _)| !matches!(key, Value::Str(_))) {
        let message = format!("'{}' object has no attribute 'lower'", key.type_name());
        return Err(Exception::new(exception::ATTRIBUTE, message).into());
    }
    let whole = Value::Dict(settings.clone());
    let mut problems = Problems::default();
    if settings.get("labels").is_some() {
        let message = "Value error, the section `labels` is now called `mailroom`, with the keys `label_error`, \
                       `label_warning`, `warnings_enabled` and `provenance_group`";
        problems.add(&[], "value_error", message, &whole);
        return Err(ConfigError::Invalid(Box::new(problems)));
    }
    let config = fields::config(&settings, &whole, &mut problems)?;
    match config {
        Some(config) if problems.is_empty() => {
            let broken = rules::broken(&config.categories);
            if broken.is_empty() {
                return Ok(config);
            }
            let message =
                format!("Value error, the categories break {} rules:\n  - {}", broken.len(), broken.join("\n  - "));
            problems.add(&[], "value_error", message, &whole);
        }
        _ => {}
    }
    Err(ConfigError::Invalid(Box::new(problems)))
}

#[cfg(test)]
mod tests;
