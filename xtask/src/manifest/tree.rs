//! One document's events as a tree: anchors, aliases, merges and scalars resolved as go-yaml and `sigs.k8s.io/yaml` do.
//!
//! Reading goes on after a problem where the tree still has a shape, so that all problems come out in one run.

use std::collections::HashMap;

use libyaml_safer::{Event, EventData, MappingStyle, Parser, ScalarStyle, SequenceStyle};
use serde::de::IgnoredAny;

use super::node::{Entry, Mark, Node, Scalar, Value};
use super::path::{Path, shown};
use super::problem::{Problem, Problems};
use super::split::Chunk;
use super::{rules, scalar};

/// Values may be nested this deep; the deepest field of a built-in kind, and schemas of custom resources, lie below 50.
const MAX_DEPTH: usize = 100;
/// What aliases of one document may expand to, in bytes of memory.
const MAX_COPIES: usize = 8 << 20;

/// Reads a document; `None` where it is empty or cannot be read.
pub(super) fn read(chunk: &Chunk<'_>, problems: &mut Problems) -> Option<Node> {
    let mut input = chunk.text.as_bytes();
    let mut parser = Parser::new();
    parser.set_input_string(&mut input);
    let is_json = || chunk.opens && serde_json::from_str::<IgnoredAny>(chunk.text).is_ok();
    let slash = (chunk.text.contains("\\/") && !is_json()).then_some(chunk.text);
    let mut builder =
        Builder { parser, line: chunk.line, slash, anchors: HashMap::new(), copies: 0, flow: 0, problems };
    match builder.document() {
        Ok(root) => root,
        Err(Stop(problem)) => {
            builder.problems.add(|| problem);
            None
        }
    }
}

/// The end of reading a document: a problem after which the rest has no meaning.
struct Stop(Problem);

type Built<T> = Result<T, Stop>;

struct Builder<'a, 'r, 't> {
    parser: Parser<&'r mut &'t [u8]>,
    line: u32,
    /// The text, where it has a `\/` in it and is not read as JSON: see `escape`.
    slash: Option<&'t str>,
    /// The value of each anchor; `None` while the value is still being read.
    anchors: HashMap<String, Option<Node>>,
    copies: usize,
    /// How many of the collections around the next event are written in brackets.
    flow: usize,
    problems: &'a mut Problems,
}

