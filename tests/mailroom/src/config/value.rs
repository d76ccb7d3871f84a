//! A configuration value before it has a type, and how Python writes it in an error.

use std::fmt::Write;

/// What a YAML or JSON document holds, in Python's terms.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `None`.
    None,
    /// `True` or `False`.
    Bool(bool),
    /// An integer; larger ones than this type holds saturate.
    Int(i128),
    /// A floating-point number.
    Float(f64),
    /// Text.
    Str(String),
    /// A YAML 1.1 date or time, by its `repr()`: never valid where the app wants text.
    Date(String),
    /// A sequence.
    List(Vec<Value>),
    /// A mapping, in the order of its first mentions.
    Dict(Dict),
}

/// A Python dictionary: insertion order, and a second mention of a key replaces the value in its place.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Dict(Vec<(Value, Value)>);

impl Dict {
    /// Puts `value` at `key`, in the place of an earlier one if there is one.
    pub fn insert(&mut self, key: Value, value: Value) {
        match self.0.iter_mut().find(|(existing, _)| *existing == key) {
            Some((_, slot)) => *slot = value,
            None => self.0.push((key, value)),
        }
    }

    /// The value at a text key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.iter().find_map(|(k, v)| matches!(k, Value::Str(text) if text == key).then_some(v))
    }

    /// All pairs in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Value, &Value)> {
        self.0.iter().map(|(key, value)| (key, value))
    }

    /// Merges `over` into this: mappings key by key, at any depth; everything else is replaced.
    #[must_use]
    pub fn merged_with(mut self, over: Self) -> Self {
        for (key, value) in over.0 {
            let existing = self.0.iter_mut().find(|(k, _)| *k == key);
            match (existing, value) {
                (Some((_, slot @ Value::Dict(_))), Value::Dict(value)) => {
                    let Value::Dict(base) = std::mem::replace(slot, Value::None) else { unreachable!("matched above") };
                    *slot = Value::Dict(base.merged_with(value));
                }
                (Some((_, slot)), value) => *slot = value,
                (None, value) => self.0.push((key, value)),
            }
        }
        self
    }
}

impl IntoIterator for Dict {
    type Item = (Value, Value);
    type IntoIter = std::vec::IntoIter<(Value, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl FromIterator<(Value, Value)> for Dict {
    fn from_iter<I: IntoIterator<Item = (Value, Value)>>(pairs: I) -> Self {
        let mut dict = Self::default();
        pairs.into_iter().for_each(|(key, value)| dict.insert(key, value));
        dict
    }
}

impl Value {
    /// The name of its Python type, as in `input_type=NoneType`.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::None => "NoneType",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Float(_) => "float",
            Self::Str(_) => "str",
            Self::Date(repr) if repr.starts_with("datetime.datetime") => "datetime",
            Self::Date(_) => "date",
            Self::List(_) => "list",
            Self::Dict(_) => "dict",
        }
    }

    /// Python's `repr()`.
    pub fn repr(&self) -> String {
        match self {
            Self::None => "None".into(),
            Self::Bool(true) => "True".into(),
            Self::Bool(false) => "False".into(),
            Self::Int(number) => number.to_string(),
            Self::Float(number) => float_repr(*number),
            Self::Str(text) => quoted(text),
            Self::Date(repr) => repr.clone(),
            Self::List(items) => format!("[{}]", joined(items.iter().map(Self::repr))),
            Self::Dict(dict) => {
                format!("{{{}}}", joined(dict.iter().map(|(k, v)| format!("{}: {}", k.repr(), v.repr()))))
            }
        }
    }

    /// [`Self::repr`] as pydantic shows it in `input_value=`: of more than 50 bytes, the first 25 and the last 24.
    ///
    /// The tail of the settings is where the password for contacts stands, so this shows one of 16 characters whole.
    pub fn shown(&self) -> String {
        let whole = self.repr();
        if whole.len() <= 50 {
            return whole;
        }
        let boundary = |at: &usize| whole.is_char_boundary(*at);
        let head = &whole[..(0..=25).rev().find(boundary).unwrap_or(0)];
        let tail = &whole[(whole.len() - 24..whole.len()).find(boundary).unwrap_or(whole.len())..];
        format!("{head}...{tail}")
    }
}

fn joined(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}

/// Python's `repr()` of a text: single quotes unless only the text has some, control characters escaped.
pub fn quoted(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut out = String::from(quote);
    for character in text.chars() {
        match character {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => out.extend(['\\', c]),
            c if c.is_control() => write!(out, "\\x{:02x}", u32::from(c)).expect("writing to a String"),
            c => out.push(c),
        }
    }
    out.push(quote);
    out
}

fn float_repr(number: f64) -> String {
    if number.is_nan() {
        return "nan".into();
    }
    let text = format!("{number:?}");
    match text.split_once('e') {
        Some((mantissa, exponent)) => match exponent.strip_prefix('-') {
            Some(digits) => format!("{mantissa}e-{digits:0>2}"),
            None => format!("{mantissa}e+{exponent:0>2}"),
        },
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Value {
        Value::Str(text.into())
    }

    fn dict(pairs: &[(&str, Value)]) -> Dict {
        pairs.iter().map(|(key, value)| (text(key), value.clone())).collect()
    }

    #[test]
    fn values_look_as_in_python() {
        for (value, expected) in [
            (Value::None, "None"),
            (Value::Bool(true), "True"),
            (Value::Int(-3), "-3"),
            (Value::Float(1.5), "1.5"),
            (Value::Float(60.0), "60.0"),
            (Value::Float(1e30), "1e+30"),
            (Value::Float(1e-7), "1e-07"),
            (Value::Float(f64::NAN), "nan"),
            (text("it's"), "\"it's\""),
            (text("both ' and \""), "'both \\' and \"'"),
            (text("a\nb\\\u{7}"), "'a\\nb\\\\\\x07'"),
            (Value::List(vec![Value::Int(1), text("é")]), "[1, 'é']"),
            (Value::Dict(dict(&[("a", Value::None)])), "{'a': None}"),
        ] {
            assert_eq!(value.repr(), expected);
        }
    }

    #[test]
    fn a_long_value_keeps_its_head_and_its_tail() {
        let settings = Value::Dict(dict(&[
            ("tok", text("x")),
            ("labels", Value::Dict(dict(&[("a", Value::Int(1))]))),
            ("pw", text("0123456789abcdef")),
        ]));
        assert_eq!(settings.shown(), "{'tok': 'x', 'labels': {'...pw': '0123456789abcdef'}");
        assert_eq!(text(&"é".repeat(40)).shown(), format!("'{}...{}'", "é".repeat(12), "é".repeat(11)));
    }

    #[test]
    fn mappings_merge_at_any_depth_and_all_else_is_replaced() {
        let base = dict(&[
            ("a", Value::Dict(dict(&[("x", Value::Int(1)), ("y", Value::Int(2))]))),
            ("b", Value::List(vec![Value::Int(1)])),
        ]);
        let over = dict(&[
            ("b", Value::List(vec![])),
            ("a", Value::Dict(dict(&[("y", Value::Int(3))]))),
            ("c", Value::Bool(false)),
        ]);
        let merged = Value::Dict(base.merged_with(over));
        assert_eq!(merged.repr(), "{'a': {'x': 1, 'y': 3}, 'b': [], 'c': False}");
    }
}
