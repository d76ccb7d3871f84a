//! `restrictedVolumes`, restricted, since v1.0: only volumes that neither the node nor a foreign driver serves unasked.
//!
//! Restricted field: every source of `spec.volumes[*]`.
//! Required: at least one of [`ALLOWED`]. Overrides `hostPathVolumes`.
//! A source that Kubernetes does not know yet is forbidden, as upstream means it by its type "unknown"; the API server
//! drops the key, or refuses it where fields are validated strictly.

use std::collections::BTreeSet;

use crate::pod_security::check::{Check, Forbidden, Revision};
use crate::pod_security::text::{plural, quoted};
use crate::pod_security::volume::Volume;
use crate::pod_security::{Level, Pod};

pub(in crate::pod_security) const CHECK: Check = Check {
    id: "restrictedVolumes",
    level: Level::Restricted,
    revisions: &[Revision::since(0, judge)],
    overrides: &["hostPathVolumes"],
    fix: "use a persistentVolumeClaim, configMap, secret, emptyDir, projected, downwardAPI, csi, ephemeral or image volume",
};

const ALLOWED: [&str; 9] = [
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
];

/// The forbidden sources in the order in which upstream looks for one to name.
const FORBIDDEN: [&str; 21] = [
    "hostPath",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "gitRepo",
    "nfs",
    "iscsi",
    "glusterfs",
    "rbd",
    "flexVolume",
    "cinder",
    "cephfs",
    "flocker",
    "fc",
    "azureFile",
    "vsphereVolume",
    "quobyte",
    "azureDisk",
    "photonPersistentDisk",
    "portworxVolume",
    "scaleIO",
    "storageos",
];

fn judge(pod: &Pod) -> Option<Forbidden> {
    let (mut names, mut types, mut paths) = (Vec::new(), BTreeSet::new(), Vec::new());
    for (index, volume) in pod.spec.volumes.iter().enumerate().filter(|(_, volume)| !is_allowed(volume)) {
        let known = FORBIDDEN.into_iter().find(|source| volume.has(source));
        names.push(volume.name.as_str());
        types.insert(known.unwrap_or("unknown"));
        let key = known.or(volume.sources.first().map(String::as_str));
        paths.push(key.map_or_else(|| format!("spec.volumes[{index}]"), |key| format!("spec.volumes[{index}].{key}")));
    }
    let detail = || {
        let volumes = plural(names.len(), "volume", "volumes");
        let verb = plural(names.len(), "uses", "use");
        let noun = plural(types.len(), "restricted volume type", "restricted volume types");
        format!("{volumes} {} {verb} {noun} {}", quoted(names.iter().copied()), quoted(types.iter().copied()))
    };
    (!names.is_empty()).then(|| Forbidden { reason: "restricted volume types", detail: detail(), paths })
}

fn is_allowed(volume: &Volume) -> bool {
    ALLOWED.iter().any(|source| volume.has(source))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::pod_security::Origin;
    use crate::pod_security::testing::{ALWAYS, assert_allowed, assert_forbidden, spec};

    // Both lists written out once more: a slip in those above is no slip here.
    const GOOD: &str = "configMap csi downwardAPI emptyDir ephemeral image persistentVolumeClaim projected secret";
    const BAD: &str = "hostPath gcePersistentDisk awsElasticBlockStore gitRepo nfs iscsi glusterfs rbd flexVolume cinder \
                       cephfs flocker fc azureFile vsphereVolume quobyte azureDisk photonPersistentDisk portworxVolume \
                       scaleIO storageos";

    #[test]
    fn allowed_sources_are_allowed_even_beside_another() {
        for source in GOOD.split(' ') {
            assert_allowed(&CHECK, ALWAYS, &spec(json!({"volumes": [{"name": "v", source: {}}]})));
            assert_allowed(&CHECK, ALWAYS, &spec(json!({"volumes": [{"name": "v", "hostPath": {}, source: {}}]})));
        }
    }

    #[test]
    fn each_other_source_is_forbidden_by_its_name() {
        for source in BAD.split(' ') {
            assert_forbidden(
                &CHECK,
                ALWAYS,
                &spec(json!({"volumes": [{"name": "good", "secret": {}}, {"name": "v", source: {}}]})),
                &format!(r#"restricted volume types (volume "v" uses restricted volume type "{source}")"#),
                &[&format!("spec.volumes[1].{source}")],
            );
        }
    }

    /// Two neighbours of upstream's order, in turn: the first one is named.
    #[test]
    fn of_two_sources_the_first_in_upstreams_order_is_named() {
        let sources: Vec<&str> = BAD.split(' ').collect();
        for pair in sources.windows(2) {
            assert_forbidden(
                &CHECK,
                ALWAYS,
                &spec(json!({"volumes": [{"name": "v", pair[1]: {}, pair[0]: {}}]})),
                &format!(r#"restricted volume types (volume "v" uses restricted volume type "{}")"#, pair[0]),
                &[&format!("spec.volumes[0].{}", pair[0])],
            );
        }
    }

    #[test]
    fn unknown_and_missing_sources_are_forbidden_as_unknown() {
        assert_forbidden(
            &CHECK,
            ALWAYS,
            &spec(json!({"volumes": [{"name": "a", "foo": {}}, {"name": "b", "emptyDir": null}]})),
            r#"restricted volume types (volumes "a", "b" use restricted volume type "unknown")"#,
            &["spec.volumes[0].foo", "spec.volumes[1]"],
        );
    }

    /// In an API server a missing source never gets as far: it has become an emptyDir.
    #[test]
    fn a_missing_source_is_allowed_once_defaulted_and_an_unknown_one_is_not() {
        for origin in [Origin::Pod, Origin::Template] {
            let missing = spec(json!({"volumes": [{"name": "a"}, {"name": "b", "nfs": null}]}));
            assert_allowed(&CHECK, ALWAYS, &missing.defaulted(origin));
            assert_forbidden(
                &CHECK,
                ALWAYS,
                &spec(json!({"volumes": [{"name": "a", "foo": {}}]})).defaulted(origin),
                r#"restricted volume types (volume "a" uses restricted volume type "unknown")"#,
                &["spec.volumes[0].foo"],
            );
        }
    }

    #[test]
    fn names_keep_their_order_and_types_are_sorted() {
        assert_forbidden(
            &CHECK,
            ALWAYS,
            &spec(json!({"volumes": [{"name": "z", "nfs": {}}, {"name": "y", "fc": {}}, {"name": "x", "nfs": {}}]})),
            r#"restricted volume types (volumes "z", "y", "x" use restricted volume types "fc", "nfs")"#,
            &["spec.volumes[0].nfs", "spec.volumes[1].fc", "spec.volumes[2].nfs"],
        );
    }
}
