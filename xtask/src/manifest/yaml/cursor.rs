//! A place in the text of a document, and the blanks, comments and line ends that are skipped between its parts.

use crate::manifest::node::Mark;

/// Reads a text that ends with a line break and has no other line ends than `\n`.
pub(super) struct Cursor<'t> {
    text: &'t str,
    pub(super) at: usize,
    /// The number of the line, in the whole text.
    pub(super) line: u32,
    /// Where the line starts.
    start: usize,
}

/// A place to come back to.
#[derive(Clone, Copy)]
pub(super) struct Saved {
    at: usize,
    line: u32,
    start: usize,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t str, line: u32) -> Self {
        Self { text, at: 0, line, start: 0 }
    }

    /// The byte here; 0 at the end of the text, which has no such byte.
    pub(super) fn byte(&self) -> u8 {
        self.ahead(0)
    }

    /// The byte some places on.
    pub(super) fn ahead(&self, by: usize) -> u8 {
        self.text.as_bytes().get(self.at + by).copied().unwrap_or(0)
    }

    /// Whether a blank, a line break or the end of the text stands some places on.
    pub(super) fn is_blank_or_break(&self, by: usize) -> bool {
        matches!(self.ahead(by), b' ' | b'\t' | b'\n' | 0)
    }

    /// The column, from 0, in bytes: what stands before a value in block style is ASCII.
    pub(super) fn column(&self) -> usize {
        self.at - self.start
    }

    pub(super) fn mark(&self) -> Mark {
        Mark { line: self.line, column: u32::try_from(self.column() + 1).unwrap_or(u32::MAX) }
    }

    /// The text between two places.
    pub(super) fn slice(&self, from: usize, to: usize) -> &'t str {
        &self.text[from..to]
    }

    pub(super) fn save(&self) -> Saved {
        Saved { at: self.at, line: self.line, start: self.start }
    }

    pub(super) fn restore(&mut self, saved: Saved) {
        (self.at, self.line, self.start) = (saved.at, saved.line, saved.start);
    }

    /// Steps over a line break.
    pub(super) fn line_break(&mut self) {
        self.at += 1;
        self.line = self.line.saturating_add(1);
        self.start = self.at;
    }

    /// Steps over blanks and tabs of the same line.
    pub(super) fn skip_blanks(&mut self) {
        while matches!(self.byte(), b' ' | b'\t') {
            self.at += 1;
        }
    }

    /// Steps over blanks, comments and line breaks to the next part.
    ///
    /// Tabs count as blanks where `tabs` says so; on later lines they never do in block style, where they would indent.
    pub(super) fn skip(&mut self, mut tabs: bool, flow: bool) {
        loop {
            while self.byte() == b' ' || (tabs && self.byte() == b'\t') {
                self.at += 1;
            }
            if self.byte() == b'#' {
                self.skip_to_break();
            }
            if self.byte() != b'\n' {
                return;
            }
            self.line_break();
            tabs = flow;
        }
    }

    /// Steps to the end of the line.
    pub(super) fn skip_to_break(&mut self) {
        let rest = &self.text.as_bytes()[self.at..];
        self.at += rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
    }

    /// Whether the document ends here: with the text, or by a line `...`.
    pub(super) fn is_end(&self) -> bool {
        self.at >= self.text.len() || self.is_document_end()
    }

    /// Whether a line `...` starts here.
    pub(super) fn is_document_end(&self) -> bool {
        self.column() == 0 && self.text[self.at..].starts_with("...") && self.is_blank_or_break(3)
    }
}
