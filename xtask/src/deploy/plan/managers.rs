//! Fields that another manager than Helm set, as the object's `managedFields` record it.

use serde_json::Value;

/// How Helm signs what it writes.
const HELM: &str = "helm";
/// The operation of server-side apply, by which a conflict is an error and not an overwrite.
const APPLY: &str = "Apply";

/// A manager that set fields to other values than the render has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Foreign {
    /// As in `kubectl-set`.
    pub(crate) manager: String,
    /// Its place in `metadata.managedFields`.
    pub(crate) index: usize,
    /// Whether it wrote through a subresource: no conflict for Helm 4.
    pub(crate) by_subresource: bool,
    /// The fields.
    pub(crate) fields: Vec<Field>,
}

/// A field with two values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    /// As in `spec.template.spec.containers[mailroom].image`.
    pub(crate) path: String,
    /// What is there, and what the render has; none where one of them is no plain value.
    pub(crate) values: Option<(String, String)>,
}

/// Whether Helm wrote the object by server-side apply; Helm 4 goes on as the last revision did.
pub(crate) fn server_side(live: &Value) -> bool {
    entries(live).any(|entry| text(entry, "manager") == HELM && text(entry, "operation") == APPLY)
}

/// What another manager than Helm wrote.
pub(crate) struct Written<'v> {
    /// Its place in `metadata.managedFields`.
    pub(crate) index: usize,
    /// As in `kubectl-set`.
    pub(crate) manager: &'v str,
    /// The set of fields.
    pub(crate) fields: &'v Value,
    by_subresource: bool,
}

/// What other managers than Helm wrote.
pub(crate) fn of_others(live: &Value) -> impl Iterator<Item = Written<'_>> {
    let others = entries(live).enumerate().filter(|(_, entry)| text(entry, "manager") != HELM);
    others.filter_map(|(index, entry)| {
        let by_subresource = entry.get("subresource").is_some();
        Some(Written { index, manager: text(entry, "manager"), fields: entry.get("fieldsV1")?, by_subresource })
    })
}

/// The managers that set fields of `wanted` to another value.
pub(crate) fn foreign(live: &Value, wanted: &Value) -> Vec<Foreign> {
    let foreign = of_others(live).map(|Written { index, manager, fields: set, by_subresource }| {
        let mut fields = Vec::new();
        walk(set, live, wanted, "", &mut fields);
        Foreign { manager: manager.to_owned(), index, by_subresource, fields }
    });
    foreign.filter(|manager| !manager.fields.is_empty()).collect()
}

fn entries(live: &Value) -> impl Iterator<Item = &Value> {
    live.pointer("/metadata/managedFields").and_then(Value::as_array).into_iter().flatten()
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Follows the set of fields (`f:NAME`, `k:{KEYS}`) through both objects; what the render leaves out is nobody's conflict.
fn walk(fields: &Value, live: &Value, wanted: &Value, path: &str, found: &mut Vec<Field>) {
    let inner: Vec<_> = fields.as_object().into_iter().flatten().filter(|(key, _)| *key != ".").collect();
    if inner.is_empty() {
        if live != wanted {
            found.push(Field { path: path.to_owned(), values: plain(live).zip(plain(wanted)) });
        }
        return;
    }
    for (key, fields) in inner {
        let Some(step) = Step::of_key(key) else { continue };
        if let Some((live, wanted)) = step.within(live).zip(step.within(wanted)) {
            walk(fields, live, wanted, &step.path(path), found);
        }
    }
}

/// A step of a set of fields into an object, as `managedFields` write it.
pub(crate) enum Step<'k> {
    /// `f:NAME`
    Field(&'k str),
    /// `k:{KEYS}`: the item of a list with these keys.
    Item(Value),
}

impl<'k> Step<'k> {
    /// None for what names no place: a value in a set, or the place itself.
    pub(crate) fn of_key(key: &'k str) -> Option<Self> {
        match key.split_once(':')? {
            ("f", name) => Some(Self::Field(name)),
            ("k", keys) => serde_json::from_str(keys).ok().map(Self::Item),
            _ => None,
        }
    }

    /// What is at its end; none where the object has no such field or item.
    pub(crate) fn within<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        match self {
            Self::Field(name) => value.get(name),
            Self::Item(keys) => value.get(item(value, keys)?),
        }
    }

    /// A path for people, one step longer.
    pub(crate) fn path(&self, path: &str) -> String {
        match self {
            Self::Field(name) if path.is_empty() => (*name).to_owned(),
            Self::Field(name) => format!("{path}.{name}"),
            Self::Item(keys) => format!("{path}[{}]", shown(keys)),
        }
    }

    /// A JSON pointer (RFC 6901) into this object, one step longer.
    pub(crate) fn pointer(&self, pointer: &str, value: &Value) -> Option<String> {
        match self {
            Self::Field(name) => Some(format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))),
            Self::Item(keys) => Some(format!("{pointer}/{}", item(value, keys)?)),
        }
    }
}

