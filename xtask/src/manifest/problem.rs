//! What is wrong in a document, before it is known which object it belongs to.

use super::path::Path;

/// What is kept of one document: more helps nobody, and a text of nonsense shall not exhaust the memory.
const MOST: usize = 200;

/// Something wrong at a place of a document.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) rule: &'static str,
    pub(super) path: String,
    pub(super) message: String,
    pub(super) fix: String,
}

/// The problems of one document, in the order in which they were found.
#[derive(Debug, Default)]
pub(super) struct Problems {
    pub(super) kept: Vec<Problem>,
    /// How many there were beyond those that are kept.
    pub(super) more: usize,
}

impl Problem {
    pub(super) fn new(rule: &'static str, path: &Path<'_>, message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { rule, path: path.to_string(), message: message.into(), fix: fix.into() }
    }
}

impl Problems {
    pub(super) fn push(
        &mut self,
        rule: &'static str,
        path: &Path<'_>,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) {
        self.add(|| Problem::new(rule, path, message, fix));
    }

    /// Keeps a problem, which is only made if there is room for it.
    pub(super) fn add(&mut self, problem: impl FnOnce() -> Problem) {
        if self.kept.len() < MOST { self.kept.push(problem()) } else { self.more += 1 }
    }
}
