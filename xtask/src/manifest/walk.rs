//! A tree held against the types of its kind: all that the API server's strict decoding would refuse, and what it would
//! find missing afterwards.

use super::leaf;
use super::node::{EMPTY, Node, Value};
use super::path::{Path, shown};
use super::problem::{Problem, Problems};
use super::schema::{Field, Struct, Type};
use super::{rules, suggest};

/// The fields that are values in Go, so that a missing one is an empty one, whose own required fields are then missing.
const NEVER_ABSENT: [&str; 2] = ["spec", "template"];

/// What may be said about an object's values.
pub(super) struct Walk<'a> {
    pub(super) problems: &'a mut Problems,
    /// Whether messages may show values: not those of a Secret.
    pub(super) show_values: bool,
}

impl Walk<'_> {
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
                    self.problems.push(rules::WRONG_TYPE, path, message, mismatch.fix);
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
                format!("{} `{}`", scalar.describe().replacen("a ", "the ", 1), shown(text))
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
        self.problems.push(rules::WRONG_TYPE, path, message, fix);
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
                self.problems.push(rules::WRONG_TYPE, &path, message, "remove the item, or write it out");
            } else {
                self.value(item, of, &path);
            }
        }
    }

    /// Checks a mapping with the fields of a type: an object against the type of its kind, to begin with.
    pub(super) fn structure(&mut self, node: &Node, ty: &'static Struct, path: &Path<'_>) {
        let Value::Mapping(entries) = &node.value else {
            self.shape(node, "a mapping", path);
            return;
        };
        for entry in entries {
            match ty.field(&entry.key) {
                Some(field) => self.value(&entry.value, &field.ty, &Path::Key(path, field.name)),
                None => self.unknown(&entry.key, ty, path),
            }
        }
        for field in ty.fields() {
            self.unset(node, ty, field, path);
        }
    }

    fn unknown(&mut self, key: &str, ty: &'static Struct, path: &Path<'_>) {
        const FEW: usize = 12;
        self.problems.add(|| {
            let names = || ty.fields().iter().map(|field| field.name);
            let fix = if let Some(name) = suggest::nearest(key, names()) {
                format!("write `{name}`")
            } else if let Some(home) = home(key, ty) {
                format!("move it to `{home}`, or remove it")
            } else if ty.fields().len() > FEW {
                format!("remove it, or move it to where it belongs: {} has no such field", ty.name)
            } else {
                format!("remove it, or move it to where it belongs; {} has {}", ty.name, list(names()))
            };
            Problem::new(rules::UNKNOWN_FIELD, &Path::Key(path, key), format!("unknown field `{}`", shown(key)), fix)
        });
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
            self.problems.push(
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
            self.problems.push(rules::REQUIRED, &here, message, format!("set `{}`", field.name));
        }
    }
}

/// The field of a type whose own type has the field `key`.
fn home(key: &str, ty: &'static Struct) -> Option<&'static str> {
    fn inner(ty: &Type) -> Option<&'static Struct> {
        match ty {
            Type::Struct(ty) => Some(ty),
            Type::List(of) => inner(of),
            _ => None,
        }
    }
    ty.fields().iter().find(|field| inner(&field.ty).is_some_and(|ty| ty.field(key).is_some())).map(|field| field.name)
}

fn list<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let names: Vec<_> = names.collect();
    if names.is_empty() { "no fields".to_owned() } else { names.join(", ") }
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
