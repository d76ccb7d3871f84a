//! The report of `setup`: the same bytes as the app's from the first section on.

use std::fmt::Write;

/// The four sections, in the order of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// Mailboxes that mails are filed in.
    Mailboxes,
    /// One label for each category.
    ActionLabels,
    /// One contact group for each category.
    ContactGroups,
    /// What the app needs for itself.
    Mailroom,
}

impl Section {
    const ALL: [Self; 4] = [Self::Mailboxes, Self::ActionLabels, Self::ContactGroups, Self::Mailroom];

    fn title(self) -> &'static str {
        match self {
            Self::Mailboxes => "Mailboxes",
            Self::ActionLabels => "Action Labels",
            Self::ContactGroups => "Contact Groups",
            Self::Mailroom => "Mailroom",
        }
    }
}

/// What is known of one name.
///
/// The app has a fifth, `⊘ skipped (...)`, which no run of it ever shows; so there is none here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// The server has it.
    Exists,
    /// The server lacks it, and this run only looks.
    Create,
    /// This run made it.
    Created,
    /// This run could not make it, for this reason.
    Failed(String),
}

/// One line of the report; with some reasons of failure, two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The section that it stands in.
    pub section: Section,
    /// The mailbox's or group's name.
    pub name: String,
    /// What is known of it.
    pub status: Status,
}

/// ANSI colours, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// For a terminal.
    Ansi,
    /// For everything else, and with `NO_COLOR`.
    Plain,
}

/// The rows under their sections, and the last line, which counts; `applied` decides between its two forms.
///
/// Ends with a line break. Sections without rows are left out.
pub fn render(rows: &[Row], applied: bool, colour: Colour) -> String {
    let mut text = String::new();
    for section in Section::ALL {
        let rows: Vec<&Row> = rows.iter().filter(|row| row.section == section).collect();
        if rows.is_empty() {
            continue;
        }
        writeln!(text, "{}", section.title()).expect("writing to a String");
        text.extend(rows.iter().map(|row| line(row, colour)));
        text.push('\n');
    }
    text.push_str(&summary(rows, applied));
    text.push('\n');
    text
}

/// Two spaces, symbol, name padded to 30 characters, status.
fn line(row: &Row, colour: Colour) -> String {
    let (symbol, status, code) = match &row.status {
        Status::Exists => ("✓", "exists".to_owned(), "32"),
        Status::Create => ("+", "create".to_owned(), "33"),
        Status::Created => ("✓", "created".to_owned(), "32"),
        Status::Failed(reason) => ("✗", format!("FAILED: {reason}"), "31"),
    };
    let symbol = match colour {
        Colour::Ansi => format!("\u{1b}[{code}m{symbol}\u{1b}[0m"),
        Colour::Plain => symbol.to_owned(),
    };
    format!("  {symbol} {:<30} {status}\n", row.name)
}

/// `25 to create · 1 existing`, or `24 created · 1 existing · 1 failed`.
fn summary(rows: &[Row], applied: bool) -> String {
    let count = |wanted: fn(&Status) -> bool| rows.iter().filter(|row| wanted(&row.status)).count();
    let existing = count(|status| *status == Status::Exists);
    if !applied {
        return format!("{} to create · {existing} existing", count(|status| *status == Status::Create));
    }
    let mut line = format!("{} created · {existing} existing", count(|status| *status == Status::Created));
    let failed = count(|status| matches!(status, Status::Failed(_)));
    if failed > 0 {
        write!(line, " · {failed} failed").expect("writing to a String");
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(section: Section, name: &str, status: Status) -> Row {
        Row { section, name: name.into(), status }
    }

    #[test]
    fn a_dry_run_tells_what_it_would_create() {
        let rows = [
            row(Section::Mailboxes, "Inbox", Status::Exists),
            row(Section::Mailboxes, "Paper Trail", Status::Create),
            row(Section::Mailroom, "Mailroom", Status::Create),
        ];
        assert_eq!(
            render(&rows, false, Colour::Plain),
            "Mailboxes\n  ✓ Inbox                          exists\n  + Paper Trail                    create\n\n\
             Mailroom\n  + Mailroom                       create\n\n2 to create · 1 existing\n"
        );
    }

    #[test]
    fn an_apply_counts_failures_only_where_there_are_some() {
        let mut rows = vec![
            row(Section::ActionLabels, "@ToFeed", Status::Created),
            row(Section::ContactGroups, "Feed", Status::Failed("first line\nsecond line".into())),
        ];
        let text = render(&rows, true, Colour::Plain);
        assert!(text.contains("  ✗ Feed                           FAILED: first line\nsecond line\n"), "{text}");
        assert!(text.ends_with("\n\n1 created · 0 existing · 1 failed\n"), "{text}");
        rows.pop();
        assert!(render(&rows, true, Colour::Plain).ends_with("\n\n1 created · 0 existing\n"));
    }

    #[test]
    fn names_are_padded_by_characters_and_never_cut() {
        let name = "é".repeat(31);
        let text = render(&[row(Section::Mailboxes, &name, Status::Exists)], false, Colour::Plain);
        assert!(text.contains(&format!("  ✓ {name} exists\n")));
        let text = render(&[row(Section::Mailboxes, "éé", Status::Exists)], false, Colour::Plain);
        assert!(text.contains(&format!("  ✓ éé{} exists\n", " ".repeat(28))));
    }

    #[test]
    fn colours_are_around_the_symbol_alone() {
        let text = render(&[row(Section::Mailboxes, "Inbox", Status::Exists)], false, Colour::Ansi);
        assert!(text.contains("  \u{1b}[32m✓\u{1b}[0m Inbox "));
    }
}
