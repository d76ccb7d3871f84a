//! A document as a tree of values with their places, as it looks after anchors, merges and scalars are resolved.

use serde::de::DeserializeOwned;

use super::de::{self, ReadError};

/// A place in the text; both count from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    /// The line in the whole text.
    pub line: u32,
    /// The column in bytes.
    pub column: u32,
}

/// A value and where it starts; a value that came by an alias has the place of its anchor.
#[derive(Clone, Debug)]
pub struct Node {
    /// Where the value starts.
    pub mark: Mark,
    /// What it is.
    pub value: Value,
}

/// The three shapes of YAML.
#[derive(Clone, Debug)]
pub enum Value {
    /// Text, number, boolean or null.
    Scalar(Scalar, Box<str>),
    /// A list.
    Sequence(Vec<Node>),
    /// A mapping; no two entries have the same key.
    Mapping(Vec<Entry>),
}

/// What a scalar is to Kubernetes; its text as written stands beside it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scalar {
    /// `null`, `~` or nothing.
    Null,
    /// A boolean of YAML 1.1: `yes` and `off` too.
    Bool(bool),
    /// A whole number that fits 64 bits with sign.
    Int(i64),
    /// Any other number: `1.0`, a whole number beyond 64 bits with sign, and `08`, which is no octal.
    Float(f64),
    /// Text: the string is the text as written.
    String,
}

/// One key of a mapping with its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key.
    pub key: Box<str>,
    /// Where the key stands.
    pub mark: Mark,
    /// The value.
    pub value: Node,
}

/// What an unset field of a struct reads as: a mapping without entries.
pub(super) static EMPTY: Node = Node { mark: Mark { line: 0, column: 0 }, value: Value::Mapping(Vec::new()) };

impl Node {
    /// The value of a key of a mapping; `None` where it is missing or null, which is the same to Kubernetes.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries().iter().find(|entry| &*entry.key == key).map(|entry| &entry.value).filter(|node| !node.is_null())
    }

    /// [`Node::get`], key after key.
    pub fn get_path(&self, keys: &[&str]) -> Option<&Node> {
        keys.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The entries of a mapping in their order, those with a null value too; none for any other value.
    pub fn entries(&self) -> &[Entry] {
        if let Value::Mapping(entries) = &self.value { entries } else { &[] }
    }

    /// The items of a list; none for any other value.
    pub fn items(&self) -> &[Node] {
        if let Value::Sequence(items) = &self.value { items } else { &[] }
    }

    /// The text of a string; `None` for any other value, numbers and booleans included.
    pub fn as_str(&self) -> Option<&str> {
        if let Value::Scalar(Scalar::String, text) = &self.value { Some(text) } else { None }
    }

    /// A boolean.
    pub fn as_bool(&self) -> Option<bool> {
        if let Value::Scalar(Scalar::Bool(value), _) = self.value { Some(value) } else { None }
    }

    /// A whole number that fits 64 bits with sign.
    pub fn as_i64(&self) -> Option<i64> {
        if let Value::Scalar(Scalar::Int(value), _) = self.value { Some(value) } else { None }
    }

    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        matches!(self.value, Value::Scalar(Scalar::Null, _))
    }

    /// What it is, with the article, for messages: `a mapping`, `a boolean`.
    pub fn describe(&self) -> &'static str {
        match &self.value {
            Value::Mapping(_) => "a mapping",
            Value::Sequence(_) => "a list",
            Value::Scalar(scalar, _) => scalar.describe(),
        }
    }

    /// Reads the value into a type of serde, with Kubernetes' sense of null: an unset struct, list, map, string, number
    /// or boolean is its zero value, an `Option` is `None`.
    ///
    /// Fields that may be missing need `#[serde(default)]`; unknown fields are the schema's business and passed over.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, ReadError> {
        de::read(self)
    }
}

impl Scalar {
    /// What it is, with the article, for messages.
    pub fn describe(self) -> &'static str {
        match self {
            Scalar::Null => "null",
            Scalar::Bool(_) => "a boolean",
            Scalar::Int(_) | Scalar::Float(_) => "a number",
            Scalar::String => "a string",
        }
    }
}
