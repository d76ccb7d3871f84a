//! The fields of a pod that the checks read, as the API server decodes them: `null` is unset, and in a list it is an empty item.
//!
//! A container's and a pod's security context share one type; a field that Kubernetes has at one of the two only is read
//! there alone.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

use super::volume::Volume;

/// A pod, or a pod template: its annotations and its spec.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Pod {
    #[serde(deserialize_with = "or_default")]
    pub(super) metadata: Metadata,
    #[serde(deserialize_with = "or_default")]
    pub(super) spec: Spec,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Metadata {
    #[serde(deserialize_with = "map")]
    pub(super) annotations: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Spec {
    #[serde(deserialize_with = "list")]
    pub(super) volumes: Vec<Volume>,
    #[serde(deserialize_with = "list")]
    pub(super) init_containers: Vec<Container>,
    #[serde(deserialize_with = "list")]
    pub(super) containers: Vec<Container>,
    #[serde(deserialize_with = "list")]
    pub(super) ephemeral_containers: Vec<Container>,
    #[serde(deserialize_with = "or_default")]
    pub(super) security_context: SecurityContext,
    pub(super) host_network: Option<bool>,
    #[serde(rename = "hostPID")]
    pub(super) host_pid: Option<bool>,
    #[serde(rename = "hostIPC")]
    pub(super) host_ipc: Option<bool>,
    pub(super) host_users: Option<bool>,
    #[serde(deserialize_with = "or_default")]
    pub(super) os: Os,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Os {
    #[serde(deserialize_with = "or_default")]
    pub(super) name: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Container {
    #[serde(deserialize_with = "or_default")]
    pub(super) name: String,
    #[serde(deserialize_with = "list")]
    pub(super) ports: Vec<Port>,
    #[serde(deserialize_with = "or_default")]
    pub(super) security_context: SecurityContext,
    #[serde(deserialize_with = "or_default")]
    pub(super) liveness_probe: Handler,
    #[serde(deserialize_with = "or_default")]
    pub(super) readiness_probe: Handler,
    #[serde(deserialize_with = "or_default")]
    pub(super) startup_probe: Handler,
    #[serde(deserialize_with = "or_default")]
    pub(super) lifecycle: Lifecycle,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Port {
    #[serde(deserialize_with = "or_default")]
    pub(super) container_port: i32,
    #[serde(deserialize_with = "or_default")]
    pub(super) host_port: i32,
}

/// A probe or a lifecycle handler.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Handler {
    #[serde(deserialize_with = "or_default")]
    pub(super) http_get: Target,
    #[serde(deserialize_with = "or_default")]
    pub(super) tcp_socket: Target,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Target {
    #[serde(deserialize_with = "or_default")]
    pub(super) host: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Lifecycle {
    #[serde(deserialize_with = "or_default")]
    pub(super) post_start: Handler,
    #[serde(deserialize_with = "or_default")]
    pub(super) pre_stop: Handler,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct SecurityContext {
    pub(super) allow_privilege_escalation: Option<bool>,
    pub(super) app_armor_profile: Option<Profile>,
    #[serde(deserialize_with = "or_default")]
    pub(super) capabilities: Capabilities,
    pub(super) privileged: Option<bool>,
    pub(super) proc_mount: Option<String>,
    pub(super) run_as_non_root: Option<bool>,
    pub(super) run_as_user: Option<i64>,
    #[serde(deserialize_with = "or_default")]
    pub(super) se_linux_options: SeLinuxOptions,
    pub(super) seccomp_profile: Option<Profile>,
    #[serde(deserialize_with = "list")]
    pub(super) sysctls: Vec<Sysctl>,
    #[serde(deserialize_with = "or_default")]
    pub(super) windows_options: WindowsOptions,
}

/// A seccomp or an `AppArmor` profile; one that is there and has no type is forbidden, unlike none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct Profile {
    #[serde(rename = "type", deserialize_with = "or_default")]
    pub(super) kind: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Capabilities {
    #[serde(deserialize_with = "list")]
    pub(super) add: Vec<String>,
    #[serde(deserialize_with = "list")]
    pub(super) drop: Vec<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct SeLinuxOptions {
    #[serde(rename = "type", deserialize_with = "or_default")]
    pub(super) kind: String,
    #[serde(deserialize_with = "or_default")]
    pub(super) user: String,
    #[serde(deserialize_with = "or_default")]
    pub(super) role: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Sysctl {
    #[serde(deserialize_with = "or_default")]
    pub(super) name: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct WindowsOptions {
    pub(super) host_process: Option<bool>,
}

/// `null` is the default.
fn or_default<'de, T: Deserialize<'de> + Default, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// `null` is the empty list, and the default in the list.
fn list<'de, T: Deserialize<'de> + Default, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    let items: Option<Vec<Option<T>>> = Option::deserialize(deserializer)?;
    Ok(items.unwrap_or_default().into_iter().map(Option::unwrap_or_default).collect())
}

/// `null` is the empty map, and the empty string in the map.
fn map<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    let entries: Option<BTreeMap<String, Option<String>>> = Option::deserialize(deserializer)?;
    Ok(entries.unwrap_or_default().into_iter().map(|(key, value)| (key, value.unwrap_or_default())).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::pod_security::testing::spec;

    #[test]
    fn null_is_unset_everywhere() {
        let container = json!({
            "name": null, "ports": null, "livenessProbe": null, "readinessProbe": null, "startupProbe": null,
            "lifecycle": {"postStart": null, "preStop": {"httpGet": {"host": null}, "tcpSocket": null}},
            "securityContext": {
                "allowPrivilegeEscalation": null, "appArmorProfile": null, "capabilities": {"add": null, "drop": null},
                "privileged": null, "procMount": null, "runAsNonRoot": null, "runAsUser": null, "seccompProfile": null,
                "seLinuxOptions": {"type": null, "user": null, "role": null}, "windowsOptions": {"hostProcess": null},
            },
        });
        let nulls = spec(json!({
            "volumes": [{"name": null, "hostPath": null}], "containers": [container], "initContainers": null,
            "ephemeralContainers": null, "hostNetwork": null, "hostPID": null, "hostIPC": null, "hostUsers": null,
            "os": {"name": null}, "securityContext": {"sysctls": [{"name": null}]},
        }));
        let unset = spec(json!({"volumes": [{}], "containers": [{}], "securityContext": {"sysctls": [{}]}}));
        assert_eq!(format!("{nulls:?}"), format!("{unset:?}"));
        for document in [json!({}), json!({"metadata": null, "spec": null}), json!({"metadata": {"annotations": null}})]
        {
            let pod: Pod = serde_json::from_value(document).unwrap();
            assert_eq!(format!("{pod:?}"), format!("{:?}", Pod::default()));
        }
    }

    #[test]
    fn null_in_a_list_is_an_empty_item() {
        let lists = spec(json!({
            "volumes": [null], "containers": [null, {"ports": [null], "securityContext": {"capabilities": {"drop": [null]}}}],
        }));
        assert_eq!((lists.spec.volumes.len(), lists.spec.containers.len()), (1, 2));
        assert_eq!(lists.spec.containers[1].ports.len(), 1);
        assert_eq!(lists.spec.containers[1].security_context.capabilities.drop, [""]);
    }

    #[test]
    fn the_wrong_type_is_an_error() {
        let of_container = |context: Value| json!({"containers": [{"securityContext": context}]});
        for wrong in [
            json!({"hostPID": "true"}),
            json!({"hostUsers": 0}),
            json!({"volumes": [{"name": "a", "emptyDir": true}]}),
            json!({"volumes": ["a"]}),
            json!({"containers": {}}),
            json!({"containers": [{"name": 1}]}),
            json!({"containers": [{"ports": [{"hostPort": 4_294_967_296_u64}]}]}),
            json!({"containers": [{"ports": [{"hostPort": 1.5}]}]}),
            of_container(json!({"runAsUser": "0"})),
            of_container(json!({"runAsNonRoot": "yes"})),
            of_container(json!({"capabilities": {"drop": "ALL"}})),
            of_container(json!({"seccompProfile": "RuntimeDefault"})),
        ] {
            assert!(serde_json::from_value::<Pod>(json!({"spec": wrong})).is_err(), "{wrong}");
        }
    }
}
