//! `appArmorProfile`, baseline, since v1.0: nobody turns the runtime's `AppArmor` profile off.
//!
//! Restricted field: `securityContext.appArmorProfile.type` of the pod and of every container.
//! Allowed: no profile, `RuntimeDefault`, `Localhost`.
//! Restricted annotation: `container.apparmor.security.beta.kubernetes.io/*`, whether or not there is such a container.
//! Allowed: unset, empty, `runtime/default`, `localhost/*`.

use std::collections::BTreeSet;

use crate::pod_security::check::{Check, Forbidden, Revision};
use crate::pod_security::go_quote::go_quote;
use crate::pod_security::places::Offenders;
use crate::pod_security::pod::Profile;
use crate::pod_security::text::{plural, quoted};
use crate::pod_security::{Level, Pod};

pub(in crate::pod_security) const CHECK: Check = Check {
    id: "appArmorProfile",
    level: Level::Baseline,
    revisions: &[Revision::since(0, judge)],
    overrides: &[],
    fix: "set appArmorProfile.type to RuntimeDefault, or remove it, and remove the annotation",
};

/// What the annotation for a container begins with; the container's name follows.
pub(in crate::pod_security) const ANNOTATION_PREFIX: &str = "container.apparmor.security.beta.kubernetes.io/";

fn judge(pod: &Pod) -> Option<Forbidden> {
    let mut types = BTreeSet::new();
    let mut offenders = Offenders::of_contexts(&pod.spec, |context| {
        let forbidden = context.app_armor_profile.as_ref().filter(|profile| !is_allowed_profile(profile));
        types.extend(forbidden.map(|profile| profile.kind.as_str()));
        forbidden.map(|_| "appArmorProfile.type")
    });
    let (annotations, annotation_paths) = forbidden_annotations(pod);

    let mut setters = offenders.setters();
    setters
        .extend((!annotations.is_empty()).then(|| plural(annotations.len(), "annotation", "annotations").to_owned()));
    let values: Vec<&str> = types.into_iter().chain(annotations.iter().map(String::as_str)).collect();
    offenders.paths.extend(annotation_paths);
    (!setters.is_empty()).then(|| Forbidden {
        reason: plural(values.len(), "forbidden AppArmor profile", "forbidden AppArmor profiles"),
        detail: format!("{} must not set AppArmor profile type to {}", setters.join(" and "), quoted(values)),
        paths: offenders.paths,
    })
}

/// The forbidden annotations as `key="value"`, sorted, and their paths.
fn forbidden_annotations(pod: &Pod) -> (Vec<String>, Vec<String>) {
    let forbidden = pod
        .metadata
        .annotations
        .iter()
        .filter(|(key, value)| key.starts_with(ANNOTATION_PREFIX) && !is_allowed_annotation(value));
    let mut forbidden: Vec<(String, String)> = forbidden
        .map(|(key, value)| (format!("{key}={}", go_quote(value)), format!("metadata.annotations[{key}]")))
        .collect();
    // Not the order of the keys where one begins with another: upstream sorts with the value.
    forbidden.sort();
    forbidden.into_iter().unzip()
}

fn is_allowed_profile(profile: &Profile) -> bool {
    ["RuntimeDefault", "Localhost"].contains(&profile.kind.as_str())
}

fn is_allowed_annotation(value: &str) -> bool {
    value.is_empty() || value == "runtime/default" || value.starts_with("localhost/")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::pod_security::testing::{ALWAYS, annotated, assert_allowed, assert_forbidden, spec};

    fn context(profile: &Value) -> Value {
        json!({"appArmorProfile": profile})
    }

    fn key(name: &str) -> String {
        format!("{ANNOTATION_PREFIX}{name}")
    }

    #[test]
    fn allowed_profiles_are_allowed() {
        for profile in [json!(null), json!({"type": "RuntimeDefault"}), json!({"type": "Localhost"})] {
            let containers = json!([{"securityContext": context(&profile)}, {}]);
            let pod = spec(json!({"securityContext": context(&profile), "containers": containers}));
            assert_allowed(&CHECK, ALWAYS, &pod);
        }
    }

    #[test]
    fn allowed_annotations_are_allowed() {
        for value in [json!(null), json!(""), json!("runtime/default"), json!("localhost/"), json!("localhost/x")] {
            assert_allowed(&CHECK, ALWAYS, &annotated(json!({key("a"): value}), json!({})));
        }
        let other = json!({"apparmor.security.beta.kubernetes.io/a": "unconfined"});
        assert_allowed(&CHECK, ALWAYS, &annotated(other, json!({"containers": [{"name": "a"}]})));
    }

    #[test]
    fn one_value_is_one_profile() {
        let bad = context(&json!({"type": "Unconfined"}));
        assert_forbidden(
            &CHECK,
            ALWAYS,
            &spec(json!({
                "securityContext": bad,
                "containers": [{"name": "c", "securityContext": bad}],
                "ephemeralContainers": [{"name": "e", "securityContext": bad}],
            })),
            "forbidden AppArmor profile (pod and containers \"c\", \"e\" must not set AppArmor profile type to \
             \"Unconfined\")",
            &[
                "spec.securityContext.appArmorProfile.type",
                "spec.containers[0].securityContext.appArmorProfile.type",
                "spec.ephemeralContainers[0].securityContext.appArmorProfile.type",
            ],
        );
    }

    #[test]
    fn an_annotation_needs_no_container() {
        assert_forbidden(
            &CHECK,
            ALWAYS,
            &annotated(json!({key(""): "unconfined"}), json!({})),
            &format!(
                "forbidden AppArmor profile (annotation must not set AppArmor profile type to \"{}=\"unconfined\"\")",
                key("")
            ),
            &[&format!("metadata.annotations[{}]", key(""))],
        );
    }

    #[test]
    fn types_come_before_annotations_and_each_are_sorted() {
        let container =
            |name: &str, kind: &str| json!({"name": name, "securityContext": context(&json!({"type": kind}))});
        let annotations = json!({key("b"): "RuntimeDefault", key("a"): "\t", key("a!"): "localhost"});
        assert_forbidden(
            &CHECK,
            ALWAYS,
            &annotated(annotations, json!({"initContainers": [container("i", "b"), container("j", "")]})),
            &format!(
                "forbidden AppArmor profiles (containers \"i\", \"j\" and annotations must not set AppArmor profile type \
                 to \"\", \"b\", \"{}=\"localhost\"\", \"{}=\"\\t\"\", \"{}=\"RuntimeDefault\"\")",
                key("a!"),
                key("a"),
                key("b"),
            ),
            &[
                "spec.initContainers[0].securityContext.appArmorProfile.type",
                "spec.initContainers[1].securityContext.appArmorProfile.type",
                &format!("metadata.annotations[{}]", key("a!")),
                &format!("metadata.annotations[{}]", key("a")),
                &format!("metadata.annotations[{}]", key("b")),
            ],
        );
    }
}