/// Where the item of a list with these keys is; one that the render leaves out has its default (`protocol: TCP`).
fn item(list: &Value, keys: &Value) -> Option<usize> {
    let keys = keys.as_object()?;
    list.as_array()?.iter().position(|item| {
        let fits = |(key, value): (&String, &Value)| item.get(key).is_none_or(|found| found == value);
        keys.keys().any(|key| item.get(key).is_some()) && keys.iter().all(fits)
    })
}

fn shown(keys: &Value) -> String {
    let values = keys.as_object().into_iter().flat_map(|keys| keys.values());
    values.map(|value| plain(value).unwrap_or_default()).collect::<Vec<_>>().join(",")
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn live(managed: &Value) -> Value {
        json!({"metadata": {"name": "m", "managedFields": managed}, "spec": {"replicas": 0, "template": {"spec": {
            "containers": [{"name": "other", "image": "x"}, {"name": "mailroom", "image": "a:2", "ports": [{"containerPort": 8080, "protocol": "TCP", "name": "h"}]}]}}}})
    }

    fn wanted() -> Value {
        json!({"metadata": {"name": "m"}, "spec": {"replicas": 1, "template": {"spec": {
            "containers": [{"name": "mailroom", "image": "a:1", "ports": [{"containerPort": 8080, "name": "health"}]}]}}}})
    }

    fn image() -> Value {
        json!({"f:spec": {"f:template": {"f:spec": {"f:containers": {"k:{\"name\":\"mailroom\"}": {".": {}, "f:image": {}}}}}}})
    }

    #[test]
    fn an_image_that_kubectl_set_is_named_with_its_manager() {
        let found =
            foreign(&live(&json!([{"manager": "kubectl-set", "operation": "Update", "fieldsV1": image()}])), &wanted());
        let field = Field {
            path: "spec.template.spec.containers[mailroom].image".to_owned(),
            values: Some(("a:2".to_owned(), "a:1".to_owned())),
        };
        let manager = "kubectl-set".to_owned();
        assert_eq!(found, [Foreign { manager, index: 0, by_subresource: false, fields: vec![field] }]);
    }

    #[test]
    fn helms_own_fields_equal_values_and_what_the_render_leaves_out_are_no_conflict() {
        let own = json!([{"manager": "helm", "operation": "Apply", "fieldsV1": image()}]);
        assert!(foreign(&live(&own), &wanted()).is_empty());
        assert!(server_side(&live(&own)));
        let others = json!([{"manager": "x", "operation": "Update", "fieldsV1": {
            "f:metadata": {"f:name": {}, "f:annotations": {"f:a": {}}}, "f:status": {"f:replicas": {}},
            "f:spec": {"f:template": {"f:spec": {"f:containers": {"k:{\"name\":\"other\"}": {"f:image": {}}}}}}}}]);
        assert!(foreign(&live(&others), &wanted()).is_empty());
        assert!(!server_side(&live(&others)));
    }

    #[test]
    fn a_scale_is_marked_and_a_port_is_found_by_its_keys() {
        let scaled = json!([{"manager": "kubectl", "subresource": "scale", "operation": "Update", "fieldsV1": {"f:spec": {"f:replicas": {}}}}]);
        let found = foreign(&live(&scaled), &wanted());
        assert!(found.len() == 1 && found[0].by_subresource && found[0].fields[0].path == "spec.replicas", "{found:?}");
        let port = json!([{"manager": "kubectl-edit", "operation": "Update", "fieldsV1": {"f:spec": {"f:template": {"f:spec": {"f:containers": {
            "k:{\"name\":\"mailroom\"}": {"f:ports": {"k:{\"containerPort\":8080,\"protocol\":\"TCP\"}": {"f:name": {}}}}}}}}}}]);
        let found = foreign(&live(&port), &wanted());
        assert_eq!(found[0].fields[0].path, "spec.template.spec.containers[mailroom].ports[8080,TCP].name");
    }
}
