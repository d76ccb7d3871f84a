//! The guidance that stands before the report: a sieve rule for every category and for the screener.
//!
//! The shape is the app's: a title, a block for each root category with its direct children, a block for the screener,
//! two blank lines. The wording is the stand-in's own.

use std::fmt::Write;

use crate::config::{Category, Config};

/// The whole guidance, two blank lines at the end included.
pub fn guidance(config: &Config) -> String {
    let mut text = String::from(INTRODUCTION);
    for root in config.categories.iter().filter(|category| category.parent.is_none()) {
        root_block(&mut text, root, config);
    }
    screener_block(&mut text, config);
    text.push_str("\n\n");
    text
}

const INTRODUCTION: &str = "\
Sieve Rules

  Mail of senders that are sorted already never passes through mailroom: rules in
  the mail account file it on arrival. Add them under Settings, Filters & Rules,
  in the order below, and let each one stop the processing of further rules.

  Each rule is told twice: in the words of the rule editor, and as sieve text for
  those who edit the script by hand. One of the two is enough. The rules need the
  mailboxes and contact groups that the report at the end lists.
";

fn root_block(text: &mut String, root: &Category, config: &Config) {
    let children: Vec<&Category> =
        config.categories.iter().filter(|category| category.parent.as_ref() == Some(&root.name)).collect();
    write!(text, "\n\n{}\n{}\n", root.name, "-".repeat(root.name.chars().count())).expect("writing to a String");
    // A child's rule comes before its parent's: the narrower group has to win.
    for child in children {
        rule(text, child);
    }
    rule(text, root);
}

/// About twenty lines: who the rule is for, what it does, and the sieve text.
fn rule(text: &mut String, category: &Category) {
    let Category { name, contact_group, destination_mailbox, label, .. } = category;
    let sort_of_contact = if category.is_person { "a person" } else { "a company" };
    let stays = if category.add_to_inbox { "and stays in the Inbox" } else { "and leaves the Inbox" };
    let keep = if category.add_to_inbox { "\n        keep;" } else { "" };
    let inherited = match &category.parent {
        Some(parent) => format!("below {parent}, its rule stands before that of {parent}"),
        None => "at the top".to_owned(),
    };
    write!(
        text,
        "
  {name} ({inherited})

    Who:    senders in the contact group \"{contact_group}\",
            each of them written down as {sort_of_contact}
    What:   mail goes to \"{destination_mailbox}\" {stays}
    Entry:  label one mail \"{label}\" and mailroom adds its sender
    Rule:   Sender is a member of group \"{contact_group}\",
            Move to \"{destination_mailbox}\", stop processing

    # {name}
    require [\"extlists\", \"fileinto\"];

    if address :list \"From\" \"{group}\"
    {{
        fileinto \"{mailbox}\";{keep}
        stop;
    }}
",
        group = sieve_text(&format!(":addrbook:{contact_group}")),
        mailbox = sieve_text(destination_mailbox),
    )
    .expect("writing to a String");
}

fn screener_block(text: &mut String, config: &Config) {
    let screener = &config.screener_mailbox;
    let groups: Vec<String> = config
        .categories
        .iter()
        .map(|category| sieve_text(&format!(":addrbook:{}", category.contact_group)))
        .map(|group| format!("        not address :list \"From\" \"{group}\""))
        .collect();
    write!(
        text,
        "

{screener}
{line}

  The last rule: whoever is in none of the groups above waits in \"{screener}\"
  until one of their mails gets a label.

    Who:    senders in no contact group of a category
    What:   mail goes to \"{screener}\" and leaves the Inbox
    Rule:   Sender is not a member of any of the groups above,
            Move to \"{screener}\", stop processing

    # {screener}
    require [\"extlists\", \"fileinto\"];

    if allof (
{groups}
    )
    {{
        fileinto \"{mailbox}\";
        stop;
    }}
",
        line = "-".repeat(screener.chars().count()),
        groups = groups.join(",\n"),
        mailbox = sieve_text(screener),
    )
    .expect("writing to a String");
}

/// A text inside a sieve string: RFC 5228, section 2.4.2.
fn sieve_text(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}
