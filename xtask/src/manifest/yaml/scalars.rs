//! Texts on a line, plain and quoted, and what they become when they go over several.

use super::block::Content;
use super::properties::Properties;
use super::{Built, Parser, Place, block_scalar};
use crate::manifest::rules;

impl<'t> Parser<'_, 't> {
    /// The content that starts here, of a node in the collection at column `parent`.
    pub(super) fn content(
        &mut self,
        parent: Option<usize>,
        properties: &Properties<'t>,
        place: Place<'_>,
    ) -> Built<Content<'t>> {
        let is_next_blank = matches!(self.cursor.ahead(1), b' ' | b'\t');
        match self.cursor.byte() {
            b'*' => Ok(Content::Alias(self.anchor_name()?)),
            b'\'' => Ok(Content::Scalar { text: self.single_quoted()?, plain: false }),
            b'"' => Ok(Content::Scalar { text: self.double_quoted(place)?, plain: false }),
            b'[' | b'{' => Ok(Content::Flow(self.flow_collection(parent, properties, place)?)),
            b'|' | b'>' if self.flow == 0 => Ok(Content::Block(block_scalar::read(self, parent)?)),
            b'?' if self.flow > 0 || self.cursor.is_blank_or_break(1) => Err(self.syntax("an explicit key `?`")),
            b':' if self.flow > 0 || self.cursor.is_blank_or_break(1) => Err(self.syntax("a colon without a key")),
            b'-' if is_next_blank || (self.flow > 0 && self.cursor.is_blank_or_break(1)) => {
                Err(self.syntax("a dash at the wrong place"))
            }
            b',' | b']' | b'}' | b'#' | b'&' | b'!' | b'|' | b'>' | b'%' | b'@' | b'`' | b'\t' | 0 => {
                let what = format!("a value cannot start with `{}`", char::from(self.cursor.byte()).escape_debug());
                Err(self.syntax(&what))
            }
            _ => Ok(Content::Scalar { text: self.plain(parent)?, plain: true }),
        }
    }

    /// Text without quotes: up to a comment, a colon before a blank, a bracket or comma in brackets, or a line that is not
    /// indented deeper than its collection.
    fn plain(&mut self, parent: Option<usize>) -> Built<Box<str>> {
        let mut start = self.cursor.at;
        let mut end = self.plain_line()?;
        let mut text = String::new();
        loop {
            let saved = self.cursor.save();
            let breaks = self.folded_breaks()?;
            let goes_on = breaks > 0
                && !self.cursor.is_end()
                && !matches!(self.cursor.byte(), b'#' | b'\t')
                && (self.flow > 0 || parent.is_none_or(|parent| self.cursor.column() > parent))
                && !self.ends_plain();
            if !goes_on {
                self.cursor.restore(saved);
                let last = self.cursor.slice(start, end);
                return Ok(if text.is_empty() { last.into() } else { (text + last).into_boxed_str() });
            }
            text += self.cursor.slice(start, end);
            push_breaks(&mut text, breaks);
            start = self.cursor.at;
            end = self.plain_line()?;
        }
    }

    /// Moves to the end of the plain text on this line, behind its last letter, and gives that place.
    fn plain_line(&mut self) -> Built<usize> {
        let mut end = self.cursor.at;
        loop {
            match self.cursor.byte() {
                b'\n' | 0 => break,
                b' ' | b'\t' => {
                    self.cursor.at += 1;
                    if self.cursor.byte() == b'#' {
                        break;
                    }
                    continue;
                }
                b':' if self.flow > 0 && matches!(self.cursor.ahead(1), b',' | b'[' | b']' | b'{' | b'}' | b'?') => {
                    return Err(self.syntax("a colon without a blank behind it, in brackets"));
                }
                _ if self.ends_plain() => break,
                _ => self.cursor.at += 1,
            }
            end = self.cursor.at;
        }
        self.cursor.at = end;
        if self.flow > 0 && self.cursor.byte() == b'?' {
            return Err(self.wrong("a `?` in a text in brackets, where go-yaml ends it", "quote the text"));
        }
        Ok(end)
    }

    /// Whether plain text ends before the byte here.
    fn ends_plain(&self) -> bool {
        match self.cursor.byte() {
            b':' => self.cursor.is_blank_or_break(1),
            b',' | b'[' | b']' | b'{' | b'}' | b'?' => self.flow > 0,
            _ => false,
        }
    }

    /// Steps over the line breaks here and the blanks around them; gives the number of breaks.
    ///
    /// A tab may not stand where it would indent. In brackets that is left of what the collection around them indents.
    fn folded_breaks(&mut self) -> Built<usize> {
        let mut breaks = 0;
        loop {
            match self.cursor.byte() {
                b'\t' if breaks > 0 && self.flow == 0 => return Ok(breaks), // the caller ends the text
                b'\t' if breaks > 0 && self.around.is_some_and(|around| self.cursor.column() <= around) => {
                    return Err(self.syntax("a tab"));
                }
                b' ' | b'\t' => self.cursor.at += 1,
                b'\n' => {
                    self.cursor.line_break();
                    breaks += 1;
                }
                _ => return Ok(breaks),
            }
        }
    }

    fn single_quoted(&mut self) -> Built<Box<str>> {
        self.quoted(b'\'', |parser, text| {
            if parser.cursor.byte() == b'\'' && parser.cursor.ahead(1) == b'\'' {
                text.push('\'');
                parser.cursor.at += 2;
                return Ok(Step::Taken);
            }
            Ok(Step::Letter)
        })
    }

    fn double_quoted(&mut self, place: Place<'_>) -> Built<Box<str>> {
        self.quoted(b'"', |parser, text| {
            if parser.cursor.byte() != b'\\' {
                return Ok(Step::Letter);
            }
            if parser.cursor.ahead(1) == b'\n' {
                parser.cursor.at += 1;
                parser.cursor.line_break();
                return Ok(Step::Joined);
            }
            parser.escape(text, place)?;
            Ok(Step::Taken)
        })
    }

    /// Text in quotes; `special` takes what is not a letter, a break or the end.
    fn quoted(&mut self, quote: u8, special: impl Fn(&mut Self, &mut String) -> Built<Step>) -> Built<Box<str>> {
        self.cursor.at += 1;
        let mut text = String::new();
        let mut from = self.cursor.at;
        loop {
            if self.cursor.byte() == 0 || self.cursor.is_document_end() {
                return Err(self.syntax("quotes that are not closed"));
            }
            let at = self.cursor.at;
            let mut pending = String::new();
            let step = special(self, &mut pending)?;
            match (step, self.cursor.byte()) {
                (Step::Letter, byte) if byte == quote => {
                    text += self.cursor.slice(from, at);
                    self.cursor.at += 1;
                    return Ok(text.into_boxed_str());
                }
                (Step::Letter, b' ' | b'\t' | b'\n') => {
                    let breaks = self.folded_breaks_in_quotes();
                    if breaks > 0 {
                        text += self.cursor.slice(from, at);
                        push_breaks(&mut text, breaks);
                        from = self.cursor.at;
                    }
                }
                (Step::Letter, _) => self.cursor.at += 1,
                (Step::Taken, _) => {
                    text += self.cursor.slice(from, at);
                    text += &pending;
                    from = self.cursor.at;
                }
                (Step::Joined, _) => {
                    text += self.cursor.slice(from, at);
                    let breaks = self.folded_breaks_in_quotes();
                    text.extend(std::iter::repeat_n('\n', breaks));
                    from = self.cursor.at;
                }
            }
        }
    }

    /// As `folded_breaks`, but a line `...` in between is left to the caller.
    fn folded_breaks_in_quotes(&mut self) -> usize {
        let mut breaks = 0;
        while !self.cursor.is_document_end() {
            match self.cursor.byte() {
                b' ' | b'\t' => self.cursor.at += 1,
                b'\n' => {
                    self.cursor.line_break();
                    breaks += 1;
                }
                _ => break,
            }
        }
        breaks
    }

    /// An escape of double quotes, put to the text.
    fn escape(&mut self, text: &mut String, place: Place<'_>) -> Built<()> {
        let letter = self.cursor.ahead(1);
        self.cursor.at += 2;
        let digits = match letter {
            b'x' => 2,
            b'u' => 4,
            b'U' => 8,
            _ => 0,
        };
        text.push(match letter {
            b'x' | b'u' | b'U' => self.code_point(digits)?,
            b'0' => '\0',
            b'a' => '\x07',
            b'b' => '\x08',
            b't' | b'\t' => '\t',
            b'n' => '\n',
            b'v' => '\x0b',
            b'f' => '\x0c',
            b'r' => '\r',
            b'e' => '\x1b',
            b'N' => '\u{85}',
            b'_' => '\u{a0}',
            b'L' => '\u{2028}',
            b'P' => '\u{2029}',
            b' ' | b'"' | b'\'' | b'\\' => char::from(letter),
            b'/' => {
                if !self.is_json {
                    let message = format!("the escape `\\/` (line {})", self.cursor.line);
                    let fix = "write `/`: YAML 1.1 has no such escape";
                    self.composer.problems.push(rules::AMBIGUOUS, place.path, message, fix);
                }
                '/'
            }
            _ => {
                return Err(
                    self.wrong("an escape that YAML does not know", "double the backslash, or use single quotes")
                );
            }
        });
        Ok(())
    }

    /// A character by its number in hexadecimal digits; halves of a surrogate pair are none.
    fn code_point(&mut self, digits: usize) -> Built<char> {
        let start = self.cursor.at;
        while self.cursor.at < start + digits && self.cursor.byte().is_ascii_hexdigit() {
            self.cursor.at += 1;
        }
        let number = u32::from_str_radix(self.cursor.slice(start, self.cursor.at), 16).ok();
        let character = number.filter(|_| self.cursor.at == start + digits).and_then(char::from_u32);
        character.ok_or_else(|| self.wrong("an escape that is no character", "write the character itself"))
    }
}

/// What stood at a place in quotes.
enum Step {
    /// Nothing of its own.
    Letter,
    /// An escape, now in the text.
    Taken,
    /// An escaped line break: the next line goes on without a blank.
    Joined,
}

/// One line break is a blank, each further one stands for itself.
fn push_breaks(text: &mut String, breaks: usize) {
    if breaks == 1 {
        text.push(' ');
    }
    text.extend(std::iter::repeat_n('\n', breaks.saturating_sub(1)));
}
