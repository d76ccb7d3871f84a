//! A hook Job fails once, in bounded time, and can be read afterwards.

use super::{Input, Problem, Rule, Scope, view};
use crate::manifest::{Node, Object};

pub(super) const RULE: Rule = Rule {
    id: "hook-job-bounds",
    title: "a hook Job is tried once, has a deadline, and outlives its failure",
    why: "By default a Job is tried seven times, a pod that admission refuses never fails, and a delete policy with \
          hook-failed takes the log away with the reason.",
    fix: "set `backoffLimit: 0`, `restartPolicy: Never` and `activeDeadlineSeconds` below Helm's time-out; leave \
          hook-failed out of `helm.sh/hook-delete-policy`",
    scope: Scope::Chart,
    check,
};

fn check(input: &Input) -> Vec<Problem> {
    let hook_jobs = input.objects.iter().filter(|o| o.reference.kind == "Job" && !view::hooks(o).is_empty());
    hook_jobs.flat_map(problems_of).collect()
}

fn problems_of(job: &Object) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut unless = |holds: bool, path: &str, message: &str| {
        if !holds {
            problems.push(Problem::of(job, path, message));
        }
    };
    let integer = |path: &str| view::at(&job.root, path).and_then(Node::as_i64);
    unless(integer("spec.backoffLimit") == Some(0), "spec.backoffLimit", "a failure would be tried again");
    unless(integer("spec.activeDeadlineSeconds").is_some(), "spec.activeDeadlineSeconds", "there is no deadline");
    let restart = view::at(&job.root, "spec.template.spec.restartPolicy").and_then(Node::as_str);
    unless(restart == Some("Never"), "spec.template.spec.restartPolicy", "the container would be started again");
    let policy = view::annotation(job, "helm.sh/hook-delete-policy").unwrap_or("before-hook-creation");
    let deleted = policy.split(',').any(|policy| policy.trim() == "hook-failed");
    unless(
        !deleted,
        r#"metadata.annotations["helm.sh/hook-delete-policy"]"#,
        "a failed Job would be deleted with its log",
    );
    problems
}

#[cfg(test)]
mod tests {
    use super::super::testing::{input, objects};
    use super::*;

    fn paths(annotations: &str, spec: &str, restart: &str) -> Vec<String> {
        let job = format!(
            "apiVersion: batch/v1\nkind: Job\nmetadata: {{name: j, annotations: {{{annotations}}}}}\n\
             spec: {{{spec}template: {{spec: {{restartPolicy: {restart}}}}}}}\n"
        );
        check(&input(&objects(&job))).into_iter().map(|problem| problem.path).collect()
    }

    #[test]
    fn each_bound_is_asked_for() {
        let hook = "helm.sh/hook: pre-install";
        assert!(paths(hook, "backoffLimit: 0, activeDeadlineSeconds: 9, ", "Never").is_empty());
        assert_eq!(paths(hook, "activeDeadlineSeconds: 9, ", "Never"), ["spec.backoffLimit"]);
        assert_eq!(paths(hook, "backoffLimit: 0, ", "Never"), ["spec.activeDeadlineSeconds"]);
        let restart = paths(hook, "backoffLimit: 0, activeDeadlineSeconds: 9, ", "OnFailure");
        assert_eq!(restart, ["spec.template.spec.restartPolicy"]);
        let gone = format!("{hook}, helm.sh/hook-delete-policy: 'before-hook-creation, hook-failed'");
        let gone = paths(&gone, "backoffLimit: 0, activeDeadlineSeconds: 9, ", "Never");
        assert_eq!(gone, [r#"metadata.annotations["helm.sh/hook-delete-policy"]"#]);
    }

    #[test]
    fn a_job_of_the_release_is_left_alone() {
        assert!(paths("", "", "OnFailure").is_empty());
    }
}
