//! The chart installed as a user would do it: by `xtask deploy`, or by Helm alone.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::behaviour::expect_that;
use super::case::Case;
use super::runner::Installer;
use crate::paths;
use crate::tools::{Captured, Helm, Major, Running, Stream, Xtask};

/// The release of every behaviour.
pub const RELEASE: &str = "mailroom";

/// What an installer said, and how it ended.
#[derive(Debug)]
pub struct Installed {
    /// The exit code; none after a signal.
    pub code: Option<i32>,
    by_deploy: bool,
    /// What it said on stdout and stderr, without secrets.
    pub text: String,
}

impl Installed {
    /// Expects it to have ended with this code and to have said this.
    ///
    /// # Errors
    /// A mismatch, with all that it said.
    pub fn expect(&self, what: &str, code: i32, said: &str) -> Result<()> {
        let holds = self.code == Some(code) && self.text.contains(said);
        expect_that(what, &format!("exit {code} and `{said}`"), &format!("exit {:?}\n{}", self.code, self.text), holds)
    }

    /// Expects it to have succeeded.
    ///
    /// # Errors
    /// As [`Installed::expect`].
    pub fn done(&self, what: &str) -> Result<()> {
        self.expect(what, 0, "")
    }

    /// Expects the gate not to have passed, and this to be said: exit 4 of deploy, 1 of Helm.
    ///
    /// # Errors
    /// As [`Installed::expect`].
    pub fn refused(&self, what: &str, said: &str) -> Result<()> {
        self.expect(what, if self.by_deploy { 4 } else { 1 }, said)
    }

    /// Expects the rollout to have failed: exit 5 of deploy, 1 of Helm.
    ///
    /// # Errors
    /// As [`Installed::expect`].
    pub fn rollout_failed(&self, what: &str, said: &str) -> Result<()> {
        self.expect(what, if self.by_deploy { 5 } else { 1 }, said)
    }
}

