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

#[cfg(test)]
mod tests {
    use crate::manifest::read;

    /// Where the one pod of an object of this kind stands, and the name of its first container.
    fn pod(api_version: &str, kind: &str, spec: &str) -> Option<(&'static str, String)> {
        let text = format!("{{apiVersion: {api_version}, kind: {kind}, metadata: {{name: n}}, {spec}}}");
        let manifests = read(&text, "");
        let pods = manifests.objects[0].pods();
        let pod = pods.first()?;
        Some((pod.path, pod.spec.get("containers")?.items()[0].get("name")?.as_str()?.to_owned()))
    }

    #[test]
    fn the_pods_of_the_nine_kinds() {
        let pod_spec = "spec: {containers: [{name: c}]}";
        let template = format!("template: {{{pod_spec}}}");
        let spec = format!("spec: {{selector: {{}}, {template}}}");
        let found = |path| Some((path, "c".to_owned()));
        assert_eq!(pod("v1", "Pod", pod_spec), found(""));
        assert_eq!(pod("v1", "PodTemplate", &template), found("template"));
        for kind in ["Deployment", "ReplicaSet", "StatefulSet", "DaemonSet"] {
            assert_eq!(pod("apps/v1", kind, &spec), found("spec.template"), "{kind}");
        }
        assert_eq!(pod("v1", "ReplicationController", &spec), found("spec.template"));
        assert_eq!(pod("batch/v1", "Job", &spec), found("spec.template"));
        let cron_job = format!("spec: {{jobTemplate: {{{spec}}}}}");
        assert_eq!(pod("batch/v1", "CronJob", &cron_job), found("spec.jobTemplate.spec.template"));
        assert_eq!(pod("example.com/v1", "Deployment", &spec), None);
    }

    #[test]
    fn a_pod_that_is_not_written_out_is_an_empty_one() {
        let read = |text: &str| read(text, "");
        let deployment = read("{apiVersion: apps/v1, kind: Deployment, metadata: {name: n}}");
        assert!(deployment.objects[0].pods()[0].spec.entries().is_empty());
        assert!(deployment.objects[0].pods()[0].metadata.is_none());
        let controller = read("{apiVersion: v1, kind: ReplicationController, metadata: {name: n}, spec: {template: }}");
        assert!(controller.objects[0].pods().is_empty());
        assert!(read("{apiVersion: v1, kind: Pod, metadata: {name: n}}").objects[0].pods()[0].bare);
    }
}
