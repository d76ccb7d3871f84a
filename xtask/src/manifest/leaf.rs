//! The values that have no parts, checked as the Go types of Kubernetes take them from JSON.

use super::node::{Node, Scalar, Value};
use super::schema::Type;

/// What a value lacks to be of a type: what is wanted, in words, and how to mend it.
pub(super) struct Mismatch {
    pub(super) wanted: &'static str,
    pub(super) fix: &'static str,
    /// Whether a message may show the value: never where it could be a secret.
    pub(super) public: bool,
}

const fn mismatch(wanted: &'static str, fix: &'static str) -> Mismatch {
    Mismatch { wanted, fix, public: true }
}

const WHOLE: &str = "write the number in plain digits: no point, exponent or leading zero, and no quotes";

/// Checks a value that is not null against a type without parts; types with parts are `walk`'s.
pub(super) fn check(node: &Node, ty: &Type) -> Result<(), Mismatch> {
    let (scalar, text): (Option<Scalar>, &str) = match &node.value {
        Value::Scalar(scalar, text) => (Some(*scalar), text),
        _ => (None, ""),
    };
    let (good, otherwise) = match (ty, scalar) {
        (Type::String, Some(scalar)) => (scalar == Scalar::String, secret("a string", "quote it")),
        (Type::String, None) => (false, mismatch("a string", "write text; a block of text starts with `|`")),
        (Type::Bool, scalar) => {
            (matches!(scalar, Some(Scalar::Bool(_))), mismatch("a boolean", "write `true` or `false` without quotes"))
        }
        (Type::Int32, scalar) => (is_int32(scalar), mismatch("a whole number of 32 bits", WHOLE)),
        (Type::Int64, scalar) => (matches!(scalar, Some(Scalar::Int(_))), mismatch("a whole number of 64 bits", WHOLE)),
        (Type::Float64, scalar) => (is_number(scalar), mismatch("a number", "write a number without quotes")),
        (Type::Quantity, Some(Scalar::String)) => (is_quantity(text), QUANTITY),
        (Type::Quantity, scalar) => (is_number(scalar), QUANTITY),
        (Type::IntOrString, scalar) => (scalar == Some(Scalar::String) || is_int32(scalar), INT_OR_STRING),
        (Type::Time, scalar) => (scalar == Some(Scalar::String) && is_time(text, false), TIME),
        (Type::MicroTime, scalar) => (scalar == Some(Scalar::String) && is_time(text, true), MICRO_TIME),
        (Type::Bytes, scalar) => (
            scalar == Some(Scalar::String) && is_base64(text),
            secret("base64", "encode it with `b64enc`; in a Secret, plain text goes below `stringData`"),
        ),
        (Type::Any | Type::List(_) | Type::Map(_) | Type::Either(..) | Type::Struct(_), _) => return Ok(()),
    };
    if good { Ok(()) } else { Err(otherwise) }
}

const fn secret(wanted: &'static str, fix: &'static str) -> Mismatch {
    Mismatch { public: false, ..mismatch(wanted, fix) }
}

const QUANTITY: Mismatch =
    mismatch("a quantity", "write a number with a unit that Kubernetes knows, as `100m`, `0.5` or `64Mi`");
const INT_OR_STRING: Mismatch =
    mismatch("a whole number of 32 bits or a string", "write plain digits, or a string such as a port's name or `25%`");
const TIME: Mismatch = mismatch("a time", "write it as in `2026-01-31T12:00:00Z`");
const MICRO_TIME: Mismatch = mismatch("a time with microseconds", "write it as in `2026-01-31T12:00:00.000000Z`");

fn is_int32(scalar: Option<Scalar>) -> bool {
    matches!(scalar, Some(Scalar::Int(value)) if i32::try_from(value).is_ok())
}

fn is_number(scalar: Option<Scalar>) -> bool {
    matches!(scalar, Some(Scalar::Int(_) | Scalar::Float(_)))
}

