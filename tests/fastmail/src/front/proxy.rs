//! The proxy port: answers CONNECT for the two host names, so that an unmodified client reaches the front with
//! `HTTPS_PROXY` alone, whatever the ports, without root and without `/etc/hosts`.

use anyhow::{bail, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::service::Service;

/// The longest head of a CONNECT request that is read, in bytes.
const HEAD_MAX: usize = 8 * 1024;

/// Reads a CONNECT request and answers it. After Ok, the stream is as if the client had connected to the TLS port.
pub(crate) async fn connect(stream: &mut TcpStream) -> anyhow::Result<()> {
    let head = read_head(stream).await?;
    if let Some(refusal) = refusal(&head) {
        stream.write_all(refusal.as_bytes()).await?;
        bail!("refused: {}", head.lines().next().unwrap_or_default());
    }
    stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
    Ok(())
}

/// Reads up to the empty line and not a byte further: what follows belongs to TLS.
async fn read_head(stream: &mut TcpStream) -> anyhow::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        ensure!(head.len() < HEAD_MAX, "the head of a CONNECT request is longer than {HEAD_MAX} bytes");
        head.push(stream.read_u8().await?);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

/// The answer to a request that is not for one of our names.
fn refusal(head: &str) -> Option<String> {
    let mut words = head.split_whitespace();
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    if method != "CONNECT" {
        return Some(answer("405 Method Not Allowed", "this proxy takes CONNECT alone"));
    }
    let known = Service::of_authority(target).is_some() && target.ends_with(":443");
    let [jmap, carddav] = Service::ALL.map(Service::host);
    (!known).then(|| answer("403 Forbidden", &format!("this proxy reaches {jmap}:443 and {carddav}:443 alone")))
}

fn answer(status: &str, words: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{words}\n", words.len() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_names_are_reached() {
        assert_eq!(refusal("CONNECT api.fastmail.com:443 HTTP/1.1\r\n\r\n"), None);
        assert_eq!(refusal("CONNECT carddav.fastmail.com:443 HTTP/1.1\r\n\r\n"), None);
        for head in ["CONNECT example.org:443 HTTP/1.1", "CONNECT api.fastmail.com:80 HTTP/1.1", ""] {
            let refused = refusal(head).unwrap();
            assert!(refused.starts_with("HTTP/1.1 40"), "{head}: {refused}");
        }
        assert!(refusal("GET http://api.fastmail.com/ HTTP/1.1").unwrap().contains("405"));
    }
}
