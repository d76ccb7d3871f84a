//! Pods for the table tests, and what a check says of them over a span of versions.
#![expect(clippy::needless_pass_by_value, reason = "the values are written in place, as json!(..)")]

use std::ops::RangeInclusive;

use serde_json::{Map, Value, json};

use super::check::Check;
use super::{Pod, Version};

/// Every known minor.
pub(super) const ALWAYS: RangeInclusive<u8> = 0..=37;

/// The pod of a JSON document with `metadata` and `spec`.
pub(super) fn pod(document: Value) -> Pod {
    serde_json::from_value(document).unwrap()
}

/// The pod with just this spec.
pub(super) fn spec(spec: Value) -> Pod {
    pod(json!({"spec": spec}))
}

/// The pod with just this spec and these annotations.
pub(super) fn annotated(annotations: Value, spec: Value) -> Pod {
    pod(json!({"metadata": {"annotations": annotations}, "spec": spec}))
}

/// A pod that meets the restricted level, with the given fields put over it; each given container is put over a good one.
pub(super) fn good_pod(mut over: Value) -> Pod {
    let mut spec = json!({
        "securityContext": {"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [{}],
    });
    merge(&mut spec, over.take());
    for list in ["initContainers", "containers", "ephemeralContainers"] {
        for container in spec.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            let mut good = json!({
                "name": "app",
                "securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}},
            });
            merge(&mut good, container.take());
            *container = good;
        }
    }
    pod(json!({"spec": spec}))
}

/// Puts a JSON value over another: maps are merged, anything else is replaced.
fn merge(base: &mut Value, over: Value) {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => merge_maps(base, over),
        (base, over) => *base = over,
    }
}

fn merge_maps(base: &mut Map<String, Value>, over: Map<String, Value>) {
    for (key, value) in over {
        merge(base.entry(key).or_insert(Value::Null), value);
    }
}

/// The check allows the pod at each of the minors, or is not in force.
#[track_caller]
pub(super) fn assert_allowed(check: &Check, minors: RangeInclusive<u8>, pod: &Pod) {
    for minor in minors {
        let forbidden = check.at(Version::new(minor)).and_then(|judge| judge(pod));
        assert_eq!(forbidden.map(|forbidden| forbidden.detail), None, "v1.{minor}");
    }
}

/// The check forbids the pod at each of the minors, with this message, `reason (detail)`, and these paths.
#[track_caller]
pub(super) fn assert_forbidden(check: &Check, minors: RangeInclusive<u8>, pod: &Pod, message: &str, paths: &[&str]) {
    for minor in minors {
        let judge = check.at(Version::new(minor)).expect("the check is in force");
        let forbidden = judge(pod).unwrap_or_else(|| panic!("v1.{minor} allows what should be forbidden: {message}"));
        assert_eq!(format!("{} ({})", forbidden.reason, forbidden.detail), message, "v1.{minor}");
        assert_eq!(forbidden.paths, paths, "v1.{minor}");
    }
}
