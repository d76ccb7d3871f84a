//! No selector takes the pods of a hook for its own.

use super::{Input, Problem, Rule, Scope, view};

pub(super) const RULE: Rule = Rule {
    id: "hook-selector",
    title: "no selector matches the labels of a hook's or a Job's pods",
    why: "A Service would send requests to the hook's pod, a Deployment or a disruption budget would count it. \
          Selectors cannot be changed later.",
    fix: "give the pods of the Job another `app.kubernetes.io/name`, or the selector a label that they lack",
    scope: Scope::Manifests,
    check,
};

fn check(input: &Input) -> Vec<Problem> {
    let mut problems = Vec::new();
    let selectors: Vec<_> =
        input.objects.iter().filter_map(|o| view::selector(o).map(|selector| (o, selector))).collect();
    for object in input.objects.iter().filter(|o| o.reference.kind == "Job" || !view::hooks(o).is_empty()) {
        for template in object.pods() {
            let labels = view::labels(template.metadata);
            for (owner, selector) in &selectors {
                if selector.matches(&labels) {
                    let message =
                        format!("the selector of {}/{} matches these pods", owner.reference.kind, owner.reference.name);
                    problems.push(Problem::of(object, view::below(template.path, "metadata.labels"), message));
                }
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::super::testing::{input, objects};
    use super::*;

    fn problems(selector: &str) -> usize {
        let job = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: j}\nspec: {template: {metadata: {labels: {app: a, part: gate}}}}\n---\n";
        check(&input(&objects(&format!("{job}{selector}")))).len()
    }

    fn deployment(selector: &str) -> String {
        format!("apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: d}}\nspec: {{selector: {selector}}}\n")
    }

    #[test]
    fn a_selector_that_is_a_part_of_the_labels_is_a_problem() {
        assert_eq!(problems(&deployment("{matchLabels: {app: a}}")), 1);
        assert_eq!(problems("apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {selector: {app: a}}\n"), 1);
    }

    #[test]
    fn a_label_that_the_job_lacks_keeps_them_apart() {
        assert_eq!(problems(&deployment("{matchLabels: {app: a, part: app}}")), 0);
        assert_eq!(problems(&deployment("{matchLabels: {app: b}}")), 0);
    }

    #[test]
    fn expressions_count_and_an_empty_service_selector_selects_nothing() {
        assert_eq!(problems(&deployment("{matchExpressions: [{key: app, operator: In, values: [a, b]}]}")), 1);
        assert_eq!(problems(&deployment("{matchExpressions: [{key: part, operator: DoesNotExist}]}")), 0);
        assert_eq!(problems(&deployment("{matchExpressions: [{key: part, operator: NotIn, values: [gate]}]}")), 0);
        assert_eq!(problems("apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {}\n"), 0);
    }
}
