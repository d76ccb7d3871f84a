//! What rules read of an object: hooks, labels, selectors, containers and what they refer to.

use std::collections::BTreeMap;

use crate::manifest::{Node, Object};

/// A container with its field path below the object.
pub(super) struct Container<'a> {
    pub(super) node: &'a Node,
    pub(super) path: String,
}

/// A reference by name from a pod to another object.
pub(super) struct Reference<'a> {
    pub(super) kind: &'static str,
    pub(super) name: &'a str,
    pub(super) path: String,
}

/// The value at a path of plain keys, as in `spec.backoffLimit`.
pub(super) fn at<'a>(node: &'a Node, path: &str) -> Option<&'a Node> {
    path.split('.').try_fold(node, Node::get)
}

/// `child` below `parent`, where the parent may be the root.
pub(super) fn below(parent: &str, child: &str) -> String {
    if parent.is_empty() { child.to_owned() } else { format!("{parent}.{child}") }
}

/// The value of an annotation of the object itself.
pub(super) fn annotation<'a>(object: &'a Object, key: &str) -> Option<&'a str> {
    at(&object.root, "metadata.annotations")?.get(key)?.as_str()
}

/// The events of `helm.sh/hook`; none for an object of the release.
pub(super) fn hooks(object: &Object) -> Vec<&str> {
    let events = annotation(object, "helm.sh/hook").into_iter().flat_map(|events| events.split(','));
    events.map(str::trim).filter(|event| !event.is_empty()).collect()
}

/// `helm.sh/hook-weight`; 0 where there is none, as Helm reads it.
pub(super) fn hook_weight(object: &Object) -> i64 {
    annotation(object, "helm.sh/hook-weight").and_then(|weight| weight.parse().ok()).unwrap_or(0)
}

/// The labels of a metadata block.
pub(super) fn labels(metadata: Option<&Node>) -> BTreeMap<&str, &str> {
    strings(metadata.and_then(|metadata| metadata.get("labels")))
}

fn strings(node: Option<&Node>) -> BTreeMap<&str, &str> {
    let entries = node.map_or(&[][..], Node::entries);
    entries.iter().filter_map(|entry| Some((&*entry.key, entry.value.as_str()?))).collect()
}

/// Every container of every pod of the object: init, regular and ephemeral.
pub(super) fn containers(object: &Object) -> Vec<Container<'_>> {
    let mut containers = Vec::new();
    for template in object.pods() {
        for list in ["initContainers", "containers", "ephemeralContainers"] {
            for (index, node) in items(template.spec, list).enumerate() {
                containers.push(Container { node, path: below(template.path, &format!("spec.{list}[{index}]")) });
            }
        }
    }
    containers
}

fn items<'a>(node: &'a Node, key: &str) -> impl Iterator<Item = &'a Node> {
    node.get(key).map_or(&[][..], Node::items).iter()
}

/// The `name` of each item of a list.
pub(super) fn names_in<'a>(node: &'a Node, list: &str) -> Vec<&'a str> {
    items(node, list).map(|item| item.get("name").and_then(Node::as_str).unwrap_or_default()).collect()
}

/// The Secrets and ConfigMaps of the render that a container takes whole into its environment.
pub(super) fn env_from_sources<'a>(objects: &'a [Object], container: &Node) -> Vec<&'a Object> {
    let mut sources = Vec::new();
    for item in items(container, "envFrom") {
        for (field, kind) in [("secretRef", "Secret"), ("configMapRef", "ConfigMap")] {
            let name = at(item, field).and_then(|reference| reference.get("name")).and_then(Node::as_str);
            let found = objects.iter().filter(|o| o.reference.kind == kind && Some(o.reference.name.as_str()) == name);
            sources.extend(found);
        }
    }
    sources
}

/// The keys that a container takes from Secrets of the render by `envFrom`.
pub(super) fn env_from_secret_keys<'a>(objects: &'a [Object], container: &Node) -> Vec<&'a str> {
    let secrets = env_from_sources(objects, container).into_iter().filter(|object| object.reference.kind == "Secret");
    secrets.flat_map(|secret| data_keys(secret).into_iter().map(|(_, key)| key)).collect()
}

