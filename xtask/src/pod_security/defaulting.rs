//! What the API server fills in before it judges a pod, as far as a verdict or its text depends on it.
//!
//! Source: `SetDefaults_Volume` and `SetDefaults_Pod` in `pkg/apis/core/v1/defaults.go`, and `applyAppArmorVersionSkew` in
//! `pkg/registry/core/pod/strategy.go` of Kubernetes 1.37.2.

use super::Pod;
use super::checks::app_armor_profile::ANNOTATION_PREFIX;
use super::pod::{Container, Profile};

/// Where a pod comes from: the API server fills in more in a pod than in a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// An object of kind Pod.
    Pod,
    /// The pod template of a workload.
    Template,
}

impl Pod {
    /// The pod as pod security admission gets to see it.
    #[must_use]
    pub fn defaulted(mut self, origin: Origin) -> Self {
        self.default_volumes();
        if origin == Origin::Pod {
            self.default_host_ports();
            self.copy_app_armor_annotations();
        }
        self
    }

    /// A volume without a source is an `emptyDir`.
    fn default_volumes(&mut self) {
        for volume in self.spec.volumes.iter_mut().filter(|volume| volume.sources.is_empty()) {
            volume.sources.push("emptyDir".to_owned());
        }
    }

    /// On the host's network each port is a host port; ephemeral containers have none.
    fn default_host_ports(&mut self) {
        if self.spec.host_network != Some(true) {
            return;
        }
        let containers = self.spec.containers.iter_mut().chain(&mut self.spec.init_containers);
        for port in containers.flat_map(|container| &mut container.ports).filter(|port| port.host_port == 0) {
            port.host_port = port.container_port;
        }
    }

    /// A container without an `AppArmor` profile gets that of its annotation, unless the pod has the same one.
    ///
    /// Only `unconfined` matters: a field copied from any other valid annotation is allowed, as the annotation is.
    fn copy_app_armor_annotations(&mut self) {
        let unconfined = Profile { kind: "Unconfined".to_owned() };
        if self.spec.is_windows() || self.spec.security_context.app_armor_profile.as_ref() == Some(&unconfined) {
            return;
        }
        let annotations = &self.metadata.annotations;
        let is_unconfined = |container: &Container| {
            annotations
                .get(&format!("{ANNOTATION_PREFIX}{}", container.name))
                .is_some_and(|value| value == "unconfined")
        };
        let spec = &mut self.spec;
        let containers =
            spec.init_containers.iter_mut().chain(&mut spec.containers).chain(&mut spec.ephemeral_containers);
        for container in containers {
            if container.security_context.app_armor_profile.is_none() && is_unconfined(container) {
                container.security_context.app_armor_profile = Some(unconfined.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::pod_security::testing::{annotated, spec};
    use crate::pod_security::{Policy, aggregate_detail, evaluate};

    fn detail(policy: &str, pod: Pod, origin: Origin) -> String {
        let policy: Policy = policy.parse().unwrap();
        aggregate_detail(&evaluate(&policy, &pod.defaulted(origin)))
    }

    #[test]
    fn only_a_volume_without_source_becomes_an_empty_dir() {
        let volumes = json!([{"name": "a"}, {"name": "b", "nfs": null}, {"name": "c", "nfs": {}}, null]);
        for origin in [Origin::Pod, Origin::Template] {
            let pod = spec(json!({"volumes": volumes})).defaulted(origin);
            let sources: Vec<_> = pod.spec.volumes.into_iter().map(|volume| volume.sources.concat()).collect();
            assert_eq!(sources, ["emptyDir", "emptyDir", "nfs", "emptyDir"]);
        }
    }

    #[test]
    fn on_the_hosts_network_a_pods_ports_are_host_ports() {
        let container = |name: &str, port: u16| json!([{"name": name, "ports": [{"containerPort": port}]}]);
        let pod = |host_network: bool| {
            spec(json!({
                "hostNetwork": host_network,
                "initContainers": container("i", 81),
                "containers": [{"name": "c", "ports": [{"containerPort": 80}, {"containerPort": 82, "hostPort": 83}]}],
                "ephemeralContainers": container("e", 84),
            }))
        };
        assert_eq!(
            detail("baseline", pod(true), Origin::Pod),
            r#"host namespaces (hostNetwork=true), hostPort (containers "i", "c" use hostPorts 80, 81, 83)"#
        );
        assert_eq!(
            detail("baseline", pod(true), Origin::Template),
            r#"host namespaces (hostNetwork=true), hostPort (container "c" uses hostPort 83)"#
        );
        assert_eq!(detail("baseline", pod(false), Origin::Pod), r#"hostPort (container "c" uses hostPort 83)"#);
    }

    const ANNOTATION: &str = "container.apparmor.security.beta.kubernetes.io/a";

    fn setters(pod: Pod, origin: Origin) -> String {
        let detail = detail("baseline", pod, origin);
        let text = detail.strip_prefix("forbidden AppArmor profile").unwrap().trim_start_matches(['s', ' ', '(']);
        text.split_once(" must not set").unwrap().0.to_owned()
    }

    #[test]
    fn an_app_armor_annotation_becomes_the_field_of_a_pods_container() {
        for list in ["initContainers", "containers", "ephemeralContainers"] {
            let pod = || annotated(json!({ANNOTATION: "unconfined"}), json!({list: [{"name": "a"}, {"name": "b"}]}));
            assert_eq!(setters(pod(), Origin::Pod), r#"container "a" and annotation"#);
            assert_eq!(setters(pod(), Origin::Template), "annotation");
        }
    }

    #[test]
    fn an_app_armor_annotation_is_not_copied_over_a_field_or_onto_windows_or_if_invalid() {
        let with = |annotation: &str, over: serde_json::Value| annotated(json!({ANNOTATION: annotation}), over);
        let good = json!({"appArmorProfile": {"type": "RuntimeDefault"}});
        let has_field = with("unconfined", json!({"containers": [{"name": "a", "securityContext": good}]}));
        assert_eq!(setters(has_field, Origin::Pod), "annotation");
        let windows = with("unconfined", json!({"os": {"name": "windows"}, "containers": [{"name": "a"}]}));
        assert_eq!(setters(windows, Origin::Pod), "annotation");
        let invalid = with("Unconfined", json!({"containers": [{"name": "a"}]}));
        assert_eq!(setters(invalid, Origin::Pod), "annotation");
    }

    #[test]
    fn an_app_armor_annotation_is_not_copied_where_the_pod_says_the_same() {
        let pod = |kind: &str| {
            let of_pod = json!({"appArmorProfile": {"type": kind}});
            annotated(
                json!({ANNOTATION: "unconfined"}),
                json!({"securityContext": of_pod, "containers": [{"name": "a"}]}),
            )
        };
        assert_eq!(setters(pod("Unconfined"), Origin::Pod), "pod and annotation");
        assert_eq!(setters(pod("RuntimeDefault"), Origin::Pod), r#"container "a" and annotation"#);
    }
}
