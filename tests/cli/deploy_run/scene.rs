//! A cluster that changes as Helm runs: what it shows before, and what it shows from then on.

use std::fs;

use serde_json::{Value, json};

use super::bench::{BASE64, Bench, HELM, KUBECTL, PASSWORD, Ran, TOKEN, USER, golden, revision, stored};

/// What a deploy calls besides what its plan calls; each case that fits ends the stub.
const RUN_HELM: &str = include_str!("stubs/helm.sh");
const RUN_KUBECTL: &str = include_str!("stubs/kubectl.sh");

pub(crate) const NO: &str =
    "gate failed: not everything that the configuration names exists: 1 to create · 25 existing";

/// A bench whose cluster has no release, and whose Helm does not change that.
pub(crate) fn scene() -> Bench {
    let bench = Bench::new();
    bench.stub("helm", &format!("{RUN_HELM}{HELM}"));
    bench.stub("kubectl", &format!("{RUN_KUBECTL}{KUBECTL}"));
    bench.answer("look", &list(&[]));
    bench
}

/// The same, with revision 1 running in it.
pub(crate) fn running() -> Bench {
    let bench = scene();
    bench.release(&json!([revision(1, "deployed")]), &stored("default"));
    bench.answer("look", &list(&rolled_out("1", "a", &Gate::passed("old"))));
    bench.answer("objects", &list(&objects("1")));
    bench
}

/// The gate Job and its pod, as a test wants them.
pub(crate) struct Gate {
    pub(crate) uid: &'static str,
    pub(crate) condition: &'static str,
    pub(crate) status: u64,
    pub(crate) message: String,
}

impl Gate {
    pub(crate) fn passed(uid: &'static str) -> Self {
        Self { uid, condition: "Complete", status: 0, message: "gate passed: everything exists".to_owned() }
    }

    pub(crate) fn said_no() -> Self {
        let message = format!("{NO}: Mailboxes: Receipts\n");
        Self { uid: "new", condition: "Failed", status: 1, message }
    }

    /// Its objects, stamped with this revision.
    pub(crate) fn objects(&self, stamp: &str) -> Vec<Value> {
        let mut job = rendered("Job");
        job["metadata"]["uid"] = self.uid.into();
        job["metadata"]["annotations"]["mailroom/release-revision"] = stamp.into();
        job["status"] =
            json!({"conditions": [{"type": self.condition, "status": "True", "reason": "BackoffLimitExceeded"}]});
        vec![job, self.pod()]
    }

    pub(crate) fn pod(&self) -> Value {
        let ended = json!({"exitCode": self.status, "reason": "Error", "message": self.message});
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "gate-pod", "uid": "gp", "ownerReferences": [{"uid": self.uid}]},
            "status": {"phase": "Succeeded", "containerStatuses": [
                {"name": "gate", "imageID": "sha256:a", "state": {"terminated": ended}}]}})
    }
}

/// A finished rollout of that revision, whose pod runs image `sha256:IMAGE`.
pub(crate) fn rolled_out(stamp: &str, image: &str, gate: &Gate) -> Vec<Value> {
    let deployment = deployment(stamp);
    let set = json!({"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": "set", "uid": "s",
        "ownerReferences": [{"uid": "d"}]}, "spec": {"template": deployment["spec"]["template"]}});
    let annotations = deployment.pointer("/spec/template/metadata/annotations").cloned().expect("checksums");
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "app-pod", "uid": "ap", "annotations": annotations,
        "ownerReferences": [{"uid": "s"}]}, "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}],
        "containerStatuses": [{"name": "mailroom", "imageID": format!("app@sha256:{image}"), "restartCount": 0}]}});
    [vec![deployment, set, pod], gate.objects(stamp)].concat()
}

pub(crate) fn deployment(stamp: &str) -> Value {
    let mut deployment = rendered("Deployment");
    let metadata = &mut deployment["metadata"];
    metadata["uid"] = "d".into();
    metadata["generation"] = 1.into();
    metadata["annotations"] = json!({"mailroom/release-revision": stamp,
        "meta.helm.sh/release-name": "mailroom", "meta.helm.sh/release-namespace": "mailroom"});
    deployment["status"] = json!({"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "readyReplicas": 1, "availableReplicas": 1});
    deployment
}

/// The objects of the release, as Helm marks them.
pub(crate) fn objects(stamp: &str) -> Vec<Value> {
    let marked = |kind: &str| {
        let mut object = rendered(kind);
        object["metadata"]["annotations"] =
            json!({"meta.helm.sh/release-name": "mailroom", "meta.helm.sh/release-namespace": "mailroom"});
        object
    };
    vec![marked("Secret"), marked("ConfigMap"), deployment(stamp)]
}

/// The first object of that kind in the render; of a Job there is one, and the others come before their hook copies.
pub(crate) fn rendered(kind: &str) -> Value {
    let text = golden("default");
    let documents = text.split("---\n").filter(|text| text.contains("kind:"));
    let mut values = documents.map(|text| serde_yaml::from_str::<Value>(text).expect("a document"));
    values.find(|value| value["kind"] == kind).expect("one of the kind")
}

pub(crate) fn list(items: &[Value]) -> String {
    json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string()
}

impl Bench {
    /// What the cluster answers from `upgrade`, `rollback`, `rollout` or `patch` on.
    pub(crate) fn after(&self, what: &str, answers: &[(&str, String)]) {
        let folder = self.path(&format!("after-{what}"));
        fs::create_dir_all(&folder).expect("a folder");
        for (name, text) in answers {
            fs::write(folder.join(name), text).expect("an answer");
        }
    }

    /// Helm ends only once it is asked to.
    pub(crate) fn hangs(&self, what: &str) {
        self.write(&format!("answers/{what}.hangs"), "");
    }

    /// The arguments of each call that begins so, one line each.
    pub(crate) fn called(&self, begins: &str) -> Vec<String> {
        let argv = self.calls("argv").into_iter();
        argv.map(|(_, argv)| argv.replace('\n', " ")).filter(|argv| argv.starts_with(begins)).collect()
    }
}

/// That no secret is in what a run printed, in an argument or a variable of a child, or in a file left.
#[track_caller]
pub(crate) fn clean(bench: &Bench, ran: &Ran) {
    let secrets = || [TOKEN, USER, PASSWORD].into_iter().chain(BASE64);
    let seen = bench.calls("argv").into_iter().chain(bench.calls("env"));
    let all = seen.chain([("stdout".to_owned(), ran.stdout.clone()), ("stderr".to_owned(), ran.stderr.clone())]);
    for (name, text) in all {
        for secret in secrets() {
            assert!(!text.contains(secret), "{name} has a secret:\n{text}");
        }
    }
    assert_eq!(bench.left(), Vec::<std::path::PathBuf>::new(), "files are left");
}
