//! The objects of a document: one, or the items of a list, each held against the type of its kind.

use super::node::{Entry, Node, Scalar, Value};
use super::object::Object;
use super::path::{Path, shown};
use super::problem::Problems;
use super::schema::{self, Lookup, Struct, Type};
use super::walk::Walk;
use super::{KUBERNETES, rules};

/// Takes the objects out of a document, each with the path at which it stands, and checks them.
pub(super) fn expand(
    mut root: Node,
    at: &Path<'_>,
    source: &str,
    found: &mut Vec<(String, Object)>,
    problems: &mut Problems,
) {
    let items = take_items(&mut root);
    check(&root, items.is_some(), at, problems);
    let Some(items) = items else {
        found.extend(Object::new(root, source).map(|object| (at.to_string(), object)));
        return;
    };
    let (kind, api_version) = (text_of(&root, "kind").to_owned(), text_of(&root, "apiVersion").to_owned());
    for (index, mut item) in items.into_iter().enumerate() {
        infer(&mut item, &kind, &api_version);
        expand(item, &Path::Index(&Path::Key(at, "items"), index), source, found, problems);
    }
}

/// The items of an object that has a field `items`, which is what makes it a list to clients; it is left without items.
fn take_items(root: &mut Node) -> Option<Vec<Node>> {
    let Value::Mapping(entries) = &mut root.value else { return None };
    let items = &mut entries.iter_mut().find(|entry| &*entry.key == "items")?.value;
    match &mut items.value {
        Value::Sequence(items) => Some(std::mem::take(items)),
        _ => Some(Vec::new()),
    }
}

fn text_of<'n>(node: &'n Node, key: &str) -> &'n str {
    node.get(key).and_then(Node::as_str).unwrap_or_default()
}

/// Gives an item of a typed list the kind that the list implies, as clients do where it has none of its own.
fn infer(item: &mut Node, list: &str, api_version: &str) {
    let kind = list.strip_suffix("List").unwrap_or_default();
    let mark = item.mark;
    let own = ["kind", "apiVersion"].iter().any(|key| item.get(key).is_some_and(|value| value.as_str() != Some("")));
    if kind.is_empty() || own {
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
fn check(root: &Node, list: bool, at: &Path<'_>, problems: &mut Problems) {
    if !matches!(root.value, Value::Mapping(_)) {
        let message = format!("found {} where an object should be", root.describe());
        problems.push(rules::WRONG_TYPE, at, message, "write a mapping with `apiVersion` and `kind`");
        return;
    }
    let (api_version, kind) = (text_of(root, "apiVersion"), text_of(root, "kind"));
    if api_version.is_empty() || kind.is_empty() {
        nameless_kind(root, at, problems);
        return;
    }
    if api_version.split('/').count() > 2 || api_version.split('/').any(str::is_empty) {
        let message = format!("found `{}`, wanted a version or a group and a version", shown(api_version));
        problems.push(rules::WRONG_TYPE, &Path::Key(at, "apiVersion"), message, "write it as `v1` or as `apps/v1`");
        return;
    }
    let is_generic_list = (api_version, kind) == ("v1", "List");
    match schema::lookup(api_version, if is_generic_list { "PodList" } else { kind }) {
        Lookup::Found(ty) => {
            Walk { problems, show_values: kind != "Secret" }.structure(root, ty, at);
            if is_stored(kind, ty) {
                named(root, at, problems);
            }
        }
        Lookup::NoSuchKind => {
            let message = format!("not judged: {api_version} of Kubernetes {KUBERNETES} has no kind {}", shown(kind));
            problems.push(rules::UNKNOWN_KIND, &Path::Key(at, "kind"), message, "correct `kind` or `apiVersion`");
        }
        Lookup::NotBuiltIn if list => custom_list(root, kind, at, problems),
        Lookup::NotBuiltIn => {
            let (api_version, kind) = (shown(api_version), shown(kind));
            let message = format!("not judged: {api_version} {kind} is no built-in kind of Kubernetes {KUBERNETES}");
            let fix = "nothing, if it is a custom resource; else correct `apiVersion`";
            problems.push(rules::UNKNOWN_KIND, &Path::Key(at, "apiVersion"), message, fix);
        }
    }
}

/// A list of custom resources is one by its kind too.
fn custom_list(root: &Node, kind: &str, at: &Path<'_>, problems: &mut Problems) {
    let at = Path::Key(at, "items");
    if !kind.ends_with("List") {
        let message = "clients take an object with `items` for a list, whatever its kind";
        problems.push(rules::AMBIGUOUS, &at, message, "name the field otherwise");
    } else if let Some(items) = root.get("items").filter(|items| !matches!(items.value, Value::Sequence(_))) {
        let message = format!("found {}, wanted a list", items.describe());
        problems.push(rules::WRONG_TYPE, &at, message, "write a list: one `- ` before each item");
    }
}

/// What is wrong with the kind or API version of an object that has no type for it.
fn nameless_kind(root: &Node, at: &Path<'_>, problems: &mut Problems) {
    for key in ["apiVersion", "kind"] {
        let at = Path::Key(at, key);
        match root.get(key) {
            Some(value) if value.as_str().is_some_and(|text| !text.is_empty()) => {}
            Some(value) if value.as_str().is_none() => {
                problems.push(
                    rules::WRONG_TYPE,
                    &at,
                    format!("found {}, wanted a string", value.describe()),
                    "quote it",
                );
            }
            _ => {
                let message = format!("the required field `{key}` is missing or empty");
                problems.push(rules::REQUIRED, &at, message, format!("set `{key}`"));
            }
        }
    }
}

/// Whether the API server keeps objects of a kind: reviews are answered and forgotten, and need no name.
fn is_stored(kind: &str, ty: &'static Struct) -> bool {
    let metadata = ty.field("metadata").map(|field| &field.ty);
    matches!(metadata, Some(Type::Struct(metadata)) if metadata.name == "meta.v1.ObjectMeta")
        && !kind.ends_with("Review")
}

/// Every object that is stored has a name.
fn named(root: &Node, at: &Path<'_>, problems: &mut Problems) {
    let has = |key| root.get_path(&["metadata", key]).is_some_and(|name| name.as_str() != Some(""));
    if !has("name") && !has("generateName") {
        let metadata = Path::Key(at, "metadata");
        problems.push(rules::REQUIRED, &Path::Key(&metadata, "name"), "the object has no name", "set `metadata.name`");
    }
}
