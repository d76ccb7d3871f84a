//! A folder with a kubeconfig, a secrets file, and stubs that answer as a cluster would.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

/// What stubs may use; nothing else of the machine is on their PATH, a helm or kubectl of its own least of all.
const SYSTEM: [&str; 11] = ["sh", "env", "cat", "mkdir", "tr", "grep", "git", "stat", "cp", "sed", "sleep"];

pub(crate) const TOKEN: &str = "CANARY-token-9f3c";
pub(crate) const USER: &str = "canary-user-5b@mail.test";
pub(crate) const PASSWORD: &str = "CANARY-word-77aa";
/// The three credentials in base64, as a Secret and Helm's storage hold them.
pub(crate) const BASE64: [&str; 3] =
    ["Q0FOQVJZLXRva2VuLTlmM2M=", "Y2FuYXJ5LXVzZXItNWJAbWFpbC50ZXN0", "Q0FOQVJZLXdvcmQtNzdhYQ=="];
/// The example's, as the goldens hold them.
const PLACEHOLDERS: [&str; 3] =
    ["cGxhY2Vob2xkZXItdG9rZW4=", "cGxhY2Vob2xkZXJAZXhhbXBsZS5jb20=", "cGxhY2Vob2xkZXItcGFzc3dvcmQ="];

pub(crate) const SERVER: &str = "https://one.test:6443";
pub(crate) const UID: &str = "11111111-2222-3333-4444-555555555555";

/// The head of both stubs, and what each of them does.
const STUB: &str = include_str!("stubs/common.sh");
pub(crate) const KUBECTL: &str = include_str!("stubs/kubectl.sh");
pub(crate) const HELM: &str = include_str!("stubs/helm.sh");

pub(crate) struct Bench {
    folder: TempDir,
    vars: Vec<(String, String)>,
}

/// What a run left.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Bench {
    /// A cluster in which nothing is deployed and everything is allowed, and Helm 4.
    pub(crate) fn new() -> Self {
        let bench = Self { folder: TempDir::new().expect("a folder"), vars: Vec::new() };
        for folder in ["bin", "calls", "answers", "tmp"] {
            fs::create_dir(bench.path(folder)).expect("a folder");
        }
        for name in SYSTEM {
            let places = ["/usr/bin", "/bin"].map(|folder| Path::new(folder).join(name));
            let found = places.into_iter().find(|path| path.exists()).unwrap_or_else(|| panic!("no {name} here"));
            symlink(found, bench.path("bin").join(name)).expect("a link");
        }
        bench.stub("kubectl", KUBECTL);
        bench.stub("helm", HELM);
        bench.write("kubeconfig", &kubeconfig());
        bench.secrets(&secrets(), 0o600);
        bench.cluster();
        bench
    }

    fn cluster(&self) {
        self.answer("kubectl-version", &json!({"clientVersion": {"gitVersion": "v1.36.1"}}).to_string());
        self.answer("server-version", &json!({"gitVersion": "v1.37.2"}).to_string());
        self.answer("kube-system", &json!({"metadata": {"name": "kube-system", "uid": UID}}).to_string());
        self.fails("namespace", "Error from server (NotFound): namespaces \"mailroom\" not found\n");
        self.answer("denied", "nothing is denied\n");
        self.answer("helm-version", "v4.3.1\n");
        self.answer("lint", "1 chart(s) linted, 0 chart(s) failed\n");
        self.answer("render", &golden("default"));
        self.fails("history", "Error: release: not found\n");
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).expect("a file");
        path
    }

    pub(crate) fn secrets(&self, text: &str, mode: u32) -> PathBuf {
        let path = self.write("secrets.yaml", text);
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("a mode");
        path
    }

    /// What a stub prints, and that it succeeds.
    pub(crate) fn answer(&self, name: &str, text: &str) {
        self.write(&format!("answers/{name}"), text);
        let _was_there = fs::remove_file(self.path(&format!("answers/{name}.fail")));
        let _was_there = fs::remove_file(self.path(&format!("answers/{name}.err")));
    }

    /// What a stub prints on stderr before it fails.
    pub(crate) fn fails(&self, name: &str, stderr: &str) {
        self.warns(name, stderr);
        self.write(&format!("answers/{name}.fail"), "");
    }

    /// What a stub prints on stderr besides its answer.
    pub(crate) fn warns(&self, name: &str, stderr: &str) {
        self.write(&format!("answers/{name}.err"), stderr);
    }

    pub(crate) fn var(mut self, name: &str, value: impl Into<String>) -> Self {
        self.vars.push((name.to_owned(), value.into()));
        self
    }

    /// The namespace is there, with these labels.
    pub(crate) fn namespace(&self, labels: &Value) {
        let object = json!({"metadata": {"name": "mailroom", "labels": labels, "managedFields": [
            {"manager": "kubectl-label", "fieldsV1": {"f:metadata": {"f:labels": {
                "f:pod-security.kubernetes.io/enforce": {}}}}}]}, "status": {"phase": "Active"}});
        self.answer("namespace", &object.to_string());
    }

    /// The namespace is there with right labels, and in it a release with this record and this manifest of revision 1.
    pub(crate) fn release(&self, history: &Value, manifest: &str) {
        self.namespace(&restricted());
        self.answer("history", &history.to_string());
        self.answer("manifest.1", manifest);
    }

    /// `deploy` against the cluster that is named.
    pub(crate) fn deploy(&self, args: &[&str]) -> Ran {
        self.run(&[&["--context", "one"], args].concat())
    }

    /// `deploy` with no cluster named.
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        Ran::of(&self.command(args).output().expect("xtask runs"))
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.args(["deploy", "--secrets"]).arg(self.path("secrets.yaml")).args(args);
        command.env_clear().env("PATH", self.path("bin")).env("KUBECONFIG", self.path("kubeconfig"));
        command.env("TMPDIR", self.path("tmp")).env("XTASK_DEPLOY_TARGET", self.path("deploy-target"));
        command.envs(self.vars.iter().map(|(name, value)| (name, value)));
        command.current_dir(self.folder.path());
        command
    }

    /// What the calls of the stubs left, each as its name and one of `argv`, `env`, `stdin`.
    pub(crate) fn calls(&self, part: &str) -> Vec<(String, String)> {
        let folders = fs::read_dir(self.path("calls")).expect("calls").map(|entry| entry.expect("a call").path());
        let read = folders.filter_map(|folder| {
            let name = folder.file_stem().expect("a name").to_string_lossy().into_owned();
            Some((name, fs::read_to_string(folder.join(part)).ok()?))
        });
        read.collect()
    }

    /// What lies in the folder for temporary files.
    pub(crate) fn left(&self) -> Vec<PathBuf> {
        fs::read_dir(self.path("tmp")).expect("a folder").map(|entry| entry.expect("a file").path()).collect()
    }

    /// Written by another process: a file that this one has open for writing while a sibling forks cannot be run.
    pub(crate) fn stub(&self, name: &str, body: &str) {
        let text = format!("{STUB}{body}").replace("@NAME@", name);
        let draft =
            self.write(&format!("{name}.draft"), &text.replace("@HERE@", &self.folder.path().display().to_string()));
        let installed = Command::new("install").args(["-m", "755"]).args([draft, self.path("bin").join(name)]).status();
        assert!(installed.expect("install runs").success());
    }
}

