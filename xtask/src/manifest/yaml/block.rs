//! Block style: collections by indentation.

use super::mapping::Mapping;
use super::properties::Properties;
use super::{Built, LONGEST_KEY, Parser, Place};
use crate::manifest::node::{Mark, Node, Value};
use crate::manifest::path::Path;

/// The content of a node, before it is known whether it is a value or a key.
pub(super) enum Content<'t> {
    Alias(&'t str),
    Scalar {
        text: Box<str>,
        plain: bool,
    },
    Flow(Value),
    /// A block of text, which can be no key.
    Block(Box<str>),
}

/// How a node lies in the collection around it.
#[derive(Clone, Copy)]
struct Nested {
    /// The column of the collection around; content lies to the right of it.
    parent: Option<usize>,
    /// Whether a block collection may start here: at the start of a line or behind a dash, not behind a key.
    opens: bool,
    /// Whether the items of a list may stand in the column of the key before them.
    indentless: bool,
}

/// A key, with its place and properties.
struct Key<'t> {
    content: Content<'t>,
    properties: Properties<'t>,
    mark: Mark,
}

impl<'t> Parser<'_, 't> {
    /// The value of a document.
    pub(super) fn block_root(&mut self, place: Place<'_>) -> Built<Node> {
        self.block(Nested { parent: None, opens: true, indentless: false }, Properties::default(), place)
    }

    /// The node here; `outer` are properties that stand on a line before it.
    fn block(&mut self, nested: Nested, outer: Properties<'t>, place: Place<'_>) -> Built<Node> {
        self.check_depth(place)?;
        let (mark, column, start) = (self.cursor.mark(), self.cursor.column(), self.cursor.at);
        if self.is_dash() {
            return if nested.opens { self.block_sequence(column, false, outer, place) } else { Err(self.misplaced()) };
        }
        let own = self.properties()?;
        if own.any() {
            let line = self.cursor.line;
            self.cursor.skip(true, false);
            if self.cursor.line != line || self.cursor.is_end() {
                return if outer.any() { Err(self.twice()) } else { self.on_next_line(nested, own, place) };
            }
        }
        let properties = if own.any() { own } else { outer };
        let content = self.content(nested.parent, &properties, place)?;
        if nested.opens && self.is_key(&content, mark.line, start) {
            return self.block_mapping(column, Key { content, properties: own, mark }, outer, place);
        }
        if own.any() && outer.any() {
            return Err(self.twice());
        }
        if !matches!(content, Content::Block(_)) {
            self.end_of_line()?;
        }
        self.finish(content, &properties, mark, place)
    }

    fn misplaced(&self) -> super::Stop {
        self.syntax("a list may not start on the line of its key")
    }

    fn twice(&self) -> super::Stop {
        self.syntax("two anchors or tags on one value")
    }

    /// The node on a line after its key or dash; null where there is none.
    fn on_next_line(&mut self, nested: Nested, outer: Properties<'t>, place: Place<'_>) -> Built<Node> {
        let column = self.cursor.column();
        if !self.cursor.is_end() {
            if nested.parent.is_none_or(|parent| column > parent) {
                return self.block(Nested { opens: true, ..nested }, outer, place);
            }
            if nested.indentless && nested.parent == Some(column) && self.is_dash() {
                return self.block_sequence(column, true, outer, place);
            }
        }
        let mark = outer.mark.unwrap_or_else(|| self.cursor.mark());
        self.empty(&outer, mark, place)
    }

    /// The node behind a key's colon or a dash.
    fn block_value(&mut self, nested: Nested, place: Place<'_>) -> Built<Node> {
        let line = self.cursor.line;
        self.cursor.skip(!nested.opens, false);
        if self.cursor.line == line && !self.cursor.is_end() {
            self.block(nested, Properties::default(), place)
        } else {
            self.on_next_line(nested, Properties::default(), place)
        }
    }

    fn block_sequence(
        &mut self,
        column: usize,
        indentless: bool,
        outer: Properties<'t>,
        place: Place<'_>,
    ) -> Built<Node> {
        self.check_depth(place)?;
        let mark = self.cursor.mark();
        self.composer.open(&outer);
        let mut items = Vec::new();
        loop {
            self.cursor.at += 1;
            let nested = Nested { parent: Some(column), opens: true, indentless: false };
            items.push(self.block_value(nested, place.within(&Path::Index(place.path, items.len())))?);
            if !self.is_next(column)? {
                break;
            }
            if !self.is_dash() {
                if indentless {
                    break;
                }
                return Err(self.syntax("neither an item of the list before it nor the end of it"));
            }
        }
        self.composer.collection(Value::Sequence(items), &outer, mark, place.path)
    }

    fn block_mapping(&mut self, column: usize, first: Key<'t>, outer: Properties<'t>, place: Place<'_>) -> Built<Node> {
        let mark = first.mark;
        self.composer.open(&outer);
        let mut mapping = Mapping::default();
        let mut key = first;
        loop {
            self.cursor.at += 1; // the colon
            self.block_entry(column, key, &mut mapping, place)?;
            if !self.is_next(column)? {
                break;
            }
            key = self.block_key(place)?;
        }
        self.composer.collection(Value::Mapping(mapping.entries), &outer, mark, place.path)
    }

    /// A key at the start of a line, up to its colon.
    fn block_key(&mut self, place: Place<'_>) -> Built<Key<'t>> {
        let (mark, start) = (self.cursor.mark(), self.cursor.at);
        if self.is_dash() {
            return Err(self.syntax("an item of a list among the keys of a mapping"));
        }
        let properties = self.properties()?;
        self.cursor.skip_blanks();
        let content = self.content(None, &properties, place)?;
        if !self.is_key(&content, mark.line, start) {
            return Err(self.syntax("a key without a colon and a blank behind it"));
        }
        Ok(Key { content, properties, mark })
    }

    fn block_entry(&mut self, column: usize, key: Key<'t>, mapping: &mut Mapping, place: Place<'_>) -> Built<()> {
        let nested = Nested { parent: Some(column), opens: false, indentless: true };
        self.entry(key.content, &key.properties, key.mark, mapping, place, |parser, place| {
            parser.block_value(nested, place)
        })
    }

    /// Whether the collection at this column goes on; what stands deeper belongs to nothing.
    fn is_next(&mut self, column: usize) -> Built<bool> {
        self.cursor.skip(false, false);
        if self.cursor.is_end() || self.cursor.column() < column {
            return Ok(false);
        }
        if self.cursor.column() > column || self.cursor.byte() == b'\t' {
            return Err(self.syntax("this is indented deeper than what it follows, and belongs to nothing"));
        }
        Ok(true)
    }

    /// Whether a colon follows that makes the content a key: on its line, and not too far.
    fn is_key(&mut self, content: &Content<'_>, line: u32, start: usize) -> bool {
        if matches!(content, Content::Block(_)) || self.cursor.line != line {
            return false;
        }
        let saved = self.cursor.save();
        self.cursor.skip_blanks();
        let colon = self.cursor.byte() == b':' && self.cursor.is_blank_or_break(1);
        let is_key = colon && self.cursor.at - start <= LONGEST_KEY;
        if !is_key {
            self.cursor.restore(saved);
        }
        is_key
    }

    pub(super) fn is_dash(&self) -> bool {
        self.cursor.byte() == b'-' && self.cursor.is_blank_or_break(1)
    }

    /// Nothing but a comment may follow a value on its line.
    fn end_of_line(&mut self) -> Built<()> {
        self.cursor.skip_blanks();
        match self.cursor.byte() {
            b'\n' | b'#' | 0 => Ok(()),
            b':' => Err(self.syntax("a second key on one line, or a key of more than one line")),
            _ => Err(self.syntax("more text behind a value that has ended")),
        }
    }
}
