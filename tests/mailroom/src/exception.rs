//! Failures as the app raises them: a Python class, its message, and the traceback that Python prints for them.
//!
//! The app is written in Python, and a good part of what an operator sees of its failures is Python's own output.
//! Which class an error has decides what happens to it: [`Exception::is_http_status`] and [`Exception::is_connect_error`]
//! are caught while connecting, HTTP statuses and [`RUNTIME`] become rows of a report, everything else ends the process.

use std::fmt::{self, Write};
use std::panic::Location;

/// A Python exception class, by the name that a traceback shows: built-in classes have no module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Class(pub &'static str);

/// The server answered with a status outside 2xx.
pub const HTTP_STATUS: Class = Class("httpx.HTTPStatusError");
/// No connection: name not resolved, refused, TLS not verified.
pub const CONNECT: Class = Class("httpx.ConnectError");
/// No connection within the limit, the TLS handshake included.
pub const CONNECT_TIMEOUT: Class = Class("httpx.ConnectTimeout");
/// No byte of the answer within the limit.
pub const READ_TIMEOUT: Class = Class("httpx.ReadTimeout");
/// The request could not be written within the limit.
pub const WRITE_TIMEOUT: Class = Class("httpx.WriteTimeout");
/// The connection broke while reading.
pub const READ: Class = Class("httpx.ReadError");
/// The connection broke while writing.
pub const WRITE: Class = Class("httpx.WriteError");
/// The server does not speak HTTP, or stopped in the middle of an answer.
pub const REMOTE_PROTOCOL: Class = Class("httpx.RemoteProtocolError");
/// The request itself cannot be sent, such as a token with a line break.
pub const LOCAL_PROTOCOL: Class = Class("httpx.LocalProtocolError");
/// The proxy answered CONNECT with a refusal.
pub const PROXY: Class = Class("httpx.ProxyError");
/// A chain of redirects without an end.
pub const TOO_MANY_REDIRECTS: Class = Class("httpx.TooManyRedirects");
/// A URL whose scheme is not HTTP.
pub const UNSUPPORTED_PROTOCOL: Class = Class("httpx.UnsupportedProtocol");
/// A trust store that holds no certificate.
pub const SSL: Class = Class("ssl.SSLError");
/// An answer that is not JSON.
pub const JSON_DECODE: Class = Class("json.decoder.JSONDecodeError");
/// An answer that is not XML.
pub const XML_PARSE: Class = Class("xml.etree.ElementTree.ParseError");
/// An environment variable that should hold JSON and does not.
pub const SETTINGS: Class = Class("pydantic_settings.exceptions.SettingsError");
/// A configuration that breaks a rule.
pub const VALIDATION: Class = Class("pydantic_core._pydantic_core.ValidationError");
/// The app's own word for what the server refused.
pub const RUNTIME: Class = Class("RuntimeError");
/// A value that makes no sense.
pub const VALUE: Class = Class("ValueError");
/// A key that an answer does not have.
pub const KEY: Class = Class("KeyError");
/// A value of another type than expected.
pub const TYPE: Class = Class("TypeError");
/// Something looked up in nothing.
pub const ATTRIBUTE: Class = Class("AttributeError");
/// A position that a list does not have.
pub const INDEX: Class = Class("IndexError");
/// Text that ASCII cannot hold.
pub const UNICODE_ENCODE: Class = Class("UnicodeEncodeError");
/// Bytes that are not UTF-8.
pub const UNICODE_DECODE: Class = Class("UnicodeDecodeError");
/// A file that does not exist.
pub const FILE_NOT_FOUND: Class = Class("FileNotFoundError");
/// A file that may not be read.
pub const PERMISSION: Class = Class("PermissionError");
/// Any other failure of the operating system.
pub const OS: Class = Class("OSError");

/// One raised exception.
#[derive(Debug)]
pub struct Exception {
    class: Class,
    message: String,
    /// `401 Unauthorized`, for [`HTTP_STATUS`] alone.
    status: Option<String>,
    raised_at: &'static Location<'static>,
    cause: Option<Box<Exception>>,
}

impl Exception {
    /// An exception of `class` that says `message`, raised where this is called.
    #[track_caller]
    pub fn new(class: Class, message: impl Into<String>) -> Self {
        Self { class, message: message.into(), status: None, raised_at: Location::caller(), cause: None }
    }

    /// [`HTTP_STATUS`] with its full message and the short `401 Unauthorized` of the connect phase.
    #[track_caller]
    pub fn http_status(message: String, status: String) -> Self {
        Self { status: Some(status), ..Self::new(HTTP_STATUS, message) }
    }

