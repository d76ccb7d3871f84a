//! An environment variable is set once.

use std::collections::BTreeMap;

use super::{Input, Problem, Rule, Scope, view};

pub(super) const RULE: Rule = Rule {
    id: "duplicate-env",
    title: "no container names an environment variable twice",
    why: "The last one wins, and a later patch of the list by name can take both away. A name in `env` also hides \
          the one that `envFrom` brings.",
    fix: "keep one of the two",
    scope: Scope::Manifests,
    check,
};

fn check(input: &Input) -> Vec<Problem> {
    let mut problems = Vec::new();
    for object in input.objects {
        for container in view::containers(object) {
            let mut first: BTreeMap<&str, usize> = BTreeMap::new();
            for (index, name) in view::names_in(container.node, "env").into_iter().enumerate() {
                let path = format!("{}.env[{index}]", container.path);
                if let Some(other) = first.insert(name, index) {
                    problems.push(Problem::of(object, path, format!("`{name}` is set already by env[{other}]")));
                } else if view::env_from_secret_keys(input.objects, container.node).contains(&name) {
                    problems.push(Problem::of(object, path, format!("`{name}` hides the key of a Secret in envFrom")));
                }
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::super::testing::{input, objects, pod};
    use super::*;

    #[test]
    fn the_second_of_two_is_named() {
        let found = check(&input(&objects(&pod("env: [{name: A, value: x}, {name: B}, {name: A, value: y}]"))));
        assert_eq!((found[0].path.as_str(), found.len()), ("spec.containers[0].env[2]", 1));
        assert_eq!(found[0].message, "`A` is set already by env[0]");
    }

    #[test]
    fn a_key_of_a_secret_is_hidden() {
        let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {TOKEN: t}\n---\n";
        let pod = pod("env: [{name: TOKEN}], envFrom: [{secretRef: {name: s}}]");
        let found = check(&input(&objects(&format!("{secret}{pod}"))));
        assert_eq!(found[0].message, "`TOKEN` hides the key of a Secret in envFrom");
    }
}
