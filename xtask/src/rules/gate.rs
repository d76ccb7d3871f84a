//! Chart mailroom has its gate.

use super::{Input, Problem, Rule, Scope, view};
use crate::manifest::Object;

pub(super) const RULE: Rule = Rule {
    id: "gate-missing",
    title: "chart mailroom has a gate Job on pre-install and pre-upgrade",
    why: "The gate is what keeps a configuration that names missing mailboxes or groups from being deployed. Helm \
          takes the attempt after a failed first install for an upgrade, so one event is not enough.",
    fix: "render one Job with `helm.sh/hook: pre-install,pre-upgrade` in every scenario",
    scope: Scope::Mailroom,
    check,
};

fn check(input: &Input) -> Vec<Problem> {
    let jobs = || input.objects.iter().filter(|object| object.reference.kind == "Job");
    if !input.readable || jobs().any(|job| is_gate(&view::hooks(job))) {
        return Vec::new();
    }
    let on_some_event: Vec<_> = jobs().filter(|job| !view::hooks(job).is_empty()).collect();
    if on_some_event.is_empty() {
        return vec![Problem::of_all(input, "there is no gate: no Job of the render is a hook")];
    }
    on_some_event.into_iter().map(missing_event).collect()
}

fn is_gate(hooks: &[&str]) -> bool {
    hooks.contains(&"pre-install") && hooks.contains(&"pre-upgrade")
}

fn missing_event(job: &Object) -> Problem {
    let message = format!(
        "the gate must run on pre-install and on pre-upgrade; this Job runs on {}",
        view::hooks(job).join(", ")
    );
    Problem::of(job, r#"metadata.annotations["helm.sh/hook"]"#, message)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{chart, input, objects};
    use super::*;

    fn problems(hook: &str) -> Vec<Problem> {
        let job = format!(
            "apiVersion: batch/v1\nkind: Job\nmetadata: {{name: gate, annotations: {{helm.sh/hook: \"{hook}\"}}}}\n"
        );
        let chart = chart("mailroom");
        check(&Input { chart: Some(&chart), ..input(&objects(&job)) })
    }

    #[test]
    fn both_events_are_needed_in_any_order() {
        assert!(problems("pre-install,pre-upgrade").is_empty());
        assert!(problems("pre-upgrade, pre-install , test").is_empty());
        let found = problems("post-install,pre-upgrade");
        assert_eq!(found[0].object.name, "gate");
        assert!(found[0].message.ends_with("runs on post-install, pre-upgrade"), "{found:?}");
    }

    #[test]
    fn no_hook_job_at_all_is_one_problem() {
        assert_eq!(check(&input(&[]))[0].message, "there is no gate: no Job of the render is a hook");
    }

    #[test]
    fn nothing_is_missed_where_a_document_could_not_be_read() {
        assert!(check(&Input { readable: false, ..input(&[]) }).is_empty());
    }
}