impl Ran {
    pub(crate) fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
        Self { code: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }

    /// That it ended with this code and said this on stderr.
    #[track_caller]
    pub(crate) fn ended(&self, code: i32, said: &str) {
        assert_eq!(self.code, Some(code), "{}\n{}", self.stdout, self.stderr);
        assert!(self.stderr.contains(said), "no `{said}` in:\n{}", self.stderr);
    }

    /// That the plan stands and has these lines.
    #[track_caller]
    pub(crate) fn planned(&self, lines: &[&str]) {
        self.ended(0, "nothing was changed");
        self.shows(lines);
    }

    /// That the plan was refused, with these lines in it.
    #[track_caller]
    pub(crate) fn refused(&self, lines: &[&str]) {
        self.ended(1, "the plan is refused");
        self.shows(lines);
    }

    #[track_caller]
    fn shows(&self, lines: &[&str]) {
        for line in lines {
            assert!(self.stdout.contains(line), "no `{line}` in:\n{}", self.stdout);
        }
    }
}

/// The chart's render of that scenario, with the credentials of the bench.
pub(crate) fn golden(scenario: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a root");
    let file = root.join(format!("tests/chart/golden/{scenario}.yaml"));
    let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    PLACEHOLDERS.iter().zip(BASE64).fold(text, |text, (placeholder, canary)| text.replace(placeholder, canary))
}

/// The same without hooks, as Helm stores it.
pub(crate) fn stored(scenario: &str) -> String {
    let text = golden(scenario);
    text.split("---\n").filter(|document| !document.contains("helm.sh/hook:")).collect::<Vec<_>>().join("---\n")
}

pub(crate) fn restricted() -> Value {
    let labels =
        ["enforce", "warn", "audit"].map(|mode| (format!("pod-security.kubernetes.io/{mode}"), json!("restricted")));
    labels.into_iter().collect()
}

pub(crate) fn revision(number: u32, status: &str) -> Value {
    json!({"revision": number, "updated": "2026-11-25T09:29:03.284270978Z", "status": status,
           "chart": "mailroom-0.1.0", "app_version": "0.1.0", "description": "x"})
}

pub(crate) fn secrets() -> String {
    format!("secrets:\n  jmapToken: {TOKEN}\n  carddavUsername: {USER}\n  carddavPassword: {PASSWORD}\n")
}

/// Two clusters; the current context is the one that no test names.
fn kubeconfig() -> String {
    let text = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "two",
        "contexts": [
            {"name": "one", "context": {"cluster": "c1", "user": "u1", "namespace": "elsewhere"}},
            {"name": "two", "context": {"cluster": "c2", "user": "u2"}},
        ],
        "clusters": [
            {"name": "c1", "cluster": {"server": SERVER}},
            {"name": "c2", "cluster": {"server": "https://two.test:6443"}},
        ],
        "users": [
            {"name": "u1", "user": {"token": "CANARY-kube-one"}},
            {"name": "u2", "user": {"token": "CANARY-kube-two"}},
        ],
    });
    text.to_string()
}
