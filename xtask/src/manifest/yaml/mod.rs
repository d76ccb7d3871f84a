//! YAML as go-yaml v2 parses it, which Kubernetes' clients read with: from text to a tree of values.
//!
//! A parser of our own, because none fits: the Rust ports of libyaml follow a later grammar than go-yaml, stop at what
//! they do not expect with a panic, and cost more time than all the rest. It takes what people and programs write; what
//! go-yaml takes besides (explicit keys `? a`, a key that is a list) is refused with a reason. `tests/manifest` holds it
//! against go-yaml itself.
//!
//! `cursor` moves through the text, `block` and `flow` read the two styles of collections, `scalars` and `block_scalar`
//! the texts, `properties` anchors and tags; `compose` makes values of them and resolves anchors, aliases and merges.

mod block;
mod block_scalar;
mod compose;
mod cursor;
mod flow;
mod mapping;
mod properties;
mod scalars;

use std::borrow::Cow;

use serde::de::IgnoredAny;

use super::node::Node;
use super::path::Path;
use super::problem::{Problem, Problems};
use super::rules;
use super::split::Chunk;
use compose::Composer;
use cursor::Cursor;

/// Values may be nested this deep; the deepest field of a built-in kind, and schemas of custom resources, lie below 50.
const MAX_DEPTH: usize = 100;
/// A key may be this far from its colon, in bytes: go-yaml looks no further, in characters.
const LONGEST_KEY: usize = 1024;

/// Reads a document; `None` where it is empty or cannot be read.
pub(super) fn read(chunk: &Chunk<'_>, problems: &mut Problems) -> Option<Node> {
    let text = if chunk.text.contains('\r') { chunk.text.replace("\r\n", "\n").into() } else { Cow::from(chunk.text) };
    let mut parser = Parser {
        cursor: Cursor::new(&text, chunk.line),
        composer: Composer::new(problems),
        flow: 0,
        around: None,
        opens: chunk.opens,
        is_json: chunk.opens && text.contains("\\/") && serde_json::from_str::<IgnoredAny>(&text).is_ok(),
    };
    let read = check_characters(&text, chunk.line).and_then(|()| parser.document());
    match read {
        Ok(root) => root,
        Err(Stop(problem)) => {
            problems.add(|| problem);
            None
        }
    }
}

/// The end of reading a document: a problem after which the rest has no meaning.
struct Stop(Problem);

type Built<T> = Result<T, Stop>;

struct Parser<'a, 't> {
    cursor: Cursor<'t>,
    composer: Composer<'a>,
    /// How many brackets are open.
    flow: usize,
    /// The column of the block collection around the outermost of them.
    around: Option<usize>,
    /// Nothing stands before the text, so that clients try it as JSON first.
    opens: bool,
    /// Clients read the text as JSON, which knows the escape `\/`.
    is_json: bool,
}

/// Where a value stands.
#[derive(Clone, Copy)]
struct Place<'p> {
    path: &'p Path<'p>,
    depth: usize,
}

impl<'p> Place<'p> {
    fn within(self, path: &'p Path<'p>) -> Self {
        Self { path, depth: self.depth + 1 }
    }
}

impl Parser<'_, '_> {
    /// The whole text: one document, or nothing.
    fn document(&mut self) -> Built<Option<Node>> {
        self.cursor.skip(false, false);
        let root = if self.cursor.is_end() {
            None
        } else if self.cursor.byte() == b'%' && self.cursor.column() == 0 {
            return Err(self.wrong("a YAML directive", "remove the line that starts with `%`"));
        } else {
            Some(self.root()?)
        };
        self.cursor.skip(false, false);
        let ended = self.cursor.is_document_end();
        if ended && root.is_none() {
            return Err(self.wrong("the end `...` of a document that has not begun", "remove the line"));
        }
        if ended {
            self.cursor.at += 3;
            self.cursor.skip(false, false);
        }
        if self.cursor.byte() != 0 {
            return Err(self.not_the_end(ended || root.is_some_and(|root| root.mark.column == 1)));
        }
        Ok(root)
    }

    /// The value of the document.
    fn root(&mut self) -> Built<Node> {
        let tried_as_json = self.opens && self.cursor.byte() == b'{';
        let root = self.block_root(Place { path: &Path::Root, depth: 0 })?;
        self.cursor.skip_blanks();
        if tried_as_json && self.cursor.byte() == b'#' {
            let message =
                format!("a comment behind JSON (line {}), where clients look for more JSON", self.cursor.line);
            return Err(stop(rules::AMBIGUOUS, &Path::Root, message, "remove the comment"));
        }
        Ok(root)
    }

    /// What to say where something stands behind the document.
    fn not_the_end(&self, second: bool) -> Stop {
        if self.cursor.byte() == b'\t' || !second {
            return self.syntax("this belongs to no mapping and no list before it");
        }
        let message =
            format!("a second document without `---` before it (line {}): Kubernetes drops it", self.cursor.line);
        stop(rules::AMBIGUOUS, &Path::Root, message, "put a line `---` between the documents")
    }

    /// An error at this place.
    fn syntax(&self, what: &str) -> Stop {
        if self.cursor.byte() == b'\t' {
            return self.wrong("a tab where only blanks may indent", "indent with blanks");
        }
        self.wrong(what, "mend the syntax; quote a text that holds signs of YAML")
    }

    fn wrong(&self, what: &str, fix: &str) -> Stop {
        stop(rules::SYNTAX, &Path::Root, format!("not YAML: {what} (line {})", self.cursor.line), fix)
    }

    /// Refuses to go deeper than anything needs.
    fn check_depth(&self, place: Place<'_>) -> Built<()> {
        if place.depth <= MAX_DEPTH && self.flow <= MAX_DEPTH {
            return Ok(());
        }
        let message = format!("values nested more than {MAX_DEPTH} deep (line {})", self.cursor.line);
        Err(stop(rules::TOO_DEEP, &Path::Root, message, "nest less"))
    }
}

/// Refuses what go-yaml refuses to see at all, and a lone `\r`, which only YAML takes for a line's end.
fn check_characters(text: &str, line: u32) -> Built<()> {
    let plain = |byte: u8| matches!(byte, b' '..=b'~' | b'\n' | b'\t');
    if text.bytes().all(plain) {
        return Ok(());
    }
    let bad = |c: char| (c.is_control() && !matches!(c, '\n' | '\t')) || matches!(c, '\u{fffe}' | '\u{ffff}');
    let Some((at, bad)) = text.char_indices().find(|(_, c)| bad(*c)) else { return Ok(()) };
    let line = line as usize + text[..at].matches('\n').count();
    let message = format!("not YAML: the control character U+{:04X} (line {line})", u32::from(bad));
    Err(stop(rules::SYNTAX, &Path::Root, message, "remove it, or write it as an escape in double quotes"))
}

fn stop(rule: &'static str, path: &Path<'_>, message: impl Into<String>, fix: impl Into<String>) -> Stop {
    Stop(Problem::new(rule, path, message, fix))
}
