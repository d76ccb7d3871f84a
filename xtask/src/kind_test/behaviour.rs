//! A behaviour: a promise, by name, and the story that shows it.

use std::fmt;

use anyhow::Result;

use super::case::Case;
use crate::tools::Major;

/// A promise that is shown in the cluster.
#[derive(Clone, Copy, Debug)]
pub struct Behaviour {
    /// Kebab-case: for `--only`, and the head of its namespace and account.
    pub name: &'static str,
    /// One line for `--list`.
    pub summary: &'static str,
    /// Which Helm it is shown with.
    pub helm: Helms,
    /// Whether it changes what others rely on, so that it runs alone, after them.
    pub alone: bool,
    /// Whether it waits for most of its time, so that it runs beside those that keep the machine busy.
    pub waits: bool,
    /// Whether it needs what the stand-in cannot do.
    pub real_app: bool,
    /// The story.
    pub story: fn(&Case<'_>) -> Result<()>,
}

/// Which Helm a behaviour is shown with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Helms {
    /// None: it installs nothing.
    None,
    /// Helm 4.
    Four,
    /// Helm 4, and Helm 3 where that is asked for.
    Both,
    /// Helm 3, then Helm 4 on the same release: whatever is asked for.
    InTurn,
}

impl Behaviour {
    /// One that installs nothing; the others say what differs from it.
    pub const fn new(name: &'static str, summary: &'static str, story: fn(&Case<'_>) -> Result<()>) -> Self {
        Self { name, summary, helm: Helms::None, alone: false, waits: false, real_app: false, story }
    }

    /// What sets it apart, for `--list`; empty for one that runs with the default Helm beside others.
    pub fn marks(&self) -> String {
        let marks = [
            (self.helm == Helms::Both).then_some("Helm 3 too"),
            (self.helm == Helms::InTurn).then_some("Helm 3, then 4"),
            self.alone.then_some("alone"),
            self.real_app.then_some("real image only"),
        ];
        let marks: Vec<_> = marks.into_iter().flatten().collect();
        if marks.is_empty() { String::new() } else { format!(" [{}]", marks.join(", ")) }
    }

    /// The Helms to show it with, of those asked for; a single none stands for no Helm at all.
    pub fn variants(&self, asked: &[Major]) -> Vec<Option<Major>> {
        match self.helm {
            Helms::None => vec![None],
            Helms::Four => asked.iter().copied().filter(|major| *major == Major::Four).map(Some).collect(),
            Helms::InTurn => vec![Some(Major::Three)],
            Helms::Both => asked.iter().copied().map(Some).collect(),
        }
    }
}

/// What was expected did not come.
#[derive(Debug)]
pub struct Mismatch {
    what: String,
    expected: String,
    seen: String,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let indented = |text: &str| text.trim_end().replace('\n', "\n              ");
        write!(f, "{}\n    expected: {}\n    seen:     {}", self.what, indented(&self.expected), indented(&self.seen))
    }
}

impl std::error::Error for Mismatch {}

/// Holds a value against the expected one.
///
/// # Errors
/// A [`Mismatch`].
pub fn expect<T: fmt::Debug + PartialEq + ?Sized>(what: &str, expected: &T, seen: &T) -> Result<()> {
    expect_that(what, &format!("{expected:?}"), &format!("{seen:?}"), expected == seen)
}

/// Expects a text to contain another.
///
/// # Errors
/// A [`Mismatch`].
pub fn expect_contains(what: &str, part: &str, text: &str) -> Result<()> {
    expect_that(what, &format!("a text with {part:?}"), text, text.contains(part))
}

/// Expects something that has been judged already.
///
/// # Errors
/// A [`Mismatch`] where it does not hold.
pub fn expect_that(what: &str, expected: &str, seen: &str, holds: bool) -> Result<()> {
    if holds {
        return Ok(());
    }
    Err(Mismatch { what: what.to_owned(), expected: expected.to_owned(), seen: seen.to_owned() }.into())
}
