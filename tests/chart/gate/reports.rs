//! What `mailroom setup` prints, written from its contract: guidance first, sections of padded rows, a summary last.

use std::fmt::Write;

/// Guidance as the app gives it for mail filters: it has words of rows and sections in it, and must not be read as such.
const GUIDANCE: &str = "\
Sieve Rules

Paper Trail
  + add a rule for each child, or create
  Mailboxes
    if header :contains \"x-label\" \"0 to create · 9 existing\" { fileinto \"Paper Trail\"; }

Screener
    fileinto \"Screener\";


";

/// A report in the making.
pub(crate) struct Report(String);

impl Report {
    /// The guidance that every report begins with.
    pub(crate) fn new() -> Self {
        Self(GUIDANCE.to_owned())
    }

    /// A section with its rows: symbol, name, status.
    pub(crate) fn section(mut self, title: &str, rows: &[(&str, &str, &str)]) -> Self {
        writeln!(self.0, "{title}").expect("a String takes all");
        for (symbol, name, status) in rows {
            writeln!(self.0, "  {symbol} {name:<30} {status}").expect("a String takes all");
        }
        self.0.push('\n');
        self
    }

    /// The whole text with its last line.
    pub(crate) fn ending(self, summary: &str) -> String {
        self.0 + summary + "\n"
    }
}

/// A dry run that found everything.
pub(crate) fn complete() -> String {
    Report::new()
        .section("Mailboxes", &[("✓", "Feed", "exists"), ("✓", "Inbox", "exists")])
        .section("Contact Groups", &[("✓", "Feed", "exists")])
        .ending("0 to create · 3 existing")
}

/// A dry run that lacks a mailbox and a contact group of the same name, and a label with spaces and a dot.
pub(crate) fn incomplete() -> String {
    Report::new()
        .section("Mailboxes", &[("+", "Feed", "create"), ("✓", "Inbox", "exists")])
        .section("Action Labels", &[("+", "@To Paper · Trail", "create")])
        .section("Contact Groups", &[("+", "Feed", "create")])
        .ending("3 to create · 1 existing")
}

/// An apply run that created everything that [`incomplete`] lacks.
pub(crate) fn created() -> String {
    Report::new()
        .section("Mailboxes", &[("✓", "Feed", "created"), ("✓", "Inbox", "exists")])
        .section("Action Labels", &[("✓", "@To Paper · Trail", "created")])
        .section("Contact Groups", &[("✓", "Feed", "created")])
        .ending("3 created · 1 existing")
}

/// An apply run that could not create a contact group; the reason spans two lines, as those of HTTP failures do.
pub(crate) fn partly_created() -> String {
    Report::new()
        .section("Mailboxes", &[("✓", "Feed", "created"), ("✗", "Read · Later", "FAILED: overQuota: no room")])
        .section(
            "Contact Groups",
            &[(
                "✗",
                "Feed",
                "FAILED: Server error '507 Insufficient Storage' for url 'https://carddav.example/x'\n\
                 For more information check: https://example.com/507",
            )],
        )
        .ending("1 created · 1 existing · 2 failed")
}
