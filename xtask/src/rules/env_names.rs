//! The keys of a Secret in `envFrom` are names of environment variables.

use super::{Input, Problem, Rule, Scope, view};

pub(super) const RULE: Rule = Rule {
    id: "env-names",
    title: "each key that `envFrom` takes from a Secret or a ConfigMap is a name of an environment variable",
    why: "Kubernetes before 1.32 leaves out a key such as `imap-password` with no more than an event, newer ones take \
          it: the same chart, another process.",
    fix: "name the key in capitals, digits and underscores, not starting with a digit",
    scope: Scope::Manifests,
    check,
};

fn check(input: &Input) -> Vec<Problem> {
    let mut problems = Vec::new();
    let containers = input.objects.iter().flat_map(view::containers);
    let mut sources: Vec<_> = containers.flat_map(|c| view::env_from_sources(input.objects, c.node)).collect();
    sources.sort_by_key(|object| &object.reference);
    sources.dedup_by_key(|object| &object.reference);
    for object in sources {
        for (field, key) in view::data_keys(object) {
            if !is_variable(key) {
                let message = format!("`{key}` is not a name of an environment variable");
                problems.push(Problem::of(object, format!("{field}[{key:?}]"), message));
            }
        }
    }
    problems
}

fn is_variable(key: &str) -> bool {
    key.starts_with(|c: char| c.is_ascii_uppercase() || c == '_')
        && key.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::super::testing::{input, objects, pod};
    use super::*;

    fn problems(key: &str) -> Vec<Problem> {
        let secret = format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: s}}\nstringData: {{{key}: t}}\n---\n");
        check(&input(&objects(&format!("{secret}{}", pod("envFrom: [{secretRef: {name: s}}]")))))
    }

    #[test]
    fn only_names_of_variables_pass() {
        for wrong in ["imap-password", "1KEY", "lower", "A.B"] {
            assert_eq!(problems(wrong).len(), 1, "{wrong}");
        }
        assert!(problems("MAILROOM_JMAP_TOKEN").is_empty());
        assert!(problems("_A1").is_empty());
    }

    #[test]
    fn a_secret_that_is_mounted_may_have_any_key() {
        let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {a-b: t}\n---\n";
        assert!(check(&input(&objects(&format!("{secret}{}", pod("image: a"))))).is_empty());
    }
}
