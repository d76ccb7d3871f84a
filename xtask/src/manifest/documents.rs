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
const BYTE_ORDER_MARK: char = '\u{feff}';
/// Below this size, in bytes, a second thread costs more than it gives.
const SMALL: usize = 64 << 10;

/// What is kept of the findings of neighbouring documents: the rest is counted.
const MOST_FINDINGS: usize = 5000;

/// See [`super::read`].
pub(super) fn read(text: &[u8], source: &str) -> Manifests {
    if text.len() > MAX_TEXT {
        let message = format!("a text of more than {} MiB", MAX_TEXT >> 20);
        return refused(source, rules::TOO_LARGE, message, "part the text");
    }
    let text = match std::str::from_utf8(text) {
        Ok(text) => text,
        Err(error) => {
            let line = text[..error.valid_up_to()].split(|byte| *byte == b'\n').count();
            return refused(source, rules::SYNTAX, format!("not UTF-8 (line {line})"), "save the text as UTF-8");
        }
    };
    let (text, marked) = text.strip_prefix(BYTE_ORDER_MARK).map_or((text, false), |text| (text, true));
    // Clients read by lines and end the last one as well, which a block of text at the end shows.
    let text = if text.ends_with('\n') { Cow::from(text) } else { Cow::from(format!("{text}\n")) };
    let threads = if text.len() < SMALL { 1 } else { thread::available_parallelism().map_or(1, NonZero::get) };
    let mut whole = Part::default();
    for part in in_parallel(&split(&text, marked), text.len(), threads, source) {
        whole.objects.extend(part.objects);
        whole.findings.extend(part.findings);
        whole.more += part.more;
    }
    if whole.more > 0 {
        whole.findings.push(not_shown(whole.more, "text", source));
    }
    Manifests { objects: whole.objects, findings: whole.findings }
}

/// What neighbouring documents hold.
#[derive(Default)]
struct Part {
    objects: Vec<Object>,
    findings: Vec<Finding>,
    /// How many findings there were beyond those that are kept.
    more: usize,
}

fn not_shown(more: usize, of: &str, source: &str) -> Finding {
    let message = format!("{more} more findings in this {of} are not shown");
    finding(source, rules::TOO_LARGE, message, "mend those that are shown first")
}

/// A text that is not read at all.
fn refused(source: &str, rule: &str, message: String, fix: &str) -> Manifests {
    Manifests { objects: Vec::new(), findings: vec![finding(source, rule, message, fix)] }
}

/// An error about a whole text or document.
fn finding(source: &str, rule: &str, message: String, fix: &str) -> Finding {
    Finding {
        rule: rule.to_owned(),
        severity: Severity::Error,
        source: source.to_owned(),
        object: ObjectRef::default(),
        path: String::new(),
        message,
        fix: fix.to_owned(),
    }
}

/// Reads neighbouring documents together, about the same amount of text in each thread.
fn in_parallel(chunks: &[Chunk<'_>], size: usize, threads: usize, source: &str) -> Vec<Part> {
    let one = |chunks: &[Chunk<'_>]| {
        let mut part = Part::default();
        for chunk in chunks {
            document(chunk, source, &mut part);
        }
        part
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
fn document(chunk: &Chunk<'_>, source: &str, part: &mut Part) {
    let source = chunk.source.unwrap_or(source);
    let mut problems = Problems::default();
    if let Some(line) = chunk.bad_separator {
        let message = format!("text behind the separator `---` (line {line}): Kubernetes refuses it");
        problems.push(rules::SYNTAX, &Path::Root, message, "start the document on the next line");
    }
    let mut found = Vec::new();
    let readable = has_only_plain_breaks(chunk, &mut problems);
    let root = if readable { tree::read(chunk, &mut problems) } else { None };
    if let Some(root) = root.filter(|root| !root.is_null()) {
        expand(root, &Path::Root, source, &mut found, &mut problems);
    }
    report(problems, &found, source, part);
    part.objects.extend(found.into_iter().map(|(_, object)| object));
}

/// Refuses letters that end a line, or stand for nothing, to some readers and are letters to others.
///
/// go-yaml sees a line's end in the three separators of Unicode, JSON and YAML 1.2 a letter of the text.
fn has_only_plain_breaks(chunk: &Chunk<'_>, problems: &mut Problems) -> bool {
    const LETTERS: [char; 4] = [BYTE_ORDER_MARK, '\u{85}', '\u{2028}', '\u{2029}'];
    let found = if chunk.text.is_ascii() { None } else { chunk.text.find(LETTERS) };
    let Some(at) = found else { return true };
    let line = chunk.line as usize + chunk.text[..at].matches('\n').count();
    let letter = chunk.text[at..].chars().next().unwrap_or_default();
    let message =
        format!("the letter U+{:04X} (line {line}), a line's end or nothing to some readers", u32::from(letter));
    problems.push(rules::AMBIGUOUS, &Path::Root, message, "remove it, or write it as an escape in double quotes");
    false
}

/// Turns problems into findings, each with the object whose path it lies below.
fn report(problems: Problems, objects: &[(String, Object)], source: &str, part: &mut Part) {
    if part.findings.len() >= MOST_FINDINGS {
        part.more += problems.kept.len() + problems.more;
        return;
    }
    for problem in problems.kept {
        let owner = objects.iter().rev().find_map(|(at, object)| Some((below(&problem.path, at)?, &object.reference)));
        let (path, object) =
            owner.map_or((&*problem.path, ObjectRef::default()), |(path, object)| (path, object.clone()));
        part.findings.push(Finding {
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
        part.findings.push(not_shown(problems.more, "document", source));
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
