//! Flow style: collections in brackets, JSON among them.

use super::block::Content;
use super::mapping::Mapping;
use super::properties::Properties;
use super::{Built, LONGEST_KEY, Parser, Place};
use crate::manifest::node::{Mark, Node, Value};
use crate::manifest::path::Path;

impl<'t> Parser<'_, 't> {
    /// The collection that starts here.
    pub(super) fn flow_collection(
        &mut self,
        around: Option<usize>,
        properties: &Properties<'t>,
        place: Place<'_>,
    ) -> Built<Value> {
        self.check_depth(place)?;
        self.composer.open(properties);
        if self.flow == 0 {
            self.around = around;
        }
        self.flow += 1;
        let is_list = self.cursor.byte() == b'[';
        self.cursor.at += 1;
        let value = if is_list { self.flow_sequence(place)? } else { self.flow_mapping(place)? };
        self.cursor.at += 1;
        self.flow -= 1;
        Ok(value)
    }

    fn flow_sequence(&mut self, place: Place<'_>) -> Built<Value> {
        let mut items = Vec::new();
        while self.is_more(b']', items.is_empty())? {
            let path = Path::Index(place.path, items.len());
            let place = place.within(&path);
            let (mark, start) = (self.cursor.mark(), self.cursor.at);
            let properties = self.properties()?;
            let content = self.flow_content(&properties, false, place)?;
            if self.is_flow_key(mark.line, start) {
                let mut pair = Mapping::default();
                self.flow_value(content, &properties, mark, &mut pair, place)?;
                items.push(Node { mark, value: Value::Mapping(pair.entries) });
            } else {
                items.push(self.finish(content, &properties, mark, place)?);
            }
        }
        Ok(Value::Sequence(items))
    }

    fn flow_mapping(&mut self, place: Place<'_>) -> Built<Value> {
        let mut mapping = Mapping::default();
        let mut first = true;
        while self.is_more(b'}', std::mem::take(&mut first))? {
            let (mark, start) = (self.cursor.mark(), self.cursor.at);
            let properties = self.properties()?;
            let content = self.flow_content(&properties, false, place)?;
            if self.is_flow_key(mark.line, start) {
                self.flow_value(content, &properties, mark, &mut mapping, place)?;
            } else {
                let null = |parser: &mut Self, place: Place<'_>| parser.empty(&Properties::default(), mark, place);
                self.entry(content, &properties, mark, &mut mapping, place, null)?;
            }
        }
        Ok(Value::Mapping(mapping.entries))
    }

    /// Moves to the next entry, over its comma; `false` at the closing bracket.
    fn is_more(&mut self, close: u8, first: bool) -> Built<bool> {
        self.cursor.skip(true, true);
        if !first && self.cursor.byte() == b',' {
            self.cursor.at += 1;
            self.cursor.skip(true, true);
        } else if !first && self.cursor.byte() != close {
            return Err(self.unclosed());
        }
        if self.cursor.is_end() {
            return Err(self.unclosed());
        }
        Ok(self.cursor.byte() != close)
    }

    fn unclosed(&self) -> super::Stop {
        self.wrong("neither a comma nor the closing bracket", "part the entries by commas, and close the bracket")
    }

    /// Whether a colon follows that makes what started at `start` a key: on its line, and not too far.
    fn is_flow_key(&mut self, line: u32, start: usize) -> bool {
        let saved = self.cursor.save();
        self.cursor.skip_blanks();
        let is_key = self.cursor.byte() == b':' && self.cursor.line == line && self.cursor.at - start <= LONGEST_KEY;
        if !is_key {
            self.cursor.restore(saved);
        }
        is_key
    }

    /// The value behind the colon that stands here, put into the mapping.
    fn flow_value(
        &mut self,
        key: Content<'t>,
        properties: &Properties<'t>,
        mark: Mark,
        mapping: &mut Mapping,
        place: Place<'_>,
    ) -> Built<()> {
        self.cursor.at += 1;
        self.cursor.skip(true, true);
        self.entry(key, properties, mark, mapping, place, |parser, place| {
            let mark = parser.cursor.mark();
            let properties = parser.properties()?;
            let content = parser.flow_content(&properties, true, place)?;
            parser.finish(content, &properties, mark, place)
        })
    }

    /// The content of an entry. Nothing, where a comma or a bracket follows, is null, but only behind a colon or a tag.
    fn flow_content(&mut self, properties: &Properties<'t>, is_value: bool, place: Place<'_>) -> Built<Content<'t>> {
        if properties.any() {
            self.cursor.skip(true, true);
        }
        match self.cursor.byte() {
            b',' | b']' | b'}' if is_value || properties.any() => {
                Ok(Content::Scalar { text: Box::default(), plain: true })
            }
            _ => self.content(None, properties, place),
        }
    }
}
