//! What changes from one set of objects to another, line by line; of secrets only that they change.

use std::fmt::Write as _;

use serde_json::Value;

use crate::deploy::{Document, REVISION_ANNOTATION};

/// Unchanged lines that are shown around a change.
const CONTEXT: usize = 3;

/// Above this many pairs of lines the middle of two texts is shown as replaced, not compared: 4 million are 16 MB.
const MOST_PAIRS: usize = 4_000_000;

/// What becomes of one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// It is new.
    Added,
    /// It goes.
    Removed,
    /// The changed lines, each with `+`, `-` or a space before it; hunks are parted by a line `...`.
    Changed(String),
}

/// The objects that change, by their reference (`Deployment/mailroom`), in the order of `new`; then those that go.
///
/// The revision stamp is left out: it changes each time. A value of a Secret, and a checksum of one, is never shown.
pub(crate) fn objects(old: &[Document], new: &[Document]) -> Vec<(String, Change)> {
    let find =
        |list: &[Document], wanted: &Document| list.iter().find(|it| it.reference() == wanted.reference()).cloned();
    let mut changes = Vec::new();
    for document in new {
        match find(old, document) {
            None => changes.push((document.reference(), Change::Added)),
            Some(before) => {
                let (before, after) = shown(&before.value, &document.value);
                if before != after {
                    changes.push((document.reference(), Change::Changed(lines(&before, &after))));
                }
            }
        }
    }
    let gone = old.iter().filter(|document| find(new, document).is_none());
    changes.extend(gone.map(|document| (document.reference(), Change::Removed)));
    changes
}

/// Both objects as YAML with sorted keys, without what must not or need not be shown.
fn shown(old: &Value, new: &Value) -> (String, String) {
    let (mut old, mut new) = (old.clone(), new.clone());
    for value in [&mut old, &mut new] {
        if let Some(annotations) = value.pointer_mut("/metadata/annotations").and_then(Value::as_object_mut) {
            annotations.remove(REVISION_ANNOTATION);
        }
    }
    if [&old, &new].iter().any(|value| value.get("kind").and_then(Value::as_str) == Some("Secret")) {
        hide(&mut old, &mut new, "/data", |_| true);
        hide(&mut old, &mut new, "/stringData", |_| true);
    }
    for annotations in ["/metadata/annotations", "/spec/template/metadata/annotations"] {
        hide(&mut old, &mut new, annotations, |key| key.starts_with("checksum/"));
    }
    let text = |value: &Value| serde_yaml::to_string(value).unwrap_or_default();
    (text(&old), text(&new))
}

/// Puts a word in the place of each value of the map at `place` whose key is secret: the same word where it is equal.
fn hide(old: &mut Value, new: &mut Value, place: &str, secret: fn(&str) -> bool) {
    let before = old.pointer(place).cloned().unwrap_or_default();
    let after = new.pointer(place).cloned().unwrap_or_default();
    for (value, word) in [(old, "(hidden)"), (new, "(hidden, changed)")] {
        let Some(map) = value.pointer_mut(place).and_then(Value::as_object_mut) else { continue };
        for (key, value) in map.iter_mut().filter(|(key, _)| secret(key)) {
            let same = before.get(key) == after.get(key);
            *value = if same { "(hidden)" } else { word }.into();
        }
    }
}

/// The changed lines of two texts with a little around them.
pub(crate) fn lines(old: &str, new: &str) -> String {
    let old: Vec<&str> = old.lines().collect();
    let new: Vec<&str> = new.lines().collect();
    let edits = edits(&old, &new);
    let mut text = String::new();
    let mut last_shown = None;
    for (index, (sign, line)) in edits.iter().enumerate() {
        let nearby = &edits[index.saturating_sub(CONTEXT)..edits.len().min(index + CONTEXT + 1)];
        if nearby.iter().all(|(sign, _)| *sign == ' ') {
            continue;
        }
        if last_shown.is_some_and(|last| last + 1 < index) {
            text.push_str("...\n");
        }
        last_shown = Some(index);
        let _ = writeln!(text, "{}", format!("{sign} {line}").trim_end());
    }
    text
}

/// Every line of both texts with its sign: what both begin and end with first, then the shortest way in between.
fn edits<'t>(old: &[&'t str], new: &[&'t str]) -> Vec<(char, &'t str)> {
    let head = old.iter().zip(new).take_while(|(old, new)| old == new).count();
    let (old_rest, new_rest) = (&old[head..], &new[head..]);
    let tail = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(old, new)| old == new).count();
    let (old_middle, end) = old_rest.split_at(old_rest.len() - tail);
    let new_middle = &new_rest[..new_rest.len() - tail];
    let mut edits: Vec<_> = old[..head].iter().map(|line| (' ', *line)).collect();
    edits.extend(between(old_middle, new_middle));
    edits.extend(end.iter().map(|line| (' ', *line)));
    edits
}