/// The keys of a Secret's or ConfigMap's data, each with the field that it stands in.
pub(super) fn data_keys(object: &Object) -> Vec<(&'static str, &str)> {
    let fields = ["data", "stringData", "binaryData"];
    let of =
        |field| object.root.get(field).map_or(&[][..], Node::entries).iter().map(move |entry| (field, &*entry.key));
    fields.into_iter().flat_map(of).collect()
}

/// The ConfigMaps, Secrets and the ServiceAccount that an object's pods cannot start without.
pub(super) fn references(object: &Object) -> Vec<Reference<'_>> {
    let mut references = References(Vec::new());
    for template in object.pods() {
        let spec = below(template.path, "spec");
        references.add("ServiceAccount", template.spec, "serviceAccountName", &spec);
        for (index, volume) in items(template.spec, "volumes").enumerate() {
            let path = format!("{spec}.volumes[{index}]");
            references.add("ConfigMap", volume, "configMap.name", &path);
            references.add("Secret", volume, "secret.secretName", &path);
        }
    }
    for container in containers(object) {
        for (index, source) in items(container.node, "envFrom").enumerate() {
            let path = format!("{}.envFrom[{index}]", container.path);
            references.add("ConfigMap", source, "configMapRef.name", &path);
            references.add("Secret", source, "secretRef.name", &path);
        }
        for (index, variable) in items(container.node, "env").enumerate() {
            let path = format!("{}.env[{index}]", container.path);
            references.add("ConfigMap", variable, "valueFrom.configMapKeyRef.name", &path);
            references.add("Secret", variable, "valueFrom.secretKeyRef.name", &path);
        }
    }
    references.0
}

struct References<'a>(Vec<Reference<'a>>);

impl<'a> References<'a> {
    fn add(&mut self, kind: &'static str, node: &'a Node, field: &str, parent: &str) {
        if let Some(name) = at(node, field).and_then(Node::as_str) {
            self.0.push(Reference { kind, name, path: format!("{parent}.{field}") });
        }
    }
}

/// A label selector.
pub(super) struct Selector<'a> {
    labels: BTreeMap<&'a str, &'a str>,
    expressions: &'a [Node],
}

/// The selector by which an object takes pods for its own; none where it has no selector, or an empty one.
pub(super) fn selector(object: &Object) -> Option<Selector<'_>> {
    let plain = ["Service", "ReplicationController"].contains(&object.reference.kind.as_str());
    let node = match object.reference.kind.as_str() {
        "NetworkPolicy" => at(&object.root, "spec.podSelector")?,
        "Job" => return None, // made by its controller, unique to the Job
        _ => at(&object.root, "spec.selector")?,
    };
    let selector = Selector {
        labels: strings(if plain { Some(node) } else { node.get("matchLabels") }),
        expressions: node.get("matchExpressions").map_or(&[][..], Node::items),
    };
    (!selector.labels.is_empty() || !selector.expressions.is_empty()).then_some(selector)
}

impl Selector<'_> {
    /// Whether pods with these labels are selected.
    pub(super) fn matches(&self, labels: &BTreeMap<&str, &str>) -> bool {
        self.labels.iter().all(|(key, value)| labels.get(key) == Some(value))
            && self.expressions.iter().all(|expression| holds(expression, labels))
    }
}

/// One match expression; an operator that is not known is taken to hold, so that nothing is overlooked.
fn holds(expression: &Node, labels: &BTreeMap<&str, &str>) -> bool {
    let text = |key| expression.get(key).and_then(Node::as_str).unwrap_or_default();
    let value = labels.get(text("key"));
    let listed = || items(expression, "values").any(|item| item.as_str() == value.copied());
    match text("operator") {
        "In" => value.is_some() && listed(),
        "NotIn" => value.is_none() || !listed(),
        "Exists" => value.is_some(),
        "DoesNotExist" => value.is_none(),
        _ => true,
    }
}
