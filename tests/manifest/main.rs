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
        let name = &case.name;
        match (compare(&case.text, answer), &case.expect) {
            (Verdict::Differs(why), _) => panic!("{name}: {why}"),
            (Verdict::Stricter(rules), Expect::Reads(_)) => panic!("{name}: refused by us alone, by {rules:?}"),
            _ => {}
        }
    }
}

/// One finding as a line: `rule path: message`.
fn lines(text: &str) -> Vec<String> {
    let line = |finding: &xtask::finding::Finding| format!("{} {}: {}", finding.rule, finding.path, finding.message);
    xtask::manifest::read(text, "case").findings.iter().map(line).collect()
}

/// All that is wrong comes out in one run, each with its place.
#[test]
fn every_problem_of_a_document_is_found() {
    let text = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: d, labels: {a: on}}
spec:
  replicas: 1.0
  template:
    spec:
      runAsNonRoot: yes
      containers:
      - image: i
        securityContext: {privilegd: no}
        env: [{name: A, value: 010}]
        env: []
";
    let expected = [
        "duplicate-key spec.template.spec.containers[0].env: the key `env` stands twice, in lines 12 and 13",
        "wrong-type metadata.labels.a: found the boolean `on`, wanted a string",
        "wrong-type spec.replicas: found the number `1.0`, wanted a whole number of 32 bits",
        "unknown-field spec.template.spec.runAsNonRoot: unknown field `runAsNonRoot`",
        "unknown-field spec.template.spec.containers[0].securityContext.privilegd: unknown field `privilegd`",
        "wrong-type spec.template.spec.containers[0].env[0].value: found a number, wanted a string",
        "required-field spec.template.spec.containers[0].name: the required field `name` is missing",
        "required-field spec.selector: the required field `selector` is missing",
    ];
    assert_eq!(lines(text), expected);
}

/// Findings in the items of a list name the item, and paths start there.
#[test]
fn findings_belong_to_the_items_of_a_list() {
    let text = "\
apiVersion: v1
kind: PodList
items:
- metadata: {name: a}
  spec: {containers: [{name: c, name: d}]}
- metadata: {name: b}
  spec: {containers: [], x: 1}
";
    let manifests = xtask::manifest::read(text, "case");
    let found: Vec<_> = manifests.findings.iter().map(|f| (f.object.name.as_str(), f.path.as_str())).collect();
    assert_eq!(found, [("a", "spec.containers[0].name"), ("b", "spec.x"), ("b", "spec.containers")]);
    let lines: Vec<_> = manifests.objects.iter().map(|object| object.line).collect();
    assert_eq!(lines, [4, 6]);
}

/// No message shows a value of a Secret, nor one that stands where a string is wanted.
#[test]
fn secrets_are_not_shown() {
    let canary = "7300613";
    let places = [
        format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: a}}\nstringData: {{a: {canary}}}\n"),
        format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: a}}\ndata: {{a: {canary}, b: \"{canary}\"}}\n"),
        format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: a}}\nimmutable: {canary}\nstringData: [{canary}]\n"),
        format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: a}}\nstringData: {{a: !!x {canary}, b: {canary}\n"),
        format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: a}}\nstringData: {{a: !!int \"x{canary}\"}}\n"),
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata: {{a: {canary}}}\n"),
    ];
    for text in places {
        let manifests = xtask::manifest::read(&text, "case");
        assert!(!errors(&manifests).is_empty(), "{text}");
        assert!(!format!("{:?}", manifests.findings).contains(canary), "{:?}", manifests.findings);
    }
}

/// Many documents, which are read side by side, come out in their order and with their lines.
#[test]
fn many_documents_keep_their_order() {
    let one = |n: usize| {
        format!("---\n# Source: t{n}.yaml\napiVersion: v1\nkind: Namespace\nmetadata: {{name: n{n}, x: 1}}\n")
    };
    let count = 4000;
    let manifests = xtask::manifest::read((0..count).map(one).collect::<String>(), "case");
    assert_eq!((manifests.objects.len(), manifests.findings.len()), (count, count));
    for (n, (object, finding)) in manifests.objects.iter().zip(&manifests.findings).enumerate() {
        assert_eq!((object.reference.name.clone(), object.source.clone()), (format!("n{n}"), format!("t{n}.yaml")));
        assert_eq!(
            (object.line as usize, &finding.object, &finding.source),
            (n * 5 + 3, &object.reference, &object.source)
        );
    }
}

/// A text of nonsense says so, and does not say it for ever.
#[test]
fn findings_are_bounded() {
    let unknown: Vec<String> = (0..1000).map(|n| format!("x{n}: 1")).collect();
    let lines = lines(&format!("apiVersion: v1\nkind: Namespace\nmetadata: {{name: a}}\n{}", unknown.join("\n")));
    assert_eq!(
        (lines.len(), lines.last().unwrap().as_str()),
        (201, "too-large : 800 more findings in this document are not shown")
    );
    let many = xtask::manifest::read("a: b\n---\n".repeat(10_000), "case").findings;
    assert!(many.len() < 11_000, "{}", many.len());
    assert_eq!(many.last().unwrap().rule, "too-large");
}

/// Bytes that are no text are refused, with the line.
#[test]
fn bytes_that_are_no_text() {
    let manifests = xtask::manifest::read(b"a: 1\nb: \xff\n", "case");
    assert_eq!(manifests.findings[0].message, "not UTF-8 (line 2)");
}
