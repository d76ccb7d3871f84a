//! The entries of a mapping while it is read: no key twice, and merges resolved.

use std::collections::HashMap;

use super::block::Content;
use super::properties::Properties;
use super::{Built, Parser, Place, stop};
use crate::manifest::node::{Entry, Mark, Node, Scalar, Value};
use crate::manifest::path::{Path, shown};
use crate::manifest::problem::Problems;
use crate::manifest::rules;

/// The entries of a mapping while it is read.
#[derive(Default)]
pub(super) struct Mapping {
    pub(super) entries: Vec<Entry>,
    /// Which of the entries came by a merge; shorter than the entries where the rest did not.
    merged: Vec<bool>,
    has_merge: bool,
    /// Where each key stands, once there are many.
    keys: HashMap<Box<str>, usize>,
}

impl Mapping {
    /// Where the mapping gets an index of its keys: below, looking at each is faster.
    const MANY: usize = 32;

    fn position(&self, key: &str) -> Option<usize> {
        if self.entries.len() > Self::MANY {
            return self.keys.get(key).copied();
        }
        self.entries.iter().position(|entry| &*entry.key == key)
    }

    fn push(&mut self, entry: Entry) {
        if self.entries.len() == Self::MANY {
            self.keys.extend(self.entries.iter().enumerate().map(|(at, entry)| (entry.key.clone(), at)));
        }
        if self.entries.len() >= Self::MANY {
            self.keys.insert(entry.key.clone(), self.entries.len());
        }
        self.entries.push(entry);
    }

    /// Puts an entry in; a key that stands twice is a problem.
    fn insert(&mut self, entry: Entry, path: &Path<'_>, problems: &mut Problems) {
        match self.position(&entry.key) {
            None => self.push(entry),
            // An own key after a merge: own wins, to YAML and to Kubernetes.
            Some(at) if at < self.merged.len() && self.merged[at] => {
                self.merged[at] = false;
                self.entries[at] = entry;
            }
            Some(at) => {
                let message = format!(
                    "the key `{}` stands twice, in lines {} and {}",
                    shown(&entry.key),
                    self.entries[at].mark.line,
                    entry.mark.line
                );
                problems.push(rules::DUPLICATE, &Path::Key(path, &entry.key), message, "keep one of the two");
            }
        }
    }

    /// Takes in what `<<` names: a mapping or a list of mappings, of which the first that has a key wins.
    ///
    /// An alias may stand for a mapping only: go-yaml refuses one that stands for a list.
    fn merge(&mut self, value: Node, alias: bool, mark: Mark, path: &Path<'_>, problems: &mut Problems) -> Built<()> {
        let line = mark.line;
        if std::mem::replace(&mut self.has_merge, true) {
            let message = format!("the key `<<` stands twice, the second time in line {line}");
            problems.push(rules::DUPLICATE, &Path::Key(path, "<<"), message, "merge a list: `<<: [*a, *b]`");
            return Ok(());
        }
        let own = self.entries.len();
        let parts = match value.value {
            Value::Mapping(_) => vec![value],
            Value::Sequence(items) if !alias => items,
            _ => Vec::new(),
        };
        if parts.is_empty() || parts.iter().any(|part| !matches!(part.value, Value::Mapping(_))) {
            let message = format!("`<<` without a mapping to merge (line {line})");
            return Err(stop(rules::SYNTAX, path, message, "merge a mapping, or a list of mappings"));
        }
        for part in parts {
            let Value::Mapping(entries) = part.value else { continue };
            for entry in entries {
                match self.position(&entry.key) {
                    None => self.push_merged(entry),
                    Some(at) if at >= own => {}
                    Some(_) => {
                        let message = format!(
                            "the key `{}` is written before `<<` (line {line}) merges it: YAML keeps the written one, Kubernetes the merged",
                            shown(&entry.key)
                        );
                        problems.push(rules::AMBIGUOUS, &Path::Key(path, &entry.key), message, "put `<<` first");
                    }
                }
            }
        }
        Ok(())
    }

    fn push_merged(&mut self, entry: Entry) {
        self.merged.resize(self.entries.len(), false);
        self.merged.push(true);
        self.push(entry);
    }
}

impl<'t> Parser<'_, 't> {
    /// Reads the value of a key by `value`, and puts both into the mapping.
    pub(super) fn entry(
        &mut self,
        key: Content<'t>,
        properties: &Properties<'t>,
        mark: Mark,
        mapping: &mut Mapping,
        place: Place<'_>,
        value: impl FnOnce(&mut Self, Place<'_>) -> Built<Node>,
    ) -> Built<()> {
        // go-yaml's `isMerge`; the tag `!!merge` is refused with all tags that JSON has no type for
        let merges =
            matches!(&key, Content::Scalar { text, plain: true } if &**text == "<<" && properties.tag.is_none());
        if matches!(key, Content::Flow(_)) {
            return Err(self.syntax("a key that is a list or a mapping"));
        }
        let key = self.finish(key, properties, mark, place)?;
        if merges {
            let value = value(self, place.within(&Path::Key(place.path, "<<")))?;
            let alias = self.composer.was_alias;
            return mapping.merge(value, alias, mark, place.path, self.composer.problems);
        }
        let key = key_text(key, place.path, self.composer.problems);
        let value = value(self, place.within(&Path::Key(place.path, &key)))?;
        mapping.insert(Entry { key, mark, value }, place.path, self.composer.problems);
        Ok(())
    }
}

/// The text of a key. A key that Kubernetes would name otherwise than it is written is refused.
fn key_text(key: Node, path: &Path<'_>, problems: &mut Problems) -> Box<str> {
    let (kind, line) = (key.describe(), key.mark.line);
    let (text, same) = match key.value {
        Value::Scalar(Scalar::String, text) => (text, true),
        Value::Scalar(Scalar::Int(value), text) => {
            let same = value.to_string() == *text;
            (text, same)
        }
        Value::Scalar(_, text) => (text, false),
        Value::Sequence(_) | Value::Mapping(_) => (Box::default(), false),
    };
    if !same {
        let message = format!("a key that is {kind}, as readers of YAML 1.1 see it (line {line})");
        problems.push(rules::AMBIGUOUS, &Path::Key(path, &text), message, "quote the key");
    }
    text
}
