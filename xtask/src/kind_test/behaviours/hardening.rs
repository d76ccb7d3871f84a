//! What the cluster refuses, and what a pod that it lets in is made of.

use anyhow::Result;
use serde_json::{Value, json};

use crate::kind_test::behaviour::{Behaviour, expect, expect_contains};
use crate::kind_test::case::Case;
use crate::kind_test::pod;
use crate::tools::kubectl::{Reason, reason};

pub(super) const BEHAVIOURS: &[Behaviour] = &[Behaviour::new(
    "privileged-pod-refused",
    "the namespace refuses a privileged pod, and takes the same pod hardened",
    privileged_pod_refused,
)];

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

fn pod_names(case: &Case<'_>) -> Result<Vec<String>> {
    let pods = case.kubectl.list("pods", &case.namespace, "")?;
    Ok(pods
        .iter()
        .filter_map(|pod| pod.pointer("/metadata/name").and_then(Value::as_str))
        .map(ToOwned::to_owned)
        .collect())
}
