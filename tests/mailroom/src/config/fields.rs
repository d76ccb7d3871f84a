//! Types and defaults of every setting, and pydantic's lax conversions: `"60"` is an integer, 60.5 is not.
//!
//! Unknown keys are an error at the top and ignored below, as in the app.

use super::value::{Dict, Value};
use super::{Category, Config, Problems};
use crate::exception::{self, Exception};

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
    let categories = triage.categories()?;
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
struct Section<'a> {
    dict: &'a Dict,
    place: &'a [&'a str],
    problems: &'a mut Problems,
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

    fn problem(&mut self, key: &str, kind: &'static str, message: &str, input: &Value) {
        let place: Vec<&str> = self.place.iter().copied().chain([key]).collect();
        self.problems.add(&place, kind, message, input);
    }

    fn text(&mut self, key: &str, default: &str) -> String {
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
        match integer(value) {
            Ok(number) => i64::try_from(number).unwrap_or(if number < 0 { i64::MIN } else { i64::MAX }),
            Err((kind, message)) => {
                self.problem(key, kind, message, value);
                default
            }
        }
    }

    fn boolean(&mut self, key: &str, default: bool) -> bool {
        let Some(value) = self.dict.get(key) else { return default };
        match boolean(value) {
            Ok(truth) => truth,
            Err((kind, message)) => {
                self.problem(key, kind, message, value);
                default
            }
        }
    }

    /// Text or `null`; a key that is left out is `null` too.
    fn optional_text(&mut self, key: &str) -> Option<String> {
        match self.dict.get(key) {
            None | Some(Value::None) => None,
            Some(_) => Some(self.text(key, "")),
        }
    }

    /// `triage.categories`, or the seven default ones.
    fn categories(&mut self) -> Result<Vec<Category>, Exception> {
        let items = match self.dict.get("categories") {
            None => return Ok(default_categories()),
            Some(Value::List(items)) => items,
            // The app goes over the items before pydantic has looked at the type.
            Some(other @ (Value::None | Value::Bool(_) | Value::Int(_) | Value::Float(_))) => {
                let message = format!("'{}' object is not iterable", other.type_name());
                return Err(Exception::new(exception::TYPE, message));
            }
            Some(other) => {
                self.problem("categories", "list_type", "Input should be a valid list", other);
                return Ok(Vec::new());
            }
        };
        let mut categories = Vec::new();
        for (position, item) in items.iter().enumerate() {
            let position = position.to_string();
            let place = ["triage", "categories", &position];
            match item {
                Value::Str(name) => {
                    let dict = Dict::from_iter([(Value::Str("name".into()), Value::Str(name.clone()))]);
                    categories.push(Section { dict: &dict, place: &place, problems: self.problems }.category());
                }
                Value::Dict(dict) => {
                    categories.push(Section { dict, place: &place, problems: self.problems }.category());
                }
                other => {
                    let message = "Input should be a valid dictionary or instance of TriageCategory";
                    self.problems.add(&place, "model_type", message, other);
                }
            }
        }
        Ok(categories)
    }

    /// One category; what the configuration leaves out is derived from its name.
    fn category(mut self) -> Category {
        let dict = self.dict;
        let name = match dict.get("name") {
            Some(input @ Value::Str(name)) if name.trim().is_empty() => {
                self.problem("name", "value_error", "Value error, a category's name must not be empty", input);
                String::new()
            }
            Some(_) => self.text("name", "").trim().to_owned(),
            None => {
                self.problem("name", "missing", "Field required", &Value::Dict(dict.clone()));
                String::new()
            }
        };
        let label = self.optional_text("label").unwrap_or_else(|| derived_label(&name));
        let contact_group = self.optional_text("contact_group").unwrap_or_else(|| name.clone());
        let destination_mailbox = self.optional_text("destination_mailbox").unwrap_or_else(|| name.clone());
        let is_person = match dict.get("contact_type") {
            Some(Value::Str(kind)) if kind == "person" => true,
            None => false,
            Some(Value::Str(kind)) if kind == "company" => false,
            Some(other) => {
                self.problem("contact_type", "literal_error", "Input should be 'company' or 'person'", other);
                false
            }
        };
        let parent = self.optional_text("parent");
        let add_to_inbox = self.boolean("add_to_inbox", false);
        Category { name, label, contact_group, destination_mailbox, is_person, parent, add_to_inbox }
    }
}

/// `@To` and the name without white space.
fn derived_label(name: &str) -> String {
    format!("@To{}", name.split_whitespace().collect::<String>())
}

fn default_categories() -> Vec<Category> {
    let category = |name: &str, parent: Option<&str>, is_person, add_to_inbox| Category {
        name: name.to_owned(),
        label: derived_label(name),
        contact_group: name.to_owned(),
        destination_mailbox: name.to_owned(),
        is_person,
        parent: parent.map(str::to_owned),
        add_to_inbox,
    };
    vec![
        category("Imbox", None, false, true),
        category("Feed", None, false, false),
        category("Paper Trail", None, false, false),
        category("Jail", None, false, false),
        category("Person", Some("Imbox"), true, false),
        category("Billboard", Some("Paper Trail"), false, false),
        category("Truck", Some("Paper Trail"), false, false),
    ]
}

/// Pydantic's kind and message for a value that has the wrong type.
type Wrong = (&'static str, &'static str);

fn integer(value: &Value) -> Result<i128, Wrong> {
    match value {
        Value::Int(number) => Ok(*number),
        Value::Bool(truth) => Ok(i128::from(*truth)),
        Value::Float(number) if !number.is_finite() => Err(("finite_number", "Input should be a finite number")),
        #[expect(clippy::cast_possible_truncation, reason = "a float's `as` saturates")]
        Value::Float(number) if number.fract() == 0.0 => Ok(*number as i128),
        Value::Float(_) => {
            Err(("int_from_float", "Input should be a valid integer, got a number with a fractional part"))
        }
        Value::Str(text) => integer_of_text(text)
            .ok_or(("int_parsing", "Input should be a valid integer, unable to parse string as an integer")),
        _ => Err(("int_type", "Input should be a valid integer")),
    }
}

/// `60`, ` 60 `, `+60`, `1_000` and `60.0`.
fn integer_of_text(text: &str) -> Option<i128> {
    let text = text.trim();
    let text = match text.split_once('.') {
        Some((whole, fraction)) if fraction.bytes().all(|digit| digit == b'0') => whole,
        _ => text,
    };
    if text.starts_with('_') || text.ends_with('_') || text.contains("__") {
        return None;
    }
    text.replace('_', "").parse().ok()
}

fn boolean(value: &Value) -> Result<bool, Wrong> {
    let wrong = Err(("bool_parsing", "Input should be a valid boolean, unable to interpret input"));
    match value {
        Value::Bool(truth) => Ok(*truth),
        Value::Int(number @ (0 | 1)) => Ok(*number == 1),
        Value::Float(number) if *number == 0.0 || (*number - 1.0).abs() < f64::EPSILON => Ok(*number != 0.0),
        Value::Str(text) => match text.to_ascii_lowercase().as_str() {
            "1" | "true" | "t" | "yes" | "y" | "on" => Ok(true),
            "0" | "false" | "f" | "no" | "n" | "off" => Ok(false),
            _ => wrong,
        },
        Value::Int(_) | Value::Float(_) => wrong,
        _ => Err(("bool_type", "Input should be a valid boolean")),
    }
}
