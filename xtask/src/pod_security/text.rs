//! Upstream's way with lists and plurals, so that our messages are its messages, byte for byte.

use std::borrow::Borrow;

/// `"a", "b"`: quoted, never escaped; empty for no item.
pub(super) fn quoted<S: Borrow<str>>(items: impl IntoIterator<Item = S>) -> String {
    let quoted: Vec<String> = items.into_iter().map(|item| format!("\"{}\"", item.borrow())).collect();
    quoted.join(", ")
}

/// `one` for exactly one, else `many`.
pub(super) fn plural(count: usize, one: &'static str, many: &'static str) -> &'static str {
    if count == 1 { one } else { many }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_without_escaping() {
        assert_eq!(quoted::<&str>([]), "");
        assert_eq!(quoted(["a", "b \"c\""]), r#""a", "b "c"""#);
    }

    #[test]
    fn only_one_is_singular() {
        assert_eq!([0, 1, 2].map(|count| plural(count, "volume", "volumes")), ["volumes", "volume", "volumes"]);
    }
}
