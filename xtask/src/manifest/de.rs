//! Typed reads of a [`Node`] through serde, with Kubernetes' sense of null.

use serde::de::{self, DeserializeOwned, DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::node::{Entry, Node, Scalar, Value};

/// Why a value could not be read into a type: the path below the value, its line, and what serde says.
#[derive(Debug, PartialEq, Eq)]
pub struct ReadError {
    path: String,
    line: u32,
    message: String,
}

impl ReadError {
    /// Puts a key or an index before the path.
    fn within(mut self, segment: &str) -> Self {
        let dot = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        self.path = format!("{segment}{dot}{}", self.path);
        self
    }

    fn at(mut self, node: &Node) -> Self {
        if self.line == 0 {
            self.line = node.mark.line;
        }
        self
    }
}

impl std::fmt::Display for ReadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}: {} (line {})",
            if self.path.is_empty() { "the value" } else { &self.path },
            self.message,
            self.line
        )
    }
}

impl std::error::Error for ReadError {}

impl de::Error for ReadError {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        Self { path: String::new(), line: 0, message: message.to_string() }
    }
}

/// See [`Node::read`].
pub(super) fn read<T: DeserializeOwned>(node: &Node) -> Result<T, ReadError> {
    T::deserialize(Reader(node)).map_err(|error| error.at(node))
}

struct Reader<'n>(&'n Node);

/// Methods that differ from `deserialize_any` only in what null stands for.
macro_rules! zero_for_null {
    ($($method:ident $visit:ident $zero:expr;)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
            if self.0.is_null() { visitor.$visit($zero) } else { self.deserialize_any(visitor) }
        })*
    };
}

impl<'de> de::Deserializer<'de> for Reader<'de> {
    type Error = ReadError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match &self.0.value {
            Value::Scalar(Scalar::Null, _) => visitor.visit_unit(),
            Value::Scalar(Scalar::Bool(value), _) => visitor.visit_bool(*value),
            Value::Scalar(Scalar::Int(value), _) => visitor.visit_i64(*value),
            Value::Scalar(Scalar::Float(value), _) => visitor.visit_f64(*value),
            Value::Scalar(Scalar::String, text) => visitor.visit_borrowed_str(text),
            Value::Sequence(items) => visitor.visit_seq(Items { items, next: 0 }),
            Value::Mapping(entries) => visitor.visit_map(Entries { entries, next: 0 }),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    zero_for_null! {
        deserialize_bool visit_bool false;
        deserialize_i8 visit_i64 0;
        deserialize_i16 visit_i64 0;
        deserialize_i32 visit_i64 0;
        deserialize_i64 visit_i64 0;
        deserialize_u8 visit_u64 0;
        deserialize_u16 visit_u64 0;
        deserialize_u32 visit_u64 0;
        deserialize_u64 visit_u64 0;
        deserialize_f32 visit_f64 0.0;
        deserialize_f64 visit_f64 0.0;
        deserialize_str visit_borrowed_str "";
        deserialize_string visit_borrowed_str "";
        deserialize_seq visit_seq Items { items: &[], next: 0 };
        deserialize_map visit_map Entries { entries: &[], next: 0 };
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        self.deserialize_map(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, ReadError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        match self.0.as_str() {
            Some(text) => visitor.visit_enum(text.into_deserializer()),
            None => Err(de::Error::custom(format!("found {}, wanted a string", self.0.describe()))),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! { i128 u128 char bytes byte_buf unit unit_struct tuple tuple_struct identifier }
}

struct Items<'n> {
    items: &'n [Node],
    next: usize,
}

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = ReadError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, ReadError> {
        let Some(item) = self.items.get(self.next) else { return Ok(None) };
        self.next += 1;
        seed.deserialize(Reader(item)).map(Some).map_err(|error| error.at(item).within(&format!("[{}]", self.next - 1)))
    }
}

struct Entries<'n> {
    entries: &'n [Entry],
    next: usize,
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = ReadError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, ReadError> {
        let Some(entry) = self.entries.get(self.next) else { return Ok(None) };
        self.next += 1;
        seed.deserialize(de::value::BorrowedStrDeserializer::new(&entry.key)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, ReadError> {
        let entry = &self.entries[self.next - 1];
        seed.deserialize(Reader(&entry.value)).map_err(|error| error.at(&entry.value).within(&entry.key))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use crate::manifest::read;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default, rename_all = "camelCase")]
    struct Everything {
        text: String,
        number: i64,
        fraction: f64,
        flag: bool,
        list: Vec<String>,
        map: BTreeMap<String, String>,
        inner: Inner,
        option: Option<Inner>,
        either: Option<Either>,
        level: Option<Level>,
    }

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Inner {
        a: i32,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(untagged)]
    enum Either {
        Number(i32),
        Text(String),
    }

    #[derive(Debug, PartialEq, Deserialize)]
    enum Level {
        High,
    }

    fn typed(fields: &str) -> Result<Everything, String> {
        let text = format!("apiVersion: example.com/v1\nkind: Thing\nspec:\n{fields}");
        let manifests = read(&text, "");
        manifests.objects[0].get(&["spec"]).expect("a spec").read().map_err(|error| error.to_string())
    }

    #[test]
    fn null_is_the_zero_value() {
        let null = "  {text: , number: , fraction: , flag: , list: , map: , inner: , option: , either: , level: }";
        assert_eq!(typed(null), Ok(Everything::default()));
        let nested = typed("  {list: [~], map: {k: }}").unwrap();
        assert_eq!((nested.list, nested.map), (vec![String::new()], BTreeMap::from([("k".into(), String::new())])));
    }

    #[test]
    fn values_come_as_they_are_written() {
        let read =
            typed("  {text: a, number: 010, fraction: 1.5, flag: yes, inner: {a: 1, b: 2}, either: on, level: High}");
        let error = "either: data did not match any variant of untagged enum Either (line 4)";
        assert_eq!(read, Err(error.to_owned()));
        let read =
            typed("  {text: a, number: 010, fraction: 2, flag: yes, inner: {a: 1, b: 2}, either: x, level: High}");
        let expected = Everything {
            text: "a".into(),
            number: 8,
            fraction: 2.0,
            flag: true,
            inner: Inner { a: 1 },
            either: Some(Either::Text("x".into())),
            level: Some(Level::High),
            ..Everything::default()
        };
        assert_eq!(read, Ok(expected));
    }

    #[test]
    fn an_error_names_the_place() {
        let error = typed("  list:\n  - a\n  - 1\n").unwrap_err();
        assert!(error.starts_with("list[1]: invalid type") && error.ends_with("(line 6)"), "{error}");
    }
}
