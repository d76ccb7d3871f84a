//! Reading JSON the way Python code without checks does: what is missing or of another type raises Python's own error.

use serde_json::Value;

use crate::config::value::quoted;
use crate::exception::{self, Exception};

/// Parses a body.
#[track_caller]
pub(super) fn parse(body: &[u8]) -> Result<Value, Exception> {
    serde_json::from_slice(body).map_err(|error| {
        let (line, column) = (error.line().max(1), error.column().max(1));
        let lines = body.split_inclusive(|byte| *byte == b'\n');
        let before: usize = lines.take(line - 1).map(<[u8]>::len).sum();
        let position = before + column - 1;
        Exception::new(
            exception::JSON_DECODE,
            format!("Expecting value: line {line} column {column} (char {position})"),
        )
    })
}

/// `value[key]`.
#[track_caller]
pub(super) fn key<'a>(value: &'a Value, key: &str) -> Result<&'a Value, Exception> {
    match value {
        Value::Object(object) => object.get(key).ok_or_else(|| Exception::new(exception::KEY, quoted(key))),
        Value::Array(_) => Err(type_error("list indices must be integers or slices, not str".into())),
        Value::String(_) => Err(type_error("string indices must be integers, not 'str'".into())),
        other => Err(type_error(format!("'{}' object is not subscriptable", type_name(other)))),
    }
}

/// `value[position]`.
#[track_caller]
pub(super) fn at(value: &Value, position: usize) -> Result<&Value, Exception> {
    match value {
        Value::Array(items) => {
            items.get(position).ok_or_else(|| Exception::new(exception::INDEX, "list index out of range"))
        }
        Value::Object(_) => Err(Exception::new(exception::KEY, position.to_string())),
        other => Err(type_error(format!("'{}' object is not subscriptable", type_name(other)))),
    }
}

/// `for item in value`.
#[track_caller]
pub(super) fn items(value: &Value) -> Result<&[Value], Exception> {
    let wrong = || type_error(format!("'{}' object is not iterable", type_name(value)));
    value.as_array().map(Vec::as_slice).ok_or_else(wrong)
}

/// A text, where nothing else makes sense.
#[track_caller]
pub(super) fn text(value: &Value) -> Result<String, Exception> {
    let wrong = || type_error(format!("expected a string, got '{}'", type_name(value)));
    value.as_str().map(str::to_owned).ok_or_else(wrong)
}

#[track_caller]
fn type_error(message: String) -> Exception {
    Exception::new(exception::TYPE, message)
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "NoneType",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "int",
        Value::String(_) => "str",
        Value::Array(_) => "list",
        Value::Object(_) => "dict",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn last_line(error: &Exception) -> String {
        error.traceback().lines().last().unwrap_or_default().to_owned()
    }

    #[test]
    fn what_is_missing_raises_what_python_raises() {
        let session = json!({ "a": null, "l": [1] });
        for (result, expected) in [
            (key(&session, "apiUrl"), "KeyError: 'apiUrl'"),
            (key(&session["a"], "x"), "TypeError: 'NoneType' object is not subscriptable"),
            (key(&session["l"], "x"), "TypeError: list indices must be integers or slices, not str"),
            (at(&session["l"], 1), "IndexError: list index out of range"),
        ] {
            assert_eq!(last_line(&result.unwrap_err()), expected);
        }
        assert_eq!(last_line(&items(&session["a"]).unwrap_err()), "TypeError: 'NoneType' object is not iterable");
    }

    #[test]
    fn what_is_not_json_is_placed() {
        let expected = "json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)";
        assert_eq!(last_line(&parse(b"<html>").unwrap_err()), expected);
        assert_eq!(last_line(&parse(b"").unwrap_err()), expected);
        let expected = "json.decoder.JSONDecodeError: Expecting value: line 2 column 2 (char 3)";
        assert_eq!(last_line(&parse(b"{\n x}").unwrap_err()), expected);
    }
}
