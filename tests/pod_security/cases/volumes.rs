//! Volumes of every source.

use serde_json::{Value, json};

/// Each source with a content that API validation accepts.
fn sources() -> Vec<(&'static str, Value)> {
    vec![
        ("hostPath", json!({"path": "/var/log"})),
        ("configMap", json!({"name": "a"})),
        ("csi", json!({"driver": "inline.example.com"})),
        ("downwardAPI", json!({"items": [{"path": "name", "fieldRef": {"fieldPath": "metadata.name"}}]})),
        ("emptyDir", json!({})),
        (
            "ephemeral",
            json!({"volumeClaimTemplate": {"spec": {
                "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}}),
        ),
        ("image", json!({"reference": "example.com/image:1"})),
        ("persistentVolumeClaim", json!({"claimName": "a"})),
        ("projected", json!({"sources": [{"secret": {"name": "a"}}]})),
        ("secret", json!({"secretName": "a"})),
        ("gcePersistentDisk", json!({"pdName": "a"})),
        ("awsElasticBlockStore", json!({"volumeID": "a"})),
        ("gitRepo", json!({"repository": "https://example.com/a.git"})),
        ("nfs", json!({"server": "example.com", "path": "/a"})),
        ("iscsi", json!({"targetPortal": "10.0.0.1", "iqn": "iqn.2001-04.com.example:storage.disk1", "lun": 0})),
        ("glusterfs", json!({"endpoints": "a", "path": "a"})),
        ("rbd", json!({"monitors": ["a"], "image": "a"})),
        ("flexVolume", json!({"driver": "example.com/a"})),
        ("cinder", json!({"volumeID": "a"})),
        ("cephfs", json!({"monitors": ["a"]})),
        ("flocker", json!({"datasetName": "a"})),
        ("fc", json!({"targetWWNs": ["a"], "lun": 0})),
        ("azureFile", json!({"secretName": "a", "shareName": "a"})),
        ("vsphereVolume", json!({"volumePath": "a"})),
        ("quobyte", json!({"registry": "a:1", "volume": "a"})),
        ("azureDisk", json!({"diskName": "a", "diskURI": "https://blob/a"})),
        ("photonPersistentDisk", json!({"pdID": "a"})),
        ("portworxVolume", json!({"volumeID": "a"})),
        ("scaleIO", json!({"gateway": "a", "system": "a", "volumeName": "a", "secretRef": {"name": "a"}})),
        ("storageos", json!({"volumeName": "a"})),
    ]
}

/// Lists of volumes: each source alone, beside another, and all together; null and missing sources.
pub(crate) fn lists() -> Vec<Value> {
    let sources = sources();
    let volume = |name: &str, source: &str, content: &Value| json!({"name": name, source: content});
    let single = sources.iter().map(|(source, content)| json!([volume("v", source, content)]));
    let null = sources.iter().map(|(source, _)| json!([volume("v", source, &json!(null))]));
    let empty = sources.iter().map(|(source, _)| json!([volume("v", source, &json!({}))]));
    let pairs = sources
        .iter()
        .zip(sources.iter().cycle().skip(1))
        .map(|((first, one), (second, other))| json!([{"name": "v", *first: one, *second: other}]));
    let all: Vec<Value> =
        sources.iter().map(|(source, content)| volume(&source.to_lowercase(), source, content)).collect();
    let others = [
        json!(all),
        json!([{"name": "b", "nfs": {}}, {"name": "a", "hostPath": {}}, {"name": "c", "nfs": {}}]),
        json!([{"name": "v"}]),
        json!([{"hostPath": {"path": "/"}}, {"name": null, "fc": {}}, null]),
        json!([]),
        json!(null),
    ];
    single.chain(null).chain(empty).chain(pairs).chain(others).collect()
}
