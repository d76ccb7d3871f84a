//! The configuration file, read as the app's YAML 1.1 reader reads it.
//!
//! `serde_yaml`, the workspace's usual choice, speaks YAML 1.2 and does not tell a quoted scalar from a plain one, so it
//! cannot say that `level: off` is a boolean and `level: "off"` a text. libyaml's events can, and libyaml's error texts
//! are those of the app's reader.

mod merge;
mod scalar;

use std::collections::HashMap;

use libyaml_safer::{Event, EventData, Mark, Parser, ScalarStyle};

use super::value::{Dict, Value};
use crate::exception::{Class, Exception};

const SCANNER: Class = Class("yaml.scanner.ScannerError");
const PARSER: Class = Class("yaml.parser.ParserError");
const READER: Class = Class("yaml.reader.ReaderError");
const COMPOSER: Class = Class("yaml.composer.ComposerError");
const CONSTRUCTOR: Class = Class("yaml.constructor.ConstructorError");

/// Reads the one document of `text`; nothing, a comment or `null` is [`Value::None`].
///
/// `name` is the file's path, for errors. More than one document is an error.
pub(super) fn read(text: &str, name: &str) -> Result<Value, Exception> {
    let mut bytes = text.as_bytes();
    let mut parser = Parser::new();
    parser.set_input_string(&mut bytes);
    let mut reader = Reader { parser, name, anchors: HashMap::new() };
    reader.document()
}

struct Reader<'a, 'b> {
    parser: Parser<&'b mut &'a [u8]>,
    name: &'a str,
    anchors: HashMap<String, Value>,
}

impl Reader<'_, '_> {
    fn document(&mut self) -> Result<Value, Exception> {
        self.next()?; // the start of the stream
        let start = self.next()?;
        if matches!(start.data, EventData::StreamEnd) {
            return Ok(Value::None);
        }
        let root = self.next()?;
        let value = self.value(root)?;
        self.next()?; // the end of the document
        let after = self.next()?;
        if matches!(after.data, EventData::StreamEnd) {
            return Ok(value);
        }
        let place = self.place(after.start_mark);
        Err(Exception::new(
            COMPOSER,
            format!("expected a single document in the stream\nbut found another document\n{place}"),
        ))
    }

    fn next(&mut self) -> Result<Event, Exception> {
        self.parser.parse().map_err(|error| self.syntax_error(&error))
    }

    /// The value that `event` begins; reads on to its end.
    fn value(&mut self, event: Event) -> Result<Value, Exception> {
        let mark = event.start_mark;
        let (anchor, value) = match event.data {
            EventData::Alias { anchor } => {
                return self.anchors.get(&anchor).cloned().ok_or_else(|| {
                    let place = self.place(mark);
                    Exception::new(COMPOSER, format!("found undefined alias '{anchor}'\n{place}"))
                });
            }
            EventData::Scalar { anchor, tag, value, style, .. } => {
                (anchor, self.scalar(tag.as_deref(), &value, style, mark)?)
            }
            EventData::SequenceStart { anchor, tag, .. } => {
                self.expect_tag(tag.as_deref(), "seq", mark)?;
                (anchor, Value::List(self.sequence()?))
            }
            EventData::MappingStart { anchor, tag, .. } => {
                self.expect_tag(tag.as_deref(), "map", mark)?;
                (anchor, Value::Dict(self.mapping(mark)?))
            }
            other => unreachable!("the parser gives no {other:?} where a value begins"),
        };
        if let Some(anchor) = anchor {
            self.anchors.insert(anchor, value.clone());
        }
        Ok(value)
    }

    fn scalar(&self, tag: Option<&str>, text: &str, style: ScalarStyle, mark: Mark) -> Result<Value, Exception> {
        match tag.map(|tag| tag.strip_prefix("tag:yaml.org,2002:").ok_or(tag)) {
            None if style == ScalarStyle::Plain => Ok(scalar::resolve(text)),
            None | Some(Ok("str") | Err("!")) => Ok(Value::Str(text.to_owned())),
            Some(Ok("int" | "float" | "bool" | "null" | "timestamp")) => Ok(scalar::resolve(text)),
            Some(Ok(_) | Err(_)) => Err(self.unknown_tag(tag.unwrap_or_default(), mark)),
        }
    }

    fn expect_tag(&self, tag: Option<&str>, wanted: &str, mark: Mark) -> Result<(), Exception> {
        match tag {
            None | Some("!") => Ok(()),
            Some(tag) if tag.strip_prefix("tag:yaml.org,2002:") == Some(wanted) => Ok(()),
            Some(tag) => Err(self.unknown_tag(tag, mark)),
        }
    }

    fn sequence(&mut self) -> Result<Vec<Value>, Exception> {
        let mut items = Vec::new();
        loop {
            let event = self.next()?;
            if matches!(event.data, EventData::SequenceEnd) {
                return Ok(items);
            }
            items.push(self.value(event)?);
        }
    }