/// The grammar of apimachinery's `resource.ParseQuantity`: a decimal number and one of its suffixes, or an exponent.
fn is_quantity(text: &str) -> bool {
    let text = text.trim_matches(' '); // the type trims JSON text, where other blanks are escapes
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let end = unsigned.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(unsigned.len());
    let (number, suffix) = unsigned.split_at(end);
    let decimal =
        number.bytes().any(|byte| byte.is_ascii_digit()) && number.bytes().filter(|byte| *byte == b'.').count() <= 1;
    let exponent = |suffix: &str| suffix.strip_prefix(['e', 'E']).is_some_and(is_exponent);
    let known = ["", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    decimal && (known.contains(&suffix) || exponent(suffix))
}

/// A decimal exponent that fits the 32 bits Kubernetes computes it with.
fn is_exponent(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    !digits.is_empty() && digits.len() <= 9 && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// RFC 3339, as `metav1.Time` parses it; `metav1.MicroTime` wants six digits behind the point.
fn is_time(text: &str, micro: bool) -> bool {
    let number = |range: std::ops::Range<usize>| -> Option<u32> {
        let part = text.get(range)?;
        part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok())?
    };
    let parts = || -> Option<bool> {
        let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
        let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
        let marks = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
        let marked = marks.iter().all(|(at, mark)| text.as_bytes()[*at] == *mark);
        let date = (1..=12).contains(&month) && (1..=days(year, month)).contains(&day);
        let rest = &text[19..];
        let digits = rest.strip_prefix('.').map_or(0, |rest| rest.bytes().take_while(u8::is_ascii_digit).count());
        let zone = if digits > 0 { &rest[1 + digits..] } else { rest };
        let fraction = if micro { digits == 6 } else { digits <= 9 };
        Some(marked && date && hour < 24 && minute < 60 && second < 60 && fraction && is_zone(zone))
    };
    parts().unwrap_or(false)
}

fn days(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// `Z`, or hours and minutes from it.
fn is_zone(text: &str) -> bool {
    let digits =
        |at: usize, below: u32| text.get(at..at + 2).and_then(|part| part.parse().ok()).is_some_and(|n: u32| n < below);
    let bytes = text.as_bytes();
    text == "Z"
        || (bytes.len() == 6
            && matches!(bytes[0], b'+' | b'-')
            && bytes[3] == b':'
            && bytes.iter().enumerate().all(|(at, byte)| matches!(at, 0 | 3) || byte.is_ascii_digit())
            && digits(1, 24)
            && digits(4, 60))
}

/// Go's `base64.StdEncoding`: line breaks are passed over, padding is wanted.
fn is_base64(text: &str) -> bool {
    let bytes: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
    let padding = bytes.iter().rev().take_while(|byte| **byte == b'=').count();
    let good = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    bytes.len().is_multiple_of(4) && padding <= 2 && bytes[..bytes.len() - padding].iter().all(good)
}

#[cfg(test)]
mod tests {
    use super::{is_base64, is_quantity, is_time};

    #[test]
    fn quantities() {
        for good in ["1", "+1", "-1.5", ".5", "1.", "100m", "64Mi", "1e3", "1E-3", "5u", "1n", " 1k ", "0Ei"] {
            assert!(is_quantity(good), "{good}");
        }
        for bad in ["", ".", "+", "1x", "1.2.3", "1 Mi", "1mi", "K", "1K", "1e", "1e+", "1e3Mi", "0x1", "1e1000000000"]
        {
            assert!(!is_quantity(bad), "{bad}");
        }
    }

    #[test]
    fn times() {
        for good in ["2026-01-31T12:00:00Z", "2024-02-29T23:59:59.123456789+05:30", "2026-01-31T12:00:00-00:00"] {
            assert!(is_time(good, false), "{good}");
        }
        for bad in [
            "",
            "2026-01-31",
            "2026-01-31 12:00:00Z",
            "2026-01-31t12:00:00Z",
            "2026-01-31T12:00:00",
            "2026-01-31T12:00:00z",
            "2026-13-01T12:00:00Z",
            "2023-02-29T12:00:00Z",
            "2026-01-31T24:00:00Z",
            "2026-01-31T12:60:00Z",
            "2026-01-31T12:00:60Z",
            "2026-01-31T12:00:00.Z",
            "2026-01-31T12:00:00+24:00",
            "2026-01-31T12:00:00+5:30",
            "2026-01-31T12:00:00+ 5:30",
            "ä026-01-31T12:00:00Z",
        ] {
            assert!(!is_time(bad, false), "{bad}");
        }
        assert!(is_time("2026-01-31T12:00:00.000000Z", true));
        assert!(!is_time("2026-01-31T12:00:00.000Z", true) && !is_time("2026-01-31T12:00:00Z", true));
    }

    #[test]
    fn base64() {
        assert!(["", "aGk=", "aGkh", "YQ==", "a\nGk=\n", "+/+/"].into_iter().all(is_base64));
        assert!(!["aGk", "a", "=", "a===", "a=Gk", "aGk-", "aGk= "].into_iter().any(is_base64));
    }
}
