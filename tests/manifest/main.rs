//! Manifests read as Kubernetes reads them: the written list, and the verdicts of Kubernetes' own libraries on it.

mod cases;
mod verdict;

use std::collections::HashMap;
use std::fmt::Write;

use cases::{Case, Expect, cases};
use verdict::{Answer, Verdict, compare, errors, objects};

/// Every case reads as written down, or is refused by the rule that is written down.
#[test]
fn the_written_list() {
    let mut wrong = String::new();
    for Case { name, text, expect } in cases() {
        let manifests = xtask::manifest::read(&text, "case");
        let errors = errors(&manifests);
        match expect {
            Expect::Reads(json) => {
                let expected: Vec<serde_json::Value> =
                    json.lines().map(|line| serde_json::from_str(line).expect(&name)).collect();
                if !errors.is_empty() || objects(&manifests) != expected {
                    writeln!(wrong, "{name}: got {:?} {errors:#?}", objects(&manifests)).unwrap();
                }
            }
            Expect::Refused(rule) => {
                if !errors.iter().any(|finding| finding.rule == rule) {
                    writeln!(wrong, "{name}: wanted {rule}, got {errors:#?}").unwrap();
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// On every case of the list, Kubernetes' libraries read what we read, or we refuse it.
#[test]
fn the_list_as_kubernetes_reads_it() {
    let golden: HashMap<String, Answer> = include_str!("golden.jsonl")
        .lines()
        .map(|line| serde_json::from_str::<(String, Answer)>(line).expect("a line of golden.jsonl"))
        .collect();
    let cases = cases();
    assert_eq!(golden.len(), cases.len(), "golden.jsonl is stale: see the top of comparison.rs");
    for case in &cases {
        let answer = golden.get(&case.text).unwrap_or_else(|| panic!("golden.jsonl lacks `{}`", case.name));
        let verdict = compare(&case.text, answer);
        assert!(!matches!(verdict, Verdict::Differs(_)), "{}: {verdict:?}", case.name);
    }
}
