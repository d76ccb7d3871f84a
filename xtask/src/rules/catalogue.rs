//! Every rule that lint knows, for `lint --list` and `lint --explain`: the reader's, pod security's and our own.

use std::fmt::Write;

use anyhow::Result;

use super::RULES;
use crate::exit::Failure;
use crate::manifest;
use crate::pod_security;

/// One rule as it is shown.
struct Entry {
    id: String,
    title: String,
    why: String,
    fix: String,
}

/// One line a rule.
pub fn list() -> String {
    let entries = entries();
    let width = entries.iter().map(|entry| entry.id.len()).max().unwrap_or(0);
    entries.iter().fold(String::new(), |mut text, entry| {
        let _ = writeln!(text, "{:<width$}  {}", entry.id, entry.title);
        text
    })
}

/// What one rule asks for, why, and the way out; an unknown id is a usage error.
pub fn explain(id: &str) -> Result<String> {
    let entry = entries().into_iter().find(|entry| entry.id == id);
    let Entry { id, title, why, fix } =
        entry.ok_or_else(|| Failure::usage(format!("no rule `{id}`; `cargo xtask lint --list` shows them all")))?;
    let mut text = format!("{id}: {title}\n\n{why}\n");
    if !fix.is_empty() {
        let _ = write!(text, "\nFix: {fix}\n");
    }
    Ok(text)
}

fn entries() -> Vec<Entry> {
    let entry = |id: &str, title: &str, why: &str, fix: &str| Entry {
        id: id.to_owned(),
        title: title.to_owned(),
        why: why.to_owned(),
        fix: fix.to_owned(),
    };
    let helm = [
        entry("helm-lint", "`helm lint --strict` has nothing to say", "Helm's own judgement of the chart.", ""),
        entry("helm-render", "Helm renders the chart", "What does not render cannot be judged.", ""),
        entry(
            "values-schema",
            "the values meet values.schema.json",
            "A key that the schema does not know has no effect, and a value of another type has one that nobody meant.",
            "correct the value; the chart's README.md and values.yaml say what it may be",
        ),
    ];
    let reader = manifest::RULES.iter().map(|rule| entry(rule.id, rule.title, rule.explanation, rule.fix));
    let security = pod_security::catalogue().map(|check| {
        let versions: Vec<_> = check.versions.iter().map(ToString::to_string).collect();
        let why = format!(
            "A check of the Pod Security Standards, level {}. Policy versions that it starts or changes at: {}.",
            check.level,
            versions.join(", ")
        );
        entry(&format!("pod-security/{}", check.id), check.fix, &why, check.fix)
    });
    let own = RULES.iter().map(|rule| entry(rule.id, rule.title, rule.why, rule.fix));
    helm.into_iter().chain(reader).chain(security).chain(own).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique() {
        let mut ids: Vec<_> = entries().into_iter().map(|entry| entry.id).collect();
        ids.sort();
        let all = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), all);
    }

    #[test]
    fn every_listed_rule_is_explained() {
        for entry in entries() {
            let text = explain(&entry.id).unwrap();
            assert!(text.contains(&entry.why) && !entry.why.is_empty(), "{}", entry.id);
        }
        assert_eq!(crate::exit::code_of(&explain("no-such").unwrap_err()), crate::exit::USAGE);
    }
}