impl Builder<'_, '_, '_> {
    /// The whole stream: one document, or nothing.
    fn document(&mut self) -> Built<Option<Node>> {
        self.next()?; // the start of the stream
        let start = self.next()?;
        match start.data {
            EventData::StreamEnd => return Ok(None),
            EventData::DocumentStart { version_directive: None, tag_directives, .. } if tag_directives.is_empty() => {}
            _ => {
                let message = format!("a YAML directive (line {})", self.mark(&start).line);
                return Err(stop(rules::SYNTAX, &Path::Root, message, "remove the line that starts with `%`"));
            }
        }
        let first = self.next()?;
        let root = self.node(first, &Path::Root, 0)?;
        self.next()?; // the end of the document
        match self.next() {
            Ok(Event { data: EventData::StreamEnd, .. }) => Ok(Some(root)),
            _ => {
                let message = "a second document without `---` before it, which Kubernetes drops in silence";
                Err(stop(rules::AMBIGUOUS, &Path::Root, message, "put a line `---` between the documents"))
            }
        }
    }

    fn next(&mut self) -> Built<Event> {
        self.parser.parse().map_err(|error| {
            let context = error.context().map(|context| format!(", {context}")).unwrap_or_default();
            let place =
                error.problem_mark().map(|mark| format!(" (line {})", self.absolute(mark).line)).unwrap_or_default();
            let message = format!("not YAML: {}{context}{place}", error.problem());
            stop(rules::SYNTAX, &Path::Root, message, "mend the syntax; indent with blanks, never with tabs")
        })
    }

    fn mark(&self, event: &Event) -> Mark {
        self.absolute(event.start_mark)
    }

    fn absolute(&self, mark: libyaml_safer::Mark) -> Mark {
        let clamp = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        Mark { line: self.line.saturating_add(clamp(mark.line)), column: clamp(mark.column).saturating_add(1) }
    }

    /// The value that starts with `event`.
    fn node(&mut self, event: Event, path: &Path<'_>, depth: usize) -> Built<Node> {
        let mark = self.mark(&event);
        if depth > MAX_DEPTH {
            let message = format!("values nested more than {MAX_DEPTH} deep (line {})", mark.line);
            return Err(stop(rules::TOO_DEEP, &Path::Root, message, "nest less"));
        }
        match event.data {
            EventData::Alias { anchor } => self.alias(&anchor, mark),
            EventData::Scalar { anchor, tag, value, plain_implicit, style, .. } => {
                let plain = style == ScalarStyle::Plain;
                if plain && self.flow > 0 && value.contains('?') {
                    let message = format!("a `?` in a value inside of brackets (line {})", mark.line);
                    self.problems.push(rules::AMBIGUOUS, path, message, "quote the value: go-yaml ends it at the `?`");
                }
                if style == ScalarStyle::DoubleQuoted {
                    self.escape(event.start_mark.index, event.end_mark.index, mark, path);
                }
                let text = value.into_boxed_str();
                let scalar = self.scalar(&text, tag.as_deref(), plain, plain_implicit, mark, path);
                self.anchored(anchor, Node { mark, value: Value::Scalar(scalar, text) })
            }
            EventData::SequenceStart { anchor, tag, style, .. } => {
                let flow = usize::from(style == SequenceStyle::Flow);
                self.collection_tag(tag.as_deref(), libyaml_safer::SEQ_TAG, mark, path);
                self.open(anchor.as_ref());
                self.flow += flow;
                let items = self.sequence(path, depth)?;
                self.flow -= flow;
                self.anchored(anchor, Node { mark, value: Value::Sequence(items) })
            }
            EventData::MappingStart { anchor, tag, style, .. } => {
                let flow = usize::from(style == MappingStyle::Flow);
                self.collection_tag(tag.as_deref(), libyaml_safer::MAP_TAG, mark, path);
                self.open(anchor.as_ref());
                self.flow += flow;
                let entries = self.mapping(path, depth)?;
                self.flow -= flow;
                self.anchored(anchor, Node { mark, value: Value::Mapping(entries) })
            }
            _ => Err(stop(rules::SYNTAX, path, format!("not YAML: no value (line {})", mark.line), "mend the syntax")),
        }
    }

    fn open(&mut self, anchor: Option<&String>) {
        if let Some(anchor) = anchor {
            self.anchors.insert(anchor.clone(), None);
        }
    }

    /// Keeps a copy of a value that has an anchor.
    fn anchored(&mut self, anchor: Option<String>, node: Node) -> Built<Node> {
        if let Some(anchor) = anchor {
            self.copy(&node)?;
            self.anchors.insert(anchor, Some(node.clone()));
        }
        Ok(node)
    }

    fn alias(&mut self, anchor: &str, mark: Mark) -> Built<Node> {
        let problem = match self.anchors.get(anchor) {
            Some(Some(node)) => {
                let node = node.clone();
                self.copy(&node)?;
                return Ok(node);
            }
            Some(None) => "an alias inside of the value that it stands for",
            None => "an alias without an anchor before it",
        };
        Err(stop(rules::SYNTAX, &Path::Root, format!("{problem} (line {})", mark.line), "write the value out"))
    }

    /// Counts a copy against the document's bound.
    fn copy(&mut self, node: &Node) -> Built<()> {
        self.copies = self.copies.saturating_add(size(node));
        if self.copies > MAX_COPIES {
            let message = format!("aliases expand to more than {} MiB", MAX_COPIES >> 20);
            return Err(stop(rules::TOO_LARGE, &Path::Root, message, "write the values out, or part the text"));
        }
        Ok(())
    }

    /// What a scalar reads as, its tag considered; go-yaml takes a quoted scalar with a tag as if it were plain.
    fn scalar(
        &mut self,
        text: &str,
        tag: Option<&str>,
        plain: bool,
        implicit: bool,
        mark: Mark,
        path: &Path<'_>,
    ) -> Scalar {
        let Some(tag) = tag else {
            if implicit && !plain {
                let message = format!("the tag `!` before a quoted text (line {})", mark.line);
                self.problems.push(rules::AMBIGUOUS, path, message, "remove the tag");
            }
            return if plain { self.finite(scalar::resolve(text), mark, path) } else { Scalar::String };
        };
        let read = self.finite(scalar::resolve(text), mark, path);
        match (tag, read) {
            (libyaml_safer::STR_TAG, _) => return Scalar::String,
            (libyaml_safer::FLOAT_TAG, Scalar::Int(value)) => {
                #[allow(clippy::cast_precision_loss)] // go-yaml converts in the same way
                return Scalar::Float(value as f64);
            }
            (libyaml_safer::NULL_TAG, Scalar::Null)
            | (libyaml_safer::BOOL_TAG, Scalar::Bool(_))
            | (libyaml_safer::INT_TAG, Scalar::Int(_))
            | (libyaml_safer::FLOAT_TAG, Scalar::Float(_)) => return read,
            _ => {}
        }
        self.refuse_tag(tag, mark, path);
        Scalar::String
    }

    /// JSON has no infinity and no not-a-number.
    fn finite(&mut self, scalar: Scalar, mark: Mark, path: &Path<'_>) -> Scalar {
        if matches!(scalar, Scalar::Float(value) if !value.is_finite()) {
            let message = format!("infinity, not-a-number, or beyond any number (line {})", mark.line);
            self.problems.push(rules::WRONG_TYPE, path, message, "quote it if it is text: JSON has no such number");
            return Scalar::String;
        }
        scalar
    }

    /// Refuses `\/` in quotes: an escape of JSON and of YAML 1.2, and an error to go-yaml, which reads YAML 1.1.
    fn escape(&mut self, start: u64, end: u64, mark: Mark, path: &Path<'_>) {
        let Some(text) = self.slash else { return };
        let byte = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let mut quoted = text.get(byte(start)..byte(end)).unwrap_or(text).chars();
        while let Some(letter) = quoted.next() {
            if letter == '\\' && quoted.next() == Some('/') {
                let message = format!("the escape `\\/` (line {})", mark.line);
                self.problems.push(rules::AMBIGUOUS, path, message, "write `/`: YAML 1.1 has no such escape");
                return;
            }
        }
    }

    fn collection_tag(&mut self, tag: Option<&str>, own: &str, mark: Mark, path: &Path<'_>) {
        if let Some(tag) = tag.filter(|tag| *tag != own) {
            self.refuse_tag(tag, mark, path);
        }
    }

    fn refuse_tag(&mut self, tag: &str, mark: Mark, path: &Path<'_>) {
        let tag = tag.strip_prefix("tag:yaml.org,2002:").map_or_else(|| tag.to_owned(), |short| format!("!!{short}"));
        let message = format!("the tag `{}` on this value (line {})", shown(&tag), mark.line);
        self.problems.push(rules::AMBIGUOUS, path, message, "remove the tag: JSON has none, and readers differ on it");
    }

    fn sequence(&mut self, path: &Path<'_>, depth: usize) -> Built<Vec<Node>> {
        let mut items = Vec::new();
        loop {
            let event = self.next()?;
            if matches!(event.data, EventData::SequenceEnd) {
                return Ok(items);
            }
            items.push(self.node(event, &Path::Index(path, items.len()), depth + 1)?);
        }
    }

    fn mapping(&mut self, path: &Path<'_>, depth: usize) -> Built<Vec<Entry>> {
        let mut mapping = Mapping::default();
        loop {
            let event = self.next()?;
            if matches!(event.data, EventData::MappingEnd) {
                return Ok(mapping.entries);
            }
            let mark = self.mark(&event);
            if is_merge(&event) {
                let event = self.next()?;
                let alias = matches!(event.data, EventData::Alias { .. });
                let value = self.node(event, &Path::Key(path, "<<"), depth + 1)?;
                self.merge(&mut mapping, value, alias, mark, path)?;
                continue;
            }
            let key = self.node(event, path, depth + 1)?;
            let key = self.key(key, path);
            let event = self.next()?;
            let value = self.node(event, &Path::Key(path, &key), depth + 1)?;
            self.insert(&mut mapping, Entry { key, mark, value }, path);
        }
    }

    /// The text of a key. A key that Kubernetes would name otherwise than it is written is refused.
    fn key(&mut self, key: Node, path: &Path<'_>) -> Box<str> {
        let (kind, line) = (key.describe(), key.mark.line);
        let (text, same) = match key.value {
            Value::Scalar(Scalar::String, text) => (text, true),
            Value::Scalar(Scalar::Int(value), text) => {
                let same = value.to_string() == *text;
                (text, same)
            }
            Value::Scalar(_, text) => (text, false),
            Value::Sequence(_) | Value::Mapping(_) => (Box::default(), false),
        };
        if !same {
            let message = format!("a key that is {kind}, as readers of YAML 1.1 see it (line {line})");
            self.problems.push(rules::AMBIGUOUS, &Path::Key(path, &text), message, "quote the key");
        }
        text
    }

    fn insert(&mut self, mapping: &mut Mapping, entry: Entry, path: &Path<'_>) {
        match mapping.position(&entry.key) {
            None => mapping.push(entry),
            // An own key after a merge: own wins, to YAML and to Kubernetes.
            Some(at) if at < mapping.merged.len() && mapping.merged[at] => {
                mapping.merged[at] = false;
                mapping.entries[at] = entry;
            }
            Some(at) => {
                let message = format!(
                    "the key `{}` stands twice, in lines {} and {}",
                    shown(&entry.key),
                    mapping.entries[at].mark.line,
                    entry.mark.line
                );
                self.problems.push(rules::DUPLICATE, &Path::Key(path, &entry.key), message, "keep one of the two");
            }
        }
    }

    /// Takes in what `<<` names: a mapping or a list of mappings, of which the first that has a key wins.
    ///
    /// An alias may stand for a mapping only: go-yaml refuses one that stands for a list.
    fn merge(&mut self, mapping: &mut Mapping, value: Node, alias: bool, mark: Mark, path: &Path<'_>) -> Built<()> {
        let line = mark.line;
        if std::mem::replace(&mut mapping.has_merge, true) {
            let message = format!("the key `<<` stands twice, the second time in line {line}");
            self.problems.push(rules::DUPLICATE, &Path::Key(path, "<<"), message, "merge a list: `<<: [*a, *b]`");
            return Ok(());
        }
        let own = mapping.entries.len();
        let parts = match value.value {
            Value::Mapping(_) => vec![value],
            Value::Sequence(items) if !alias => items,
            _ => Vec::new(),
        };
        if parts.is_empty() || parts.iter().any(|part| !matches!(part.value, Value::Mapping(_))) {
            let message = format!("`<<` without a mapping to merge (line {line})");
            return Err(stop(rules::SYNTAX, path, message, "merge a mapping, or a list of mappings"));
        }
        for part in parts {
            let Value::Mapping(entries) = part.value else { continue };
            for entry in entries {
                match mapping.position(&entry.key) {
                    None => mapping.push_merged(entry),
                    Some(at) if at >= own => {}
                    Some(_) => {
                        let message = format!(
                            "the key `{}` is written before `<<` (line {line}) merges it: YAML keeps the written one, Kubernetes the merged",
                            shown(&entry.key)
                        );
                        self.problems.push(rules::AMBIGUOUS, &Path::Key(path, &entry.key), message, "put `<<` first");
                    }
                }
            }
        }
        Ok(())
    }
}

