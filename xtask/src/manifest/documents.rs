//! A text's documents, read side by side, and the objects in each with what is wrong about them.

use std::num::NonZero;
use std::thread;

use super::node::{Entry, Node, Scalar, Value};
use super::object::Object;
use super::schema::{self, Lookup};
use super::split::{Chunk, split};
use super::tree::{self, Problem};
use super::walk::Walk;
use super::{KUBERNETES, Manifests, rules};
use crate::finding::{Finding, ObjectRef, Severity};

/// The largest text, in bytes; the API server takes requests of 3 MiB, a list may hold many.
const MAX_TEXT: usize = 256 << 20;
/// Below this size, in bytes, a second thread costs more than it gives.
const SMALL: usize = 64 << 10;
/// What is said of one document: more helps nobody, and a text of nonsense shall not exhaust the memory.
const MAX_FINDINGS: usize = 200;

/// See [`super::read`].
pub(super) fn read(text: &[u8], source: &str) -> Manifests {
    if text.len() > MAX_TEXT {
        let message = format!("a text of more than {} MiB", MAX_TEXT >> 20);
        return refused(source, rules::TOO_LARGE, message, "part the text");
    }
    let text = match std::str::from_utf8(text) {
        Ok(text) => text,
        Err(error) => {
            let line = 1 + text[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
            return refused(source, rules::SYNTAX, format!("not UTF-8 (line {line})"), "save the text as UTF-8");
        }
    };
    let chunks = split(text);
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
        chunks.iter().for_each(|chunk| document(chunk, source, &mut manifests));
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
    let mut problems = Vec::new();
    if let Some(line) = chunk.bad_separator {
        let message = format!("text behind the separator `---` (line {line}): Kubernetes refuses it");
        problems.push(Problem {
            rule: rules::SYNTAX,
            path: String::new(),
            message,
            fix: "start the document on the next line".into(),
        });
    }
    let Some(root) = tree::read(chunk.text, chunk.line, &mut problems).filter(|root| !root.is_null()) else {
        report(problems, &[], source, &mut manifests.findings);
        return;
    };
    let mut found = Vec::new();
    expand(root, String::new(), source, &mut found, &mut problems);
    report(problems, &found, source, &mut manifests.findings);
    manifests.objects.extend(found.into_iter().map(|(_, object)| object));
}

/// Takes the objects out of a document, each with the path at which it stood, and checks them.
fn expand(mut root: Node, at: String, source: &str, found: &mut Vec<(String, Object)>, problems: &mut Vec<Problem>) {
    let items = take_items(&mut root);
    let start = problems.len();
    check(&root, items.is_some(), problems);
    for problem in &mut problems[start..] {
        problem.path = join(&at, &problem.path);
    }
    match items {
        Some(items) => {
            let (kind, api_version) = (text_of(&root, "kind"), text_of(&root, "apiVersion"));
            for (index, mut item) in items.into_iter().enumerate() {
                infer(&mut item, &kind, &api_version);
                expand(item, join(&at, &format!("items[{index}]")), source, found, problems);
            }
        }
        None => found.extend(Object::new(root, source).map(|object| (at, object))),
    }
}

/// The items of a list such as `List` or `PodList`; the list keeps everything else.
fn take_items(root: &mut Node) -> Option<Vec<Node>> {
    if !text_of(root, "kind").ends_with("List") {
        return None;
    }
    let Value::Mapping(entries) = &mut root.value else { return None };
    let items = entries.iter_mut().find(|entry| &*entry.key == "items")?;
    if let Value::Sequence(items) = &mut items.value.value { Some(std::mem::take(items)) } else { None }
}

fn text_of(node: &Node, key: &str) -> String {
    node.get(key).and_then(Node::as_str).unwrap_or_default().to_owned()
}

/// Gives an item of a typed list the kind that the list implies, as clients do where it has none of its own.
fn infer(item: &mut Node, list: &str, api_version: &str) {
    let kind = list.strip_suffix("List").unwrap_or_default();
    let mark = item.mark;
    if kind.is_empty() || item.get("kind").is_some() || item.get("apiVersion").is_some() {
        return;
    }
    if let Value::Mapping(entries) = &mut item.value {
        entries.retain(|entry| !matches!(&*entry.key, "kind" | "apiVersion"));
        for (key, text) in [("apiVersion", api_version), ("kind", kind)] {
            let value = Node { mark, value: Value::Scalar(Scalar::String, text.into()) };
            entries.push(Entry { key: key.into(), mark, value });
        }
    }
}

/// Holds one object, or the outside of a list, against its type.
fn check(root: &Node, list: bool, problems: &mut Vec<Problem>) {
    let mut problem = |rule, path: &str, message: String, fix: &str| {
        problems.push(Problem { rule, path: path.into(), message, fix: fix.into() });
    };
    if !matches!(root.value, Value::Mapping(_)) {
        let message = format!("found {} where an object should be", root.describe());
        return problem(rules::WRONG_TYPE, "", message, "write a mapping with `apiVersion` and `kind`");
    }
    for key in ["apiVersion", "kind"] {
        match root.get(key) {
            Some(value) if value.as_str().is_some_and(|text| !text.is_empty()) => {}
            None => problem(
                rules::REQUIRED,
                key,
                format!("the required field `{key}` is missing or null"),
                &format!("set `{key}`"),
            ),
            Some(value) => {
                let message = format!("found {}, wanted a string that is not empty", value.describe());
                problem(rules::WRONG_TYPE, key, message, "quote it");
            }
        }
    }
    let (api_version, kind) = (text_of(root, "apiVersion"), text_of(root, "kind"));
    if api_version.is_empty() || kind.is_empty() {
        return;
    }
    let is_generic_list = (api_version.as_str(), kind.as_str()) == ("v1", "List");
    match schema::lookup(&api_version, if is_generic_list { "PodList" } else { &kind }) {
        Lookup::Found(ty) => {
            Walk { problems, show_values: kind != "Secret", skip: list.then_some("items") }.object(root, ty);
            if !list {
                name(root, &kind, ty, problems);
            }
        }
        Lookup::NoSuchKind => {
            let message = format!("not judged: {api_version} of Kubernetes {KUBERNETES} has no kind {kind}");
            problem(rules::UNKNOWN_KIND, "kind", message, "correct `kind` or `apiVersion`");
        }
        Lookup::NotBuiltIn if list => {}
        Lookup::NotBuiltIn => {
            let message = format!("not judged: {api_version} {kind} is no built-in kind of Kubernetes {KUBERNETES}");
            let fix = "nothing, if it is a custom resource; else correct `apiVersion`";
            problem(rules::UNKNOWN_KIND, "apiVersion", message, fix);
        }
    }
}

/// Every object that is stored has a name; reviews are answered and forgotten.
fn name(root: &Node, kind: &str, ty: &'static schema::Struct, problems: &mut Vec<Problem>) {
    let has_metadata = ty.field("metadata").is_some_and(
        |field| matches!(&field.ty, schema::Type::Struct(metadata) if metadata.name == "meta.v1.ObjectMeta"),
    );
    let named = ["name", "generateName"].iter().any(|key| root.get_path(&["metadata", key]).is_some());
    if has_metadata && !named && !kind.ends_with("Review") && !kind.ends_with("List") {
        let message = "the object has no name".to_owned();
        problems.push(Problem {
            rule: rules::REQUIRED,
            path: "metadata.name".into(),
            message,
            fix: "set `metadata.name`".into(),
        });
    }
}

/// Turns problems into findings, each with the object whose path it lies below.
fn report(problems: Vec<Problem>, objects: &[(String, Object)], source: &str, findings: &mut Vec<Finding>) {
    let more = problems.len().saturating_sub(MAX_FINDINGS);
    for problem in problems.into_iter().take(MAX_FINDINGS) {
        let owner = objects.iter().filter_map(|(at, object)| below(&problem.path, at).map(|path| (path, object)));
        let (path, object) = owner
            .last()
            .map_or((problem.path.as_str(), ObjectRef::default()), |(path, object)| (path, object.reference.clone()));
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
    if more > 0 {
        let message = format!("{more} more findings in this document are not shown");
        findings.extend(refused(source, rules::TOO_LARGE, message, "mend the first ones").findings);
    }
}

/// A custom resource is shown and no more; everything else ends the lint.
fn severity(problem: &Problem) -> Severity {
    if problem.rule == rules::UNKNOWN_KIND && problem.path.ends_with("apiVersion") {
        Severity::Warning
    } else {
        Severity::Error
    }
}

/// The rest of a path below another; `None` where it does not lie there.
fn below<'p>(path: &'p str, at: &str) -> Option<&'p str> {
    let rest = path.strip_prefix(at)?;
    if at.is_empty() || rest.is_empty() || rest.starts_with('[') { Some(rest) } else { rest.strip_prefix('.') }
}

fn join(at: &str, path: &str) -> String {
    if at.is_empty() || path.is_empty() || path.starts_with('[') {
        format!("{at}{path}")
    } else {
        format!("{at}.{path}")
    }
}
