//! The rows of a report before anything is created, and how each missing name would be.

use crate::jmap::Mailbox;
use crate::report::{Row, Section, Status};
use crate::required::{INBOX, Required};

/// What a name is created as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Mailbox,
    Group,
}

/// One row and the way to make it true.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) row: Row,
    pub(super) kind: Kind,
}

/// Compares what is required with what is there; in the order of the report.
///
/// The section `Mailroom` has a bug of the app: existence is looked up among mailboxes for labels and among groups for the
/// provenance group, but creation goes by the first character alone: `@` is a mailbox, everything else is a group.
pub(super) fn of(required: &Required, mailboxes: &[Mailbox], groups: &[String]) -> Vec<Item> {
    let has_mailbox = |name: &str| {
        if name == INBOX {
            mailboxes.iter().any(|mailbox| mailbox.role.as_deref() == Some("inbox"))
        } else {
            mailboxes.iter().any(|mailbox| mailbox.name == name)
        }
    };
    let has_group = |name: &str| groups.iter().any(|group| group == name);
    let by_first_character = |name: &str| if name.starts_with('@') { Kind::Mailbox } else { Kind::Group };
    let item = |section, name: &String, exists, kind| {
        let status = if exists { Status::Exists } else { Status::Create };
        Item { row: Row { section, name: name.clone(), status }, kind }
    };
    let mailbox = |section| move |name| item(section, name, has_mailbox(name), Kind::Mailbox);
    let mut items: Vec<Item> = required.mailboxes.iter().map(mailbox(Section::Mailboxes)).collect();
    items.extend(required.action_labels.iter().map(mailbox(Section::ActionLabels)));
    items.extend(
        required.contact_groups.iter().map(|name| item(Section::ContactGroups, name, has_group(name), Kind::Group)),
    );
    items.extend(
        required
            .own_labels
            .iter()
            .map(|name| item(Section::Mailroom, name, has_mailbox(name), by_first_character(name))),
    );
    let provenance = &required.provenance_group;
    items.push(item(Section::Mailroom, provenance, has_group(provenance), by_first_character(provenance)));
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    fn required() -> Required {
        Required {
            mailboxes: vec!["Feed".into(), INBOX.into()],
            action_labels: vec!["@ToFeed".into()],
            contact_groups: vec!["Feed".into(), "Shared".into()],
            own_labels: vec!["Errors".into(), "@Warning".into()],
            provenance_group: "Shared".into(),
        }
    }

    fn mailbox(name: &str, role: Option<&str>) -> Mailbox {
        Mailbox { id: name.into(), name: name.into(), role: role.map(str::to_owned) }
    }

    fn missing(mailboxes: &[Mailbox], groups: &[&str]) -> Vec<(Section, String, Kind)> {
        let groups: Vec<String> = groups.iter().map(ToString::to_string).collect();
        of(&required(), mailboxes, &groups)
            .into_iter()
            .filter(|item| item.row.status == Status::Create)
            .map(|item| (item.row.section, item.row.name, item.kind))
            .collect()
    }

    #[test]
    fn the_inbox_counts_by_its_role_and_others_by_their_exact_name() {
        let mailboxes = [mailbox("Posteingang", Some("inbox")), mailbox("feed", None), mailbox("@ToFeed", None)];
        let missing: Vec<String> = missing(&mailboxes, &[]).into_iter().map(|(_, name, _)| name).collect();
        assert_eq!(missing, ["Feed", "Feed", "Shared", "Errors", "@Warning", "Shared"]);
        let named_only = of(&required(), &[mailbox("Inbox", None)], &[]);
        assert_eq!(named_only[1].row.status, Status::Create);
    }

    #[test]
    fn in_its_own_section_the_first_character_decides_what_is_created() {
        let kinds: Vec<(String, Kind)> = missing(&[], &["Errors"])
            .into_iter()
            .filter(|(section, ..)| *section == Section::Mailroom)
            .map(|(_, name, kind)| (name, kind))
            .collect();
        let expected = [("Errors", Kind::Group), ("@Warning", Kind::Mailbox), ("Shared", Kind::Group)];
        assert_eq!(kinds, expected.map(|(name, kind)| (name.to_owned(), kind)));
    }
}
