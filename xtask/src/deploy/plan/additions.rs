//! Fields that another manager than Helm added, as by `kubectl set env`: Helm leaves them there, so they would be part of
//! what runs, and neither the gate nor a rule has judged them.

use serde_json::{Value, json};

use crate::deploy::plan::managers::{Step, Written, of_others};

/// What others may add: labels and annotations, as `kubectl rollout restart` does, and what controllers report.
const FREE: [&str; 3] = ["metadata", "status", "spec.template.metadata"];

/// A field, or an item of a list, that the render leaves out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Addition {
    /// Who added it, as in `kubectl-set`.
    pub(crate) manager: String,
    /// The manager's place in `metadata.managedFields`.
    pub(crate) index: usize,
    /// As in `spec.template.spec.containers[mailroom].env[TZ]`.
    path: String,
    /// The same as a JSON pointer into the object that is there.
    pointer: String,
}

/// What others added to an object. Values are left out: one of them may be a credential.
pub(crate) fn of(live: &Value, wanted: &Value) -> Vec<Addition> {
    let mut found = Vec::new();
    for Written { index, manager, fields, .. } in of_others(live) {
        let root = Addition { manager: manager.to_owned(), index, path: String::new(), pointer: String::new() };
        walk(fields, live, wanted, &root, &mut found);
    }
    found
}

fn walk(fields: &Value, live: &Value, wanted: &Value, at: &Addition, found: &mut Vec<Addition>) {
    for (key, fields) in fields.as_object().into_iter().flatten() {
        let Some(step) = Step::of_key(key) else { continue };
        let Some((there, pointer)) = step.within(live).zip(step.pointer(&at.pointer, live)) else { continue };
        let place = Addition { path: step.path(&at.path), pointer, ..at.clone() };
        match step.within(wanted) {
            _ if FREE.contains(&place.path.as_str()) => {}
            Some(wanted) => walk(fields, there, wanted, &place, found),
            None => found.push(place),
        }
    }
}

/// Who added what.
pub(crate) fn said(additions: &[Addition]) -> String {
    let each: Vec<_> = additions.iter().map(|it| format!("`{}` added {}", it.manager, it.path)).collect();
    each.join(", ")
}

/// The operations of a JSON patch (RFC 6902) that take them away, the last item of a list first, so that the places of the
/// others stay.
pub(crate) fn removal(additions: &[Addition]) -> Vec<Value> {
    let mut pointers: Vec<&str> = additions.iter().map(|it| it.pointer.as_str()).collect();
    let steps = |pointer: &str| -> Vec<(u64, String)> {
        pointer.split('/').map(|step| (step.parse().unwrap_or_default(), step.to_owned())).collect()
    };
    pointers.sort_by_key(|pointer| std::cmp::Reverse(steps(pointer)));
    pointers.dedup();
    pointers.iter().map(|pointer| json!({"op": "remove", "path": pointer})).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A Deployment to which `others` have added what their sets of fields say.
    fn live(others: &Value) -> Value {
        let variable = |name: &str| json!({"name": name, "value": "secret"});
        json!({"metadata": {"labels": {"x": "y"}, "managedFields": others}, "spec": {"paused": true, "template": {
            "metadata": {"annotations": {"restartedAt": "now"}},
            "spec": {"containers": [
                {"name": "mailroom", "image": "a:1", "env": [variable("A"), variable("B"), variable("C")], "args": ["x"]},
                {"name": "sidecar", "image": "b:1"}]}}}})
    }

    fn wanted() -> Value {
        json!({"metadata": {}, "spec": {"template": {"spec": {"containers": [
            {"name": "mailroom", "image": "a:1", "env": [{"name": "A", "value": "1"}]}]}}}})
    }

    fn by(manager: &str, fields: &Value) -> Value {
        json!({"manager": manager, "operation": "Update", "fieldsV1": fields})
    }

    fn in_containers(fields: &Value) -> Value {
        json!({"f:spec": {"f:template": {"f:spec": {"f:containers": fields}}}})
    }

    fn found(others: &Value) -> Vec<(String, String)> {
        of(&live(others), &wanted()).into_iter().map(|it| (it.path, it.pointer)).collect()
    }

    #[test]
    fn a_variable_a_container_and_a_pause_are_named() {
        let variables = in_containers(&json!({"k:{\"name\":\"mailroom\"}": {"f:env": {".": {},
            "k:{\"name\":\"A\"}": {".": {}, "f:value": {}}, "k:{\"name\":\"B\"}": {".": {}, "f:name": {}, "f:value": {}}}}}));
        let sidecar = in_containers(&json!({"k:{\"name\":\"sidecar\"}": {".": {}, "f:image": {}, "f:name": {}}}));
        let pause = json!({"f:spec": {"f:paused": {}}});
        let others =
            json!([by("kubectl-set", &variables), by("kubectl-edit", &sidecar), by("kubectl-rollout", &pause)]);
        let containers = "/spec/template/spec/containers";
        let expected = [
            ("spec.template.spec.containers[mailroom].env[B]", format!("{containers}/0/env/1")),
            ("spec.template.spec.containers[sidecar]", format!("{containers}/1")),
            ("spec.paused", "/spec/paused".to_owned()),
        ];
        assert_eq!(found(&others), expected.map(|(path, pointer)| (path.to_owned(), pointer)));
    }

    #[test]
    fn marks_status_and_what_helm_wrote_are_no_additions() {
        let marks = json!({"f:metadata": {"f:labels": {"f:x": {}}}, "f:status": {"f:replicas": {}},
            "f:spec": {"f:template": {"f:metadata": {"f:annotations": {"f:restartedAt": {}}}}}});
        let pause = json!({"f:spec": {"f:paused": {}}});
        assert!(found(&json!([by("kubectl-rollout", &marks), by("helm", &pause)])).is_empty());
    }

    #[test]
    fn the_way_out_removes_each_once_and_the_last_item_first() {
        let variables = in_containers(&json!({"k:{\"name\":\"mailroom\"}": {"f:args": {}, "f:env": {
            "k:{\"name\":\"B\"}": {".": {}}, "k:{\"name\":\"C\"}": {".": {}}}}}));
        let twice = json!([by("kubectl-set", &variables), by("kubectl-edit", &variables)]);
        let removal = removal(&of(&live(&twice), &wanted()));
        let paths: Vec<_> = removal.iter().filter_map(|it| it["path"].as_str()).collect();
        let container = "/spec/template/spec/containers/0";
        assert_eq!(paths, ["env/2", "env/1", "args"].map(|field| format!("{container}/{field}")));
    }
}
