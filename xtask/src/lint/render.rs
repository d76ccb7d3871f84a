//! The two Helm calls of a scenario, and what Helm's own output says.

use anyhow::Result;

use super::helm_output;
use super::judge::{Judgement, Render, judge};
use crate::chart::{Chart, Scenario};
use crate::finding::Finding;
use crate::paths;
use crate::pod_security::Policy;
use crate::tools::{ChartCall, Helm, Values};

/// What to judge by.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The pod security level and version that each pod must hold.
    pub policy: Policy,
    /// The Kubernetes version that Helm is told, as in `1.37`.
    pub kube_version: String,
}

/// A render, or the reason why there is none.
#[derive(Debug, Default)]
pub struct Rendered {
    /// The manifests; empty where Helm failed.
    pub text: String,
    /// Where Helm failed: why.
    pub failure: Vec<Finding>,
    /// The unknown hook names for which Helm dropped whole documents.
    pub skipped_hooks: Vec<String>,
}

impl Scenario {
    /// How Helm is called for this scenario.
    pub fn call(&self, chart: &Chart, settings: &Settings) -> ChartCall {
        ChartCall {
            chart: chart.dir.clone(),
            values: Values { files: self.files.clone(), ..Values::default() },
            kube_version: settings.kube_version.clone(),
            release: self.release.clone(),
            namespace: self.namespace.clone(),
        }
    }
}

/// What `helm lint --strict` finds with these values.
pub(super) fn lint(helm: &Helm, call: &ChartCall) -> Result<Vec<Finding>> {
    let output = helm.lint(call)?;
    Ok(helm_output::lint_findings(&output.stdout, &output.stderr, output.success(), &paths::shown(&call.chart)))
}

/// Renders a chart; that Helm refuses is a finding, that it cannot be started is an error.
pub fn render(helm: &Helm, chart: &Chart, call: &ChartCall) -> Result<Rendered> {
    let output = helm.template(call)?;
    if !output.success() {
        let failure = helm_output::render_failure(&output.stderr, &chart.metadata.name, &paths::shown(&chart.dir));
        return Ok(Rendered { failure, ..Rendered::default() });
    }
    Ok(Rendered { skipped_hooks: output.skipped_hooks(), text: output.stdout, failure: Vec::new() })
}

impl Rendered {
    /// Judges the render; where there is none, there is nothing to judge.
    pub fn judge(&self, chart: &Chart, policy: Policy) -> Judgement {
        if !self.failure.is_empty() {
            return Judgement::default();
        }
        judge(&Render::of_chart(chart, &self.text, &self.skipped_hooks), policy)
    }
}