    fn mapping(&mut self, start: Mark) -> Result<Dict, Exception> {
        let mut pairs = merge::Pairs::default();
        loop {
            let event = self.next()?;
            if matches!(event.data, EventData::MappingEnd) {
                return Ok(pairs.into_dict());
            }
            let mark = event.start_mark;
            let is_merge = matches!(&event.data, EventData::Scalar { value, style: ScalarStyle::Plain, tag: None, .. } if value == "<<");
            let key = self.value(event)?;
            if matches!(key, Value::List(_) | Value::Dict(_)) {
                let (start, place) = (self.place(start), self.place(mark));
                return Err(Exception::new(
                    CONSTRUCTOR,
                    format!("while constructing a mapping\n{start}\nfound unhashable key\n{place}"),
                ));
            }
            let event = self.next()?;
            let value_mark = event.start_mark;
            let value = self.value(event)?;
            if is_merge {
                pairs.merge(value).map_err(|problem| {
                    let (start, place) = (self.place(start), self.place(value_mark));
                    Exception::new(CONSTRUCTOR, format!("while constructing a mapping\n{start}\n{problem}\n{place}"))
                })?;
            } else {
                pairs.own(key, value);
            }
        }
    }

    fn unknown_tag(&self, tag: &str, mark: Mark) -> Exception {
        let place = self.place(mark);
        Exception::new(CONSTRUCTOR, format!("could not determine a constructor for the tag '{tag}'\n{place}"))
    }

    fn place(&self, mark: Mark) -> String {
        format!("  in \"{}\", line {}, column {}", self.name, mark.line + 1, mark.column + 1)
    }

    fn syntax_error(&self, error: &libyaml_safer::Error) -> Exception {
        use libyaml_safer::ErrorKind;
        let class = match error.kind() {
            ErrorKind::Scanner => SCANNER,
            ErrorKind::Reader => READER,
            _ => PARSER,
        };
        let mut lines = Vec::new();
        if let (Some(context), Some(mark)) = (error.context(), error.context_mark()) {
            lines.extend([context.to_owned(), self.place(mark)]);
        }
        lines.push(error.problem().to_owned());
        lines.push(error.problem_mark().map_or_else(|| format!("  in \"{}\"", self.name), |mark| self.place(mark)));
        Exception::new(class, lines.join("\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repr(text: &str) -> String {
        read(text, "config.yaml").unwrap().repr()
    }

    fn error(text: &str) -> String {
        read(text, "config.yaml").unwrap_err().traceback().lines().skip(2).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn nothing_at_all_is_none() {
        for text in ["", "# only a comment\n", "---\n", "null\n", "~"] {
            assert_eq!(repr(text), "None", "{text:?}");
        }
    }

    #[test]
    fn quotes_make_text_of_what_would_be_something_else() {
        assert_eq!(
            repr("{a: off, b: 'off', c: \"1\", d: 1, e: !!str 1}"),
            "{'a': False, 'b': 'off', 'c': '1', 'd': 1, 'e': '1'}"
        );
    }

    #[test]
    fn anchors_merges_and_repeated_keys() {
        assert_eq!(repr("a: &x {p: 1, q: 2}\nb: *x\n"), "{'a': {'p': 1, 'q': 2}, 'b': {'p': 1, 'q': 2}}");
        assert_eq!(repr("a: &x {p: 1, q: 2}\nb: {q: 3, <<: *x}\n"), "{'a': {'p': 1, 'q': 2}, 'b': {'p': 1, 'q': 3}}");
        assert_eq!(repr("a: 1\nb: 2\na: 3\n"), "{'a': 3, 'b': 2}");
    }

    #[test]
    fn errors_name_the_class_the_file_and_the_place() {
        for (text, expected) in [
            (
                "a: b: c\n",
                "yaml.scanner.ScannerError: mapping values are not allowed in this context\n  in \"config.yaml\", line 1, column 5",
            ),
            (
                "a: *x\n",
                "yaml.composer.ComposerError: found undefined alias 'x'\n  in \"config.yaml\", line 1, column 4",
            ),
            (
                "a: !foo x\n",
                "yaml.constructor.ConstructorError: could not determine a constructor for the tag '!foo'\n  in \"config.yaml\", line 1, column 4",
            ),
            (
                "{[a]: b}",
                "yaml.constructor.ConstructorError: while constructing a mapping\n  in \"config.yaml\", line 1, column 1\nfound unhashable key\n  in \"config.yaml\", line 1, column 2",
            ),
            (
                "a: 1\n---\nb: 2\n",
                "yaml.composer.ComposerError: expected a single document in the stream\nbut found another document\n  in \"config.yaml\", line 2, column 1",
            ),
        ] {
            assert_eq!(error(text), expected);
        }
    }
}
