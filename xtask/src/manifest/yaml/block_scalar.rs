//! Blocks of text, literal `|` and folded `>`.

use super::{Built, Parser};

/// What becomes of the line breaks at the end.
#[derive(Clone, Copy, PartialEq)]
enum Chomping {
    Clip,
    Strip,
    Keep,
}

/// Reads the block that starts here, in the collection at column `parent`.
pub(super) fn read(parser: &mut Parser<'_, '_>, parent: Option<usize>) -> Built<Box<str>> {
    let literal = parser.cursor.byte() == b'|';
    let (chomping, increment) = header(parser)?;
    let least = parent.map_or(0, |parent| parent + 1).max(1);
    let mut breaks = String::new();
    let indent = match increment {
        Some(increment) => parent.unwrap_or(0) + increment,
        None => 0,
    };
    let indent = skip_breaks(parser, indent, least, &mut breaks)?;
    let mut text = String::new();
    let (mut last_break, mut was_blank) = (false, false);
    while parser.cursor.column() == indent && parser.cursor.byte() != 0 {
        let is_blank = matches!(parser.cursor.byte(), b' ' | b'\t');
        match (last_break, literal || was_blank || is_blank) {
            (true, true) => text.push('\n'),
            (true, false) if breaks.is_empty() => text.push(' '),
            _ => {}
        }
        text += &breaks;
        breaks.clear();
        was_blank = is_blank;
        let start = parser.cursor.at;
        parser.cursor.skip_to_break();
        text += parser.cursor.slice(start, parser.cursor.at);
        parser.cursor.line_break();
        last_break = true;
        skip_breaks(parser, indent, least, &mut breaks)?;
    }
    if last_break && chomping != Chomping::Strip {
        text.push('\n');
    }
    if chomping == Chomping::Keep {
        text += &breaks;
    }
    Ok(text.into_boxed_str())
}

/// The signs behind `|` or `>`, in either order, and the rest of the line.
fn header(parser: &mut Parser<'_, '_>) -> Built<(Chomping, Option<usize>)> {
    let (mut chomping, mut increment) = (None, None);
    loop {
        parser.cursor.at += 1;
        match parser.cursor.byte() {
            b'+' if chomping.is_none() => chomping = Some(Chomping::Keep),
            b'-' if chomping.is_none() => chomping = Some(Chomping::Strip),
            digit @ b'1'..=b'9' if increment.is_none() => increment = Some(usize::from(digit - b'0')),
            _ => break,
        }
    }
    parser.cursor.skip_blanks();
    if parser.cursor.byte() == b'#' {
        parser.cursor.skip_to_break();
    }
    if parser.cursor.byte() != b'\n' {
        return Err(parser.syntax("text behind the `|` or `>` of a block of text"));
    }
    parser.cursor.line_break();
    Ok((chomping.unwrap_or(Chomping::Clip), increment))
}

/// Steps over empty lines and the indentation of the next; finds the indentation where it is 0, and gives it.
///
/// go-yaml takes the deepest of the empty lines before the text for its indentation, and so does this.
fn skip_breaks(parser: &mut Parser<'_, '_>, indent: usize, least: usize, breaks: &mut String) -> Built<usize> {
    let mut deepest = 0;
    loop {
        while (indent == 0 || parser.cursor.column() < indent) && parser.cursor.byte() == b' ' {
            parser.cursor.at += 1;
        }
        deepest = deepest.max(parser.cursor.column());
        if (indent == 0 || parser.cursor.column() < indent) && parser.cursor.byte() == b'\t' {
            return Err(parser.syntax("a tab in the indentation of a block of text"));
        }
        if parser.cursor.byte() != b'\n' {
            return Ok(if indent == 0 { deepest.max(least) } else { indent });
        }
        breaks.push('\n');
        parser.cursor.line_break();
    }
}
