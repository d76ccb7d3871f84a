use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::*;
use crate::deploy::inputs::request::tests::request;

fn document(api_version: &str, kind: &str, hook: bool) -> Document {
    let [api_version, kind] = [api_version, kind].map(str::to_owned);
    Document { api_version, kind, name: "x".to_owned(), hook, text: String::new(), value: json!({}) }
}

fn chart() -> Vec<Document> {
    vec![
        document("v1", "Secret", true),
        document("batch/v1", "Job", true),
        document("v1", "ConfigMap", false),
        document("apps/v1", "Deployment", false),
    ]
}

fn asked(mode: Mode, helm: Major, facts: &Namespace) -> Vec<String> {
    let request = Request { mode, ..request() };
    let needed = needed(&request, helm, &chart(), facts);
    needed.iter().map(|access| format!("{} {}", access.verb, object(access))).collect()
}

fn active() -> Namespace {
    Namespace { presence: Presence::Active, ..Namespace::default() }
}

#[test]
fn a_deploy_asks_for_release_objects_gate_and_watch_each_once() {
    let asked = asked(Mode::Deploy, Major::Four, &active());
    for wanted in [
        "update secrets in namespace mailroom",
        "delete secrets in namespace mailroom",
        "watch configmaps in namespace mailroom",
        "patch deployments.apps in namespace mailroom",
        "delete jobs.batch in namespace mailroom",
        "watch jobs.batch in namespace mailroom",
        "list replicasets.apps in namespace mailroom",
        "get pods/log in namespace mailroom",
        "list events in namespace mailroom",
    ] {
        assert_eq!(asked.iter().filter(|asked| *asked == wanted).count(), 1, "{wanted}: {asked:#?}");
    }
    assert!(!asked.iter().any(|asked| asked.contains("namespaces")), "{asked:#?}");
}

#[test]
fn only_helm_4_watches_every_kind() {
    assert!(
        !asked(Mode::Deploy, Major::Three, &active()).contains(&"watch configmaps in namespace mailroom".to_owned())
    );
}

#[test]
fn readme_lists_what_is_asked_for() {
    let mut asked = BTreeMap::<String, BTreeSet<String>>::new();
    let documents = crate::deploy::testing::render().documents;
    let secret = document("v1", "Secret", false);
    for access in needed(&request(), Major::Four, &[documents, vec![secret]].concat(), &active()) {
        let resource = object(&access).replace(" in namespace mailroom", "");
        asked.entry(resource).or_default().insert(access.verb);
    }
    let readme = std::fs::read_to_string(crate::paths::root().join("README.md")).expect("a README");
    let (_, table) = readme.split_once("| resource | verbs |\n| --- | --- |\n").expect("a table of the rights");
    let row = |row: &str| {
        let (resource, verbs) = row.strip_prefix("| `")?.strip_suffix(" |")?.split_once("` | ")?;
        Some((resource.to_owned(), verbs.split(", ").map(str::to_owned).collect()))
    };
    assert_eq!(table.lines().map_while(row).collect::<BTreeMap<_, _>>(), asked);
}

#[test]
fn the_gate_alone_only_reads_the_release() {
    let asked = asked(Mode::GateOnly, Major::Four, &active());
    assert!(asked.contains(&"create jobs.batch in namespace mailroom".to_owned()), "{asked:#?}");
    assert!(asked.contains(&"get deployments.apps in namespace mailroom".to_owned()), "{asked:#?}");
    assert!(!asked.iter().any(|asked| asked.starts_with("update") || asked.starts_with("patch deploy")), "{asked:#?}");
}

#[test]
fn a_namespace_is_written_only_where_that_is_needed() {
    let missing = asked(Mode::Deploy, Major::Four, &Namespace::default());
    assert!(missing.contains(&"create namespaces".to_owned()), "{missing:#?}");
    let weak = Namespace { labels_to_raise: vec![(String::new(), String::new(), None)], ..active() };
    let raised = asked(Mode::Deploy, Major::Four, &weak);
    assert!(raised.contains(&"patch namespaces mailroom, whose labels are to be set".to_owned()), "{raised:#?}");
}

#[test]
fn missing_rights_are_told_by_resource() {
    let [get, list, log] =
        [("get", ""), ("list", ""), ("get", "log")].map(|(verb, sub)| access(verb, "", "pods", sub, "n"));
    assert_eq!(
        sentences(&[&get, &log, &list]),
        ["you may not get, list pods in namespace n", "you may not get pods/log in namespace n"]
    );
}

#[test]
fn kinds_are_asked_for_by_their_plural() {
    for (kind, plural) in [("NetworkPolicy", "networkpolicies"), ("Ingress", "ingresses"), ("Endpoints", "endpoints")] {
        assert_eq!(group_resource(&document("v1", kind, false)).1, plural);
    }
}
