//! Two objects of one render with one name.

use std::collections::BTreeMap;

use super::{Input, Problem, Rule, Scope, view};

pub(super) const RULE: Rule = Rule {
    id: "duplicate-object",
    title: "no two objects of a render share kind, namespace and name",
    why: "The second replaces the first. Where one of them belongs to a hook, its delete policy takes the other away.",
    fix: "give each object a name of its own; a copy for a hook gets a suffix",
    scope: Scope::Manifests,
    check,
};

fn check(input: &Input) -> Vec<Problem> {
    let mut seen = BTreeMap::new();
    let mut problems = Vec::new();
    for object in input.objects.iter().filter(|object| !object.reference.name.is_empty()) {
        let group = object.api_version.rsplit_once('/').map_or("", |(group, _)| group);
        let key = (group, &object.reference.kind, &object.reference.namespace, &object.reference.name);
        if let Some(first) = seen.insert(key, object) {
            let owner = |object| if view::hooks(object).is_empty() { "the release" } else { "a hook" };
            let message = format!("it is there twice: for {} and for {}", owner(first), owner(object));
            problems.push(Problem::of(object, "metadata.name", message));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::super::testing::{input, objects};
    use super::*;

    #[test]
    fn one_name_for_hook_and_release_is_a_problem() {
        let both = objects(
            "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: a, annotations: {helm.sh/hook: pre-install}}\n",
        );
        assert_eq!(check(&input(&both))[0].message, "it is there twice: for the release and for a hook");
    }

    #[test]
    fn another_kind_namespace_or_group_is_another_object() {
        let apart = objects(
            "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: b}\n",
        );
        assert!(check(&input(&apart)).is_empty());
    }
}
