//! What the attempts do behind a deploy's back, and the files that they bring.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result, ensure};
use serde_json::json;

use crate::kind_test::behaviours::support;
use crate::kind_test::case::Case;
use crate::kind_test::drill::chart_copy;
use crate::kind_test::installing::{Installed, RELEASE};

/// The gate's Job, and its copies.
const JOB: &str = "mailroom-gate";

/// Does something again and again while another work is done; each session is slow enough for it, and within the app's
/// own patience.
pub(super) fn meanwhile(
    case: &Case<'_>,
    act: fn(&Case<'_>) -> Result<bool>,
    work: impl FnOnce() -> Result<Installed>,
) -> Result<Installed> {
    support::slow_sessions(case, &json!(2), 3500)?;
    let (over, acted) = (AtomicBool::new(false), AtomicBool::new(false));
    let result = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                // What is not there yet is refused; the next round finds it.
                if act(case).unwrap_or(false) {
                    acted.store(true, Ordering::Relaxed);
                }
            }
        });
        let result = work();
        over.store(true, Ordering::Relaxed);
        result
    })?;
    ensure!(acted.into_inner(), "the attempt never came to act:\n{}", result.text);
    Ok(result)
}

/// Deletes the Job while it runs; one that has ended is left alone.
pub(super) fn delete_job(case: &Case<'_>) -> Result<bool> {
    let job = case.kubectl.get("job", JOB, &case.namespace)?;
    if job.is_none_or(|job| job["status"]["active"] != 1) {
        return Ok(false);
    }
    case.kubectl.delete("job", JOB, &case.namespace, &["--wait=false"])
}

/// Deletes the gate's pod while it runs.
pub(super) fn delete_pod(case: &Case<'_>) -> Result<bool> {
    let pods = case.kubectl.list("pods", &case.namespace, support::GATE)?;
    let running = pods.iter().find(|pod| pod["status"]["phase"] == "Running");
    let Some(name) = running.and_then(|pod| pod["metadata"]["name"].as_str()) else { return Ok(false) };
    case.kubectl.delete("pod", name, &case.namespace, &["--wait=false"])
}

/// Has the Job say that it is complete.
pub(super) fn complete_job(case: &Case<'_>) -> Result<bool> {
    let job = case.kubectl.get("job", JOB, &case.namespace)?.unwrap_or_default();
    if job["status"]["active"] != 1 {
        return Ok(false);
    }
    // A Job cannot have ended before it began, nor begin anew.
    let then = &job["status"]["startTime"];
    let condition = |kind: &str| json!({"type": kind, "status": "True", "lastTransitionTime": then});
    let status = json!({"status": {"active": 0, "ready": 0, "terminating": 0, "succeeded": 1, "completionTime": then,
        "conditions": [condition("SuccessCriteriaMet"), condition("Complete")]}});
    let patch = status.to_string();
    let args = ["patch", "job", JOB, "--subresource", "status", "--type", "merge", "-p", &patch];
    let said = case.kubectl.run(&[&args[..], &["--namespace", &case.namespace]].concat())?;
    Ok(said.success())
}

/// Puts a Job that succeeds in the place of the one that runs.
pub(super) fn replace_job(case: &Case<'_>) -> Result<bool> {
    let Some(mut job) = case.kubectl.get("job", JOB, &case.namespace)? else { return Ok(false) };
    if job["status"]["active"] != 1 || job["spec"]["template"]["spec"]["containers"][0]["command"][0] == "true" {
        return Ok(false);
    }
    let meta = &job["metadata"];
    job["metadata"] = json!({"name": JOB, "labels": meta["labels"], "annotations": meta["annotations"]});
    for own in ["controller-uid", "batch.kubernetes.io/controller-uid", "job-name", "batch.kubernetes.io/job-name"] {
        for at in ["/metadata/labels", "/spec/template/metadata/labels"] {
            job.pointer_mut(at).and_then(|labels| labels.as_object_mut()).and_then(|labels| labels.remove(own));
        }
    }
    for (at, gone) in [("/spec", "selector"), ("", "status")] {
        job.pointer_mut(at).and_then(|part| part.as_object_mut()).and_then(|part| part.remove(gone));
    }
    job["spec"]["template"]["spec"]["containers"][0]["command"] = json!(["true"]);
    case.kubectl.delete("job", JOB, &case.namespace, &[])?;
    case.create(&job).map(|_| true)
}

/// Has the newest release record say that it is deployed.
pub(super) fn relabel_record(case: &Case<'_>) -> Result<bool> {
    let args = ["label", "secret", "--selector", "owner=helm", "status=deployed", "--overwrite"];
    Ok(case.kubectl.run(&[&args[..], &["--namespace", &case.namespace]].concat())?.success())
}

/// Upgrades to what runs already, by Helm alone, so that a gate which passes stands beside the one that does not.
pub(super) fn upgrade_beside(case: &Case<'_>) -> Result<bool> {
    let (helm, chart) = (case.helm()?, Case::chart().display().to_string());
    let args = ["upgrade", RELEASE, &chart, "--namespace", &case.namespace, "--reuse-values", helm.wait_flag()];
    Ok(helm.run(case.target(), &args)?.success())
}

/// A Helm that does as the script says; `$HELM` is the real one.
pub(super) fn helm(case: &Case<'_>, script: &str) -> Result<String> {
    let real = case.helm()?.program().display().to_string();
    let path = case.file("helm", &format!("#!/bin/sh\nHELM='{real}'\n{script}\n"))?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).with_context(|| format!("cannot mark {path}"))?;
    Ok(path)
}

/// A copy of the chart with a text of one file replaced.
pub(super) fn chart(case: &Case<'_>, file: &str, from: &str, to: &str) -> Result<String> {
    let copy = case.testbed().run.private.join(format!("{}-chart", case.namespace));
    chart_copy::write(&Case::chart(), &copy)?;
    let path = copy.join(file);
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {file} of the chart"))?;
    ensure!(text.contains(from), "{file} of the chart has no {from:?}");
    fs::write(&path, text.replace(from, to)).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(copy.display().to_string())
}
