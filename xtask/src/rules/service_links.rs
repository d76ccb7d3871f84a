//! No pod of mailroom gets the variables of service links.

use super::{Input, Problem, Rule, Scope, view};
use crate::manifest::Node;

pub(super) const RULE: Rule = Rule {
    id: "service-links",
    title: "every pod has `enableServiceLinks: false`",
    why: "A Service named mailroom in the namespace would put MAILROOM_PORT=tcp://... and its like into the process, \
          among the settings that the app reads from MAILROOM_ variables.",
    fix: "set `enableServiceLinks: false` in the pod's spec",
    scope: Scope::Mailroom,
    check,
};

fn check(input: &Input) -> Vec<Problem> {
    let mut problems = Vec::new();
    for object in input.objects {
        for template in object.pods() {
            if view::at(template.spec, "enableServiceLinks").and_then(Node::as_bool) != Some(false) {
                let path = view::below(template.path, "spec.enableServiceLinks");
                problems.push(Problem::of(object, path, "service links are on"));
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::super::testing::{input, objects};
    use super::*;

    #[test]
    fn links_are_on_unless_switched_off() {
        let pod =
            |spec: &str| objects(&format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec: {{{spec}}}\n"));
        assert_eq!(check(&input(&pod("hostPID: false")))[0].path, "spec.enableServiceLinks");
        assert_eq!(check(&input(&pod("enableServiceLinks: true"))).len(), 1);
        assert!(check(&input(&pod("enableServiceLinks: false"))).is_empty());
    }
}
