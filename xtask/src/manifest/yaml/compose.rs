//! Values made of what was parsed: scalars resolved, anchors kept, aliases replaced by copies of what they stand for.

use std::collections::HashMap;

use super::properties::Properties;
use super::{Built, stop};
use crate::manifest::node::{Mark, Node, Scalar, Value};
use crate::manifest::path::{Path, shown};
use crate::manifest::problem::Problems;
use crate::manifest::{rules, scalar};

/// What aliases of one document may expand to, in bytes of memory.
const MAX_COPIES: usize = 2 << 20;

/// Makes values, and keeps what later ones may refer to.
pub(super) struct Composer<'a> {
    pub(super) problems: &'a mut Problems,
    anchors: HashMap<String, Anchor>,
    copies: usize,
    /// Whether the value made last came by an alias.
    pub(super) was_alias: bool,
}

/// What an anchor stands for.
struct Anchor {
    /// Where it was set: an anchor may be set anew inside of its own value.
    mark: Mark,
    /// `None` while the value is still being read.
    node: Option<Node>,
}

impl<'a> Composer<'a> {
    pub(super) fn new(problems: &'a mut Problems) -> Self {
        Self { problems, anchors: HashMap::new(), copies: 0, was_alias: false }
    }

    /// Notes the anchor of a collection whose parts are read next.
    pub(super) fn open(&mut self, properties: &Properties<'_>) {
        if let (Some(anchor), Some(mark)) = (properties.anchor, properties.mark) {
            self.anchors.insert(anchor.to_owned(), Anchor { mark, node: None });
        }
    }

    /// A collection whose parts have been read.
    pub(super) fn collection(
        &mut self,
        value: Value,
        properties: &Properties<'_>,
        mark: Mark,
        path: &Path<'_>,
    ) -> Built<Node> {
        let own = if matches!(value, Value::Mapping(_)) { "!!map" } else { "!!seq" };
        if let Some(tag) = properties.tag.filter(|tag| *tag != own) {
            self.refuse_tag(tag, mark, path);
        }
        self.anchored(Node { mark, value }, properties)
    }

    /// A scalar; go-yaml takes a quoted one with a tag as if it were plain.
    pub(super) fn scalar(
        &mut self,
        text: Box<str>,
        plain: bool,
        properties: &Properties<'_>,
        mark: Mark,
        path: &Path<'_>,
    ) -> Built<Node> {
        let scalar = match properties.tag {
            None if plain => self.finite(scalar::resolve(&text), mark, path),
            None | Some("!!str") => Scalar::String,
            Some(tag) => self.tagged(&text, tag, mark, path),
        };
        self.open(properties);
        self.anchored(Node { mark, value: Value::Scalar(scalar, text) }, properties)
    }

    fn tagged(&mut self, text: &str, tag: &str, mark: Mark, path: &Path<'_>) -> Scalar {
        let read = self.finite(scalar::resolve(text), mark, path);
        match (tag, read) {
            #[allow(clippy::cast_precision_loss)] // go-yaml converts in the same way
            ("!!float", Scalar::Int(value)) => Scalar::Float(value as f64),
            ("!!null", Scalar::Null)
            | ("!!bool", Scalar::Bool(_))
            | ("!!int", Scalar::Int(_))
            | ("!!float", Scalar::Float(_)) => read,
            _ => {
                self.refuse_tag(tag, mark, path);
                Scalar::String
            }
        }
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

    fn refuse_tag(&mut self, tag: &str, mark: Mark, path: &Path<'_>) {
        let message = format!("the tag `{}` on this value (line {})", shown(tag), mark.line);
        self.problems.push(rules::AMBIGUOUS, path, message, "remove the tag: JSON has none, and readers differ on it");
    }

    /// Keeps a copy of a value that has an anchor, unless a value inside of it has taken the anchor over.
    fn anchored(&mut self, node: Node, properties: &Properties<'_>) -> Built<Node> {
        self.was_alias = false;
        let Some(anchor) = properties.anchor else { return Ok(node) };
        if self.anchors.get(anchor).is_some_and(|anchor| Some(anchor.mark) == properties.mark) {
            self.copy(&node)?;
            let mark = node.mark;
            self.anchors.insert(anchor.to_owned(), Anchor { mark, node: Some(node.clone()) });
        }
        Ok(node)
    }

    /// The value that an alias stands for.
    pub(super) fn alias(&mut self, anchor: &str, mark: Mark) -> Built<Node> {
        let problem = match self.anchors.get(anchor) {
            Some(Anchor { node: Some(node), .. }) => {
                let node = node.clone();
                self.copy(&node)?;
                self.was_alias = true;
                return Ok(node);
            }
            Some(_) => "an alias inside of the value that it stands for",
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
