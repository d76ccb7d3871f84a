//! The forms in which programs print a value: as it is, quoted, escaped, encoded.

/// All forms of a value, and of each of its lines.
pub(crate) fn of(value: &str) -> Vec<String> {
    let mut forms = Vec::new();
    for text in std::iter::once(value).chain(value.lines()).chain([value.trim()]) {
        forms.push(text.to_owned());
        forms.extend(escaped(text));
        forms.extend(percent_encoded(text));
        forms.extend(base64_parts(text));
    }
    forms
}

fn escaped(text: &str) -> Vec<String> {
    let json = inner_json(text);
    let ascii: String = json.chars().map(|c| if c.is_ascii() { c.to_string() } else { utf16_escape(c) }).collect();
    let html = json.replace('<', r"\u003c").replace('>', r"\u003e").replace('&', r"\u0026");
    let twice = inner_json(&json);
    vec![twice, json, ascii, html, text.replace('\'', "''"), text.replace('\'', r"\'"), text.replace('\'', r"'\''")]
}

fn inner_json(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

fn utf16_escape(c: char) -> String {
    c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect()
}

fn percent_encoded(text: &str) -> Vec<String> {
    let encode = |keep: &str| -> String {
        text.bytes()
            .map(|byte| {
                let c = char::from(byte);
                if c.is_ascii_alphanumeric() || keep.contains(c) { c.to_string() } else { format!("%{byte:02X}") }
            })
            .collect()
    };
    let strict = encode("-_.~");
    let form = strict.replace("%20", "+");
    vec![encode("-_.~!*'()"), encode("-_.~/"), strict, form]
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// What all base64 texts that hold the value have in common, for each of its three alignments in a larger text.
///
/// `base64(user:password)` does not contain `base64(password)`, but the one of these whose alignment fits.
fn base64_parts(text: &str) -> Vec<String> {
    let mut parts = vec![base64(text.as_bytes())];
    for offset in 0..3 {
        let bytes: Vec<u8> = std::iter::repeat_n(0, offset).chain(text.bytes()).collect();
        let whole = base64(&bytes);
        let (first, bits) = ((offset * 8).div_ceil(6), bytes.len() * 8);
        parts.push(whole[first..bits / 6].to_owned());
    }
    let url_safe = |part: &String| part.replace('+', "-").replace('/', "_");
    let url: Vec<String> = parts.iter().map(url_safe).collect();
    parts.into_iter().chain(url).filter(|part| part.len() >= 5).collect()
}

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
