//! The path of a field, kept on the stack while walking and written only where something is found.

/// A place in a tree, from the inside out.
#[derive(Clone, Copy)]
pub(super) enum Path<'p> {
    Root,
    Key(&'p Path<'p>, &'p str),
    Index(&'p Path<'p>, usize),
}

impl std::fmt::Display for Path<'_> {
    /// As in `spec.containers[0].name`; keys that are no field names stand in brackets: `metadata.labels[app.kubernetes.io/name]`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Path::Root => Ok(()),
            Path::Key(parent, key) if !is_field_name(key) => write!(f, "{parent}[{}]", shown(key)),
            Path::Key(Path::Root, key) => f.write_str(key),
            Path::Key(parent, key) => write!(f, "{parent}.{key}"),
            Path::Index(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

fn is_field_name(key: &str) -> bool {
    !key.is_empty()
        && key.len() <= LONGEST
        && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '$'))
}

/// Names longer than this, in characters, are cut in messages; no field of Kubernetes is.
const LONGEST: usize = 100;

/// A text of the document as it can stand in a message: cut, and without control characters.
pub(super) fn shown(text: &str) -> String {
    let cut: String = text.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    if text.chars().nth(LONGEST).is_some() { cut + "..." } else { cut }
}
