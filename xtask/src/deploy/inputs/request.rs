//! What the user asked for, with every default filled in.

use std::path::PathBuf;
use std::time::Duration;

use crate::chart::{self, Chart};
use crate::paths;

/// The default of `--release` and `--namespace`.
pub const DEFAULT_NAME: &str = "mailroom";
/// The default of `--timeout`, which is Helm's own.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(300);

/// How far to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Plan and deploy.
    Deploy,
    /// Plan only: `--dry-run`.
    DryRun,
    /// Plan, then the gate's own objects alone: `--gate-only`.
    GateOnly,
}

/// What the user asked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// The chart.
    pub chart: Chart,
    /// The name of the release.
    pub release: String,
    /// The namespace.
    pub namespace: String,
    /// `--context`.
    pub context: Option<String>,
    /// `--kubeconfig`; otherwise `KUBECONFIG` and `~/.kube/config` count.
    pub kubeconfig: Option<PathBuf>,
    /// `-f`, in order.
    pub files: Vec<PathBuf>,
    /// `--secrets`.
    pub secrets: PathBuf,
    /// `--set`, as given.
    pub set: Vec<String>,
    /// `--set-string`, as given.
    pub set_string: Vec<String>,
    /// Whether the gate creates what is missing.
    pub apply_setup: bool,
    /// How far to go.
    pub mode: Mode,
    /// Whether the plan is taken as read.
    pub yes: bool,
    /// Whether the cluster is remembered for later runs.
    pub remember: bool,
    /// How long Helm may take for each of its phases.
    pub timeout: Duration,
}

impl Request {
    /// The command that repeats this one with `extra` options, ready to paste: for the "next command" of a page.
    ///
    /// What is decided anew each time is left out: `--apply-setup`, `--dry-run`, `--gate-only`, `--yes`, `--remember`.
    pub fn command(&self, extra: &[&str]) -> String {
        let mut words: Vec<String> = ["cargo", "xtask", "deploy"].map(str::to_owned).into();
        words.extend(self.options());
        words.extend(extra.iter().map(|&word| word.to_owned()));
        words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
    }

    /// The options of this request that differ from the defaults.
    fn options(&self) -> Vec<String> {
        let path = |path: &PathBuf| path.display().to_string();
        let mut options = Vec::new();
        let mut add = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                options.extend([name.to_owned(), value]);
            }
        };
        add("--context", self.context.clone());
        add("--kubeconfig", self.kubeconfig.as_ref().map(path));
        add("--namespace", (self.namespace != DEFAULT_NAME).then(|| self.namespace.clone()));
        add("--release", (self.release != DEFAULT_NAME).then(|| self.release.clone()));
        add("--chart", (self.chart.dir != paths::chart()).then(|| path(&self.chart.dir)));
        self.files.iter().for_each(|file| add("-f", Some(path(file))));
        add("--secrets", (self.secrets != self.chart.dir.join(chart::SECRETS_FILE)).then(|| path(&self.secrets)));
        self.set.iter().for_each(|set| add("--set", Some(set.clone())));
        self.set_string.iter().for_each(|set| add("--set-string", Some(set.clone())));
        add("--timeout", (self.timeout != DEFAULT_TIMEOUT).then(|| format!("{}s", self.timeout.as_secs())));
        options
    }
}

/// A word as a shell reads it back.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A request without any option but `--apply-setup --yes --remember`.
    pub(in crate::deploy) fn request() -> Request {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("Chart.yaml"), "name: mailroom\nversion: 1.0.0\n").unwrap();
        let chart = Chart { dir: paths::chart(), ..Chart::open(dir.path()).unwrap() };
        Request {
            secrets: chart.dir.join(chart::SECRETS_FILE),
            chart,
            release: DEFAULT_NAME.to_owned(),
            namespace: DEFAULT_NAME.to_owned(),
            context: None,
            kubeconfig: None,
            files: Vec::new(),
            set: Vec::new(),
            set_string: Vec::new(),
            apply_setup: true,
            mode: Mode::Deploy,
            yes: true,
            remember: true,
            timeout: DEFAULT_TIMEOUT,
        }
    }

    #[test]
    fn a_plain_request_repeats_as_a_plain_command() {
        assert_eq!(request().command(&["--apply-setup"]), "cargo xtask deploy --apply-setup");
    }

    #[test]
    fn every_option_of_ones_own_is_repeated_and_can_be_pasted() {
        let request = Request {
            context: Some("kind-a".to_owned()),
            kubeconfig: Some("/k/my config".into()),
            namespace: "post".to_owned(),
            release: "r".to_owned(),
            files: vec!["a.yaml".into(), "it's.yaml".into()],
            secrets: "s.yaml".into(),
            set: vec!["image.tag=sha-1".to_owned()],
            set_string: vec!["a={x,y}".to_owned()],
            timeout: Duration::from_secs(360),
            ..request()
        };
        assert_eq!(
            request.command(&[]),
            "cargo xtask deploy --context kind-a --kubeconfig '/k/my config' --namespace post --release r -f a.yaml \
             -f 'it'\\''s.yaml' --secrets s.yaml --set image.tag=sha-1 --set-string 'a={x,y}' --timeout 360s"
        );
    }
}
