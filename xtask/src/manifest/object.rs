//! An object of a manifest, and the pods in it.

use super::node::{EMPTY, Node};
use crate::finding::ObjectRef;

/// One object, the items of lists included.
#[derive(Debug)]
pub struct Object {
    /// Kind, name and namespace.
    pub reference: ObjectRef,
    /// As in `apps/v1`.
    pub api_version: String,
    /// What Helm's `# Source:` comment names, else what [`super::read`] was told.
    pub source: String,
    /// The whole object.
    pub root: Node,
    /// Its first line in the text, from 1.
    pub line: u32,
}

/// A pod as an object describes it.
#[derive(Clone, Debug)]
pub struct PodTemplate<'o> {
    /// Where the pod's `metadata` and `spec` stand: `spec.template`; empty for a Pod.
    pub path: &'static str,
    /// Whether the object is a Pod itself, which the API server fills in otherwise than a template.
    pub bare: bool,
    /// The pod with its `metadata` and `spec`; none where the object leaves it out.
    pub pod: Option<&'o Node>,
    /// The pod's own metadata: annotations count here, not at the workload.
    pub metadata: Option<&'o Node>,
    /// The pod spec; an empty mapping where there is none.
    pub spec: &'o Node,
}

impl Object {
    /// Reads one that has a kind and an API version; `None` else.
    pub(super) fn new(root: Node, source: &str) -> Option<Self> {
        let text = |keys: &[&str]| root.get_path(keys).and_then(Node::as_str).unwrap_or_default().to_owned();
        let (kind, api_version) = (text(&["kind"]), text(&["apiVersion"]));
        if kind.is_empty() || api_version.is_empty() {
            return None;
        }
        let name = [text(&["metadata", "name"]), text(&["metadata", "generateName"])];
        let name = name.into_iter().find(|name| !name.is_empty()).unwrap_or_default();
        let reference = ObjectRef { kind, name, namespace: text(&["metadata", "namespace"]) };
        Some(Self { reference, api_version, source: source.to_owned(), line: root.mark.line, root })
    }

    /// The value at a path of keys; `None` where it is missing or null.
    pub fn get(&self, keys: &[&str]) -> Option<&Node> {
        self.root.get_path(keys)
    }

    /// The pods that the API server's pod security admission sees: one in each of nine kinds, none in any other.
    ///
    /// A ReplicationController without a template has none either: admission passes it over.
    pub fn pods(&self) -> Vec<PodTemplate<'_>> {
        let path = match (self.api_version.as_str(), self.reference.kind.as_str()) {
            ("v1", "Pod") => "",
            ("v1", "PodTemplate") => "template",
            ("v1", "ReplicationController") if self.get(&["spec", "template"]).is_none() => return Vec::new(),
            ("v1", "ReplicationController")
            | ("apps/v1", "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet")
            | ("batch/v1", "Job") => "spec.template",
            ("batch/v1", "CronJob") => "spec.jobTemplate.spec.template",
            _ => return Vec::new(),
        };
        let pod = path.split('.').filter(|key| !key.is_empty()).try_fold(&self.root, |node, key| node.get(key));
        let node = pod.unwrap_or(&EMPTY);
        vec![PodTemplate {
            path,
            bare: path.is_empty(),
            pod,
            metadata: node.get("metadata"),
            spec: node.get("spec").unwrap_or(&EMPTY),
        }]
    }
}