impl Case<'_> {
    /// Installs or upgrades by the installer that the behaviour was given, with these values on top of what the testbed
    /// needs; with `apply`, what is missing on the account is created.
    ///
    /// # Errors
    /// Exit 3 where it cannot be started.
    pub fn install(&self, values: &Value, apply: bool) -> Result<Installed> {
        match (&self.installer, apply) {
            (Installer::Deploy, true) => self.deploy(values, &["--apply-setup"]),
            (Installer::Deploy, false) => self.deploy(values, &[]),
            (Installer::Helm(chart), true) => self.bare_helm(chart, values, &["--set", "setup.apply=true"]),
            (Installer::Helm(chart), false) => self.bare_helm(chart, values, &[]),
        }
    }

    /// Deploys into the behaviour's namespace, with more options.
    ///
    /// # Errors
    /// Exit 3 where it cannot be started.
    pub fn deploy(&self, values: &Value, more: &[&str]) -> Result<Installed> {
        self.deploy_with(&[], values, more)
    }

    /// As [`Case::deploy`], by a caller with these variables in its environment.
    ///
    /// # Errors
    /// Exit 3 where it cannot be started.
    pub fn deploy_with(&self, vars: &[(&str, &str)], values: &Value, more: &[&str]) -> Result<Installed> {
        let xtask = vars.iter().fold(self.xtask()?, |xtask, (name, value)| xtask.var(name, value));
        let said = xtask.run(&refs(&self.deploy_args(values, more)?))?;
        self.installed(true, &said)
    }

    /// As [`Case::deploy`], for a story that interrupts it or looks on meanwhile; lines come as they are said.
    ///
    /// # Errors
    /// Exit 3 where it cannot be started.
    pub fn start_deploy(
        &self,
        values: &Value,
        more: &[&str],
        on_line: impl Fn(Stream, &str) + Send + Sync + 'static,
    ) -> Result<Running> {
        self.xtask()?.stream(&refs(&self.deploy_args(values, more)?), on_line)
    }

    /// `helm upgrade --install` as the README has it for those without this workspace, with a chart and more options.
    /// The namespace is made with its labels if it is not there.
    ///
    /// # Errors
    /// Exit 3 where it cannot be started.
    pub fn bare_helm(&self, chart: &Path, values: &Value, more: &[&str]) -> Result<Installed> {
        let args = self.helm_args(chart, values, more)?;
        let said = self.helm()?.run(self.target(), &refs(&args))?;
        self.installed(false, &said)
    }

    /// Whoever installs, and however it ends: it shows no secret.
    fn installed(&self, by_deploy: bool, said: &Captured) -> Result<Installed> {
        let shown = format!("{}{}", said.stdout, said.stderr);
        let text = self.mask().hide(&shown);
        expect_that("what the installer says", "no secret of the account", &text, text == shown)?;
        Ok(Installed { code: said.code, by_deploy, text })
    }

    /// The arguments of [`Case::bare_helm`], for a story that ends Helm in the middle.
    ///
    /// # Errors
    /// Where the files cannot be written or the namespace cannot be made.
    pub fn helm_args(&self, chart: &Path, values: &Value, more: &[&str]) -> Result<Vec<String>> {
        if self.kubectl.get("namespace", &self.namespace, "")?.is_none() {
            self.make_namespace()?;
        }
        let chart = chart.display().to_string();
        let mut args = vec!["upgrade", "--install", RELEASE, &chart, "--namespace", &self.namespace];
        let files = self.value_files(values)?;
        args.extend(files.iter().flat_map(|file| ["-f", file]));
        args.extend([self.helm()?.wait_flag(), "--timeout", "2m"]);
        args.extend(more);
        Ok(args.into_iter().map(ToOwned::to_owned).collect())
    }

    /// The Helm of this behaviour.
    ///
    /// # Errors
    /// Exit 3 where it cannot be had.
    pub fn helm(&self) -> Result<Helm> {
        Helm::pinned(self.major(), self.console())
    }

    /// The chart of this repository.
    pub fn chart() -> PathBuf {
        paths::root().join("helm/mailroom")
    }

    /// The chart that the behaviour was given: this repository's, or in a drill another one.
    pub fn chart_in_hand(&self) -> PathBuf {
        match &self.installer {
            Installer::Deploy => Self::chart(),
            Installer::Helm(chart) => chart.clone(),
        }
    }

    fn major(&self) -> Major {
        self.helm.unwrap_or(Major::Four)
    }

    fn xtask(&self) -> Result<Xtask> {
        Ok(Xtask::current(self.console())?.var("XTASK_HELM", self.helm()?.program()))
    }

    fn deploy_args(&self, values: &Value, more: &[&str]) -> Result<Vec<String>> {
        let target = self.target();
        let (kubeconfig, context) =
            (target.kubeconfig.display().to_string(), target.context.as_deref().unwrap_or_default());
        let mut args =
            vec!["deploy", "--kubeconfig", &kubeconfig, "--context", context, "--namespace", &self.namespace];
        let [testbed, values, secrets] = &self.value_files(values)?;
        args.extend(["-f", testbed, "-f", values, "--secrets", secrets, "--yes"]);
        args.extend(more);
        Ok(args.into_iter().map(ToOwned::to_owned).collect())
    }

    /// What the testbed needs, the story's own values, and the secrets: each in a file.
    fn value_files(&self, values: &Value) -> Result<[String; 3]> {
        let files = [("testbed", &self.testbed_values()), ("values", values), ("secrets", &self.secrets_values())];
        let [testbed, values, secrets] =
            files.map(|(name, value)| self.file(&format!("{name}.yaml"), &value.to_string()));
        Ok([testbed?, values?, secrets?])
    }

    /// The app's image, and requests with which many behaviours fit on the node.
    fn testbed_values(&self) -> Value {
        let mut image = image_values(self.image());
        image["pullPolicy"] = "Never".into();
        json!({
            "image": image,
            "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}, "limits": {"cpu": "500m", "memory": "128Mi"}},
        })
    }

    fn secrets_values(&self) -> Value {
        let account = &self.account;
        json!({"secrets": {
            "jmapToken": account.token, "carddavUsername": account.user, "carddavPassword": account.password,
        }})
    }

    /// Writes a file of this behaviour alone, in the private folder of the run; gives its path.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub(super) fn file(&self, name: &str, text: &str) -> Result<String> {
        let path = self.private().join(format!("{}-{name}", self.namespace));
        let file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path);
        let failed = || format!("cannot write {}", path.display());
        file.with_context(failed)?.write_all(text.as_bytes()).with_context(failed)?;
        Ok(path.display().to_string())
    }
}

/// The chart's values for an image by its name and tag.
pub(super) fn image_values(image: &str) -> Value {
    let (repository, tag) = image.rsplit_once(':').unwrap_or((image, "latest"));
    json!({"repository": repository, "tag": tag})
}

fn refs(args: &[String]) -> Vec<&str> {
    args.iter().map(String::as_str).collect()
}
