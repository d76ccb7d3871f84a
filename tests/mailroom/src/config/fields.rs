//! Types and defaults of every setting.
//!
//! Unknown keys are an error at the top and ignored below, as in the app.

use super::value::{Dict, Value};
use super::{Config, Problems, categories, convert};
use crate::exception::Exception;

/// The settings that may stand at the top.
const SETTINGS: [&str; 7] =
    ["jmap_token", "carddav_username", "carddav_password", "polling", "triage", "mailroom", "logging"];

/// Reads every setting, noting all problems; `None` only if there are some.
///
/// `whole` is `settings` again, for the problem of a missing token. Where the app's own code trips, that is an exception.
pub(super) fn config(settings: &Dict, whole: &Value, problems: &mut Problems) -> Result<Option<Config>, Exception> {
    if settings.get("jmap_token").is_none() {
        problems.add(&["jmap_token"], "missing", "Field required", whole);
    }
    let empty = Dict::default();
    let mut top = Section { dict: settings, place: &[], problems };
    let jmap_token = top.text("jmap_token", "");
    let carddav_username = top.text("carddav_username", "");
    let carddav_password = top.text("carddav_password", "");
    let mut polling = Section::of(settings, &["polling"], &empty, problems);
    let (interval, debounce_seconds) = (polling.integer("interval", 60), polling.integer("debounce_seconds", 1));
    let mut triage = Section::of(settings, &["triage"], &empty, problems);
    let screener_mailbox = triage.text("screener_mailbox", "Screener");
    let categories = categories::read(&mut triage)?;
    let mut mailroom = Section::of(settings, &["mailroom"], &empty, problems);
    let label_error = mailroom.text("label_error", "@MailroomError");
    let label_warning = mailroom.text("label_warning", "@MailroomWarning");
    let warnings_enabled = mailroom.boolean("warnings_enabled", true);
    let provenance_group = mailroom.text("provenance_group", "Mailroom");
    let log_level = Section::of(settings, &["logging"], &empty, problems).text("level", "info");
    for (key, value) in settings.iter() {
        match key {
            Value::Str(key) if !SETTINGS.contains(&key.as_str()) => {
                problems.add(&[key], "extra_forbidden", "Extra inputs are not permitted", value);
            }
            _ => {}
        }
    }
    Ok(problems.is_empty().then_some(Config {
        jmap_token,
        carddav_username,
        carddav_password,
        interval,
        debounce_seconds,
        screener_mailbox,
        categories,
        label_error,
        label_warning,
        warnings_enabled,
        provenance_group,
        log_level,
    }))
}

/// One mapping whose keys are read; a wrong value is noted and read as its default.
pub(super) struct Section<'a> {
    pub(super) dict: &'a Dict,
    pub(super) place: &'a [&'a str],
    pub(super) problems: &'a mut Problems,
}

impl<'a> Section<'a> {
    /// The section at `place`, a top-level key; without one, `empty`.
    fn of(settings: &'a Dict, place: &'static [&'static str; 1], empty: &'a Dict, problems: &'a mut Problems) -> Self {
        let [name] = *place;
        let dict = match settings.get(name) {
            None => empty,
            Some(Value::Dict(dict)) => dict,
            Some(other) => {
                let mut class = name.to_owned();
                class[..1].make_ascii_uppercase();
                let message = format!("Input should be a valid dictionary or instance of {class}Settings");
                problems.add(&[name], "model_type", message, other);
                empty
            }
        };
        Self { dict, place, problems }
    }

    /// Notes a problem with the value of `key`.
    pub(super) fn problem(&mut self, key: &str, kind: &'static str, message: &str, input: &Value) {
        let place: Vec<&str> = self.place.iter().copied().chain([key]).collect();
        self.problems.add(&place, kind, message, input);
    }

    pub(super) fn text(&mut self, key: &str, default: &str) -> String {
        match self.dict.get(key) {
            None => default.to_owned(),
            Some(Value::Str(text)) => text.clone(),
            Some(other) => {
                self.problem(key, "string_type", "Input should be a valid string", other);
                default.to_owned()
            }
        }
    }

    fn integer(&mut self, key: &str, default: i64) -> i64 {
        let Some(value) = self.dict.get(key) else { return default };
        match convert::integer(value) {
            Ok(number) => i64::try_from(number).unwrap_or(if number < 0 { i64::MIN } else { i64::MAX }),
            Err((kind, message)) => {
                self.problem(key, kind, message, value);
                default
            }
        }
    }

    pub(super) fn boolean(&mut self, key: &str, default: bool) -> bool {
        let Some(value) = self.dict.get(key) else { return default };
        match convert::boolean(value) {
            Ok(truth) => truth,
            Err((kind, message)) => {
                self.problem(key, kind, message, value);
                default
            }
        }
    }

    /// Text or `null`; a key that is left out is `null` too.
    pub(super) fn optional_text(&mut self, key: &str) -> Option<String> {
        match self.dict.get(key) {
            None | Some(Value::None) => None,
            Some(_) => Some(self.text(key, "")),
        }
    }
}
