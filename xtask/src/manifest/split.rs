//! A text cut into documents, as the clients of Kubernetes cut it: by lines, before any YAML is read.
//!
//! apimachinery's `YAMLReader` takes each line that starts with `---` for a separator and refuses one with anything but
//! a comment behind it; Helm cuts at the same lines. What a YAML reader would see differently is refused here.

/// One document of a text.
#[derive(Debug)]
pub(super) struct Chunk<'t> {
    /// The text between two separators.
    pub(super) text: &'t str,
    /// The number of its first line, from 1.
    pub(super) line: u32,
    /// What Helm's `# Source:` comment names, where there is one.
    pub(super) source: Option<&'t str>,
    /// The separator before it says more than `---`: its line.
    pub(super) bad_separator: Option<u32>,
}

/// Cuts a text; documents without content are left out.
pub(super) fn split(text: &str) -> Vec<Chunk<'_>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut chunks = Vec::new();
    let (mut start, mut line, mut bad_separator) = (0, 1, None);
    let (mut at, mut number) = (0, 1);
    let mut source = None;
    for full in text.split_inclusive('\n') {
        if let Some(rest) = full.strip_prefix("---") {
            push(&mut chunks, Chunk { text: &text[start..at], line, source: None, bad_separator }, &mut source);
            bad_separator = (!is_comment_or_nothing(rest)).then_some(number);
            (start, line) = (at + full.len(), number + 1);
        }
        at += full.len();
        number += 1;
    }
    push(&mut chunks, Chunk { text: &text[start..], line, source: None, bad_separator }, &mut source);
    chunks
}

/// Keeps a chunk that has content, with the source that its first comments, or a document of comments before it, name.
fn push<'t>(chunks: &mut Vec<Chunk<'t>>, chunk: Chunk<'t>, source: &mut Option<&'t str>) {
    let mut empty = true;
    for line in chunk.text.lines() {
        let line = line.trim();
        if let Some(comment) = line.strip_prefix('#') {
            *source = comment.trim_start().strip_prefix("Source:").map(str::trim).filter(|s| !s.is_empty()).or(*source);
        } else if !line.is_empty() {
            empty = false;
            break;
        }
    }
    if !empty || chunk.bad_separator.is_some() {
        chunks.push(Chunk { source: source.take(), ..chunk });
    }
}

/// What may follow `---` on its line: nothing, or a comment after a blank.
fn is_comment_or_nothing(rest: &str) -> bool {
    let trimmed = rest.trim_matches([' ', '\t', '\r', '\n']);
    trimmed.is_empty() || (trimmed.starts_with('#') && rest.starts_with([' ', '\t']))
}
