//! `GET /healthz`, as Python's `http.server` answers it: HTTP/1.0, one request a connection.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::SystemTime;

use super::status::Status;
use crate::http::LIMIT;

/// The longest request head that is read.
const LENGTH: usize = 64 * 1024;

/// Answers probes until the process ends.
pub(super) fn serve(listener: TcpListener, status: Status) {
    std::thread::spawn(move || {
        for socket in listener.incoming().flatten() {
            let status = status.clone();
            // A thread each: a client that sends nothing must not keep the kubelet waiting.
            std::thread::spawn(move || answer(socket, &status));
        }
    });
}

fn answer(mut socket: TcpStream, status: &Status) {
    let limits = socket.set_read_timeout(Some(LIMIT)).and_then(|()| socket.set_write_timeout(Some(LIMIT)));
    let Some(request) = limits.ok().and_then(|()| read_head(&mut socket)) else { return };
    // Nobody to tell where the client is gone.
    let _ = socket.write_all(response(&request, status).as_bytes());
}

/// The request's head, or what there is of it when it makes no sense.
fn read_head(socket: &mut TcpStream) -> Option<Vec<u8>> {
    let mut head = Vec::new();
    let mut chunk = [0; 1024];
    loop {
        let count = socket.read(&mut chunk).ok().filter(|count| *count > 0)?;
        head.extend_from_slice(&chunk[..count]);
        let partial = parse(&head).is_ok_and(|parsed| parsed.is_none());
        if !partial || head.len() > LENGTH {
            return Some(head);
        }
    }
}

/// Method and path of a complete head; `None` while more has to come.
fn parse(head: &[u8]) -> Result<Option<(String, String)>, httparse::Error> {
    let mut fields = [httparse::EMPTY_HEADER; 64];
    let mut request = httparse::Request::new(&mut fields);
    let complete = request.parse(head)?.is_complete();
    let words = (request.method.unwrap_or_default().to_owned(), request.path.unwrap_or_default().to_owned());
    Ok(complete.then_some(words))
}

fn response(head: &[u8], status: &Status) -> String {
    let Ok(Some((method, path))) = parse(head) else { return message("400 Bad Request", "text/html", "") };
    match (method.as_str(), path.as_str()) {
        ("GET", "/healthz") => {
            let (healthy, report) = status.report(SystemTime::now());
            let line = if healthy { "200 OK" } else { "503 Service Unavailable" };
            message(line, "application/json", &report)
        }
        // A query string makes it another path.
        ("GET", _) => message("404 Not Found", "application/json", ""),
        ("HEAD", _) => message(&format!("501 Unsupported method ('{method}')"), "text/html", ""),
        _ => {
            let text = format!("Unsupported method ('{method}').\n");
            message(&format!("501 Unsupported method ('{method}')"), "text/html", &text)
        }
    }
}

fn message(line: &str, media_type: &str, body: &str) -> String {
    format!("HTTP/1.0 {line}\r\nServer: mailroom-stand-in\r\nContent-Type: {media_type}\r\n\r\n{body}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_get_of_the_one_path_is_answered() {
        let status = Status::new(60, true);
        for (request, line) in [
            ("GET /healthz HTTP/1.1", "HTTP/1.0 200 OK"),
            ("GET /healthz?x HTTP/1.1", "HTTP/1.0 404 Not Found"),
            ("GET / HTTP/1.1", "HTTP/1.0 404 Not Found"),
            ("HEAD /healthz HTTP/1.1", "HTTP/1.0 501 Unsupported method ('HEAD')"),
            ("POST /healthz HTTP/1.1", "HTTP/1.0 501 Unsupported method ('POST')"),
            ("garbage", "HTTP/1.0 400 Bad Request"),
        ] {
            let answer = response(format!("{request}\r\nHost: x\r\n\r\n").as_bytes(), &status);
            assert_eq!(answer.lines().next(), Some(line), "{request}");
        }
        let status = Status::new(0, true);
        status.polled("scheduled");
        let answer = response(b"GET /healthz HTTP/1.1\r\n\r\n", &status);
        assert!(answer.starts_with("HTTP/1.0 503 Service Unavailable\r\n"), "{answer}");
        assert!(answer.contains("Content-Type: application/json\r\n"), "{answer}");
    }
}
