//! Which mailboxes and contact groups a configuration needs, in the sections and the order of the report.

use std::collections::BTreeSet;

use crate::config::Config;

/// The name under which the report shows the mailbox with the role `inbox`.
pub const INBOX: &str = "Inbox";

/// All names that a configuration needs; the fields are the sections of the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Required {
    /// Mailboxes that are neither labels nor the app's own, the Inbox among them, sorted.
    pub mailboxes: Vec<String>,
    /// The label of each category, in the order of the configuration.
    pub action_labels: Vec<String>,
    /// The contact group of each category, each once, sorted.
    pub contact_groups: Vec<String>,
    /// The app's own: the error label, the warning label if enabled (mailboxes), and the provenance group.
    pub own_labels: Vec<String>,
    /// The group that the app's contacts are put in; listed even where a category's group has the same name.
    pub provenance_group: String,
}

impl Required {
    /// What `config` needs.
    pub fn of(config: &Config) -> Self {
        let action_labels: Vec<String> = config.categories.iter().map(|category| category.label.clone()).collect();
        let mut own_labels = vec![config.label_error.clone()];
        own_labels.extend(config.warnings_enabled.then(|| config.label_warning.clone()));
        let mut mailboxes: BTreeSet<String> = [INBOX.to_owned(), config.screener_mailbox.clone()].into();
        mailboxes.extend(config.categories.iter().map(|category| category.destination_mailbox.clone()));
        mailboxes.retain(|name| !action_labels.contains(name) && !own_labels.contains(name));
        let contact_groups: BTreeSet<String> =
            config.categories.iter().map(|category| category.contact_group.clone()).collect();
        Self {
            mailboxes: mailboxes.into_iter().collect(),
            action_labels,
            contact_groups: contact_groups.into_iter().collect(),
            own_labels,
            provenance_group: config.provenance_group.clone(),
        }
    }

    /// Every mailbox, sorted, each once.
    pub fn all_mailboxes(&self) -> BTreeSet<&str> {
        [&self.mailboxes, &self.action_labels, &self.own_labels].into_iter().flatten().map(String::as_str).collect()
    }

    /// Every contact group, sorted, each once.
    pub fn all_groups(&self) -> BTreeSet<&str> {
        self.contact_groups.iter().chain([&self.provenance_group]).map(String::as_str).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Environment;

    fn required(triage: &str, mailroom: &str) -> Required {
        let environment: Environment = [
            ("MAILROOM_CONFIG", "/"),
            ("MAILROOM_JMAP_TOKEN", "token"),
            ("MAILROOM_TRIAGE", triage),
            ("MAILROOM_MAILROOM", mailroom),
        ]
        .into_iter()
        .collect();
        Required::of(&crate::config::load(&environment).unwrap())
    }

    #[test]
    fn the_defaults_need_26_names() {
        let required = required("{}", "{}");
        assert_eq!(
            required.mailboxes,
            ["Billboard", "Feed", "Imbox", "Inbox", "Jail", "Paper Trail", "Person", "Screener", "Truck"]
        );
        assert_eq!(
            required.action_labels,
            ["@ToImbox", "@ToFeed", "@ToPaperTrail", "@ToJail", "@ToPerson", "@ToBillboard", "@ToTruck"]
        );
        assert_eq!(required.contact_groups, ["Billboard", "Feed", "Imbox", "Jail", "Paper Trail", "Person", "Truck"]);
        assert_eq!(required.own_labels, ["@MailroomError", "@MailroomWarning"]);
        assert_eq!(required.provenance_group, "Mailroom");
    }

    #[test]
    fn names_appear_once_in_the_first_section_that_owns_them() {
        let triage = r#"{"screener_mailbox": "@ToB", "categories": [
            {"name": "A", "label": "@E", "destination_mailbox": "Shared"},
            {"name": "B", "parent": "A", "contact_group": "A", "destination_mailbox": "Shared"}]}"#;
        let required = required(triage, r#"{"label_error": "@E", "warnings_enabled": false, "provenance_group": "A"}"#);
        assert_eq!(required.mailboxes, ["Inbox", "Shared"]);
        assert_eq!(required.action_labels, ["@E", "@ToB"]);
        assert_eq!(required.contact_groups, ["A"]);
        assert_eq!((required.own_labels.as_slice(), required.provenance_group.as_str()), (&["@E".to_owned()][..], "A"));
        assert_eq!(required.all_mailboxes().into_iter().collect::<Vec<_>>(), ["@E", "@ToB", "Inbox", "Shared"]);
        assert_eq!(required.all_groups().into_iter().collect::<Vec<_>>(), ["A"]);
    }
}
