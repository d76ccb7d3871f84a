//! One render judged: read as Kubernetes reads it, each pod against the policy, then our own rules.

use crate::chart::Chart;
use crate::finding::{Finding, Severity};
use crate::manifest::{self, Node, Object};
use crate::paths;
use crate::pod_security::{self, Origin, Pod, Policy, Violation};
use crate::rules;

/// Rendered YAML or JSON, and what is known about where it comes from.
#[derive(Clone, Copy, Debug)]
pub struct Render<'a> {
    /// The manifests.
    pub text: &'a [u8],
    /// The name of the file where a document does not name its template.
    pub source: &'a str,
    /// The chart, where it is one's render: then the rules about charts hold too.
    pub chart: Option<&'a Chart>,
    /// The unknown hook names for which Helm dropped whole documents.
    pub skipped_hooks: &'a [String],
}

/// What a render shows.
#[derive(Debug, Default)]
pub struct Judgement {
    /// What Kubernetes would refuse or read otherwise.
    pub manifests: Vec<Finding>,
    /// Pods that break the policy.
    pub security: Vec<Finding>,
    /// What breaks our own rules.
    pub rules: Vec<Finding>,
    /// How many of our own rules hold for this render.
    pub rules_held: usize,
    /// How many objects were read, the items of lists counted singly.
    pub objects: usize,
    /// The pods and pod templates, as the API server would judge them.
    pub pods: Vec<Pod>,
}

impl<'a> Render<'a> {
    /// Manifests from a file or from stdin.
    pub fn of_manifests(source: &'a str, text: &'a [u8]) -> Self {
        Self { text, source, chart: None, skipped_hooks: &[] }
    }

    /// The render of a chart.
    pub fn of_chart(chart: &'a Chart, text: &'a str, skipped_hooks: &'a [String]) -> Self {
        Self { text: text.as_bytes(), source: "", chart: Some(chart), skipped_hooks }
    }
}

/// Judges one render; all findings, not the first.
pub fn judge(render: &Render, policy: Policy) -> Judgement {
    let manifest::Manifests { mut objects, findings } = manifest::read(render.text, render.source);
    let mut judgement = Judgement { manifests: findings, objects: objects.len(), ..Judgement::default() };
    let mut whole = render.source.to_owned();
    if let Some(chart) = render.chart {
        let place = Place::of(chart);
        place.set(&mut whole);
        for object in &mut objects {
            place.set(&mut object.source);
        }
        for finding in &mut judgement.manifests {
            place.set(&mut finding.source);
        }
    }
    for object in &objects {
        judgement.judge_pods(object, policy);
    }
    judgement.rules_held = rules::holding(render.chart).count();
    judgement.rules = rules::check(&rules::Input {
        objects: &objects,
        pods: judgement.pods.len(),
        readable: !judgement.manifests.iter().any(|finding| finding.object.kind.is_empty()),
        chart: render.chart,
        source: &whole,
        skipped_hooks: render.skipped_hooks,
    });
    judgement
}

impl Judgement {
    fn judge_pods(&mut self, object: &Object, policy: Policy) {
        for template in object.pods() {
            // What does not read as a pod has its finding from the reader already.
            let Some(Ok(pod)) = template.pod.map(Node::read::<Pod>) else { continue };
            let pod = pod.defaulted(if template.bare { Origin::Pod } else { Origin::Template });
            let violations = pod_security::evaluate(&policy, &pod);
            self.security.extend(violations.iter().map(|violation| finding(violation, object, template.path)));
            self.pods.push(pod);
        }
    }
}

/// A violation as a finding; upstream has one message for all fields of a check, so the path lists them.
fn finding(violation: &Violation, object: &Object, template: &str) -> Finding {
    let at = |path: &String| if template.is_empty() { path.clone() } else { format!("{template}.{path}") };
    Finding {
        rule: format!("pod-security/{}", violation.check),
        severity: Severity::Error,
        source: object.source.clone(),
        object: object.reference.clone(),
        path: violation.paths.iter().map(at).collect::<Vec<_>>().join(", "),
        message: violation.message(),
        fix: violation.fix.to_owned(),
    }
}

/// Where the templates of a chart lie in the workspace: Helm names them below the chart's name.
struct Place {
    prefix: String,
    dir: String,
}

impl Place {
    fn of(chart: &Chart) -> Self {
        Self { prefix: format!("{}/", chart.metadata.name), dir: paths::shown(&chart.dir) }
    }

    fn set(&self, source: &mut String) {
        if let Some(rest) = source.strip_prefix(&self.prefix) {
            *source = format!("{}/{rest}", self.dir);
        } else if source.is_empty() {
            self.dir.clone_into(source);
        }
    }
}
