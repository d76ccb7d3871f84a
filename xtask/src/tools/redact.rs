//! Secret values are taken out of all text that comes from a child.

use std::sync::Arc;

/// What stands in a secret's place.
const HIDDEN: &str = "***";

/// Shorter values are left alone: to hide each `a` would destroy the text, and tell where the value stands.
const SHORTEST: usize = 4;

/// A set of secret values and of the forms in which programs print them.
#[derive(Clone, Default)]
pub struct Mask {
    needles: Arc<Vec<String>>,
    too_short: usize,
}

impl Mask {
    /// A mask for these values; empty ones are passed over.
    pub fn new<S: AsRef<str>>(values: impl IntoIterator<Item = S>) -> Self {
        let mut mask = Vec::new();
        let mut too_short = 0;
        for value in values {
            match value.as_ref().trim().len() {
                0 => {}
                1..SHORTEST => too_short += 1,
                _ => mask.extend(super::forms::of(value.as_ref())),
            }
        }
        mask.retain(|needle| needle.len() >= SHORTEST);
        mask.sort_unstable();
        mask.dedup();
        Self { needles: Arc::new(mask), too_short }
    }

    /// How many values are too short (below four bytes) to be hidden: the caller should warn.
    pub fn too_short(&self) -> usize {
        self.too_short
    }

    /// The text with every form of every secret replaced by `***`; overlapping ones are hidden as one.
    pub fn hide(&self, text: &str) -> String {
        let mut spans: Vec<(usize, usize)> = Vec::new();
        for needle in self.needles.iter() {
            let mut from = 0;
            while let Some(at) = text[from..].find(needle.as_str()).map(|at| from + at) {
                spans.push((at, at + needle.len()));
                from = at + text[at..].chars().next().map_or(1, char::len_utf8);
            }
        }
        spans.sort_unstable();
        let mut hidden = String::with_capacity(text.len());
        let mut done = 0;
        for (start, end) in spans {
            if start > done || hidden.is_empty() && done == 0 {
                hidden.push_str(&text[done..start]);
                hidden.push_str(HIDDEN);
            }
            done = done.max(end);
        }
        hidden.push_str(&text[done..]);
        hidden
    }
}

impl std::fmt::Debug for Mask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Mask({} forms)", self.needles.len())
    }
}
