//! One edit to the chart, one verdict: lint ends with 1, and names rule, object and field.

use std::fs;
use std::path::Path;

use serde_json::Value;

use xtask::chart::Chart;
use xtask::lint::{self, Settings};
use xtask::paths;
use xtask::pod_security::Policy;
use xtask::report::Console;
use xtask::tools::helm::{Helm, Major};

/// The rule, the kind of the object, and the end of the field's path.
type Expected = (&'static str, &'static str, &'static str);

const HELPERS: &str = "templates/_helpers.tpl";
const GATE: &str = "templates/gate-job.yaml";
const APP: &str = "templates/deployment.yaml";

/// The findings of a copy of the chart with each `(file, old, new)` replaced; only the scenario `default` is kept.
fn findings(edits: &[(&str, &str, &str)]) -> Vec<Value> {
    let dir = tempfile::tempdir().unwrap();
    let chart = dir.path().join("mailroom");
    copy(&paths::chart(), &chart);
    for scenario in fs::read_dir(chart.join("ci")).unwrap().map(|entry| entry.unwrap().path()) {
        if !scenario.ends_with("default-values.yaml") {
            fs::remove_file(scenario).unwrap();
        }
    }
    for (file, old, new) in edits {
        let path = chart.join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(old), "{file} has no {old:?} to edit");
        fs::write(&path, text.replace(old, new)).unwrap();
    }
    lint_at(&chart)
}

fn lint_at(dir: &Path) -> Vec<Value> {
    let helm = Helm::pinned(Major::Four, Console::default()).unwrap();
    let settings = Settings { policy: Policy::default(), kube_version: "1.37".to_owned() };
    let report = lint::chart(&Chart::open(dir).unwrap(), &helm, &settings).unwrap();
    let json: Value = serde_json::from_str(&report.json().unwrap()).unwrap();
    assert_eq!(report.errors() > 0, !json["findings"].as_array().unwrap().is_empty());
    json["findings"].as_array().unwrap().clone()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else if entry.file_name() != "secrets-values.yaml" {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Each finding is one that was expected, and each expected one is there.
fn assert_found(found: &[Value], expected: &[Expected]) {
    let matches = |finding: &Value, (rule, kind, path): &Expected| {
        finding["rule"] == *rule
            && finding["object"]["kind"] == *kind
            && finding["path"].as_str().unwrap().ends_with(path)
            && finding["severity"] == "error"
    };
    for wanted in expected {
        assert!(found.iter().any(|finding| matches(finding, wanted)), "no {wanted:?} in {found:#?}");
    }
    for finding in found {
        assert!(expected.iter().any(|wanted| matches(finding, wanted)), "unexpected: {finding:#?}");
    }
}

#[test]
fn the_chart_as_it_is_has_no_finding() {
    assert_found(&findings(&[]), &[]);
}

#[test]
fn seccomp_profile_missing_in_the_job_alone() {
    let of_pod = r#"replace "        seccompProfile:\n          type: RuntimeDefault\n" """#;
    let of_container = r#"replace "            seccompProfile:\n              type: RuntimeDefault\n" """#;
    let without = format!("| nindent 6 | {of_pod} | {of_container} }}}}");
    assert_found(
        &findings(&[(GATE, "| nindent 6 }}", &without)]),
        &[("pod-security/seccompProfile_restricted", "Job", "containers[0].securityContext.seccompProfile.type")],
    );
}

#[test]
fn capabilities_dropped_in_lower_case() {
    let path = "containers[0].securityContext.capabilities.drop";
    let rule = "pod-security/capabilities_restricted";
    assert_found(
        &findings(&[(HELPERS, "          - ALL", "          - all")]),
        &[(rule, "Deployment", path), (rule, "Job", path)],
    );
}

#[test]
fn one_container_that_may_run_as_root() {
    let container = "readOnlyRootFilesystem: true\n      runAsNonRoot: ";
    let (rule, path) = ("pod-security/runAsNonRoot", "containers[0].securityContext.runAsNonRoot");
    assert_found(
        &findings(&[(HELPERS, &format!("{container}true"), &format!("{container}false"))]),
        &[(rule, "Deployment", path), (rule, "Job", path)],
    );
}

#[test]
fn a_probe_with_a_host() {
    assert_found(
        &findings(&[(APP, "  path: /healthz", "  path: /healthz\n  host: 127.0.0.1")]),
        &[("pod-security/hostProbesAndHostLifecycle", "Deployment", "startupProbe.httpGet.host")],
    );
}

#[test]
fn an_unknown_key_in_the_pod_spec() {
    let found = findings(&[(GATE, "restartPolicy: Never", "restartPolicy: Never\n      hostNetwrk: true")]);
    assert_found(&found, &[("unknown-field", "Job", "spec.template.spec.hostNetwrk")]);
}

#[test]
fn a_security_context_that_is_there_twice() {
    let second = "      securityContext: {runAsNonRoot: false}\n      restartPolicy: Never";
    let found = findings(&[(GATE, "      restartPolicy: Never", second)]);
    let duplicate = found.iter().find(|finding| finding["rule"] == "duplicate-key").expect("a duplicate key");
    assert_eq!(duplicate["object"]["kind"], "Job", "{duplicate:#?}");
    assert!(duplicate["path"].as_str().unwrap().ends_with("spec.template.spec.securityContext"), "{duplicate:#?}");
}

#[test]
fn a_pod_without_containers() {
    let none = r#"| nindent 6 | replace "containers:\n" "containers: []\n      initContainers:\n" }}"#;
    assert_found(
        &findings(&[(GATE, "| nindent 6 }}", none)]),
        &[("no-containers", "Job", "spec.template.spec.containers")],
    );
}

#[test]
fn a_chart_that_renders_nothing() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("templates")).unwrap();
    fs::write(dir.path().join("Chart.yaml"), "apiVersion: v2\nname: empty\nversion: 0.1.0\n").unwrap();
    fs::write(dir.path().join("templates/a.yaml"), "{{- if .Values.on }}\nkind: Pod\n{{- end }}\n").unwrap();
    assert_found(&lint_at(dir.path()), &[("no-workloads", "", "")]);
}

#[test]
fn a_slip_of_the_pen_in_the_hook() {
    let slip = findings(&[(GATE, "helm.sh/hook: pre-install,pre-upgrade", "helm.sh/hook: pre-instal,pre-upgrade")]);
    assert_found(&slip, &[("unknown-hook", "", ""), ("gate-missing", "", "")]);
}

#[test]
fn a_gate_on_one_event() {
    let found = findings(&[(GATE, "helm.sh/hook: pre-install,pre-upgrade", "helm.sh/hook: pre-install")]);
    let rules: Vec<_> = found.iter().map(|finding| finding["rule"].as_str().unwrap()).collect();
    assert!(rules.contains(&"gate-missing"), "{found:#?}");
}
