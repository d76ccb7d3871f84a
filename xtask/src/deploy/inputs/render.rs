//! The chart rendered with the very values of this deploy, linted, and read for what the steps need to know.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::deploy::{Document, Session};
use crate::exit::{self, Failure};
use crate::finding::Severity;
use crate::lint::{self, Settings};
use crate::pod_security::Policy;

/// The key of the ConfigMap that holds the app's configuration.
const CONFIG: &str = "config.yaml";
/// The argument by which the gate's script creates what is missing.
const APPLY: &str = "--apply";
/// What Kubernetes takes where a pod says nothing.
const DEFAULT_GRACE: u64 = 30;
/// How much longer than the gate Helm must wait: for the Job's condition to follow its pod's end, and for Helm to see it.
const SLACK: Duration = Duration::from_secs(15);

/// The gate, as the render has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gate {
    /// The name of the Job.
    pub job: String,
    /// Its `activeDeadlineSeconds`.
    pub deadline: Duration,
    /// Its pod's `terminationGracePeriodSeconds`.
    pub grace: Duration,
    /// Whether it creates what is missing.
    pub applies: bool,
    /// The names of the hook-owned copies, as `(kind, name)`: Helm removes them, and `deploy` what Helm left.
    pub copies: Vec<(String, String)>,
}

/// The chart rendered with the very values of this deploy, and found clean by every rule of `lint`.
#[derive(Clone, Debug)]
pub struct Render {
    /// All objects, hooks included, in Helm's order.
    pub documents: Vec<Document>,
    /// The gate.
    pub gate: Gate,
    /// The name of the Deployment.
    pub deployment: String,
    /// `spec.replicas` of the Deployment.
    pub replicas: u64,
    /// The image of the Deployment's container.
    pub image: String,
    /// The app's configuration, as the ConfigMap holds it.
    pub config: String,
    /// Lint's warnings.
    pub warnings: Vec<String>,
}

impl Render {
    /// The gate Job among the documents.
    pub(crate) fn gate_document(&self) -> Option<&Document> {
        self.documents.iter().find(|document| document.hook && document.kind == "Job" && document.name == self.gate.job)
    }
}

/// Renders for the server's version, and lints by every rule; there is no switch to leave that out.
///
/// # Errors
/// Exit 1 with all findings where one is an error, or where the chart is not made as `deploy` needs it; exit 2 where
/// `--timeout` would end Helm before the gate.
pub(crate) fn render(session: &Session) -> Result<Render> {
    let server = session.target.version;
    let settings = Settings { policy: Policy::default(), kube_version: format!("{}.{}", server.major, server.minor) };
    let chart = &session.request.chart;
    let call = session.chart_call(settings.kube_version.clone());
    let (rendered, verdict) = lint::exactly(chart, &session.helm, &call, &settings)?;
    let findings = session.mask.hide(verdict.text().trim_end());
    if verdict.errors() > 0 {
        let conclusion = verdict.conclusion();
        return Err(Failure::error(
            exit::FINDINGS,
            format!("what would be deployed does not pass lint: {conclusion}\n{findings}"),
        ));
    }
    let mut render = Render::read(&rendered.text)?;
    let warnings = verdict.findings.iter().map(|reported| &reported.finding);
    render.warnings = warnings
        .filter(|finding| finding.severity == Severity::Warning)
        .map(|finding| session.mask.hide(&format!("{}: {} ({})", finding.source, finding.message, finding.rule)))
        .collect();
    if render.gate.applies != session.request.apply_setup {
        bail!(
            "the gate of this render would {}create what is missing, although that was not asked for: see setup.apply",
            if render.gate.applies { "" } else { "not " }
        );
    }
    enough_time(&render.gate, session.request.timeout)?;
    Ok(render)
}

impl Render {
    /// Reads a render of the chart.
    ///
    /// # Errors
    /// Where it has no gate, or not just one Deployment: then it is not a chart for `deploy`.
    pub fn read(text: &str) -> Result<Self> {
        let documents = Document::read_all(text)?;
        let mut deployments = documents.iter().filter(|it| it.kind == "Deployment" && !it.hook);
        let (Some(deployment), None) = (deployments.next(), deployments.next()) else {
            bail!("deploy needs a chart with one Deployment; `cargo xtask template` shows what this one renders");
        };
        let gate = Gate::find(&documents)?;
        let config = documents
            .iter()
            .filter(|it| it.kind == "ConfigMap" && !it.hook)
            .find_map(|it| it.value.pointer("/data").and_then(|data| data.get(CONFIG)).and_then(Value::as_str))
            .with_context(|| format!("deploy needs a chart whose ConfigMap has the app's configuration as `{CONFIG}`"))?
            .to_owned();
        let (name, replicas) =
            (deployment.name.clone(), deployment.value.pointer("/spec/replicas").and_then(Value::as_u64));
        let image = deployment.value.pointer("/spec/template/spec/containers/0/image").and_then(Value::as_str);
        let image = image.context("the Deployment's container has no image")?.to_owned();
        Ok(Self {
            deployment: name,
            replicas: replicas.unwrap_or(1),
            image,
            gate,
            config,
            documents,
            warnings: Vec::new(),
        })
    }
}

impl Gate {
    fn find(documents: &[Document]) -> Result<Self> {
        let hooks = || documents.iter().filter(|it| it.hook);
        let mut jobs = hooks().filter(|it| it.kind == "Job");
        let (Some(job), None) = (jobs.next(), jobs.next()) else {
            bail!(
                "deploy needs a chart with one hook Job, its gate; `cargo xtask template` shows what this one renders"
            );
        };
        let number = |pointer: &str| job.value.pointer(pointer).and_then(Value::as_u64);
        let deadline = number("/spec/activeDeadlineSeconds").context("the gate Job has no activeDeadlineSeconds")?;
        let grace = number("/spec/template/spec/terminationGracePeriodSeconds").unwrap_or(DEFAULT_GRACE);
        let args = job.value.pointer("/spec/template/spec/containers/0/args").and_then(Value::as_array);
        Ok(Self {
            job: job.name.clone(),
            deadline: Duration::from_secs(deadline),
            grace: Duration::from_secs(grace),
            applies: args.is_some_and(|args| args.iter().any(|arg| arg == APPLY)),
            copies: hooks().filter(|it| it.kind != "Job").map(|it| (it.kind.clone(), it.name.clone())).collect(),
        })
    }
}

fn enough_time(gate: &Gate, timeout: Duration) -> Result<()> {
    let needed = gate.deadline + gate.grace + SLACK;
    if timeout > needed {
        return Ok(());
    }
    Err(Failure::usage(format!(
        "--timeout {}s would end Helm before the gate: it may take {} s and {} s more to end, so give more than {} s",
        timeout.as_secs(),
        gate.deadline.as_secs(),
        gate.grace.as_secs(),
        needed.as_secs()
    )))
}

#[cfg(test)]
mod tests;
