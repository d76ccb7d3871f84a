//! The work behind `lint`: each scenario linted and rendered by Helm, each render judged.
//!
//! `template` and `deploy` render and judge by the same functions.

mod helm_output;
mod judge;
mod render;
mod summary;

use anyhow::Result;

pub use judge::{Judgement, Render, judge};
pub use render::{Rendered, Settings, render};

use crate::chart::{Chart, Scenario};
use crate::finding::Finding;
use crate::parallel;
use crate::pod_security::Policy;
use crate::report::LintReport;
use crate::tools::{ChartCall, Helm};

/// What came of one scenario, or of one file of manifests.
#[derive(Debug, Default)]
struct Part {
    /// The scenario's name; empty for manifests.
    scenario: String,
    /// What `helm lint` found.
    helm_lint: Vec<Finding>,
    /// Why there is no render.
    failure: Vec<Finding>,
    /// What the render itself shows.
    judgement: Judgement,
}

/// Lints every scenario of a chart, and its `values.yaml` as it stands.
pub fn chart(chart: &Chart, helm: &Helm, settings: &Settings) -> Result<LintReport> {
    let scenarios = chart.scenarios()?;
    let jobs: Vec<Job> = scenarios.iter().flat_map(|scenario| [Job::Lint(scenario), Job::Render(scenario)]).collect();
    let done = parallel::map(&jobs, |job| job.run(chart, helm, settings)).into_iter().collect::<Result<Vec<_>>>()?;
    let mut halves = done.into_iter();
    let mut parts = Vec::new();
    while let (Some(lint), Some(render)) = (halves.next(), halves.next()) {
        parts.push(Part { helm_lint: lint.helm_lint, ..render });
    }
    Ok(summary::of_chart(&parts, settings))
}

/// The verdict on one render of a chart.
pub fn one(rendered: &Rendered, chart: &Chart, settings: &Settings) -> LintReport {
    summary::of_render(&Part::of(String::new(), rendered, chart, settings), settings)
}

/// A render and the verdict on it by every rule, `helm lint` with the same values included: what `deploy` sends.
pub fn exactly(chart: &Chart, helm: &Helm, call: &ChartCall, settings: &Settings) -> Result<(Rendered, LintReport)> {
    let (rendered, helm_lint) = parallel::both(|| render(helm, chart, call), || render::lint(helm, call));
    let rendered = rendered?;
    let part = Part { helm_lint: helm_lint?, ..Part::of(String::new(), &rendered, chart, settings) };
    Ok((rendered, summary::of_render(&part, settings)))
}

/// Judges rendered YAML or JSON by the rules about manifests alone; each input is its name and its text.
pub fn manifests(inputs: &[(String, Vec<u8>)], policy: Policy) -> LintReport {
    let parts = parallel::map(inputs, |(source, text)| {
        let judgement = judge(&Render::of_manifests(source, text), policy);
        Part { judgement, ..Part::default() }
    });
    summary::of_manifests(&parts, policy)
}

/// One of the two Helm processes of a scenario.
enum Job<'a> {
    Lint(&'a Scenario),
    Render(&'a Scenario),
}

impl Job<'_> {
    fn run(&self, chart: &Chart, helm: &Helm, settings: &Settings) -> Result<Part> {
        match self {
            Self::Lint(scenario) => {
                Ok(Part { helm_lint: render::lint(helm, &scenario.call(chart, settings))?, ..Part::default() })
            }
            Self::Render(scenario) => {
                let rendered = render(helm, chart, &scenario.call(chart, settings))?;
                Ok(Part::of(scenario.name.clone(), &rendered, chart, settings))
            }
        }
    }
}

impl Part {
    fn of(scenario: String, rendered: &Rendered, chart: &Chart, settings: &Settings) -> Self {
        let judgement = rendered.judge(chart, settings.policy);
        Self { scenario, helm_lint: Vec::new(), failure: rendered.failure.clone(), judgement }
    }

    fn findings(&self) -> impl Iterator<Item = &Finding> {
        let Judgement { manifests, security, rules, .. } = &self.judgement;
        self.helm_lint.iter().chain(&self.failure).chain(manifests).chain(security).chain(rules)
    }
}
