//! Helm drops every document that names a hook it does not know.

use super::{Input, Problem, Rule, Scope};

pub(super) const RULE: Rule = Rule {
    id: "unknown-hook",
    title: "every `helm.sh/hook` names hooks that Helm knows",
    why: "Helm drops the whole document of an unknown hook, says so in a line of its log, and ends with 0: a slip of \
          the pen takes the gate out of the chart.",
    fix: "correct the name: pre-install, post-install, pre-upgrade, post-upgrade, pre-delete, post-delete, \
          pre-rollback, post-rollback, test",
    scope: Scope::Chart,
    check,
};

fn check(input: &Input) -> Vec<Problem> {
    let message = |hook: &String| format!("helm dropped a document, because it does not know the hook `{hook}`");
    input.skipped_hooks.iter().map(|hook| Problem::of_all(input, message(hook))).collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{chart, input};
    use super::*;

    #[test]
    fn a_dropped_document_is_a_problem() {
        let chart = chart("demo");
        let hooks = ["pre-instal".to_owned()];
        let found = check(&Input { skipped_hooks: &hooks, chart: Some(&chart), ..input(&[]) });
        assert_eq!(found.len(), 1);
        assert!(found[0].message.contains("`pre-instal`"), "{found:?}");
        assert!(check(&input(&[])).is_empty());
    }
}
