//! The behaviours, a theme a file. A new one is a function and a line in its file's list.

mod app;
mod blocked;
mod contract;
mod deploy;
mod faults;
mod gate;
mod gate_pod;
mod hardening;
mod life;
mod mishaps;
mod plan;
mod pod_security;
mod rights;
mod rollout;
pub(super) mod support;
mod watching;

use super::behaviour::Behaviour;

/// All of them, in the order of `--list`.
pub fn all() -> Vec<Behaviour> {
    [
        app::BEHAVIOURS,
        contract::BEHAVIOURS,
        hardening::BEHAVIOURS,
        pod_security::BEHAVIOURS,
        plan::BEHAVIOURS,
        deploy::BEHAVIOURS,
        rights::BEHAVIOURS,
        gate::BEHAVIOURS,
        gate_pod::BEHAVIOURS,
        blocked::BEHAVIOURS,
        faults::BEHAVIOURS,
        life::BEHAVIOURS,
        rollout::BEHAVIOURS,
        mishaps::BEHAVIOURS,
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::all;

    #[test]
    fn names_are_kebab_case_unique_and_short_enough_for_a_namespace() {
        let mut seen = BTreeSet::new();
        for behaviour in all() {
            let name = behaviour.name;
            assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'), "{name}");
            assert!(name.len() <= 50, "{name}");
            assert!(seen.insert(name), "{name} stands twice");
            assert!(!behaviour.summary.is_empty() && !behaviour.summary.ends_with('.'), "{name}");
        }
    }
}
