//! Answers, and the error that a status outside 2xx is.

use url::Url;

use super::Request;
use super::body::Body;
use super::connect::Stream;
use super::head::{self, Head};
use crate::exception::Exception;

/// An answer whose body is still arriving.
#[derive(Debug)]
pub struct Incoming {
    head: Head,
    url: Url,
    body: Body,
}

impl Incoming {
    /// Reads the rest.
    pub fn whole(self) -> Result<Response, Exception> {
        Ok(Response { head: self.head, url: self.url, body: self.body.whole()? })
    }

    /// The body, if the status is 2xx; else the error of the status.
    pub fn stream(self) -> Result<Body, Exception> {
        check(&self.head, &self.url).map(|()| self.body)
    }
}

/// A whole answer.
#[derive(Debug)]
pub struct Response {
    head: Head,
    url: Url,
    body: Vec<u8>,
}

impl Response {
    /// The body, if the status is 2xx; else the error of the status.
    pub fn body(self) -> Result<Vec<u8>, Exception> {
        check(&self.head, &self.url).map(|()| self.body)
    }

    /// The URL that answered, after redirects.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The status code.
    pub fn status(&self) -> u16 {
        self.head.status
    }

    /// Where a redirect leads; `None` for everything else.
    pub(super) fn location(&self) -> Option<&str> {
        redirect_location(&self.head)
    }
}

pub(super) fn read_head(mut stream: Stream, request: &Request) -> Result<Incoming, Exception> {
    let (head, rest) = head::read(&mut stream)?;
    let body = Body::new(stream, rest, &head, &request.method)?;
    Ok(Incoming { head, url: request.url.clone(), body })
}

/// `401 Unauthorized`, with the reason phrase of the wire.
pub(super) fn status_text(status: u16, reason: &str) -> String {
    format!("{status} {reason}")
}

fn redirect_location(head: &Head) -> Option<&str> {
    if matches!(head.status, 301 | 302 | 303 | 307 | 308) { head.field("location") } else { None }
}

fn check(head: &Head, url: &Url) -> Result<(), Exception> {
    let status = head.status;
    if (200..300).contains(&status) {
        return Ok(());
    }
    let sort = match status {
        300..400 => "Redirect response",
        400..500 => "Client error",
        500..600 => "Server error",
        _ => "Invalid status code",
    };
    let phrase = status_text(status, &head.reason);
    let location = redirect_location(head).map(|to| format!("\nRedirect location: '{to}'")).unwrap_or_default();
    let link = format!("https://developer.mozilla.org/en-US/docs/Web/HTTP/Status/{status}");
    Err(Exception::http_status(
        format!("{sort} '{phrase}' for url '{url}'{location}\nFor more information check: {link}"),
        phrase,
    ))
}
