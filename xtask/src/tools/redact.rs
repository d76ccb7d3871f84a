//! Secret values are taken out of all text that comes from a child.

use std::fmt;
use std::sync::Arc;

use super::forms;

/// What stands in a secret's place.
const HIDDEN: &str = "***";

/// Shorter values are left alone: to hide each `a` would destroy the text, and tell where the value stands.
const SHORTEST: usize = 4;

/// A set of secret values, in all forms in which programs print them; cheap to clone.
#[derive(Clone, Default)]
pub struct Mask {
    forms: Arc<Vec<String>>,
    too_short: usize,
}

impl Mask {
    /// A mask for these values; empty ones are passed over.
    pub fn new<S: AsRef<str>>(values: impl IntoIterator<Item = S>) -> Self {
        let (mut forms, mut too_short) = (Vec::new(), 0);
        for value in values {
            match value.as_ref().trim().len() {
                0 => {}
                1..SHORTEST => too_short += 1,
                _ => forms.extend(forms::of(value.as_ref())),
            }
        }
        forms.retain(|form| form.trim().len() >= SHORTEST);
        forms.sort_unstable();
        forms.dedup();
        Self { forms: Arc::new(forms), too_short }
    }

    /// How many values are too short to be hidden, below four bytes: the caller warns of them.
    pub fn too_short(&self) -> usize {
        self.too_short
    }

    /// The text with every form of every value replaced by `***`; where two overlap, both go as one.
    pub fn hide(&self, text: &str) -> String {
        let mut spans: Vec<(usize, usize)> = self.forms.iter().flat_map(|form| places(text, form)).collect();
        spans.sort_unstable();
        let mut hidden = String::with_capacity(text.len());
        let mut shown = 0;
        let mut spans = spans.into_iter().peekable();
        while let Some((start, mut end)) = spans.next() {
            while let Some((_, next_end)) = spans.next_if(|(next, _)| *next <= end) {
                end = end.max(next_end);
            }
            hidden.push_str(&text[shown..start]);
            hidden.push_str(HIDDEN);
            shown = end;
        }
        hidden.push_str(&text[shown..]);
        hidden
    }
}

/// Where a form stands in a text, places that overlap included, which `match_indices` would leave out.
fn places(text: &str, form: &str) -> Vec<(usize, usize)> {
    let step = form.chars().next().map_or(1, char::len_utf8);
    let mut places = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].find(form).map(|at| from + at) {
        places.push((at, at + form.len()));
        from = at + step;
    }
    places
}

/// Never the values: a debug print is a print.
impl fmt::Debug for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mask({} forms)", self.forms.len())
    }
}

#[cfg(test)]
mod tests {
    use super::Mask;

    #[test]
    fn hides_a_value_however_it_is_printed() {
        let mask = Mask::new(["p\u{e4}ss '\"\\<&> 9f3"]);
        for printed in [
            "p\u{e4}ss '\"\\<&> 9f3",
            "p\u{e4}ss '\\\"\\\\<&> 9f3",
            r#"p\u00e4ss '\"\\<&> 9f3"#,
            "p\u{e4}ss '\\\"\\\\\\u003c\\u0026\\u003e 9f3",
            "p\u{e4}ss \\'\"\\\\<&> 9f3",
            "p\u{e4}ss ''\"\\<&> 9f3",
            "p\u{e4}ss '\\''\"\\<&> 9f3",
            "p%C3%A4ss%20%27%22%5C%3C%26%3E%209f3",
            "p%C3%A4ss+%27%22%5C%3C%26%3E+9f3",
            "p%C3%A4ss%20'%22%5C%3C%26%3E%209f3",
            "cMOkc3MgJyJcPCY+IDlmMw==",
            "cMOkc3MgJyJcPCY-IDlmMw",
        ] {
            let text = format!("before {printed} after");
            assert_eq!(mask.hide(&text), "before *** after", "{text}");
        }
    }

    #[test]
    fn hides_overlapping_values_as_one_and_each_line_of_a_value() {
        let mask = Mask::new(["abcd", "cdef", "first line\nsecond line\n"]);
        assert_eq!(mask.hide("xabcdefx abcd.cdef"), "x***x ***.***");
        assert_eq!(mask.hide("abababcd"), "abab***");
        assert_eq!(mask.hide("the second line, the first line"), "the ***, the ***");
        assert_eq!(Mask::new(["aaaa"]).hide("aaaaaa a"), "*** a");
    }

    #[test]
    fn leaves_short_values_alone_and_counts_them() {
        let mask = Mask::new(["", " ", "a", "abc", " ab\n", "abcd"]);
        assert_eq!((mask.too_short(), mask.hide("a abc abcd")), (3, "a abc ***".to_owned()));
        assert_eq!(Mask::default().hide("text"), "text");
    }

    #[test]
    fn does_not_print_the_values_itself() {
        assert!(!format!("{:?}", Mask::new(["CANARY-9f3"])).contains("CANARY"));
    }
}
