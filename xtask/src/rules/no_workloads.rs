//! A check that saw nothing has proved nothing.

use super::{Input, Problem, Rule, Scope};

pub(super) const RULE: Rule = Rule {
    id: "no-workloads",
    title: "there is at least one pod or pod template to judge",
    why: "A chart that renders nothing, an empty file and a wrong path all look clean to a check that only counts \
          what it finds wrong.",
    fix: "render the chart with values that make a workload, or name the file that holds one",
    scope: Scope::Manifests,
    check,
};

fn check(input: &Input) -> Vec<Problem> {
    if input.pods > 0 || !input.readable {
        return Vec::new();
    }
    let message = match input.objects.len() {
        0 => "no object at all was found".to_owned(),
        objects => format!("none of the {objects} objects found runs a pod"),
    };
    vec![Problem::of_all(input, message)]
}

#[cfg(test)]
mod tests {
    use super::super::testing::{input, objects};
    use super::*;

    #[test]
    fn nothing_found_is_a_problem() {
        assert_eq!(check(&input(&[]))[0].message, "no object at all was found");
        let map = objects("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n");
        assert_eq!(check(&input(&map))[0].message, "none of the 1 objects found runs a pod");
        assert!(check(&Input { pods: 1, ..input(&map) }).is_empty());
    }
}
