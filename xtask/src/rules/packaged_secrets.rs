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
/// Only lines for files beside Chart.yaml are read, with `*` and `?`: a `!` line, which could take the file back, is
/// refused instead of weighed.
fn check(input: &Input) -> Vec<Problem> {
    let Some(chart) = input.chart.filter(|chart| chart.has_secrets_example) else { return Vec::new() };
    let lines = || chart.helmignore.lines().map(str::trim);
    if !lines().any(|line| matches(line.strip_prefix('/').unwrap_or(line), SECRETS_FILE)) {
        let message = format!("{SECRETS_EXAMPLE} is there, and no line of .helmignore matches `{SECRETS_FILE}`");
        return vec![Problem::of_all(input, message)];
    }
    if lines().any(|line| line.starts_with('!')) {
        let message = format!("a `!` line of .helmignore may take `{SECRETS_FILE}` back into the package");
        return vec![Problem::of_all(input, message)];
    }
    Vec::new()
}

/// Whether a shell pattern of `*`, `?` and plain characters matches the whole name.
fn matches(pattern: &str, name: &str) -> bool {
    let Some(first) = pattern.chars().next() else { return name.is_empty() };
    let rest = &pattern[first.len_utf8()..];
    match first {
        '*' => (0..=name.len()).any(|skip| name.is_char_boundary(skip) && matches(rest, &name[skip..])),
        _ => name.chars().next().is_some_and(|c| (first == '?' || first == c) && matches(rest, &name[c.len_utf8()..])),
    }
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
        assert!(!found("/*secret*.y?ml\n", true));
        assert!(found("secret*.json\n#secrets-values.yaml\nsub/secrets-values.yaml\n", true));
        assert!(found("secrets-values.yaml\n!secrets*\n", true));
        assert!(!found("", false));
    }
}
