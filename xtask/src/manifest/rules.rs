//! The reader's rules, for `lint --list` and `lint --explain`.

/// A rule as `--list` and `--explain` show it.
#[derive(Debug)]
pub struct Rule {
    /// The id, in findings and on the command line.
    pub id: &'static str,
    /// One line.
    pub title: &'static str,
    /// Why it is a rule.
    pub explanation: &'static str,
    /// How to mend it.
    pub fix: &'static str,
}

macro_rules! rules {
    ($($name:ident = $id:literal, $title:literal, $explanation:literal, $fix:literal;)*) => {
        $(pub(super) const $name: &str = $id;)*
        /// All rules of the reader.
        pub const RULES: &[Rule] = &[$(Rule { id: $id, title: $title, explanation: $explanation, fix: $fix }),*];
    };
}

rules! {
    AMBIGUOUS = "ambiguous-value", "a text that readers of YAML read differently",
        "Tags of its own, a key that is no string, a merge after the keys it would replace, two documents without `---` between them: Kubernetes reads these otherwise than YAML says, or drops a part of them in silence.",
        "write it plainly: quote keys and values, put `<<` first, part documents by a line `---`";
    DUPLICATE = "duplicate-key", "a key twice in one mapping",
        "kubectl and Helm keep the last of two equal keys and lose the other in silence; the API server refuses them.",
        "keep one of them";
    NO_CONTAINERS = "no-containers", "a pod spec without containers",
        "The API server refuses a pod without containers, and a pod security check has nothing to judge in it.",
        "give the pod spec a list `containers` with at least one container";
    REQUIRED = "required-field", "a required field is missing or null",
        "The field is required by the kind's schema; the API server refuses the object without it.",
        "set the field";
    SYNTAX = "yaml-syntax", "a document that is not YAML",
        "A document that cannot be read is not judged, so it is an error and never skipped.",
        "mend the line that the message names";
    TOO_DEEP = "too-deep", "values nested too deep",
        "Nesting is bounded, so that no text can exhaust the reader; no kind of Kubernetes comes near the bound.",
        "nest less";
    TOO_LARGE = "too-large", "a text, or what its aliases expand to, too large",
        "Size is bounded, so that no text can exhaust the reader: aliases of aliases grow without limit.",
        "write the values out, or part the text";
    UNKNOWN_FIELD = "unknown-field", "a field that the type does not have",
        "The API server refuses it under strict field validation and drops it in silence otherwise. Names are case-sensitive.",
        "correct the name or the place of the field, or remove it";
    UNKNOWN_KIND = "unknown-kind", "an object of a kind that is not judged",
        "Only the built-in kinds of the newest known Kubernetes have a schema here; a custom resource is read, and not judged. A kind that a built-in API version does not have is an error.",
        "check `apiVersion` and `kind`; for a custom resource nothing is to be done";
    WRONG_TYPE = "wrong-type", "a value of another type than the field has",
        "The API server converts nothing: a number, or a YAML 1.1 boolean such as `on`, is no string, and `1.0` is no whole number.",
        "write a value of the type that the message names; quote a string that looks like anything else";
}
