//! What the chart's tests share: both Helms, scenarios, rendering, and files that are compared or rewritten.
#![allow(dead_code)] // each test target uses a part of it

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_yaml::Value;
use xtask::paths;
use xtask::report::Console;
use xtask::tools::{Captured, ChartCall, Helm, Major, Values};

/// The Kubernetes version that everything is rendered for.
const KUBE_VERSION: &str = "1.37";

/// Helm 3 and Helm 4, built from their pins where none is found.
pub(crate) fn helms() -> &'static [Helm; 2] {
    static HELMS: OnceLock<[Helm; 2]> = OnceLock::new();
    HELMS.get_or_init(|| {
        [Major::Three, Major::Four].map(|major| {
            Helm::pinned(major, Console::default()).unwrap_or_else(|error| panic!("no Helm {major:?}: {error:#}"))
        })
    })
}

/// A file or folder of `tests/chart`.
pub(crate) fn here(name: &str) -> PathBuf {
    paths::root().join("tests/chart").join(name)
}

/// The files of a folder with this ending, by their names without it, in order.
pub(crate) fn files(folder: &Path, ending: &str) -> Vec<(String, PathBuf)> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<_> = entries
        .map(|entry| entry.expect("a folder's entry").path())
        .filter_map(|path| Some((path.file_name()?.to_str()?.strip_suffix(ending)?.to_owned(), path)))
        .collect();
    files.sort();
    files
}

/// What a render depends on besides the chart.
#[derive(Clone)]
pub(crate) struct Render {
    /// The release's name.
    pub(crate) release: String,
    /// The namespace.
    pub(crate) namespace: String,
    /// Values files, the last one wins.
    pub(crate) files: Vec<PathBuf>,
    /// Assignments for `--set`.
    pub(crate) set: Vec<String>,
    /// Assignments for `--set-string`.
    pub(crate) set_string: Vec<String>,
}

impl Render {
    /// The chart's own values with placeholder secrets.
    pub(crate) fn plain() -> Self {
        Self {
            release: "mailroom".into(),
            namespace: "mailroom".into(),
            files: vec![here("placeholder-secrets.yaml")],
            set: Vec::new(),
            set_string: Vec::new(),
        }
    }

    /// A scenario of the chart's `ci` folder, release and namespace as its head says.
    pub(crate) fn scenario(path: &Path) -> Self {
        let text = fs::read_to_string(path).expect("a scenario");
        let mut render = Self::plain();
        for line in text.lines().take_while(|line| line.starts_with('#')) {
            if let Some(name) = line.strip_prefix("# release: ") {
                name.clone_into(&mut render.release);
            } else if let Some(name) = line.strip_prefix("# namespace: ") {
                name.clone_into(&mut render.namespace);
            }
        }
        render.files.push(path.to_owned());
        render
    }

    /// The same for another release.
    pub(crate) fn release(mut self, name: &str) -> Self {
        name.clone_into(&mut self.release);
        self
    }

    /// The same with one more assignment by `--set`.
    pub(crate) fn set(mut self, assignment: &str) -> Self {
        self.set.push(assignment.to_owned());
        self
    }

    /// The call for Helm.
    pub(crate) fn call(&self) -> ChartCall {
        ChartCall {
            chart: paths::chart(),
            values: Values { files: self.files.clone(), set: self.set.clone(), set_string: self.set_string.clone() },
            kube_version: KUBE_VERSION.into(),
            release: self.release.clone(),
            namespace: self.namespace.clone(),
        }
    }

    /// Renders, whatever comes of it.
    pub(crate) fn try_with(&self, helm: &Helm) -> Captured {
        helm.template(&self.call()).expect("Helm starts")
    }

    /// Renders what must render; blank lines at the end of documents, in which the Helms differ, are taken out.
    pub(crate) fn with(&self, helm: &Helm) -> String {
        let captured = self.try_with(helm);
        assert!(captured.success(), "{}: {}", captured.command, captured.stderr);
        captured
            .stdout
            .split("\n---\n")
            .map(|document| document.trim_end().to_owned() + "\n")
            .collect::<Vec<_>>()
            .join("---\n")
    }

    /// Renders with Helm 4 into documents.
    pub(crate) fn objects(&self) -> Vec<Value> {
        objects(&self.with(&helms()[1]))
    }
}

/// The documents of a render.
pub(crate) fn objects(render: &str) -> Vec<Value> {
    use serde::Deserialize;
    serde_yaml::Deserializer::from_str(render).map(|document| Value::deserialize(document).expect("YAML")).collect()
}

/// The one object of this kind whose name ends so.
pub(crate) fn object<'a>(objects: &'a [Value], kind: &str, ending: &str) -> &'a Value {
    let mut found =
        objects.iter().filter(|object| object["kind"] == *kind && text(&object["metadata"]["name"]).ends_with(ending));
    let object = found.next().unwrap_or_else(|| panic!("no {kind} with a name on {ending}"));
    assert!(found.next().is_none(), "more than one {kind} with a name on {ending}");
    object
}

/// A value that must be a string.
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no string: {value:?}"))
}

/// Compares a file with what it should hold; with `UPDATE_GOLDEN=1` writes it.
pub(crate) fn compare(path: &Path, wanted: &str) {
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(path, wanted).unwrap_or_else(|error| panic!("cannot write {}: {error}", path.display()));
        return;
    }
    let found = fs::read_to_string(path).unwrap_or_default();
    if found == wanted {
        return;
    }
    let line = found.lines().zip(wanted.lines()).take_while(|(found, wanted)| found == wanted).count();
    let at = |text: &str| text.lines().nth(line).unwrap_or("(the end)").to_owned();
    panic!(
        "{} differs from line {} on; UPDATE_GOLDEN=1 rewrites it\n  it says   {}\n  should be {}",
        path.display(),
        line + 1,
        at(&found),
        at(wanted)
    );
}

/// Runs the machine's `base64` on a text: with no arguments it encodes, with `-d` it decodes.
pub(crate) fn base64(arguments: &[&str], text: &str) -> Vec<u8> {
    use std::io::Write;
    let mut child = Command::new("base64")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("base64 starts: apt-get install coreutils");
    child.stdin.take().expect("its input").write_all(text.as_bytes()).expect("base64 reads");
    let output = child.wait_with_output().expect("base64 ends");
    assert!(output.status.success(), "base64 {arguments:?}: {}", output.status);
    output.stdout
}
