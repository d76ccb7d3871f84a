//! What lint, template and package give to Helm.

use std::path::Path;

use xtask::tools::{ChartCall, Helm, Values};

use crate::bench::{Bench, RECORD, quiet};

fn call() -> ChartCall {
    ChartCall {
        chart: "the chart".into(),
        values: Values {
            files: vec!["one.yaml".into(), "two.yaml".into()],
            set: vec!["a=1".into()],
            set_string: vec!["b=2".into()],
        },
        kube_version: "1.37".into(),
        release: "mailroom".into(),
        namespace: "mail".into(),
    }
}

const COMMON: [&str; 12] = [
    "--namespace",
    "mail",
    "--kube-version",
    "1.37",
    "--values",
    "one.yaml",
    "--values",
    "two.yaml",
    "--set",
    "a=1",
    "--set-string",
    "b=2",
];

#[test]
fn lint_and_template_name_kubernetes_and_keep_the_order_of_values() {
    for version in ["v4.3.1", "v3.22.0"] {
        let bench = Bench::new();
        bench.helm(version, RECORD);
        let helm = Helm::find_in(&bench.host(), quiet()).expect("helm");

        helm.lint(&call()).expect("lint").checked().expect("status 0");
        assert_eq!(bench.lines("argv"), [&["lint", "--strict", "the chart"][..], &COMMON].concat(), "{version}");

        helm.template(&call()).expect("template").checked().expect("status 0");
        assert_eq!(bench.lines("argv"), [&["template", "mailroom", "the chart"][..], &COMMON].concat(), "{version}");

        helm.package(Path::new("c"), Path::new("d")).expect("package").checked().expect("status 0");
        assert_eq!(bench.lines("argv"), ["package", "c", "--destination", "d"], "{version}");
    }
}

#[test]
fn the_callers_helm_and_kubernetes_variables_stay_outside() {
    let mut bench = Bench::new().var("HOME", "/home/me").var("HTTPS_PROXY", "http://proxy");
    for name in [
        "HELM_NAMESPACE",
        "HELM_DRIVER",
        "HELM_KUBECONTEXT",
        "HELM_PLUGINS",
        "HELM_DEBUG",
        "HELM_CONFIG_HOME",
        "KUBECONFIG",
        "KUBERNETES_SERVICE_HOST",
        "KUBERC",
        "KUBECTL_COMMAND_HEADERS",
        "KIND_CLUSTER_NAME",
        "GIT_DIR",
    ] {
        bench = bench.var(name, "hostile");
    }
    bench.helm("v4.3.1", RECORD);
    let helm = Helm::find_in(&bench.host(), quiet()).expect("helm");
    helm.template(&call()).expect("template");
    let seen = bench.lines("env");
    assert!(!seen.iter().any(|line| line.contains("hostile")), "{seen:#?}");
    assert!(seen.contains(&"HTTPS_PROXY=http://proxy".to_owned()), "{seen:#?}");
    let own: Vec<&str> =
        seen.iter().filter(|line| line.starts_with("HELM_")).filter_map(|line| line.split('=').next()).collect();
    assert!(
        ["HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME"].iter().all(|name| own.contains(name))
            && own.len() == 3
    );
    assert!(!seen.iter().any(|line| line.starts_with("KUBE")), "{seen:#?}");
}

#[test]
fn an_error_names_program_request_status_and_last_words() {
    let bench = Bench::new();
    let body = "[ \"$1\" = version ] && { echo v4.3.1; exit; }\necho ok; echo one >&2; echo >&2; echo two >&2; exit 3";
    let program = bench.stub("helm", body).display().to_string();
    let helm = Helm::find_in(&bench.host(), quiet()).expect("helm");
    let captured = helm.template(&call()).expect("template");
    assert_eq!((captured.code, captured.stdout.as_str(), captured.success()), (Some(3), "ok\n", false));
    let error = anyhow::Error::from(captured.error());
    let request = format!("`{program} template mailroom 'the chart' --namespace mail");
    let message = format!("{error:#}");
    assert!(message.starts_with(&request) && message.ends_with("ended with status 3: one\n  two"), "{message}");
}