/// The entries of a mapping while it is read.
#[derive(Default)]
struct Mapping {
    entries: Vec<Entry>,
    /// Which of the entries came by a merge; shorter than the entries where the rest did not.
    merged: Vec<bool>,
    has_merge: bool,
    /// Where each key stands, once there are many.
    keys: HashMap<Box<str>, usize>,
}

impl Mapping {
    /// Where the mapping gets an index of its keys: below, looking at each is faster.
    const MANY: usize = 32;

    fn position(&self, key: &str) -> Option<usize> {
        if self.entries.len() > Self::MANY {
            return self.keys.get(key).copied();
        }
        self.entries.iter().position(|entry| &*entry.key == key)
    }

    fn push(&mut self, entry: Entry) {
        if self.entries.len() == Self::MANY {
            self.keys.extend(self.entries.iter().enumerate().map(|(at, entry)| (entry.key.clone(), at)));
        }
        if self.entries.len() >= Self::MANY {
            self.keys.insert(entry.key.clone(), self.entries.len());
        }
        self.entries.push(entry);
    }

    fn push_merged(&mut self, entry: Entry) {
        self.merged.resize(self.entries.len(), false);
        self.merged.push(true);
        self.push(entry);
    }
}

/// go-yaml's `isMerge`: the plain key `<<`, or one with the tag `!!merge`.
fn is_merge(event: &Event) -> bool {
    matches!(&event.data, EventData::Scalar { value, plain_implicit, tag, .. }
        if value == "<<" && (*plain_implicit || tag.as_deref() == Some("tag:yaml.org,2002:merge")))
}

/// The memory of a tree, about.
fn size(node: &Node) -> usize {
    let inner: usize = match &node.value {
        Value::Scalar(_, text) => text.len(),
        Value::Sequence(items) => items.iter().map(size).sum(),
        Value::Mapping(entries) => entries.iter().map(|entry| entry.key.len() + 24 + size(&entry.value)).sum(),
    };
    size_of::<Node>() + inner
}

fn stop(rule: &'static str, path: &Path<'_>, message: impl Into<String>, fix: impl Into<String>) -> Stop {
    Stop(Problem::new(rule, path, message, fix))
}
