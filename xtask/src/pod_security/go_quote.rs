//! Go's `%q`, in which two checks show the values of annotations.
//!
//! Go shows a character as it is if Unicode calls it a letter, mark, number, punctuation or symbol, or if it is the ASCII
//! space. So does Rust's `escape_debug`, by a newer Unicode: what was assigned after Go's Unicode 15.0 is listed here.

use std::fmt::Write as _;

/// `"text"` as Go's `strconv.Quote` writes it.
pub(super) fn go_quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        push_escaped(&mut quoted, character);
    }
    quoted.push('"');
    quoted
}

fn push_escaped(quoted: &mut String, character: char) {
    let simple = match character {
        '"' | '\\' => character,
        '\u{7}' => 'a',
        '\u{8}' => 'b',
        '\u{c}' => 'f',
        '\n' => 'n',
        '\r' => 'r',
        '\t' => 't',
        '\u{b}' => 'v',
        _ => {
            let code = u32::from(character);
            let written = match code {
                _ if is_printable(character) => write!(quoted, "{character}"),
                ..0x20 | 0x7f => write!(quoted, "\\x{code:02x}"),
                ..0x1_0000 => write!(quoted, "\\u{code:04x}"),
                _ => write!(quoted, "\\U{code:08x}"),
            };
            return written.expect("a String takes all that is written");
        }
    };
    quoted.extend(['\\', simple]);
}

fn is_printable(character: char) -> bool {
    if character.is_ascii() {
        return (' '..='~').contains(&character);
    }
    let is_shown = character.escape_debug().len() == 1 || is_shown_behind_another(character);
    is_shown && !is_younger_than_unicode_15(character)
}

/// A combining mark is escaped where it stands alone, and only there.
fn is_shown_behind_another(character: char) -> bool {
    let text = String::from_iter(['x', character]);
    text.escape_debug().eq(text.chars())
}

fn is_younger_than_unicode_15(character: char) -> bool {
    let place = ASSIGNED_AFTER_UNICODE_15.partition_point(|&(_, last)| last < character);
    ASSIGNED_AFTER_UNICODE_15.get(place).is_some_and(|&(first, _)| first <= character)
}

