//! A page: titled sections, one below the other, for a person to read before or after a deploy.

use std::fmt::Write as _;

use super::style::{BAD, CAREFUL, GOOD, STRONG, paint};

/// How far the text of a section is set in.
const INDENT: usize = 13;

/// Titled sections.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    sections: Vec<Section>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Section {
    title: &'static str,
    tone: Tone,
    lines: Vec<String>,
}

/// How a section's title is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// A fact.
    Plain,
    /// Something to look at.
    Careful,
    /// A reason to stop.
    Bad,
}

impl Page {
    /// Adds a section; one without lines is left out.
    pub fn add(&mut self, title: &'static str, tone: Tone, lines: impl IntoIterator<Item = impl Into<String>>) {
        let lines: Vec<String> = lines.into_iter().flat_map(|line| split(line.into())).collect();
        if !lines.is_empty() {
            self.sections.push(Section { title, tone, lines });
        }
    }

    /// The page: titles on the left, the lines set in beside them; lines of a diff in their colours.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for section in &self.sections {
            let style = match section.tone {
                Tone::Plain => STRONG,
                Tone::Careful => CAREFUL,
                Tone::Bad => BAD,
            };
            let mut title = section.title;
            for line in &section.lines {
                let padding = " ".repeat(INDENT.saturating_sub(title.len()));
                let title =
                    if std::mem::take(&mut title).is_empty() { String::new() } else { paint(style, section.title) };
                let _ = writeln!(text, "{}", format!("{title}{padding}{}", coloured(line)).trim_end());
            }
        }
        text
    }
}

fn split(text: String) -> Vec<String> {
    if text.contains('\n') { text.lines().map(str::to_owned).collect() } else { vec![text] }
}

fn coloured(line: &str) -> String {
    match line.trim_start().as_bytes() {
        [b'+', b' ', ..] => paint(GOOD, line),
        [b'-', b' ', ..] => paint(BAD, line),
        _ => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(page: &Page) -> String {
        anstream::adapter::strip_str(&page.text()).to_string()
    }

    #[test]
    fn a_title_stands_beside_its_first_line() {
        let mut page = Page::default();
        page.add("Cluster", Tone::Plain, ["kind-a", "at https://k"]);
        page.add("Nothing", Tone::Plain, [""; 0]);
        page.add("Changes", Tone::Plain, ["ConfigMap/c\n  - a: 1\n  + a: 2\n"]);
        assert_eq!(
            plain(&page),
            "Cluster      kind-a\n             at https://k\nChanges      ConfigMap/c\n               - a: 1\n               + a: 2\n"
        );
    }

    #[test]
    fn only_signs_of_a_diff_are_coloured() {
        assert_eq!(coloured("-x"), "-x");
        assert_ne!(coloured("  + x"), "  + x");
    }
}
