//! Everything wrong with a configuration at once, in pydantic's words and layout.

use std::fmt;

use super::value::Value;

/// The minor version of pydantic whose messages these are; it is part of the links.
const PYDANTIC: &str = "2.12";
/// The name of the settings class, which heads the list.
const MODEL: &str = "MailroomSettings";

/// One thing wrong at one place.
#[derive(Debug)]
struct Problem {
    /// Keys and list positions from the top; empty for a rule about the whole.
    place: Vec<String>,
    kind: &'static str,
    message: String,
    input_value: String,
    input_type: &'static str,
}

/// All problems of one configuration, in the order they were found.
#[derive(Debug, Default)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Notes that `input`, at `place`, is wrong; `kind` is pydantic's name for the sort of error.
    pub fn add(&mut self, place: &[&str], kind: &'static str, message: impl Into<String>, input: &Value) {
        self.0.push(Problem {
            place: place.iter().map(ToString::to_string).collect(),
            kind,
            message: message.into(),
            input_value: input.shown(),
            input_type: input.type_name(),
        });
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.len();
        write!(f, "{count} validation error{} for {MODEL}", if count == 1 { "" } else { "s" })?;
        for Problem { place, kind, message, input_value, input_type } in &self.0 {
            if !place.is_empty() {
                write!(f, "\n{}", place.join("."))?;
            }
            write!(f, "\n  {message} [type={kind}, input_value={input_value}, input_type={input_type}]")?;
            write!(f, "\n    For further information visit https://errors.pydantic.dev/{PYDANTIC}/v/{kind}")?;
        }
        Ok(())
    }
}
