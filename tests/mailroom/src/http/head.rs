//! Heads of messages: what is written, and what is read.

use std::fmt::Write;

use super::Request;
use super::connect::Stream;
use crate::config::value::quoted;
use crate::exception::{self, Exception};

/// The most header fields that an answer may have.
const FIELDS: usize = 128;
/// The most bytes that the head of an answer may have.
const LENGTH: usize = 100 * 1024;

/// The status line and the fields of an answer.
#[derive(Debug, Clone)]
pub(super) struct Head {
    pub(super) status: u16,
    pub(super) reason: String,
    /// Names in lower case.
    pub(super) fields: Vec<(String, String)>,
}

impl Head {
    /// The value of the first field with this lower-case name.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }
}

/// Refuses header values that are not ASCII, before anything is connected.
pub(super) fn check_ascii(request: &Request) -> Result<(), Exception> {
    for (_, value) in &request.headers {
        if let Some((position, character)) = value.chars().enumerate().find(|(_, c)| !c.is_ascii()) {
            let code = match u32::from(character) {
                code @ ..0x100 => format!("\\x{code:02x}"),
                code @ ..0x1_0000 => format!("\\u{code:04x}"),
                code => format!("\\U{code:08x}"),
            };
            let message = format!(
                "'ascii' codec can't encode character '{code}' in position {position}: ordinal not in range(128)"
            );
            return Err(Exception::new(exception::UNICODE_ENCODE, message));
        }
    }
    Ok(())
}

/// Writes the whole request. A value with a line break, or with white space at an end, is shown in the error: that is how
/// the app prints a token that was pasted with its line break.
pub(super) fn write(stream: &mut Stream, request: &Request) -> Result<(), Exception> {
    let url = &request.url;
    let host = &url[url::Position::BeforeHost..url::Position::AfterPort];
    let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
    let mut text = format!("{} {target} HTTP/1.1\r\nHost: {host}\r\n", request.method);
    text.push_str("Accept-Encoding: identity\r\nConnection: close\r\n");
    text.push_str(concat!("User-Agent: mailroom-stand-in/", env!("CARGO_PKG_VERSION"), "\r\n"));
    if !request.headers.iter().any(|(name, _)| *name == "Accept") {
        text.push_str("Accept: */*\r\n");
    }
    for (name, value) in &request.headers {
        if value.trim_matches([' ', '\t', '\n', '\r', '\u{b}', '\u{c}']) != value || value.contains(['\n', '\r', '\0'])
        {
            let message = format!("Illegal header value b{}", quoted(value));
            let cause = Exception::new(exception::Class("httpcore.LocalProtocolError"), message.clone());
            return Err(Exception::new(exception::LOCAL_PROTOCOL, message).caused_by(cause));
        }
        text.extend([name, ": ", value, "\r\n"]);
    }
    if !request.body.is_empty() {
        write!(text, "Content-Length: {}\r\n", request.body.len()).expect("writing to a String");
    }
    text.push_str("\r\n");
    stream.write_whole(&[text.as_bytes(), &request.body].concat())
}

/// Reads the head of the final answer and what has arrived of its body.
pub(super) fn read(stream: &mut Stream) -> Result<(Head, Vec<u8>), Exception> {
    let mut buffer = Vec::new();
    loop {
        while let Some((head, length)) = parse(&buffer)? {
            buffer.drain(..length);
            // 1xx are announcements; the answer is still to come.
            if head.status >= 200 {
                return Ok((head, buffer));
            }
        }
        if buffer.len() > LENGTH {
            return Err(Exception::new(exception::REMOTE_PROTOCOL, "Receive buffer too long"));
        }
        if !stream.read_more(&mut buffer)? {
            return Err(Exception::new(exception::REMOTE_PROTOCOL, "Server disconnected without sending a response."));
        }
    }
}

/// The head at the start of `buffer` and its length, if it is complete.
fn parse(buffer: &[u8]) -> Result<Option<(Head, usize)>, Exception> {
    let mut fields = [httparse::EMPTY_HEADER; FIELDS];
    let mut answer = httparse::Response::new(&mut fields);
    let length = match answer.parse(buffer) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(error) => return Err(malformed(error, buffer)),
    };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let fields = answer.headers.iter().map(|field| (field.name.to_ascii_lowercase(), text(field.value))).collect();
    let reason = answer.reason.unwrap_or_default().to_owned();
    Ok(Some((Head { status: answer.code.unwrap_or_default(), reason, fields }, length)))
}

fn malformed(error: httparse::Error, buffer: &[u8]) -> Exception {
    let lines = || buffer.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let is_field =
        |line: &&[u8]| line.iter().position(|byte| *byte == b':').is_none_or(|at| line[..at].contains(&b' '));
    let (what, line) = match error {
        httparse::Error::HeaderName | httparse::Error::HeaderValue | httparse::Error::NewLine => {
            ("header", lines().skip(1).find(is_field).unwrap_or_default())
        }
        httparse::Error::TooManyHeaders => {
            return Exception::new(exception::REMOTE_PROTOCOL, "Receive buffer too long");
        }
        _ => ("status", lines().next().unwrap_or_default()),
    };
    let line = quoted(&String::from_utf8_lossy(&line[..line.len().min(200)]));
    Exception::new(exception::REMOTE_PROTOCOL, format!("illegal {what} line: bytearray(b{line})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(bytes: &[u8]) -> String {
        parse(bytes).unwrap_err().to_string()
    }

    #[test]
    fn heads_keep_their_reason_phrase() {
        let (head, length) = parse(b"HTTP/1.1 500 Boom Boom\r\nX-A: b\r\n\r\nrest").unwrap().unwrap();
        assert_eq!((head.status, head.reason.as_str(), head.field("x-a")), (500, "Boom Boom", Some("b")));
        assert_eq!(length, 34);
        assert_eq!(parse(b"HTTP/1.1 599\r\n\r\n").unwrap().unwrap().0.reason, "");
        assert!(parse(b"HTTP/1.1 200 OK\r\nX").unwrap().is_none());
    }

    #[test]
    fn what_is_not_http_is_shown() {
        assert_eq!(error(b"garbage\r\n\r\n"), "illegal status line: bytearray(b'garbage')");
        assert_eq!(error(b"HTTP/2 200 OK\r\n\r\n"), "illegal status line: bytearray(b'HTTP/2 200 OK')");
        assert_eq!(error(b"HTTP/1.1 200 OK\r\nBad Header\r\n\r\n"), "illegal header line: bytearray(b'Bad Header')");
    }
}
