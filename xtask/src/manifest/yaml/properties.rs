//! Anchors, aliases' names and tags.

use super::block::Content;
use super::{Built, Parser, Place};
use crate::manifest::node::{Mark, Node};

/// What may stand before a value.
#[derive(Clone, Copy, Default)]
pub(super) struct Properties<'t> {
    /// The name behind `&`.
    pub(super) anchor: Option<&'t str>,
    /// The tag as written.
    pub(super) tag: Option<&'t str>,
    /// Where they start.
    pub(super) mark: Option<Mark>,
}

impl Properties<'_> {
    pub(super) fn any(&self) -> bool {
        self.mark.is_some()
    }
}

impl<'t> Parser<'_, 't> {
    /// The anchor and the tag that stand here, one of each at most, and the blanks behind them.
    pub(super) fn properties(&mut self) -> Built<Properties<'t>> {
        let mut properties = Properties::default();
        loop {
            match self.cursor.byte() {
                b'&' if properties.anchor.is_none() => {
                    properties.mark = properties.mark.or(Some(self.cursor.mark()));
                    properties.anchor = Some(self.anchor_name()?);
                }
                b'!' if properties.tag.is_none() => {
                    properties.mark = properties.mark.or(Some(self.cursor.mark()));
                    properties.tag = Some(self.tag()?);
                }
                _ => return Ok(properties),
            }
            self.cursor.skip_blanks();
        }
    }

    /// The name behind `&` or `*`: letters, digits, `_` and `-`.
    pub(super) fn anchor_name(&mut self) -> Built<&'t str> {
        let start = self.cursor.at + 1;
        self.cursor.at = start;
        while matches!(self.cursor.byte(), b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'_' | b'-') {
            self.cursor.at += 1;
        }
        let ends = self.cursor.is_blank_or_break(0) || matches!(self.cursor.byte(), b':' | b',' | b']' | b'}');
        if self.cursor.at == start || !ends {
            return Err(self.syntax("`&` or `*` without the name of an anchor"));
        }
        Ok(self.cursor.slice(start, self.cursor.at))
    }

    /// A tag, up to the blank behind it.
    fn tag(&mut self) -> Built<&'t str> {
        let start = self.cursor.at;
        while !self.cursor.is_blank_or_break(0) {
            if matches!(self.cursor.byte(), b'[' | b']' | b'{' | b'}' | b',') {
                return Err(self.syntax("a tag without a blank behind it"));
            }
            self.cursor.at += 1;
        }
        Ok(self.cursor.slice(start, self.cursor.at))
    }

    /// The value of a content and its properties.
    pub(super) fn finish(
        &mut self,
        content: Content<'t>,
        properties: &Properties<'t>,
        mark: Mark,
        place: Place<'_>,
    ) -> Built<Node> {
        match content {
            Content::Alias(_) if properties.any() => Err(self.syntax("an anchor or a tag on an alias")),
            Content::Alias(name) => self.composer.alias(name, mark),
            Content::Scalar { text, plain } => self.composer.scalar(text, plain, properties, mark, place.path),
            Content::Block(text) => self.composer.scalar(text, false, properties, mark, place.path),
            Content::Flow(value) => self.composer.collection(value, properties, mark, place.path),
        }
    }

    /// A value of which nothing is written.
    pub(super) fn empty(&mut self, properties: &Properties<'t>, mark: Mark, place: Place<'_>) -> Built<Node> {
        self.finish(Content::Scalar { text: Box::default(), plain: true }, properties, mark, place)
    }
}
