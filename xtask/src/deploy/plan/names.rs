//! The mailboxes, labels and contact groups that a configuration needs, as the app derives them.
//!
//! The rules are the app's: what `mailroom setup` looks for. The gate decides on the real account; this tells before it
//! what a change of the configuration is going to ask for.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use serde::Deserialize;

/// What a configuration needs in the account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Names {
    /// Mailboxes, labels among them: to Fastmail a label is a mailbox.
    pub mailboxes: BTreeSet<String>,
    /// Contact groups.
    pub groups: BTreeSet<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Config {
    triage: Triage,
    mailroom: Mailroom,
}

#[derive(Deserialize)]
#[serde(default)]
struct Triage {
    screener_mailbox: String,
    categories: Vec<Item>,
}

#[derive(Deserialize)]
#[serde(default)]
struct Mailroom {
    label_error: String,
    label_warning: String,
    warnings_enabled: bool,
    provenance_group: String,
}

/// A category: its name alone, or with keys of its own.
#[derive(Deserialize)]
#[serde(untagged)]
enum Item {
    Name(String),
    Category { name: String, label: Option<String>, contact_group: Option<String>, destination_mailbox: Option<String> },
}

impl Default for Triage {
    fn default() -> Self {
        let names = ["Imbox", "Feed", "Paper Trail", "Jail", "Person", "Billboard", "Truck"];
        Self {
            screener_mailbox: "Screener".to_owned(),
            categories: names.map(|name| Item::Name(name.to_owned())).into(),
        }
    }
}

impl Default for Mailroom {
    fn default() -> Self {
        Self {
            label_error: "@MailroomError".to_owned(),
            label_warning: "@MailroomWarning".to_owned(),
            warnings_enabled: true,
            provenance_group: "Mailroom".to_owned(),
        }
    }
}

impl Names {
    /// What the configuration in `text` needs, the app's defaults included.
    ///
    /// # Errors
    /// Where it does not read as a configuration of the app.
    pub(crate) fn of_config(text: &str) -> Result<Self> {
        let config: Option<Config> = serde_yaml::from_str(text).context("cannot read the app's configuration")?;
        let Config { triage, mailroom } = config.unwrap_or_default();
        let mut names = Self::default();
        names.mailboxes.extend(["Inbox".to_owned(), triage.screener_mailbox, mailroom.label_error]);
        if mailroom.warnings_enabled {
            names.mailboxes.insert(mailroom.label_warning);
        }
        names.groups.insert(mailroom.provenance_group);
        triage.categories.into_iter().for_each(|category| names.add(category));
        Ok(names)
    }

    fn add(&mut self, category: Item) {
        let (name, label, group, destination) = match category {
            Item::Name(name) => (name, None, None, None),
            Item::Category { name, label, contact_group, destination_mailbox } => {
                (name, label, contact_group, destination_mailbox)
            }
        };
        let name = name.trim().to_owned();
        let tight: String = name.split_whitespace().collect();
        self.mailboxes.insert(label.unwrap_or_else(|| format!("@To{tight}")));
        self.mailboxes.insert(destination.unwrap_or_else(|| name.clone()));
        self.groups.insert(group.unwrap_or(name));
    }

    /// What `self` has and `other` has not.
    #[must_use]
    pub(crate) fn without(&self, other: &Self) -> Self {
        Self {
            mailboxes: self.mailboxes.difference(&other.mailboxes).cloned().collect(),
            groups: self.groups.difference(&other.groups).cloned().collect(),
        }
    }

    /// Whether it holds no name.
    pub(crate) fn is_empty(&self) -> bool {
        self.mailboxes.is_empty() && self.groups.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
        names.map(str::to_owned).into()
    }

    #[test]
    fn the_defaults_need_what_a_fresh_account_lacks() {
        for text in ["", "{}", "triage: {}\nmailroom: {}\n", "logging: {level: info}\n"] {
            let names = Names::of_config(text).unwrap();
            // 25 to create and 1 existing, on an account that has its Inbox only: app version 0.1.0.
            assert_eq!(names.mailboxes.len() + names.groups.len(), 26, "{text}");
            assert!(names.mailboxes.contains("@ToPaperTrail") && names.groups.contains("Mailroom"), "{names:?}");
        }
    }

    #[test]
    fn a_category_derives_label_group_and_destination_from_its_name() {
        let text = "triage:\n  screener_mailbox: In\n  categories:\n  - ' My  News '\n  - name: Bills\n    label: '@B'\n    contact_group: Payees\n    destination_mailbox: Money\n    parent: My  News\nmailroom: {warnings_enabled: false, label_error: '@E', provenance_group: P}\n";
        let names = Names::of_config(text).unwrap();
        assert_eq!(names.mailboxes, set(["@B", "@E", "@ToMyNews", "In", "Inbox", "Money", "My  News"]));
        assert_eq!(names.groups, set(["My  News", "P", "Payees"]));
    }

    #[test]
    fn a_change_is_told_in_both_directions() {
        let old = Names::of_config("triage: {categories: [A, B]}").unwrap();
        let new = Names::of_config("triage: {categories: [B, C]}").unwrap();
        assert_eq!(new.without(&old), Names { mailboxes: set(["@ToC", "C"]), groups: set(["C"]) });
        assert_eq!(old.without(&new), Names { mailboxes: set(["@ToA", "A"]), groups: set(["A"]) });
        assert!(new.without(&new).is_empty());
    }

    #[test]
    fn what_the_app_would_refuse_is_an_error() {
        for text in ["triage: {categories: null}", "triage: {categories: [1]}", "- a", "triage: [a"] {
            assert!(Names::of_config(text).is_err(), "{text}");
        }
    }
}
