//! A file of secrets never gets into the package.

use super::{Input, Problem, Rule, Scope};
use crate::chart::{SECRETS_EXAMPLE, SECRETS_FILE};

pub(super) const RULE: Rule = Rule {
    id: "packaged-secrets",
    title: "`.helmignore` keeps secrets-values.yaml out of the package",
    why: "Ignored by git is not ignored by Helm: what lies in the chart's folder is packaged, and stored in the \
          cluster with every revision of the release.",
    fix: "add the line `secrets-values.yaml` to the chart's .helmignore",
    scope: Scope::Chart,
    check,
};

/// A chart that ships an example of a secrets file must ignore the file that is made from it.
///
/// Only a plain line counts, one that no later `!` can take back: this is no reading of all that `.helmignore` can say.
fn check(input: &Input) -> Vec<Problem> {
    let Some(chart) = input.chart else { return Vec::new() };
    let lines = || chart.helmignore.lines().map(str::trim);
    let ignored = lines().any(|line| line.trim_start_matches('/') == SECRETS_FILE);
    let taken_back = lines().any(|line| line.starts_with('!'));
    if !chart.has_secrets_example || (ignored && !taken_back) {
        return Vec::new();
    }
    let message = if ignored {
        format!("a `!` line of .helmignore may take `{SECRETS_FILE}` back into the package")
    } else {
        format!("{SECRETS_EXAMPLE} is there, and .helmignore has no line `{SECRETS_FILE}`")
    };
    vec![Problem::of_all(input, message)]
}

#[cfg(test)]
mod tests {
    use super::super::testing::{chart, input};
    use super::*;
    use crate::chart::Chart;

    fn found(helmignore: &str, has_secrets_example: bool) -> bool {
        let chart = Chart { helmignore: helmignore.to_owned(), has_secrets_example, ..chart("mailroom") };
        !check(&Input { chart: Some(&chart), ..input(&[]) }).is_empty()
    }

    #[test]
    fn the_line_must_be_there_and_stay() {
        assert!(found("ci/\n", true));
        assert!(!found("ci/\nsecrets-values.yaml\n", true));
        assert!(!found("/secrets-values.yaml\n", true));
        assert!(found("secrets-values.yaml\n!secrets*\n", true));
        assert!(!found("", false));
    }
}
