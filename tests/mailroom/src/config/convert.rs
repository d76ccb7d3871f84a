//! Pydantic's lax conversions of one value: `"60"` is an integer, 60.5 is not.

use super::value::Value;

/// Pydantic's kind and message for a value that has the wrong type.
pub(super) type Wrong = (&'static str, &'static str);

/// An integer: whole numbers, texts of them, and truths.
pub(super) fn integer(value: &Value) -> Result<i128, Wrong> {
    match value {
        Value::Int(number) => Ok(*number),
        Value::Bool(truth) => Ok(i128::from(*truth)),
        Value::Float(number) if !number.is_finite() => Err(("finite_number", "Input should be a finite number")),
        #[expect(clippy::cast_possible_truncation, reason = "a float's `as` saturates")]
        Value::Float(number) if number.fract() == 0.0 => Ok(*number as i128),
        Value::Float(_) => {
            Err(("int_from_float", "Input should be a valid integer, got a number with a fractional part"))
        }
        Value::Str(text) => integer_of_text(text)
            .ok_or(("int_parsing", "Input should be a valid integer, unable to parse string as an integer")),
        _ => Err(("int_type", "Input should be a valid integer")),
    }
}

/// `60`, ` 60 `, `+60`, `1_000` and `60.0`.
fn integer_of_text(text: &str) -> Option<i128> {
    let text = text.trim();
    let text = match text.split_once('.') {
        Some((whole, fraction)) if fraction.bytes().all(|digit| digit == b'0') => whole,
        _ => text,
    };
    if text.starts_with('_') || text.ends_with('_') || text.contains("__") {
        return None;
    }
    text.replace('_', "").parse().ok()
}

/// A truth: 0 and 1 and the usual words.
pub(super) fn boolean(value: &Value) -> Result<bool, Wrong> {
    let wrong = Err(("bool_parsing", "Input should be a valid boolean, unable to interpret input"));
    match value {
        Value::Bool(truth) => Ok(*truth),
        Value::Int(number @ (0 | 1)) => Ok(*number == 1),
        Value::Float(number) if *number == 0.0 || (*number - 1.0).abs() < f64::EPSILON => Ok(*number != 0.0),
        Value::Str(text) => match text.to_ascii_lowercase().as_str() {
            "1" | "true" | "t" | "yes" | "y" | "on" => Ok(true),
            "0" | "false" | "f" | "no" | "n" | "off" => Ok(false),
            _ => wrong,
        },
        Value::Int(_) | Value::Float(_) => wrong,
        _ => Err(("bool_type", "Input should be a valid boolean")),
    }
}
