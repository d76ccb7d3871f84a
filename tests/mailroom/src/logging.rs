//! The service's log: one JSON object a line on stderr, or a line for people where stderr is a terminal.

use std::fmt::Write as _;
use std::io::{IsTerminal, Write as _};

use serde_json::Value;
use time::format_description::well_known::Rfc3339;

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Every poll.
    Debug,
    /// What a healthy service does.
    Info,
    /// What will be tried again.
    Warning,
    /// What failed.
    Error,
    /// What ends the service.
    Critical,
}

impl Level {
    /// The level of this name, any case; an unknown name is [`Level::Info`].
    pub fn named(name: &str) -> Self {
        match name.to_ascii_lowercase().as_str() {
            "debug" => Self::Debug,
            "warning" | "warn" => Self::Warning,
            "error" => Self::Error,
            "critical" | "fatal" => Self::Critical,
            _ => Self::Info,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Critical => "critical",
        }
    }
}

/// Writes lines from a level on.
#[derive(Debug, Clone, Copy)]
pub struct Log {
    threshold: Level,
    for_people: bool,
}

impl Log {
    /// A log on stderr.
    pub fn on_stderr(threshold: Level) -> Self {
        Self { threshold, for_people: std::io::stderr().is_terminal() }
    }

    /// Writes a line; `fields` follow the four that every line has.
    pub fn write(&self, level: Level, component: &str, event: &str, fields: &[(&str, Value)]) {
        if level >= self.threshold {
            let line = self.line(&now(), level, component, event, fields);
            // A stderr that is closed is nobody's problem here.
            let _ = writeln!(std::io::stderr(), "{line}");
        }
    }

    fn line(self, now: &str, level: Level, component: &str, event: &str, fields: &[(&str, Value)]) -> String {
        if self.for_people {
            let mut line = format!("{now} [{:<8}] {event:<30} [{component}]", level.name());
            for (name, value) in fields {
                write!(line, " {name}={value}").expect("writing to a String");
            }
            return line;
        }
        let first = [("timestamp", now), ("level", level.name()), ("component", component), ("event", event)];
        let first = first.map(|(name, value)| (name, Value::from(value)));
        object(first.iter().chain(fields))
    }
}

/// A JSON object with its fields in this order; `serde_json`'s own map would sort them.
pub fn object<'a>(fields: impl IntoIterator<Item = &'a (&'a str, Value)>) -> String {
    let fields: Vec<String> =
        fields.into_iter().map(|(name, value)| format!("{}:{value}", Value::from(*name))).collect();
    format!("{{{}}}", fields.join(","))
}

/// The time as RFC 3339 in UTC.
fn now() -> String {
    time::UtcDateTime::now().format(&Rfc3339).expect("a clock between the years 0 and 9999")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_object_with_its_fields_in_order() {
        let log = Log { threshold: Level::Info, for_people: false };
        let line =
            log.line("2026-03-05T01:02:03Z", Level::Info, "poller", "poll_failed", &[("exception", "a\nb".into())]);
        assert_eq!(
            line,
            r#"{"timestamp":"2026-03-05T01:02:03Z","level":"info","component":"poller","event":"poll_failed","exception":"a\nb"}"#
        );
        let log = Log { for_people: true, ..log };
        let line = log.line("2026-03-05T01:02:03Z", Level::Error, "poller", "poll_failed", &[("failures", 3.into())]);
        assert_eq!(line, "2026-03-05T01:02:03Z [error   ] poll_failed                    [poller] failures=3");
    }

    #[test]
    fn unknown_levels_are_info() {
        for (name, level) in
            [("WARNING", Level::Warning), ("debug", Level::Debug), ("off", Level::Info), ("", Level::Info)]
        {
            assert_eq!(Level::named(name), level);
        }
    }
}
