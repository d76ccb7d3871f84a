//! Redirects as the app's client follows them: 302 and 303 turn every method into GET, so PROPFIND survives only 301,
//! 307 and 308.

use super::{Request, Response};
use crate::exception::{self, Exception};

/// The most redirects of one request.
const MOST: usize = 20;

/// Sends `request` and what it is redirected to.
pub(super) fn follow(
    mut request: Request,
    send: impl Fn(&Request) -> Result<Response, Exception>,
) -> Result<Response, Exception> {
    for _ in 0..=MOST {
        let response = send(&request)?;
        match response.location() {
            None => return Ok(response),
            Some(location) => request = redirected(&request, response.status(), location)?,
        }
    }
    Err(Exception::new(exception::TOO_MANY_REDIRECTS, "Exceeded maximum allowed redirects."))
}

/// The request that follows a redirect with this status.
fn redirected(request: &Request, status: u16, location: &str) -> Result<Request, Exception> {
    let url = request.url.join(location).map_err(|error| {
        Exception::new(exception::REMOTE_PROTOCOL, format!("Invalid URL in location header: {error}."))
    })?;
    let becomes_get = matches!(status, 302 | 303) || (status == 301 && request.method == "POST");
    let mut next = Request { url, ..request.clone() };
    if becomes_get && request.method != "HEAD" && request.method != "GET" {
        "GET".clone_into(&mut next.method);
        next.body.clear();
        next.headers.retain(|(name, _)| *name != "Content-Type");
    }
    // Credentials stay with the origin they are for; the step from http to https of one host keeps them.
    let upgraded =
        request.url.scheme() == "http" && next.url.scheme() == "https" && request.url.host() == next.url.host();
    if request.url.origin() != next.url.origin() && !upgraded {
        next.headers.retain(|(name, _)| *name != "Authorization");
    }
    Ok(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redirected(method: &str, status: u16, location: &str) -> Request {
        let url = "https://carddav.fastmail.com/.well-known/carddav".parse().unwrap();
        let request = Request::new(method, url).header("Authorization", "Basic x").header("Depth", "0");
        super::redirected(&request.content("application/xml", "<x/>"), status, location).unwrap()
    }

    fn has(request: &Request, field: &str) -> bool {
        request.headers.iter().any(|(name, _)| *name == field)
    }

    #[test]
    fn only_some_statuses_keep_the_method_and_the_content() {
        for (status, method, content) in [
            (301, "PROPFIND", true),
            (307, "PROPFIND", true),
            (308, "PROPFIND", true),
            (302, "GET", false),
            (303, "GET", false),
        ] {
            let next = redirected("PROPFIND", status, "/dav/");
            assert_eq!(
                (next.method.as_str(), !next.body.is_empty(), has(&next, "Content-Type")),
                (method, content, content)
            );
            assert_eq!(next.url.as_str(), "https://carddav.fastmail.com/dav/");
            assert!(has(&next, "Authorization") && has(&next, "Depth"));
        }
        assert_eq!(redirected("POST", 301, "/").method, "GET");
    }

    #[test]
    fn another_origin_gets_no_credentials() {
        assert!(!has(&redirected("PROPFIND", 301, "https://elsewhere.example/"), "Authorization"));
        assert!(!has(&redirected("PROPFIND", 301, "http://carddav.fastmail.com/"), "Authorization"));
    }
}
