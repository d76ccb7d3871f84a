//! Plain scalars as go.yaml.in/yaml v2 resolves them, which is what `sigs.k8s.io/yaml` v1.6 hands to Kubernetes.
//!
//! The rules are those of its `resolve.go`: YAML 1.1 booleans, Go's own integer literals with underscores taken out, no
//! base 60, and timestamps left as text.

use super::node::Scalar;

/// What a plain scalar with this text is. Infinity and not-a-number come back as floats; JSON cannot hold them.
pub(super) fn resolve(text: &str) -> Scalar {
    match text.as_bytes().first() {
        None => Scalar::Null,
        Some(b'0'..=b'9' | b'+' | b'-') => word(text).or_else(|| number(text)).unwrap_or(Scalar::String),
        Some(b'.') => word(text).or_else(|| fraction(text)).unwrap_or(Scalar::String),
        Some(b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~') => {
            word(text).unwrap_or(Scalar::String)
        }
        Some(_) => Scalar::String,
    }
}

/// The words with a meaning of their own.
fn word(text: &str) -> Option<Scalar> {
    Some(match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Scalar::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Scalar::Bool(false),
        "~" | "null" | "Null" | "NULL" => Scalar::Null,
        ".nan" | ".NaN" | ".NAN" => Scalar::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Scalar::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Scalar::Float(f64::NEG_INFINITY),
        _ => return None,
    })
}

/// Integers, then decimal fractions, then the binary forms that Go's literals do not have (`0b+1`).
fn number(text: &str) -> Option<Scalar> {
    let plain: std::borrow::Cow<str> = if text.contains('_') { text.replace('_', "").into() } else { text.into() };
    integer(&plain).or_else(|| decimal(&plain)).or_else(|| signed_binary(&plain))
}

/// A number that starts with a point, by Go's `strconv.ParseFloat`: underscores stand between digits only.
fn fraction(text: &str) -> Option<Scalar> {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let between = |(at, byte): (usize, &u8)| *byte != b'_' || (at > 0 && digit(at - 1) && digit(at + 1));
    bytes.iter().enumerate().all(between).then(|| decimal(&text.replace('_', "")))?
}

/// Go's `strconv.ParseInt(text, 0, 64)`, then `ParseUint`, whose result clients hand on as a float.
fn integer(text: &str) -> Option<Scalar> {
    let (sign, digits) = match text.as_bytes() {
        [b'-', ..] => (Some('-'), &text[1..]),
        [b'+', ..] => (Some('+'), &text[1..]),
        _ => (None, text),
    };
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', _, ..] => (16, &digits[2..]),
        [b'0', b'b' | b'B', _, ..] => (2, &digits[2..]),
        [b'0', b'o' | b'O', _, ..] => (8, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    whole(sign, digits, radix)
}

/// Digits of a radix with a sign that was taken off before; a number above 63 bits only without one, as a float.
fn whole(sign: Option<char>, digits: &str, radix: u32) -> Option<Scalar> {
    if digits.starts_with(['+', '-']) {
        return None; // Rust's parser would take a second sign
    }
    // Every integer of 64 bits, with its sign, fits 128.
    let magnitude = i128::from(u64::from_str_radix(digits, radix).ok()?);
    let value = if sign == Some('-') { -magnitude } else { magnitude };
    match i64::try_from(value) {
        Ok(value) => Some(Scalar::Int(value)),
        #[allow(clippy::cast_precision_loss)]
        // so do the clients of Kubernetes: JSON numbers above 63 bits become float64
        Err(_) if sign.is_none() => Some(Scalar::Float(value as f64)),
        Err(_) => None,
    }
}

/// go-yaml's `yamlStyleFloat`: `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`; what overflows becomes infinity,
/// which the caller refuses: go-yaml takes it for text, JSON for an error.
fn decimal(text: &str) -> Option<Scalar> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (&unsigned[..at], Some(&unsigned[at + 1..])),
        None => (unsigned, None),
    };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, point) = mantissa.split_once('.').map_or((mantissa, None), |(whole, rest)| (whole, Some(rest)));
    let mantissa_good =
        digits(whole) && digits(point.unwrap_or("")) && !(whole.is_empty() && point.unwrap_or("").is_empty());
    let exponent_good = exponent.is_none_or(|exponent| {
        let unsigned = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !unsigned.is_empty() && digits(unsigned)
    });
    if !(mantissa_good && exponent_good) {
        return None;
    }
    text.parse().ok().map(Scalar::Float)
}

/// `0b` and `-0b` before digits with a sign of their own: go-yaml tries these last.
fn signed_binary(text: &str) -> Option<Scalar> {
    if let Some(rest) = text.strip_prefix("0b") {
        let sign = rest.chars().next().filter(|c| matches!(c, '+' | '-'));
        return whole(sign, rest.strip_prefix(['+', '-']).unwrap_or(rest), 2);
    }
    text.strip_prefix("-0b").and_then(|rest| whole(Some('-'), rest, 2))
}
