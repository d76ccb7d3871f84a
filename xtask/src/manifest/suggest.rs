//! The name that was meant.

/// The one of `known` that is nearest to `written`: the same but for case, or at most two letters off.
pub(super) fn nearest<'k>(written: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    const LONGEST: usize = 64; // no field of Kubernetes is longer, and the work grows with the square
    if written.len() > LONGEST {
        return None;
    }
    known
        .map(|name| if name.eq_ignore_ascii_case(written) { (0, name) } else { (distance(written, name), name) })
        .filter(|(distance, name)| *distance <= 2 && *distance < name.len())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// Levenshtein's distance in bytes.
fn distance(one: &str, other: &str) -> usize {
    if one.len().abs_diff(other.len()) > 2 {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in other.bytes().enumerate() {
            let changed = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn finds_the_name_that_was_meant() {
        let known = || ["runAsNonRoot", "runAsUser", "env", "tty"].into_iter();
        assert_eq!(nearest("runAsNonRot", known()), Some("runAsNonRoot"));
        assert_eq!(nearest("runasuser", known()), Some("runAsUser"));
        assert_eq!(nearest("envs", known()), Some("env"));
        assert_eq!(nearest("volumes", known()), None);
        assert_eq!(nearest("x", known()), None);
    }
}
