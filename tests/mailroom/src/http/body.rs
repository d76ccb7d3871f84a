//! Bodies of answers, as they arrive.

use super::connect::Stream;
use super::head::Head;
use crate::config::value::quoted;
use crate::exception::{self, Exception};

/// The body of an answer whose head has been read.
#[derive(Debug)]
pub struct Body {
    stream: Stream,
    /// Bytes that arrived and are not decoded yet.
    buffer: Vec<u8>,
    framing: Framing,
}

/// How the end of a body is told: RFC 9112, section 6.3.
#[derive(Debug)]
enum Framing {
    Length {
        received: u64,
        expected: u64,
    },
    /// `None` before a chunk's size line.
    Chunked {
        left_in_chunk: Option<u64>,
    },
    ToTheEnd,
    Finished,
}

impl Body {
    /// The body that `head` announces as the answer to `method`; `buffer` is what followed the head already.
    pub(super) fn new(stream: Stream, buffer: Vec<u8>, head: &Head, method: &str) -> Result<Self, Exception> {
        let chunked =
            head.field("transfer-encoding").is_some_and(|codings| codings.to_ascii_lowercase().contains("chunked"));
        let framing = if method == "HEAD" || matches!(head.status, 204 | 304) {
            Framing::Finished
        } else if chunked {
            Framing::Chunked { left_in_chunk: None }
        } else if let Some(length) = head.field("content-length") {
            let expected = length.trim().parse().map_err(|_| protocol_error("bad Content-Length"))?;
            Framing::Length { received: 0, expected }
        } else {
            Framing::ToTheEnd
        };
        Ok(Self { stream, buffer, framing })
    }

    /// The next bytes of the body; `None` at its proper end.
    pub fn read_next(&mut self) -> Result<Option<Vec<u8>>, Exception> {
        loop {
            if let Some(bytes) = self.decode()? {
                return Ok(Some(bytes));
            }
            if matches!(self.framing, Framing::Finished) {
                return Ok(None);
            }
            if !self.stream.read_more(&mut self.buffer)? {
                return self.ended().map(|()| None);
            }
        }
    }

    /// All that is left of the body.
    pub(super) fn whole(mut self) -> Result<Vec<u8>, Exception> {
        let mut all = Vec::new();
        while let Some(bytes) = self.read_next()? {
            all.extend(bytes);
        }
        Ok(all)
    }

    /// What can be taken from the buffer now.
    fn decode(&mut self) -> Result<Option<Vec<u8>>, Exception> {
        match &mut self.framing {
            Framing::Finished => Ok(None),
            Framing::ToTheEnd => Ok(take(&mut self.buffer, u64::MAX)),
            Framing::Length { received, expected } => {
                let bytes = take(&mut self.buffer, *expected - *received);
                *received += bytes.as_ref().map_or(0, |bytes| bytes.len() as u64);
                if received == expected {
                    self.framing = Framing::Finished;
                }
                Ok(bytes)
            }
            Framing::Chunked { .. } => self.decode_chunk(),
        }
    }

    fn decode_chunk(&mut self) -> Result<Option<Vec<u8>>, Exception> {
        let Framing::Chunked { left_in_chunk } = &mut self.framing else { return Ok(None) };
        if let Some(left) = left_in_chunk.filter(|left| *left > 0) {
            let bytes = take(&mut self.buffer, left);
            *left_in_chunk = Some(left - bytes.as_ref().map_or(0, |bytes| bytes.len() as u64));
            return Ok(bytes);
        }
        // Here the buffer begins with a chunk's size line, after the line break that ends the chunk before.
        let skipped = if left_in_chunk.is_some() { 2 } else { 0 };
        let Some(line) = self.buffer.get(skipped..) else { return Ok(None) };
        match httparse::parse_chunk_size(line) {
            Ok(httparse::Status::Partial) => Ok(None),
            Ok(httparse::Status::Complete((_, 0))) => {
                self.framing = Framing::Finished;
                Ok(None)
            }
            Ok(httparse::Status::Complete((length, size))) => {
                self.buffer.drain(..skipped + length);
                self.framing = Framing::Chunked { left_in_chunk: Some(size) };
                self.decode_chunk()
            }
            Err(_) => {
                let shown = quoted(&String::from_utf8_lossy(&line[..line.len().min(20)]));
                Err(protocol_error(&format!("illegal chunk header: bytearray(b{shown})")))
            }
        }
    }

    /// The connection is over: fine only where nothing else tells the end.
    fn ended(&self) -> Result<(), Exception> {
        let missing = match self.framing {
            Framing::ToTheEnd | Framing::Finished => return Ok(()),
            Framing::Length { received, expected } => format!("received {received} bytes, expected {expected}"),
            Framing::Chunked { .. } => "incomplete chunked read".to_owned(),
        };
        Err(protocol_error(&format!("peer closed connection without sending complete message body ({missing})")))
    }
}

/// Up to `most` bytes from the front of the buffer; `None` if there are none.
fn take(buffer: &mut Vec<u8>, most: u64) -> Option<Vec<u8>> {
    let count = buffer.len().min(usize::try_from(most).unwrap_or(usize::MAX));
    (count > 0).then(|| buffer.drain(..count).collect())
}

#[track_caller]
fn protocol_error(message: &str) -> Exception {
    Exception::new(exception::REMOTE_PROTOCOL, message)
}