/// The edits by a longest common subsequence.
fn between<'t>(old: &[&'t str], new: &[&'t str]) -> Vec<(char, &'t str)> {
    let width = new.len() + 1;
    if old.len().saturating_mul(width) > MOST_PAIRS {
        return old.iter().map(|line| ('-', *line)).chain(new.iter().map(|line| ('+', *line))).collect();
    }
    // common[i * width + j]: how many lines old[i..] and new[j..] have in common, in order.
    let mut common = vec![0_u32; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i * width + j] = if old[i] == new[j] {
                common[(i + 1) * width + j + 1] + 1
            } else {
                common[(i + 1) * width + j].max(common[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut edits = Vec::new();
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            edits.push((' ', old[i]));
            (i, j) = (i + 1, j + 1);
        } else if j == new.len() || i < old.len() && common[(i + 1) * width + j] >= common[i * width + j + 1] {
            edits.push(('-', old[i]));
            i += 1;
        } else {
            edits.push(('+', new[j]));
            j += 1;
        }
    }
    edits
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const CANARY: &str = "CANARY-9f3c";

    fn document(value: Value) -> Document {
        let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
        Document {
            api_version: text("apiVersion"),
            kind: text("kind"),
            name: value["metadata"]["name"].as_str().unwrap_or_default().to_owned(),
            hook: false,
            text: String::new(),
            value,
        }
    }

    fn config(text: &str, revision: &str) -> Document {
        document(json!({
            "kind": "ConfigMap",
            "metadata": {"name": "c", "annotations": {REVISION_ANNOTATION: revision}},
            "data": {"config.yaml": text},
        }))
    }

    #[test]
    fn the_shortest_edits_are_found_with_a_little_around_them() {
        let old = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n";
        let new = "1\n2\n3\n4\nfive\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16\n";
        assert_eq!(lines(old, new), "  2\n  3\n  4\n- 5\n+ five\n  6\n  7\n  8\n...\n  13\n  14\n  15\n+ 16\n");
        assert_eq!(lines("a\nb\nc\na\nb\n", "b\nc\nb\na\n"), "- a\n  b\n  c\n- a\n  b\n+ a\n");
        assert_eq!(lines("same\n", "same\n"), "");
        assert_eq!((lines("", "a\n"), lines("a\n", "")), ("+ a\n".to_owned(), "- a\n".to_owned()));
    }

    #[test]
    fn texts_that_are_too_long_to_compare_are_shown_as_replaced() {
        let old: String = (0..3000).map(|n| format!("old {n}")).collect::<Vec<_>>().join("\n");
        let new: String = (0..3000).map(|n| format!("new {n}")).collect::<Vec<_>>().join("\n");
        let shown = lines(&old, &new);
        assert_eq!((shown.matches("- old").count(), shown.matches("+ new").count()), (3000, 3000));
    }

    #[test]
    fn an_object_is_new_changed_or_gone_and_the_stamp_is_no_change() {
        let gone = document(json!({"kind": "Service", "metadata": {"name": "s"}}));
        let new = document(json!({"kind": "Job", "metadata": {"name": "j"}}));
        let changes = objects(&[config("a: 1\n", "1"), gone], &[new, config("a: 2\n", "2")]);
        let [(added, Change::Added), (other, Change::Changed(text)), (removed, Change::Removed)] = &changes[..] else {
            panic!("{changes:?}")
        };
        assert_eq!((added.as_str(), other.as_str(), removed.as_str()), ("Job/j", "ConfigMap/c", "Service/s"));
        assert!(text.contains("-     a: 1\n+     a: 2\n") && !text.contains(REVISION_ANNOTATION), "{text}");
        assert!(objects(&[config("a: 1\n", "1")], &[config("a: 1\n", "2")]).is_empty());
    }

    #[test]
    fn of_a_secret_only_the_changed_keys_are_told() {
        let secret = |a: &str, field: &str| {
            document(json!({"kind": "Secret", "metadata": {"name": "s"}, field: {"A": a, "B": CANARY}}))
        };
        for field in ["data", "stringData"] {
            let changes = objects(&[secret("old-value", field)], &[secret("new-value", field)]);
            let [(_, Change::Changed(text))] = &changes[..] else { panic!("{changes:?}") };
            assert!(text.contains("-   A: (hidden)\n+   A: (hidden, changed)\n    B: (hidden)"), "{text}");
            assert!(!text.contains(CANARY) && !text.contains("value"), "{text}");
            assert!(objects(&[secret("a", field)], &[secret("a", field)]).is_empty());
        }
        let moved = objects(&[secret("a", "data")], &[secret("a", "stringData")]);
        assert!(!format!("{moved:?}").contains(CANARY), "{moved:?}");
    }

    #[test]
    fn a_checksum_is_told_as_changed_and_not_shown() {
        let pod = |sum: &str| {
            let annotations = json!({"checksum/secrets": sum, "other": "kept"});
            document(json!({"kind": "Deployment", "metadata": {"name": "d"},
                            "spec": {"template": {"metadata": {"annotations": annotations}}}}))
        };
        let changes = objects(&[pod("e3b0c4")], &[pod("a7ffc6")]);
        let [(_, Change::Changed(text))] = &changes[..] else { panic!("{changes:?}") };
        assert!(text.contains("+         checksum/secrets: (hidden, changed)"), "{text}");
        assert!(!text.contains("e3b0") && !text.contains("a7ff"), "{text}");
    }
}
