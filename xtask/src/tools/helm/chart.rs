//! Calls that look at a chart and at no cluster: lint, template, package.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::{Call, Helm};
use crate::tools::Captured;

/// Values for a chart, in the order in which Helm lets later ones win: files, then `--set`, then `--set-string`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Values {
    /// Values files; the only way for a secret.
    pub files: Vec<PathBuf>,
    /// `key=value` for `--set`.
    pub set: Vec<String>,
    /// `key=value` for `--set-string`.
    pub set_string: Vec<String>,
}

impl Values {
    pub(super) fn add_to<'t>(&self, mut call: Call<'t>) -> Call<'t> {
        for file in &self.files {
            call = call.arg("--values").arg(file);
        }
        for (flag, pairs) in [("--set", &self.set), ("--set-string", &self.set_string)] {
            for pair in pairs {
                call = call.arg(flag).arg(pair);
            }
        }
        call
    }
}

/// A chart with all that its rendering depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartCall {
    /// The chart's folder or archive.
    pub chart: PathBuf,
    /// Its values.
    pub values: Values,
    /// The Kubernetes version to render for, as in `1.37`: Helm's own idea of it depends on how it was built.
    pub kube_version: String,
    /// `.Release.Name`; lint knows none.
    pub release: String,
    /// `.Release.Namespace`.
    pub namespace: String,
}

impl Helm {
    /// `helm lint --strict`: the caller judges status and text.
    ///
    /// # Errors
    /// Exit 3 where Helm cannot be started.
    pub fn lint(&self, call: &ChartCall) -> Result<Captured> {
        call.add_to(self.call(&["lint", "--strict"], None).arg(&call.chart)).capture()
    }

    /// `helm template`: the manifests are in `stdout`, Secret objects included; the caller judges the status.
    ///
    /// # Errors
    /// Exit 3 where Helm cannot be started.
    pub fn template(&self, call: &ChartCall) -> Result<Captured> {
        call.add_to(self.call(&["template", &call.release], None).arg(&call.chart)).capture()
    }

    /// `helm package`: writes the archive into `destination` and says where on `stdout`.
    ///
    /// # Errors
    /// Exit 3 where Helm cannot be started.
    pub fn package(&self, chart: &Path, destination: &Path) -> Result<Captured> {
        self.call(&["package"], None).arg(chart).arg("--destination").arg(destination).capture()
    }
}

impl ChartCall {
    fn add_to<'t>(&self, call: Call<'t>) -> Call<'t> {
        let call = call.args(["--namespace", &self.namespace, "--kube-version", &self.kube_version]);
        self.values.add_to(call)
    }
}
