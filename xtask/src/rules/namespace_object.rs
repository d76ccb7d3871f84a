//! The namespace is not the chart's.

use super::{Input, Problem, Rule, Scope};

pub(super) const RULE: Rule = Rule {
    id: "namespace-object",
    title: "a chart holds no Namespace",
    why: "Helm needs the namespace before it needs the chart, an uninstall would delete it with all that others have \
          in it, and the Pod Security labels must be there before the first pod.",
    fix: "create the namespace with its labels before the release, in one request",
    scope: Scope::Chart,
    check,
};

fn check(input: &Input) -> Vec<Problem> {
    let namespaces = input.objects.iter().filter(|object| object.reference.kind == "Namespace");
    namespaces.map(|object| Problem::of(object, "kind", "the chart would own a namespace")).collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{input, objects};
    use super::*;

    #[test]
    fn a_namespace_is_named() {
        let found = check(&input(&objects("apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n")));
        assert_eq!(found[0].object.name, "a");
        assert!(check(&input(&objects("apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n"))).is_empty());
    }
}
