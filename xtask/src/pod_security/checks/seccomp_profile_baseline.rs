//! `seccompProfile_baseline`, baseline, since v1.0: nobody turns the filter of system calls off.
//!
//! Until v1.18, restricted: the annotations `seccomp.security.alpha.kubernetes.io/pod` and
//! `container.seccomp.security.alpha.kubernetes.io/NAME` for the names of the pod's containers; fields are not looked at.
//! Allowed: unset, `runtime/default`, `docker/default`, `localhost/*`.
//! Since v1.19, restricted: `securityContext.seccompProfile.type` of the pod and of every container; annotations are not
//! looked at. Allowed: no profile, `RuntimeDefault`, `Localhost`.

use std::collections::{BTreeMap, BTreeSet};

use crate::pod_security::check::{Check, Forbidden, Revision};
use crate::pod_security::go_quote::go_quote;
use crate::pod_security::places::Offenders;
use crate::pod_security::pod::Profile;
use crate::pod_security::text::{plural, quoted};
use crate::pod_security::{Level, Pod};

pub(in crate::pod_security) const CHECK: Check = Check {
    id: "seccompProfile_baseline",
    level: Level::Baseline,
    revisions: &[Revision::since(0, judge_annotations), Revision::since(19, judge_fields)],
    overrides: &[],
    fix: "set seccompProfile.type to RuntimeDefault (before v1.19: the annotation to runtime/default), or remove it",
};

pub(super) const REASON: &str = "seccompProfile";

const POD_ANNOTATION: &str = "seccomp.security.alpha.kubernetes.io/pod";
const CONTAINER_ANNOTATION_PREFIX: &str = "container.seccomp.security.alpha.kubernetes.io/";

fn judge_annotations(pod: &Pod) -> Option<Forbidden> {
    let of_containers =
        pod.spec.every_container().map(|(_, container)| format!("{CONTAINER_ANNOTATION_PREFIX}{}", container.name));
    let forbidden: BTreeMap<String, String> = std::iter::once(POD_ANNOTATION.to_owned())
        .chain(of_containers)
        .filter_map(|key| {
            let value = pod.metadata.annotations.get(&key).filter(|value| !is_allowed_annotation(value))?;
            Some((format!("{key}={}", go_quote(value)), format!("metadata.annotations[{key}]")))
        })
        .collect();
    let (settings, paths): (Vec<String>, Vec<String>) = forbidden.into_iter().unzip();
    let noun = plural(settings.len(), "annotation", "annotations");
    let detail = || format!("forbidden {noun} {}", settings.join(", "));
    (!settings.is_empty()).then(|| Forbidden { reason: REASON, detail: detail(), paths })
}

fn is_allowed_annotation(value: &str) -> bool {
    ["runtime/default", "docker/default"].contains(&value) || value.starts_with("localhost/")
}

/// The rule for fields, which the restricted level shares: a profile that is there has an allowed type.
pub(super) fn judge_fields(pod: &Pod) -> Option<Forbidden> {
    let mut types = BTreeSet::new();
    Offenders::of_contexts(&pod.spec, |context| {
        let forbidden = context.seccomp_profile.as_ref().filter(|profile| !is_allowed_profile(profile));
        types.extend(forbidden.map(|profile| profile.kind.as_str()));
        forbidden.map(|_| "seccompProfile.type")
    })
    .forbid(REASON, |who| format!("{who} must not set securityContext.seccompProfile.type to {}", quoted(types)))
}

fn is_allowed_profile(profile: &Profile) -> bool {
    ["Localhost", "RuntimeDefault"].contains(&profile.kind.as_str())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::pod_security::testing::{ALWAYS, annotated, assert_allowed, assert_forbidden, spec};

    // Written out once more: a slip in the constants above is no slip here.
    const OF_POD: &str = "seccomp.security.alpha.kubernetes.io/pod";
    const OF_A: &str = "container.seccomp.security.alpha.kubernetes.io/a";

    #[test]
    fn allowed_annotations_are_allowed() {
        for value in ["runtime/default", "docker/default", "localhost/", "localhost/profile.json"] {
            let annotations = json!({OF_POD: value, OF_A: value});
            assert_allowed(&CHECK, ALWAYS, &annotated(annotations, json!({"containers": [{"name": "a"}]})));
        }
    }

    #[test]
    fn forbidden_annotations_are_forbidden_until_v1_18() {
        for (value, shown) in
            [("unconfined", "unconfined"), ("", ""), ("localhost", "localhost"), ("a\"\n", r#"a\"\n"#)]
        {
            for list in ["initContainers", "containers", "ephemeralContainers"] {
                let pod = annotated(json!({OF_A: value}), json!({list: [{"name": "a"}]}));
                assert_allowed(&CHECK, 19..=37, &pod);
                assert_forbidden(
                    &CHECK,
                    0..=18,
                    &pod,
                    &format!("seccompProfile (forbidden annotation {OF_A}=\"{shown}\")"),
                    &[&format!("metadata.annotations[{OF_A}]")],
                );
            }
        }
    }

    #[test]
    fn annotations_of_pod_and_containers_are_sorted() {
        assert_forbidden(
            &CHECK,
            0..=18,
            &annotated(
                json!({OF_POD: "x", OF_A: null}),
                json!({"containers": [{"name": "a"}, {"name": "b"}, {"name": "a"}]}),
            ),
            &format!(r#"seccompProfile (forbidden annotations {OF_A}="", {OF_POD}="x")"#),
            &[&format!("metadata.annotations[{OF_A}]"), &format!("metadata.annotations[{OF_POD}]")],
        );
    }

    #[test]
    fn annotations_of_nobody_are_not_looked_at() {
        let pod = annotated(json!({OF_A: "unconfined"}), json!({"containers": [{"name": "b"}]}));
        assert_allowed(&CHECK, ALWAYS, &pod);
    }

    fn context(profile: &Value) -> Value {
        json!({"seccompProfile": profile})
    }

    #[test]
    fn allowed_fields_are_allowed() {
        for profile in [json!(null), json!({"type": "RuntimeDefault"}), json!({"type": "Localhost"})] {
            let containers = json!([{"securityContext": context(&profile)}, {}]);
            let pod = spec(json!({"securityContext": context(&profile), "containers": containers}));
            assert_allowed(&CHECK, ALWAYS, &pod);
        }
    }

    #[test]
    fn forbidden_fields_are_forbidden_since_v1_19() {
        let bad = context(&json!({"type": "Unconfined"}));
        let pod = spec(json!({
            "securityContext": context(&json!({})),
            "initContainers": [{"name": "i", "securityContext": bad}],
            "containers": [{"name": "c", "securityContext": context(&json!({"type": "runtime/default"}))}],
            "ephemeralContainers": [{"name": "e", "securityContext": bad}, {"name": "good"}],
        }));
        assert_allowed(&CHECK, 0..=18, &pod);
        assert_forbidden(
            &CHECK,
            19..=37,
            &pod,
            "seccompProfile (pod and containers \"i\", \"c\", \"e\" must not set securityContext.seccompProfile.type \
             to \"\", \"Unconfined\", \"runtime/default\")",
            &[
                "spec.securityContext.seccompProfile.type",
                "spec.initContainers[0].securityContext.seccompProfile.type",
                "spec.containers[0].securityContext.seccompProfile.type",
                "spec.ephemeralContainers[0].securityContext.seccompProfile.type",
            ],
        );
    }
}
