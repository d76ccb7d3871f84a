//! A tree held against the types of its kind: all that the API server's strict decoding would refuse, and what it would
//! find missing afterwards.

use super::leaf;
use super::node::{EMPTY, Node, Value};
use super::path::Path;
use super::schema::{Field, Struct, Type};
use super::tree::Problem;
use super::{rules, suggest};

/// The fields that are values in Go, so that a missing one is an empty one, whose own required fields are then missing.
const NEVER_ABSENT: [&str; 2] = ["spec", "template"];

/// What may be said about an object's values.
pub(super) struct Walk<'a> {
    pub(super) problems: &'a mut Vec<Problem>,
    /// Whether messages may show values: not those of a Secret.
    pub(super) show_values: bool,
    /// Fields of the outermost mapping that are not looked into: the items of a list, which are objects of their own.
    pub(super) skip: Option<&'static str>,
}

impl Walk<'_> {
    /// Checks an object against the type of its kind.
    pub(super) fn object(&mut self, root: &Node, ty: &'static Struct) {
        self.structure(root, ty, &Path::Root);
    }

    fn problem(&mut self, rule: &'static str, path: &Path<'_>, message: String, fix: impl Into<String>) {
        self.problems.push(Problem { rule, path: path.to_string(), message, fix: fix.into() });
    }

    /// Checks a value; null is the zero value of every type.
    fn value(&mut self, node: &Node, ty: &Type, path: &Path<'_>) {
        if node.is_null() {
            return;
        }
        match ty {
            Type::List(of) => self.list(node, of, path),
            Type::Map(of) => match &node.value {
                Value::Mapping(entries) => {
                    for entry in entries {
                        self.value(&entry.value, of, &Path::Key(path, &entry.key));
                    }
                }
                _ => self.shape(node, "a mapping", path),
            },
            Type::Struct(ty) => self.structure(node, ty, path),
            Type::Either(one, other) => self.value(node, if has_shape(node, other) { other } else { one }, path),
            leaf => {
                if let Err(mismatch) = leaf::check(node, leaf) {
                    let found = self.found(node, mismatch.public);
                    let message = format!("found {found}, wanted {}", mismatch.wanted);
                    self.problem(rules::WRONG_TYPE, path, message, mismatch.fix);
                }
            }
        }
    }

    /// What stands there, in words; the text of a number or string only where it cannot be a secret.
    fn found(&self, node: &Node, public: bool) -> String {
        const LONGEST: usize = 40;
        match &node.value {
            Value::Scalar(scalar, text)
                if self.show_values && text.len() <= LONGEST && (public || node.as_bool().is_some()) =>
            {
                format!("{} `{}`", scalar.describe().replacen("a ", "the ", 1), text.escape_debug())
            }
            _ => node.describe().to_owned(),
        }
    }

    fn shape(&mut self, node: &Node, wanted: &str, path: &Path<'_>) {
        let message = format!("found {}, wanted {wanted}", node.describe());
        let fix = if wanted == "a list" {
            "write a list: one `- ` before each item"
        } else {
            "write a mapping: lines of `key: value`"
        };
        self.problem(rules::WRONG_TYPE, path, message, fix);
    }

    fn list(&mut self, node: &Node, of: &Type, path: &Path<'_>) {
        let Value::Sequence(items) = &node.value else {
            self.shape(node, "a list", path);
            return;
        };
        for (index, item) in items.iter().enumerate() {
            let path = Path::Index(path, index);
            if item.is_null() {
                let message = "found null in a list: Kubernetes reads it as an empty item".to_owned();
                self.problem(rules::WRONG_TYPE, &path, message, "remove the item, or write it out");
            } else {
                self.value(item, of, &path);
            }
        }
    }

    fn structure(&mut self, node: &Node, ty: &'static Struct, path: &Path<'_>) {
        let Value::Mapping(entries) = &node.value else {
            self.shape(node, "a mapping", path);
            return;
        };
        let skip = if matches!(path, Path::Root) { self.skip } else { None };
        for entry in entries.iter().filter(|entry| Some(&*entry.key) != skip) {
            match ty.field(&entry.key) {
                Some(field) => self.value(&entry.value, &field.ty, &Path::Key(path, field.name)),
                None => self.unknown(&entry.key, ty, path),
            }
        }
        for field in ty.fields().iter().filter(|field| Some(field.name) != skip) {
            self.unset(node, ty, field, path);
        }
    }

    fn unknown(&mut self, key: &str, ty: &'static Struct, path: &Path<'_>) {
        let names = || ty.fields().iter().map(|field| field.name);
        let fix = match suggest::nearest(key, names()) {
            Some(name) => format!("write `{name}`"),
            None if ty.fields().is_empty() => format!("remove it: {} has no fields", ty.name),
            None => format!(
                "remove it, or move it to where it belongs; {} has {}",
                ty.name,
                names().collect::<Vec<_>>().join(", ")
            ),
        };
        let message = format!("unknown field `{}`", key.escape_debug());
        self.problem(rules::UNKNOWN_FIELD, &Path::Key(path, key), message, fix);
    }

    /// What follows from a field that is missing or null.
    fn unset(&mut self, node: &Node, ty: &'static Struct, field: &'static Field, path: &Path<'_>) {
        let containers = ty.name == "core.v1.PodSpec" && field.name == "containers";
        let interesting = field.required || NEVER_ABSENT.contains(&field.name);
        if !interesting {
            return;
        }
        let value = node.get(field.name);
        let here = Path::Key(path, field.name);
        if containers && value.is_none_or(|list| matches!(&list.value, Value::Sequence(items) if items.is_empty())) {
            self.problem(
                rules::NO_CONTAINERS,
                &here,
                "a pod without containers".to_owned(),
                "add at least one container",
            );
        } else if value.is_some() {
        } else if let (Type::Struct(ty), false) = (&field.ty, field.required) {
            if ty.requires() || ty.name == "core.v1.PodTemplateSpec" {
                self.structure(&EMPTY, ty, &here);
            }
        } else if field.required {
            let is = if node.entries().iter().any(|entry| &*entry.key == field.name) { "null" } else { "missing" };
            let message = format!("the required field `{}` is {is}", field.name);
            self.problem(rules::REQUIRED, &here, message, format!("set `{}`", field.name));
        }
    }
}

/// Whether a value has the outer shape of a type.
fn has_shape(node: &Node, ty: &Type) -> bool {
    match &node.value {
        Value::Mapping(_) => matches!(ty, Type::Struct(_) | Type::Map(_)),
        Value::Sequence(_) => matches!(ty, Type::List(_)),
        Value::Scalar(..) => {
            leaf::check(node, ty).is_ok() && !matches!(ty, Type::Struct(_) | Type::Map(_) | Type::List(_))
        }
    }
}
