//! The forms in which programs print a value: as it is, quoted, escaped, encoded.

use std::fmt::Write as _;

/// A shorter piece of base64 would be found in texts that hold no secret.
const SHORTEST_BASE64: usize = 5;

/// All forms of a value, and of each of its lines: logs are read line by line.
pub(crate) fn of(value: &str) -> Vec<String> {
    let texts = [value, value.trim()].into_iter().chain(value.lines());
    texts.flat_map(|text| [escaped(text), percent_encoded(text), base64_parts(text)].concat()).collect()
}

/// As Go, Python, JSON, YAML and sh quote it; what stands around it, the quotes, does not matter.
fn escaped(text: &str) -> Vec<String> {
    let quotes = [("", ""), ("\"", "\\\""), ("'", "\\'"), ("'", "''"), ("'", "'\\''")];
    let backslashes = [text.to_owned(), text.replace('\\', "\\\\")];
    let by_hand = backslashes.iter().flat_map(|text| quotes.map(|(quote, escaped)| replaced(text, quote, escaped)));
    let json = json_escaped(text);
    let go_json = json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026");
    let json_in_json = json_escaped(&json);
    by_hand.chain([ascii_escaped(&json), go_json, json_in_json, json]).collect()
}

/// `str::replace` would put the replacement for an empty pattern between all letters.
fn replaced(text: &str, from: &str, to: &str) -> String {
    if from.is_empty() { text.to_owned() } else { text.replace(from, to) }
}

fn json_escaped(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// As Python's `json.dumps` does: `\u00e9` for all that is not ASCII.
fn ascii_escaped(text: &str) -> String {
    let mut escaped = String::new();
    for unit in text.encode_utf16() {
        match u8::try_from(unit) {
            Ok(byte) if byte.is_ascii() => escaped.push(char::from(byte)),
            _ => write!(escaped, "\\u{unit:04x}").expect("a String takes all"),
        }
    }
    escaped
}

/// As in a URL's path, its query and a form's body, and as JavaScript and Python leave some marks in place.
fn percent_encoded(text: &str) -> Vec<String> {
    let encoded = |kept: &str| {
        let mut encoded = String::new();
        for byte in text.bytes() {
            let c = char::from(byte);
            if c.is_ascii_alphanumeric() || kept.contains(c) {
                encoded.push(c);
            } else {
                write!(encoded, "%{byte:02X}").expect("a String takes all");
            }
        }
        encoded
    };
    let [strict, path, script] = ["-_.~", "-_.~/", "-_.~!*'()"].map(encoded);
    // Go leaves these in the user part of a URL, where it prints `user:password@host`.
    let user_info = encoded("-_.~$&+,;=");
    vec![strict.replace("%20", "+"), strict, path, script, user_info]
}

/// What all base64 texts that hold the value have in common, for each of its three alignments in a larger text.
///
/// `base64("user:password")` does not contain `base64("password")`, but the one of these whose alignment fits.
fn base64_parts(text: &str) -> Vec<String> {
    let aligned = |offset: usize| {
        let bytes = [&[0; 2][..offset], text.as_bytes()].concat();
        let (first, end) = ((offset * 8).div_ceil(6), bytes.len() * 8 / 6);
        base64(&bytes).get(first..end).unwrap_or_default().to_owned()
    };
    let padded = base64(text.as_bytes());
    let whole = [padded.trim_end_matches('=').to_owned(), padded];
    let parts = (0..3).map(aligned).filter(|part| part.len() >= SHORTEST_BASE64);
    let standard: Vec<String> = whole.into_iter().chain(parts).collect();
    let url_safe = standard.iter().map(|part| part.replace('+', "-").replace('/', "_")).collect();
    [standard, url_safe].concat()
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// RFC 4648 with padding: ten lines do not need a crate.
fn base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for position in 0..4 {
            let index = (bits >> (18 - 6 * position)) & 63;
            text.push(if position <= chunk.len() { char::from(ALPHABET[index as usize]) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{base64, of};

    #[test]
    fn base64_is_that_of_the_rfc() {
        for (text, expected) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
            ("\u{ff}?>", "w78/Pg=="),
        ] {
            assert_eq!(base64(text.as_bytes()), expected);
        }
    }

    #[test]
    fn a_base64_of_a_larger_text_holds_a_form() {
        let secret = "C\u{e4}nary>?9f3";
        let forms = of(secret);
        for before in ["", "u", "us", "user:", "user@example.org:"] {
            for after in ["", "x", "\n", "..."] {
                let text = base64(format!("{before}{secret}{after}").as_bytes());
                assert!(forms.iter().any(|form| form.len() >= 8 && text.contains(form)), "{before} {after}: {text}");
            }
        }
    }
}
