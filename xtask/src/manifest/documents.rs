//! A text's documents, read side by side, and the objects in each with what is wrong about them.

use std::borrow::Cow;
use std::num::NonZero;
use std::thread;

use super::expand::expand;
use super::object::Object;
use super::path::Path;
use super::problem::{Problem, Problems};
use super::split::{Chunk, split};
use super::tree;
use super::{Manifests, rules};
use crate::finding::{Finding, ObjectRef, Severity};

/// The largest text, in bytes; the API server takes requests of 3 MiB, a list may hold many.
const MAX_TEXT: usize = 256 << 20;
/// Below this size, in bytes, a second thread costs more than it gives.
const SMALL: usize = 64 << 10;

/// See [`super::read`].
pub(super) fn read(text: &[u8], source: &str) -> Manifests {
    if text.len() > MAX_TEXT {
        let message = format!("a text of more than {} MiB", MAX_TEXT >> 20);
        return refused(source, rules::TOO_LARGE, message, "part the text");
    }
    let text = match std::str::from_utf8(text) {
        Ok(text) => text,
        Err(error) => {
            let line = 1 + text[..error.valid_up_to()].split(|byte| *byte == b'\n').count() - 1;
            return refused(source, rules::SYNTAX, format!("not UTF-8 (line {line})"), "save the text as UTF-8");
        }
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if let Some(at) = text.find('\u{feff}') {
        let line = 1 + text[..at].matches('\n').count();
        let fix = "remove it: readers skip it, or read it as a letter";
        return refused(source, rules::AMBIGUOUS, format!("a byte-order mark inside of the text (line {line})"), fix);
    }
    // Clients read by lines and end the last one as well, which a block of text at the end shows.
    let text = if text.ends_with('\n') { Cow::from(text) } else { Cow::from(format!("{text}\n")) };
    let chunks = split(&text);
    let threads = if text.len() < SMALL { 1 } else { thread::available_parallelism().map_or(1, NonZero::get) };
    let mut manifests = Manifests::default();
    for part in in_parallel(&chunks, text.len(), threads, source) {
        manifests.objects.extend(part.objects);
        manifests.findings.extend(part.findings);
    }
    manifests
}

/// A text that is not read at all.
fn refused(source: &str, rule: &str, message: String, fix: &str) -> Manifests {
    let finding = Finding {
        rule: rule.to_owned(),
        severity: Severity::Error,
        source: source.to_owned(),
        object: ObjectRef::default(),
        path: String::new(),
        message,
        fix: fix.to_owned(),
    };
    Manifests { objects: Vec::new(), findings: vec![finding] }
}

/// Reads neighbouring documents together, about the same amount of text in each thread.
fn in_parallel(chunks: &[Chunk<'_>], size: usize, threads: usize, source: &str) -> Vec<Manifests> {
    let one = |chunks: &[Chunk<'_>]| {
        let mut manifests = Manifests::default();
        for chunk in chunks {
            document(chunk, source, &mut manifests);
        }
        manifests
    };
    if threads < 2 || chunks.len() < 2 {
        return vec![one(chunks)];
    }
    let (mut groups, mut rest, share) = (Vec::new(), chunks, size / threads + 1);
    while !rest.is_empty() {
        let sizes = rest.iter().scan(0, |sum, chunk| {
            *sum += chunk.text.len();
            Some(*sum)
        });
        let end = 1 + sizes.take_while(|sum| *sum < share).count();
        let (group, after) = rest.split_at(end.min(rest.len()));
        groups.push(group);
        rest = after;
    }
    thread::scope(|scope| {
        let workers: Vec<_> = groups.into_iter().map(|group| scope.spawn(move || one(group))).collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}

/// Reads one document into the objects and findings.
fn document(chunk: &Chunk<'_>, source: &str, manifests: &mut Manifests) {
    let source = chunk.source.unwrap_or(source);
    let mut problems = Problems::default();
    if let Some(line) = chunk.bad_separator {
        let message = format!("text behind the separator `---` (line {line}): Kubernetes refuses it");
        problems.push(rules::SYNTAX, &Path::Root, message, "start the document on the next line");
    }
    let mut found = Vec::new();
    if let Some(root) = tree::read(chunk.text, chunk.line, &mut problems).filter(|root| !root.is_null()) {
        expand(root, &Path::Root, source, &mut found, &mut problems);
    }
    report(problems, &found, source, &mut manifests.findings);
    manifests.objects.extend(found.into_iter().map(|(_, object)| object));
}

/// Turns problems into findings, each with the object whose path it lies below.
fn report(problems: Problems, objects: &[(String, Object)], source: &str, findings: &mut Vec<Finding>) {
    for problem in problems.kept {
        let owner = objects.iter().rev().find_map(|(at, object)| Some((below(&problem.path, at)?, &object.reference)));
        let (path, object) =
            owner.map_or((&*problem.path, ObjectRef::default()), |(path, object)| (path, object.clone()));
        findings.push(Finding {
            rule: problem.rule.to_owned(),
            severity: severity(&problem),
            source: source.to_owned(),
            object,
            path: path.to_owned(),
            message: problem.message,
            fix: problem.fix,
        });
    }
    if problems.more > 0 {
        let message = format!("{} more findings in this document are not shown", problems.more);
        findings.extend(refused(source, rules::TOO_LARGE, message, "mend the first ones").findings);
    }
}

/// A custom resource is shown and no more; everything else ends the lint.
fn severity(problem: &Problem) -> Severity {
    let custom = problem.rule == rules::UNKNOWN_KIND && problem.path.ends_with("apiVersion");
    if custom { Severity::Warning } else { Severity::Error }
}

/// The rest of a path below another; `None` where it does not lie there.
fn below<'p>(path: &'p str, at: &str) -> Option<&'p str> {
    let rest = path.strip_prefix(at)?;
    if at.is_empty() || rest.is_empty() || rest.starts_with('[') { Some(rest) } else { rest.strip_prefix('.') }
}
