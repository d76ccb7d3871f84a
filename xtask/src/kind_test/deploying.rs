//! `xtask deploy` as a user runs it: own program, own files, the cluster named.

use std::fs;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::behaviour::expect_that;
use super::case::Case;
use crate::tools::{Captured, Helm, Major, Xtask};

/// What a deploy said, and how it ended.
#[derive(Debug)]
pub struct Deployed {
    code: Option<i32>,
    /// The pages on stdout and the progress on stderr.
    pub text: String,
}

impl Deployed {
    /// Expects it to have ended with this code and to have said this.
    ///
    /// # Errors
    /// A mismatch, with all that it said.
    pub fn expect(&self, what: &str, code: i32, said: &str) -> Result<()> {
        let holds = self.code == Some(code) && self.text.contains(said);
        expect_that(what, &format!("exit {code} and `{said}`"), &format!("exit {:?}\n{}", self.code, self.text), holds)
    }
}

impl Case<'_> {
    /// Deploys into the behaviour's namespace, with these values on top of what the testbed needs.
    ///
    /// # Errors
    /// Exit 3 where it cannot be started.
    pub fn deploy(&self, values: &Value, more: &[&str]) -> Result<Deployed> {
        let values = self.file("values", values)?;
        let testbed = self.file("testbed", &self.testbed_values())?;
        let secrets = self.file("secrets", &self.secrets_values())?;
        let target = self.target();
        let (kubeconfig, context) =
            (target.kubeconfig.display().to_string(), target.context.as_deref().unwrap_or_default());
        let paths = [testbed, values, secrets].map(|path| path.display().to_string());
        let [testbed, values, secrets] = paths.each_ref().map(String::as_str);
        let mut args =
            vec!["deploy", "--kubeconfig", &kubeconfig, "--context", context, "--namespace", &self.namespace];
        args.extend(["-f", testbed, "-f", values, "--secrets", secrets, "--yes"]);
        args.extend(more);
        let helm = Helm::pinned(self.helm.unwrap_or(Major::Four), self.console())?;
        let xtask = Xtask::current(self.console())?.var("XTASK_HELM", helm.program());
        let Captured { code, stdout, stderr, .. } = xtask.run(&args)?;
        Ok(Deployed { code, text: self.mask().hide(&format!("{stdout}{stderr}")) })
    }

    /// The app's image, and requests with which many behaviours fit on the node.
    fn testbed_values(&self) -> Value {
        let (repository, tag) = self.image().rsplit_once(':').unwrap_or((self.image(), "latest"));
        json!({
            "image": {"repository": repository, "tag": tag, "pullPolicy": "Never"},
            "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}, "limits": {"cpu": "500m", "memory": "128Mi"}},
        })
    }

    fn secrets_values(&self) -> Value {
        let account = &self.account;
        json!({"secrets": {
            "jmapToken": account.token, "carddavUsername": account.user, "carddavPassword": account.password,
        }})
    }

    /// A file of this behaviour alone, in the private folder of the run.
    fn file(&self, name: &str, value: &Value) -> Result<PathBuf> {
        let path = self.private().join(format!("{}-{name}.yaml", self.namespace));
        let file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path);
        let failed = || format!("cannot write {}", path.display());
        serde_json::to_writer(file.with_context(failed)?, value).with_context(failed)?;
        Ok(path)
    }
}
