//! What the cluster refuses, and what a pod that it lets in is made of.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use serde_json::{Value, json};

use super::support::{SOON, app_pod_name, four, in_gate, plain, slow_sessions, while_it_installs};
use crate::kind_test::behaviour::{Behaviour, expect, expect_contains, expect_that};
use crate::kind_test::case::Case;
use crate::kind_test::pod;
use crate::kind_test::wait::Look;
use crate::tools::kubectl::{Reason, reason};

pub(super) const BEHAVIOURS: &[Behaviour] = &[
    Behaviour::new(
        "privileged-pod-refused",
        "the namespace refuses a privileged pod, and takes the same pod hardened",
        privileged_pod_refused,
    ),
    four(
        "hardened-namespace-labels",
        "deploy makes the namespace with its labels in the very request that creates it",
        namespace_labels,
    ),
    four("hardened-without-warning", "no PodSecurity warning is heard in a whole install", without_warning),
    four("hardened-app", "the app's process has no user, capability, file or token that it does not need", app),
    four("hardened-gate", "nor has the gate's", gate),
];

/// What a process in a pod can tell of itself, a line each.
const LOOK: &str = "id -u; id -g; grep -E '^(CapInh|CapPrm|CapEff|CapBnd|CapAmb|NoNewPrivs|Seccomp):' /proc/self/status | tr -d '\\t'; \
    grep -q '^[^ ]* / [^ ]* ro[, ]' /proc/mounts || echo 'root writable'; touch /tmp/probe && echo 'tmp writable'; \
    test -e /var/run/secrets && echo 'token'; env | grep -c '^NEIGHBOUR_'; true";

/// What it tells where it has nothing that it does not need.
const HARDENED: &str = "9999\n9999\nCapInh:0000000000000000\nCapPrm:0000000000000000\nCapEff:0000000000000000\n\
    CapBnd:0000000000000000\nCapAmb:0000000000000000\nNoNewPrivs:1\nSeccomp:2\ntmp writable\n0\n";

fn privileged_pod_refused(case: &Case<'_>) -> Result<()> {
    case.make_namespace()?;

    let mut privileged = pod::hardened("privileged", case.image(), &["true"]);
    privileged["spec"]["containers"][0]["securityContext"] = json!({"privileged": true});
    let (refusal, said) = match case.create(&privileged) {
        Ok(_) => ("it was let in".to_owned(), String::new()),
        Err(error) => (format!("{:?}", reason(&error)), format!("{error:#}")),
    };
    expect("the answer to a privileged pod", &format!("{:?}", Reason::Forbidden), &refusal)?;
    expect_contains("the reason given", "violates PodSecurity \"restricted:latest\": privileged", &said)?;

    let warnings = case.create(&pod::hardened("hardened", case.image(), &["true"]))?;
    expect("warnings for the hardened pod", "", warnings.as_str())?;
    expect("how it ends", "Succeeded", case.pod_ended("hardened")?.as_str())?;
    expect("the pods there are", &vec!["hardened".to_owned()], &pod_names(case)?)
}

fn namespace_labels(case: &Case<'_>) -> Result<()> {
    let first = Arc::new(Mutex::new(None));
    let (seen, prefix) = (Arc::clone(&first), format!("{}|", case.namespace));
    let columns = "jsonpath={.metadata.name}|{.metadata.labels.pod-security\\.kubernetes\\.io/enforce}\
        |{.metadata.labels.pod-security\\.kubernetes\\.io/warn}|{.metadata.labels.pod-security\\.kubernetes\\.io/audit}{\"\\n\"}";
    let begun = Arc::new(AtomicBool::new(false));
    let lines = Arc::clone(&begun);
    let watch = case.kubectl.stream(&["get", "namespaces", "--watch", "--output", columns], move |_, line| {
        lines.store(true, Ordering::Relaxed);
        if let Some(labels) = line.strip_prefix(&prefix) {
            seen.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(labels.to_owned());
        }
    })?;
    case.until("the watch over namespaces to begin", SOON, || {
        Ok(if begun.load(Ordering::Relaxed) { Look::Done(()) } else { Look::NotYet("nothing".to_owned()) })
    })?;
    case.deploy(&plain(), &["--apply-setup"])?.done("the deploy")?;
    let labels = case.until("the namespace to be seen", SOON, || {
        let labels = first.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Ok(labels.map_or_else(|| Look::NotYet("not yet".to_owned()), Look::Done))
    })?;
    watch.terminate();
    expect("enforce, warn and audit when it was first seen", "restricted|restricted|restricted", labels.as_str())
}

fn without_warning(case: &Case<'_>) -> Result<()> {
    for (who, installed) in [
        ("Helm", case.bare_helm(&case.chart_in_hand(), &plain(), &["--set", "setup.apply=true"])?),
        ("deploy", case.deploy(&plain(), &["-v"])?),
    ] {
        installed.done(who)?;
        let warned = installed.text.contains("PodSecurity");
        expect_that(&format!("what {who} says"), "no word of PodSecurity", &installed.text, !warned)?;
    }
    // The same namespace does warn: the silence above means something.
    let mut deployment = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "loud"}, "spec": {
        "replicas": 0, "selector": {"matchLabels": {"app": "loud"}},
        "template": {"metadata": {"labels": {"app": "loud"}}, "spec": {"containers": [{"name": "a", "image": "a"}]}},
    }});
    deployment["metadata"]["namespace"] = case.namespace.clone().into();
    expect_contains("a Deployment that is not hardened", "would violate PodSecurity", &case.create(&deployment)?)
}

fn app(case: &Case<'_>) -> Result<()> {
    neighbour(case)?;
    case.install(&plain(), true)?.done("the install")?;
    let pod = app_pod_name(case)?;
    let told = case.kubectl.exec(&pod, "mailroom", &case.namespace, &["sh", "-c", LOOK])?.checked()?.stdout;
    expect("what the app's container tells of itself", HARDENED, told.as_str())
}

fn gate(case: &Case<'_>) -> Result<()> {
    neighbour(case)?;
    slow_sessions(case, &json!("always"), 4000)?;
    let (told, installed) = while_it_installs(|| in_gate(case, LOOK), || case.install(&plain(), false))?;
    expect("what the gate's container tells of itself", HARDENED, told.as_str())?;
    installed.refused("the install", "Mailboxes: Feed")
}

/// A Service in the namespace, whose address every pod would be told in `NEIGHBOUR_*`.
fn neighbour(case: &Case<'_>) -> Result<()> {
    case.make_namespace()?;
    let service = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "neighbour"},
        "spec": {"ports": [{"port": 80}]}});
    case.create(&service).map(drop)
}

fn pod_names(case: &Case<'_>) -> Result<Vec<String>> {
    let pods = case.kubectl.list("pods", &case.namespace, "")?;
    Ok(pods
        .iter()
        .filter_map(|pod| pod.pointer("/metadata/name").and_then(Value::as_str))
        .map(ToOwned::to_owned)
        .collect())
}