    /// The class for a failed file operation, with Python's `[Errno N] text: 'path'`; no path where `path` is empty.
    #[track_caller]
    pub fn os(error: &std::io::Error, path: &str) -> Self {
        let class = match error.kind() {
            std::io::ErrorKind::NotFound => FILE_NOT_FOUND,
            std::io::ErrorKind::PermissionDenied => PERMISSION,
            _ => OS,
        };
        let path = if path.is_empty() { String::new() } else { format!(": {}", crate::config::value::quoted(path)) };
        Self::new(class, format!("{}{path}", errno_text(error)))
    }

    /// The same exception, raised because of `cause`: the traceback shows both, the cause first.
    #[must_use]
    pub fn caused_by(self, cause: Self) -> Self {
        Self { cause: Some(Box::new(cause)), ..self }
    }

    /// Its class.
    pub fn class(&self) -> Class {
        self.class
    }

    /// Whether a row of the report can hold it, so that the rest of an apply goes on.
    pub fn is_row(&self) -> bool {
        matches!(self.class, HTTP_STATUS | RUNTIME)
    }

    /// What follows `JMAP connection failed: ` where the connect phase catches it; `None` for what it lets through.
    pub fn connection_reason(&self) -> Option<&str> {
        match self.class {
            HTTP_STATUS => self.status.as_deref(),
            CONNECT => Some(&self.message),
            _ => None,
        }
    }

    /// What Python prints for it when nobody catches it, without a final line break.
    ///
    /// The last line is `module.ClassName: message`. The frames are the stand-in's own source lines.
    pub fn traceback(&self) -> String {
        let mut text = String::new();
        if let Some(cause) = &self.cause {
            text.push_str(&cause.traceback());
            text.push_str("\n\nThe above exception was the direct cause of the following exception:\n\n");
        }
        text.push_str("Traceback (most recent call last):\n");
        let (file, line) = (self.raised_at.file(), self.raised_at.line());
        writeln!(text, "  File \"{file}\", line {line}, in stand_in").expect("writing to a String");
        text.push_str(self.class.0);
        if !self.message.is_empty() {
            text.push_str(": ");
            text.push_str(&self.message);
        }
        text
    }
}

impl fmt::Display for Exception {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Exception {}

/// `[Errno 111] Connection refused`, as Python words an operating system's error; Rust's own text where it has no number.
pub fn errno_text(error: &std::io::Error) -> String {
    let Some(number) = error.raw_os_error() else { return error.to_string() };
    let text = error.to_string();
    let text = text.strip_suffix(&format!(" (os error {number})")).unwrap_or(&text);
    format!("[Errno {number}] {text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_of_a_traceback_is_class_and_message() {
        let text = Exception::new(READ_TIMEOUT, "The read operation timed out").traceback();
        assert!(
            text.starts_with("Traceback (most recent call last):\n  File \"tests/mailroom/src/exception.rs\", line ")
        );
        assert_eq!(text.lines().last(), Some("httpx.ReadTimeout: The read operation timed out"));
    }

    #[test]
    fn an_empty_message_leaves_the_class_alone() {
        assert_eq!(Exception::new(READ, "").traceback().lines().last(), Some("httpx.ReadError"));
    }

    #[test]
    fn a_cause_is_shown_first() {
        let text = Exception::new(LOCAL_PROTOCOL, "no").caused_by(Exception::new(VALUE, "first")).traceback();
        let (cause, rest) =
            text.split_once("\n\nThe above exception was the direct cause of the following exception:\n\n").unwrap();
        assert_eq!(cause.lines().last(), Some("ValueError: first"));
        assert!(rest.starts_with("Traceback (most recent call last):"));
    }

    #[test]
    fn only_statuses_and_connect_errors_have_a_reason_while_connecting() {
        let status =
            Exception::http_status("Client error '401 Unauthorized' for url".into(), "401 Unauthorized".into());
        assert_eq!(status.connection_reason(), Some("401 Unauthorized"));
        assert_eq!(Exception::new(CONNECT, "refused").connection_reason(), Some("refused"));
        for class in [CONNECT_TIMEOUT, READ_TIMEOUT, REMOTE_PROTOCOL, LOCAL_PROTOCOL, PROXY, RUNTIME, KEY] {
            assert_eq!(Exception::new(class, "x").connection_reason(), None, "{class:?}");
        }
    }

    #[test]
    fn operating_system_errors_carry_their_number() {
        let refused = std::io::Error::from_raw_os_error(111);
        assert_eq!(errno_text(&refused), "[Errno 111] Connection refused");
        let missing = Exception::os(&std::io::Error::from_raw_os_error(2), "/no/such");
        assert_eq!(
            missing.traceback().lines().last(),
            Some("FileNotFoundError: [Errno 2] No such file or directory: '/no/such'")
        );
    }
}
