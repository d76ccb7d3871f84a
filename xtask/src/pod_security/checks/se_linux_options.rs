//! `seLinuxOptions`, baseline, since v1.0: only the types made for containers, and the node's own user and role.
//!
//! Restricted fields: `securityContext.seLinuxOptions.type`, `.user` and `.role` of the pod and of every container.
//! Allowed types: unset, empty, `container_t`, `container_init_t`, `container_kvm_t`, and since v1.31 `container_engine_t`.
//! Allowed users and roles: unset, empty. The level is free.

use std::collections::BTreeSet;

use crate::pod_security::check::{Check, Forbidden, Revision};
use crate::pod_security::places::Offenders;
use crate::pod_security::text::{plural, quoted};
use crate::pod_security::{Level, Pod};

pub(in crate::pod_security) const CHECK: Check = Check {
    id: "seLinuxOptions",
    level: Level::Baseline,
    revisions: &[
        Revision::since(0, |pod| judge(pod, &[])),
        Revision::since(31, |pod| judge(pod, &["container_engine_t"])),
    ],
    overrides: &[],
    fix: "remove seLinuxOptions.user and .role, and take a type that is made for containers, as container_t",
};

const ALLOWED_TYPES: [&str; 4] = ["", "container_t", "container_init_t", "container_kvm_t"];

fn judge(pod: &Pod, more_types: &[&str]) -> Option<Forbidden> {
    let (mut types, mut has_user, mut has_role) = (BTreeSet::new(), false, false);
    let offenders = Offenders::of_contexts(&pod.spec, |context| {
        let options = &context.se_linux_options;
        let kind = options.kind.as_str();
        let bad_type = !ALLOWED_TYPES.contains(&kind) && !more_types.contains(&kind);
        let (user, role) = (!options.user.is_empty(), !options.role.is_empty());
        types.extend(bad_type.then_some(kind));
        has_user |= user;
        has_role |= role;
        let fields = [("seLinuxOptions.type", bad_type), ("seLinuxOptions.user", user), ("seLinuxOptions.role", role)];
        fields.into_iter().filter_map(|(field, is_bad)| is_bad.then_some(field))
    });
    offenders.forbid("seLinuxOptions", |who| {
        let count = types.len();
        let types = (count > 0).then(|| format!("{} {}", plural(count, "type", "types"), quoted(types)));
        let user = has_user.then(|| "user may not be set".to_owned());
        let role = has_role.then(|| "role may not be set".to_owned());
        let parts: Vec<String> = [types, user, role].into_iter().flatten().collect();
        format!("{who} set forbidden securityContext.seLinuxOptions: {}", parts.join("; "))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::pod_security::testing::{ALWAYS, assert_allowed, assert_forbidden, spec};

    fn context(options: &Value) -> Value {
        json!({"seLinuxOptions": options})
    }

    #[test]
    fn container_types_are_allowed_and_the_level_is_free() {
        for kind in [json!(null), json!(""), json!("container_t"), json!("container_init_t"), json!("container_kvm_t")]
        {
            let good = context(&json!({"type": kind, "user": "", "role": null, "level": "s0"}));
            let containers = json!([{"securityContext": good}, {"securityContext": context(&json!(null))}]);
            assert_allowed(&CHECK, ALWAYS, &spec(json!({"securityContext": good, "containers": containers})));
        }
    }

    #[test]
    fn the_engines_type_is_allowed_since_v1_31() {
        let pod = spec(json!({"securityContext": context(&json!({"type": "container_engine_t"}))}));
        let message = r#"seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type "container_engine_t")"#;
        assert_allowed(&CHECK, 31..=37, &pod);
        assert_forbidden(&CHECK, 0..=30, &pod, message, &["spec.securityContext.seLinuxOptions.type"]);
    }

    #[test]
    fn each_field_is_forbidden() {
        for (field, text) in [("type", r#"type "x""#), ("user", "user may not be set"), ("role", "role may not be set")]
        {
            let bad = context(&json!({field: "x"}));
            for list in ["initContainers", "containers", "ephemeralContainers"] {
                assert_forbidden(
                    &CHECK,
                    ALWAYS,
                    &spec(json!({list: [{"name": "c", "securityContext": bad}]})),
                    &format!(r#"seLinuxOptions (container "c" set forbidden securityContext.seLinuxOptions: {text})"#),
                    &[&format!("spec.{list}[0].securityContext.seLinuxOptions.{field}")],
                );
            }
        }
    }

    #[test]
    fn what_many_set_is_gathered() {
        let bad = |kind| context(&json!({"type": kind, "role": "r"}));
        assert_forbidden(
            &CHECK,
            ALWAYS,
            &spec(json!({
                "securityContext": bad("spc_t"),
                "containers": [
                    {"name": "a", "securityContext": context(&json!({"user": "u"}))},
                    {"name": "b", "securityContext": bad("init_t")},
                    {"name": "good"},
                ],
            })),
            "seLinuxOptions (pod and containers \"a\", \"b\" set forbidden securityContext.seLinuxOptions: \
             types \"init_t\", \"spc_t\"; user may not be set; role may not be set)",
            &[
                "spec.securityContext.seLinuxOptions.type",
                "spec.securityContext.seLinuxOptions.role",
                "spec.containers[0].securityContext.seLinuxOptions.user",
                "spec.containers[1].securityContext.seLinuxOptions.type",
                "spec.containers[1].securityContext.seLinuxOptions.role",
            ],
        );
    }
}
