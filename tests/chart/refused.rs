//! Values that are refused: each file of `refused/` says in its head by which sentence, under both Helms, and no message
//! shows a secret.
//!
//! `# says: SENTENCE` is what Helm's message must hold, as its only complaint. `# set: K=V` and `# set-string: K=V` are
//! passed as such; the rest of the file is passed as values. `# hides: TEXT` must not be shown, nor may any canary.

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use support::{Render, base64, files, helms, here};
use xtask::tools::{Captured, Helm};

/// A refused value.
struct Case {
    name: String,
    render: Render,
    says: String,
    hides: Vec<String>,
}

impl Case {
    fn read(name: &str, path: &Path) -> Self {
        let text = fs::read_to_string(path).expect("a case");
        let head = |key: &str| -> Vec<String> {
            let prefix = format!("# {key}: ");
            text.lines().filter_map(|line| line.strip_prefix(&prefix)).map(str::to_owned).collect()
        };
        let mut hides = head("hides");
        let canaries = fs::read_to_string(here("canary-secrets.yaml")).expect("the canaries");
        hides.extend(
            canaries.lines().filter_map(|line| line.split_once(": canary-")).map(|(_, end)| format!("canary-{end}")),
        );
        assert!(hides.len() >= 3, "no canaries");
        let encoded: Vec<_> = hides.iter().map(|value| encoded(value)).collect();
        hides.extend(encoded);
        let mut render = Render::plain();
        render.files = vec![here("canary-secrets.yaml"), path.to_owned()];
        render.set = head("set");
        render.set_string = head("set-string");
        let says = head("says");
        assert_eq!(says.len(), 1, "{name}: one sentence");
        Self { name: name.to_owned(), render, says: says[0].clone(), hides }
    }

    /// Renders and lints.
    ///
    /// Lint does not end with 1 where only a template refuses; it must not show a secret, nor trip over a null.
    fn check(&self, helm: &Helm) {
        let rendered = self.render.try_with(helm);
        self.check_sentence(helm, &rendered);
        self.check_hidden(helm, &rendered);
        let linted = helm.lint(&self.render.call()).expect("Helm starts");
        self.check_hidden(helm, &linted);
        let said = linted.stdout + &linted.stderr;
        assert!(!said.contains("nil pointer"), "{} with Helm {}:\n{said}", self.name, helm.version);
    }

    /// Fails where the message does not have the sentence as its only complaint.
    fn check_sentence(&self, helm: &Helm, captured: &Captured) {
        let place = format!("{} with Helm {}:\n{}", self.name, helm.version, captured.stderr);
        assert_eq!(captured.code, Some(1), "{place}");
        assert!(captured.stdout.trim().is_empty(), "{place}");
        let saying = captured.stderr.lines().filter(|line| line.contains(&self.says)).count();
        assert_eq!(saying, 1, "no single line says {:?}: {place}", self.says);
        let complaints = captured.stderr.lines().filter(|line| line.trim_start().starts_with("- at ")).count();
        assert!(complaints <= 1, "more than one complaint: {place}");
        assert!(!captured.stderr.contains("nil pointer"), "{place}");
    }

    /// Fails where anything shows a secret.
    fn check_hidden(&self, helm: &Helm, captured: &Captured) {
        for text in [&captured.stdout, &captured.stderr] {
            for hidden in &self.hides {
                assert!(!text.contains(hidden), "{} with Helm {} shows {hidden}:\n{text}", self.name, helm.version);
            }
        }
    }
}

/// A value in base64, without the padding.
fn encoded(value: &str) -> String {
    let bytes = base64(&["-w0"], value);
    String::from_utf8(bytes).expect("base64 is ASCII").trim_end_matches('=').to_owned()
}

/// All cases, by name.
fn cases() -> Vec<Case> {
    let cases: Vec<(String, PathBuf)> = files(&here("refused"), ".yaml");
    assert_eq!(cases.len(), files(&here("refused"), "").len(), "a file that does not end in .yaml is never read");
    assert!(cases.len() > 50, "only {} cases found", cases.len());
    cases.iter().map(|(name, path)| Case::read(name, path)).collect()
}

#[test]
fn each_refused_value_gets_its_one_sentence_and_shows_no_secret() {
    let cases = cases();
    std::thread::scope(|scope| {
        for helm in helms() {
            scope.spawn(|| cases.iter().for_each(|case| case.check(helm)));
        }
    });
}

#[test]
fn the_canaries_themselves_are_no_reason_to_refuse() {
    let mut render = Render::plain();
    render.files = vec![here("canary-secrets.yaml")];
    for helm in helms() {
        let manifests = render.with(helm);
        assert!(manifests.contains(&encoded("canary-token-4b1d")), "the canary is where it would be seen");
    }
}

#[test]
fn a_render_without_secrets_says_what_to_do_and_lint_passes() {
    let mut render = Render::plain();
    render.files.clear();
    for helm in helms() {
        let captured = render.try_with(helm);
        assert_eq!(captured.code, Some(1));
        let sentence = "missing: secrets.jmapToken, secrets.carddavUsername, secrets.carddavPassword: copy \
                        secrets-values.yaml.example to secrets-values.yaml, fill it in and pass it with -f secrets-values.yaml";
        assert!(captured.stderr.contains(sentence), "{}", captured.stderr);
        let captured = helm.lint(&render.call()).expect("Helm starts");
        assert!(captured.success(), "{}{}", captured.stdout, captured.stderr);
    }
}
