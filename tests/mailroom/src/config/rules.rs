//! The rules that categories keep among themselves; all broken ones are named at once.

use super::Category;

/// One sentence for each broken rule, in the order of the rules.
pub(super) fn broken(categories: &[Category]) -> Vec<String> {
    if categories.is_empty() {
        return vec!["there must be at least one category".into()];
    }
    let mut broken = Vec::new();
    for name in repeated(categories, |category| &category.name) {
        broken.push(format!("the name '{name}' is used by more than one category"));
    }
    unknown_parents(categories, &mut broken);
    cycles(categories, &mut broken);
    for label in repeated(categories, |category| &category.label) {
        broken.push(format!("the label '{label}' is used by more than one category"));
    }
    shared_groups(categories, &mut broken);
    for category in categories {
        if category.destination_mailbox.to_lowercase() == "inbox" {
            broken.push(format!(
                "the destination of '{}' must not be the Inbox; set add_to_inbox: true and another destination_mailbox",
                category.name
            ));
        }
    }
    broken
}

/// The values that more than one category has, each once, in the order of their second mention.
fn repeated<'a>(categories: &'a [Category], value: impl Fn(&'a Category) -> &'a String) -> Vec<&'a String> {
    let mut seen = Vec::new();
    let mut repeated = Vec::new();
    for value in categories.iter().map(value) {
        if seen.contains(&value) && !repeated.contains(&value) {
            repeated.push(value);
        }
        seen.push(value);
    }
    repeated
}

fn find<'a>(categories: &'a [Category], name: &str) -> Option<&'a Category> {
    categories.iter().find(|category| category.name == name)
}

fn unknown_parents(categories: &[Category], broken: &mut Vec<String>) {
    for category in categories {
        if let Some(parent) = category.parent.as_deref().filter(|parent| find(categories, parent).is_none()) {
            broken.push(format!("the parent '{parent}' of '{}' does not exist", category.name));
        }
    }
}

/// A category that is its own ancestor; each one on the circle is named.
fn cycles(categories: &[Category], broken: &mut Vec<String>) {
    for category in categories {
        let mut ancestor = category.parent.as_deref();
        for _ in 0..categories.len() {
            let Some(parent) = ancestor else { break };
            if parent == category.name {
                broken.push(format!("'{parent}' is its own ancestor"));
                break;
            }
            ancestor = find(categories, parent).and_then(|parent| parent.parent.as_deref());
        }
    }
}

/// A contact group may be shared by a parent and its direct child alone.
fn shared_groups(categories: &[Category], broken: &mut Vec<String>) {
    for (position, first) in categories.iter().enumerate() {
        for second in &categories[position + 1..] {
            let related = first.parent.as_ref() == Some(&second.name) || second.parent.as_ref() == Some(&first.name);
            if first.contact_group == second.contact_group && first.name != second.name && !related {
                broken.push(format!(
                    "the contact group '{}' is shared by '{}' and '{}', which are not parent and child",
                    first.contact_group, first.name, second.name
                ));
            }
        }
    }
}