/// The first and the last character of each range that Unicode 15.1, 16.0 and 17.0 assigned.
#[rustfmt::skip]
const ASSIGNED_AFTER_UNICODE_15: &[(char, char)] = &[
    ('\u{88f}', '\u{88f}'), ('\u{897}', '\u{897}'), ('\u{c5c}', '\u{c5c}'), ('\u{cdc}', '\u{cdc}'),
    ('\u{1acf}', '\u{1add}'), ('\u{1ae0}', '\u{1aeb}'), ('\u{1b4e}', '\u{1b4f}'), ('\u{1b7f}', '\u{1b7f}'),
    ('\u{1c89}', '\u{1c8a}'), ('\u{20c1}', '\u{20c1}'), ('\u{2427}', '\u{2429}'), ('\u{2b96}', '\u{2b96}'),
    ('\u{2ffc}', '\u{2fff}'), ('\u{31e4}', '\u{31e5}'), ('\u{31ef}', '\u{31ef}'), ('\u{a7cb}', '\u{a7cf}'),
    ('\u{a7d2}', '\u{a7d2}'), ('\u{a7d4}', '\u{a7d4}'), ('\u{a7da}', '\u{a7dc}'), ('\u{a7f1}', '\u{a7f1}'),
    ('\u{fbc3}', '\u{fbd2}'), ('\u{fd90}', '\u{fd91}'), ('\u{fdc8}', '\u{fdce}'), ('\u{105c0}', '\u{105f3}'),
    ('\u{10940}', '\u{10959}'), ('\u{10d40}', '\u{10d65}'), ('\u{10d69}', '\u{10d85}'), ('\u{10d8e}', '\u{10d8f}'),
    ('\u{10ec2}', '\u{10ec7}'), ('\u{10ed0}', '\u{10ed8}'), ('\u{10efa}', '\u{10efc}'), ('\u{11380}', '\u{11389}'),
    ('\u{1138b}', '\u{1138b}'), ('\u{1138e}', '\u{1138e}'), ('\u{11390}', '\u{113b5}'), ('\u{113b7}', '\u{113c0}'),
    ('\u{113c2}', '\u{113c2}'), ('\u{113c5}', '\u{113c5}'), ('\u{113c7}', '\u{113ca}'), ('\u{113cc}', '\u{113d5}'),
    ('\u{113d7}', '\u{113d8}'), ('\u{113e1}', '\u{113e2}'), ('\u{116d0}', '\u{116e3}'), ('\u{11b60}', '\u{11b67}'),
    ('\u{11bc0}', '\u{11be1}'), ('\u{11bf0}', '\u{11bf9}'), ('\u{11db0}', '\u{11ddb}'), ('\u{11de0}', '\u{11de9}'),
    ('\u{11f5a}', '\u{11f5a}'), ('\u{13460}', '\u{143fa}'), ('\u{16100}', '\u{16139}'), ('\u{16d40}', '\u{16d79}'),
    ('\u{16ea0}', '\u{16eb8}'), ('\u{16ebb}', '\u{16ed3}'), ('\u{16ff2}', '\u{16ff6}'), ('\u{187f8}', '\u{187ff}'),
    ('\u{18cff}', '\u{18cff}'), ('\u{18d09}', '\u{18d1e}'), ('\u{18d80}', '\u{18df2}'), ('\u{1cc00}', '\u{1ccfc}'),
    ('\u{1cd00}', '\u{1ceb3}'), ('\u{1ceba}', '\u{1ced0}'), ('\u{1cee0}', '\u{1cef0}'), ('\u{1e5d0}', '\u{1e5fa}'),
    ('\u{1e5ff}', '\u{1e5ff}'), ('\u{1e6c0}', '\u{1e6de}'), ('\u{1e6e0}', '\u{1e6f5}'), ('\u{1e6fe}', '\u{1e6ff}'),
    ('\u{1f6d8}', '\u{1f6d8}'), ('\u{1f777}', '\u{1f77a}'), ('\u{1f8b2}', '\u{1f8bb}'), ('\u{1f8c0}', '\u{1f8c1}'),
    ('\u{1f8d0}', '\u{1f8d8}'), ('\u{1fa54}', '\u{1fa57}'), ('\u{1fa89}', '\u{1fa8a}'), ('\u{1fa8e}', '\u{1fa8f}'),
    ('\u{1fabe}', '\u{1fabe}'), ('\u{1fac6}', '\u{1fac6}'), ('\u{1fac8}', '\u{1fac8}'), ('\u{1facd}', '\u{1facd}'),
    ('\u{1fadc}', '\u{1fadc}'), ('\u{1fadf}', '\u{1fadf}'), ('\u{1fae9}', '\u{1faea}'), ('\u{1faef}', '\u{1faef}'),
    ('\u{1fbcb}', '\u{1fbef}'), ('\u{1fbfa}', '\u{1fbfa}'), ('\u{2b73a}', '\u{2b73f}'), ('\u{2cea2}', '\u{2cead}'),
    ('\u{2ebf0}', '\u{2ee5d}'), ('\u{323b0}', '\u{33479}'),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_as_go_does() {
        for (text, quoted) in [
            ("unconfined", r#""unconfined""#),
            ("say \"hi\"\\", r#""say \"hi\"\\""#),
            ("\u{7}\u{8}\u{c}\n\r\t\u{b}", r#""\a\b\f\n\r\t\v""#),
            ("\0\u{1b}\u{7f}", r#""\x00\x1b\x7f""#),
            ("~ é 日本 \u{1f600} e\u{301}", "\"~ é 日本 \u{1f600} e\u{301}\""),
            ("\u{301}", "\"\u{301}\""),
            ("\u{a0}\u{ad}\u{2028}\u{feff}\u{fffd}", "\"\\u00a0\\u00ad\\u2028\\ufeff\u{fffd}\""),
            ("\u{e000}\u{10ffff}", r#""\ue000\U0010ffff""#),
            ("\u{88e}\u{88f}\u{897}\u{1fac8}", "\"\u{88e}\\u088f\\u0897\\U0001fac8\""),
        ] {
            assert_eq!(go_quote(text), quoted);
        }
    }

    #[test]
    fn the_ranges_rise() {
        assert!(ASSIGNED_AFTER_UNICODE_15.is_sorted_by(|a, b| a.0 <= a.1 && a.1 < b.0));
    }
}
