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
    /// Nothing stands before it in the stream, so that clients try it as JSON first.
    pub(super) opens: bool,
}

/// Cuts a text, of which a byte-order mark was taken off or not; a document may turn out to hold comments only.
pub(super) fn split(text: &str, marked: bool) -> Vec<Chunk<'_>> {
    let mut chunks = Vec::new();
    let (mut start, mut line, mut bad_separator) = (0, 1, None);
    let (mut at, mut number) = (0, 1);
    let mut source = None;
    for full in text.split_inclusive('\n') {
        if let Some(rest) = full.strip_prefix("---") {
            let opens = start == 0 && !marked;
            push(&mut chunks, Chunk { text: &text[start..at], line, source: None, bad_separator, opens }, &mut source);
            bad_separator = (!is_comment_or_nothing(rest)).then_some(number);
            (start, line) = (at + full.len(), number + 1);
        }
        at += full.len();
        number += 1;
    }
    let opens = start == 0 && !marked;
    push(&mut chunks, Chunk { text: &text[start..], line, source: None, bad_separator, opens }, &mut source);
    chunks
}

/// Keeps a chunk, with the source that its first comments, or a document of comments before it, name.
fn push<'t>(chunks: &mut Vec<Chunk<'t>>, mut chunk: Chunk<'t>, source: &mut Option<&'t str>) {
    let mut lines = chunk.text.lines().map(|line| line.trim_matches([' ', '\r'])).filter(|line| !line.is_empty());
    let content = lines.find(|line| {
        let comment = line.strip_prefix('#').map(|comment| comment.trim_start().strip_prefix("Source:").map(str::trim));
        *source = comment.flatten().filter(|named| !named.is_empty()).or(*source);
        comment.is_none()
    });
    if content.is_some() {
        chunk.source = source.take();
    }
    chunks.push(chunk);
}

/// What may follow `---` on its line: nothing, or after a blank a comment that clients may read once more.
fn is_comment_or_nothing(rest: &str) -> bool {
    let trimmed = rest.trim_matches([' ', '\t', '\r', '\n']);
    let comment = trimmed.starts_with('#') && rest.starts_with([' ', '\t']) && !trimmed.contains(char::is_control);
    trimmed.is_empty() || comment
}

#[cfg(test)]
mod tests {
    use super::split;

    /// The first line and the source of each chunk that has content.
    fn chunks(text: &str) -> Vec<(u32, Option<&str>)> {
        let has_content = |text: &str| text.lines().any(|line| !line.is_empty() && !line.starts_with('#'));
        let chunks = split(text, false).into_iter().filter(|chunk| has_content(chunk.text));
        chunks.map(|chunk| (chunk.line, chunk.source)).collect()
    }

    #[test]
    fn a_source_is_named_in_a_document_or_before_it() {
        assert_eq!(chunks("---\n# Source: c/templates/x.yaml\na: 1\n"), [(2, Some("c/templates/x.yaml"))]);
        assert_eq!(chunks("# Source: x.yaml\n---\na: 1\n---\nb: 2\n"), [(3, Some("x.yaml")), (5, None)]);
        assert_eq!(chunks("# Source: x.yaml\n---\n# Source: y.yaml\na: 1\n"), [(3, Some("y.yaml"))]);
        assert_eq!(chunks("a: |\n  # Source: x.yaml\n# Source: y.yaml\n"), [(1, None)]);
    }

    #[test]
    fn separators_are_lines_of_their_own() {
        assert_eq!(chunks("a: |\n  ---\n--- # b\r\nb: 1\n---\n---\nc: 1"), [(1, None), (4, None), (7, None)]);
        let bad = |text| split(text, false).iter().filter_map(|chunk| chunk.bad_separator).collect::<Vec<_>>();
        assert_eq!(bad("--- a\n---# b\n----\n--- # b\n---\t\n"), [1, 2, 3]);
    }
}
