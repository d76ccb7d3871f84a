//! What a hook's pod needs is there when it runs.

use super::{Input, Problem, Rule, Scope, view};
use crate::manifest::Object;

pub(super) const RULE: Rule = Rule {
    id: "hook-needs",
    title: "a hook's pod refers to objects that exist before the release does",
    why: "A pre-install hook runs before the release's own ConfigMaps, Secrets and ServiceAccounts are made: its pod \
          waits for them until the time-out. Before an upgrade they still hold the old values.",
    fix: "give the hook copies of its own: hook objects of a lower `helm.sh/hook-weight`, with names of their own",
    scope: Scope::Chart,
    check,
};

fn check(input: &Input) -> Vec<Problem> {
    let hooks = input.objects.iter().filter(|object| view::hooks(object).iter().any(|hook| hook.starts_with("pre-")));
    hooks.flat_map(|hook| problems_of(hook, input.objects)).collect()
}

fn problems_of(hook: &Object, objects: &[Object]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for reference in view::references(hook) {
        let target =
            objects.iter().filter(|o| o.reference.kind == reference.kind && o.reference.name == reference.name);
        let shown = format!("{} `{}`", reference.kind, reference.name);
        for target in target {
            let message = if view::hooks(target).is_empty() {
                format!("{shown} is made with the release, after this hook")
            } else if !view::hooks(hook).iter().all(|event| view::hooks(target).contains(event)) {
                format!("{shown} is a hook of {}, this is one of {}", list(target), list(hook))
            } else if view::hook_weight(target) >= view::hook_weight(hook) {
                format!("{shown} has hook weight {}, not below {}", view::hook_weight(target), view::hook_weight(hook))
            } else {
                continue;
            };
            problems.push(Problem::of(hook, reference.path.clone(), message));
        }
    }
    problems
}

fn list(object: &Object) -> String {
    view::hooks(object).join(", ")
}

#[cfg(test)]
mod tests {
    use super::super::testing::{input, objects};
    use super::*;

    fn problems(secret_annotations: &str) -> Vec<Problem> {
        check(&input(&objects(&format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: s, annotations: {{{secret_annotations}}}}}\n---\n\
             apiVersion: batch/v1\nkind: Job\nmetadata: {{name: j, annotations: {{helm.sh/hook: 'pre-install,pre-upgrade'}}}}\n\
             spec: {{template: {{spec: {{containers: [{{name: c, envFrom: [{{secretRef: {{name: s}}}}]}}]}}}}}}\n"
        ))))
    }

    #[test]
    fn the_releases_own_secret_comes_too_late() {
        let found = problems("");
        assert_eq!(found[0].message, "Secret `s` is made with the release, after this hook");
        assert_eq!(found[0].path, "spec.template.spec.containers[0].envFrom[0].secretRef.name");
    }

    #[test]
    fn a_copy_needs_the_same_events_and_a_lower_weight() {
        assert!(problems("helm.sh/hook: 'pre-upgrade,pre-install', helm.sh/hook-weight: '-10'").is_empty());
        let found = problems("helm.sh/hook: 'pre-upgrade,pre-install'");
        assert_eq!(found[0].message, "Secret `s` has hook weight 0, not below 0");
        let found = problems("helm.sh/hook: pre-install, helm.sh/hook-weight: '-10'");
        assert_eq!(found[0].message, "Secret `s` is a hook of pre-install, this is one of pre-install, pre-upgrade");
    }
}
