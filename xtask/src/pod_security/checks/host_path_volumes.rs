//! `hostPathVolumes`, baseline, since v1.0: no volume opens the node's file system.
//!
//! Restricted field: `spec.volumes[*].hostPath`.
//! Allowed: unset. At the restricted level `restrictedVolumes` takes its place.

use crate::pod_security::check::{Check, Forbidden, Revision};
use crate::pod_security::text::{plural, quoted};
use crate::pod_security::{Level, Pod};

pub(in crate::pod_security) const CHECK: Check = Check {
    id: "hostPathVolumes",
    level: Level::Baseline,
    revisions: &[Revision::since(0, judge)],
    overrides: &[],
    fix: "use a persistentVolumeClaim, a configMap or an emptyDir in place of hostPath",
};

fn judge(pod: &Pod) -> Option<Forbidden> {
    let volumes = pod.spec.volumes.iter().enumerate().filter(|(_, volume)| volume.has("hostPath"));
    let (paths, names): (Vec<String>, Vec<&str>) =
        volumes.map(|(index, volume)| (format!("spec.volumes[{index}].hostPath"), volume.name.as_str())).unzip();
    let detail = || format!("{} {}", plural(names.len(), "volume", "volumes"), quoted(names.iter().copied()));
    (!names.is_empty()).then(|| Forbidden { reason: "hostPath volumes", detail: detail(), paths })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::pod_security::testing::{ALWAYS, assert_allowed, assert_forbidden, spec};

    #[test]
    fn other_volumes_are_allowed() {
        let volumes = json!([{"name": "a", "hostPath": null}, {"name": "b", "emptyDir": {}}, {"name": "c", "nfs": {}}]);
        assert_allowed(&CHECK, ALWAYS, &spec(json!({"volumes": volumes})));
        assert_allowed(&CHECK, ALWAYS, &spec(json!({"volumes": null})));
    }

    #[test]
    fn host_paths_are_forbidden_in_order() {
        let volumes = json!([{"name": "z", "hostPath": {"path": "/"}}, {"name": "b"}, {"name": "a", "hostPath": {}}]);
        assert_forbidden(
            &CHECK,
            ALWAYS,
            &spec(json!({"volumes": volumes})),
            r#"hostPath volumes (volumes "z", "a")"#,
            &["spec.volumes[0].hostPath", "spec.volumes[2].hostPath"],
        );
        assert_forbidden(
            &CHECK,
            ALWAYS,
            &spec(json!({"volumes": [{"hostPath": {}}]})),
            r#"hostPath volumes (volume "")"#,
            &["spec.volumes[0].hostPath"],
        );
    }
}
