//! A chart on disk: its `Chart.yaml`, and the scenarios that lint, goldens and kind-test share.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::exit::Failure;

/// The scenario that stands for `values.yaml` as it is, with nothing laid over it but placeholder secrets.
pub const PLAIN: &str = "values.yaml";
/// The scenario that `template` renders when nothing else is said.
pub const DEFAULT: &str = "default";
/// The committed placeholders that stand in for secrets wherever a chart is judged and not deployed.
pub const SECRETS_EXAMPLE: &str = "secrets-values.yaml.example";
/// The file that holds the real secrets: ignored by git, and never part of the package.
pub const SECRETS_FILE: &str = "secrets-values.yaml";

const SCENARIO_SUFFIX: &str = "-values.yaml";

/// The fields of `Chart.yaml` that we use.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Metadata {
    /// The chart's name.
    pub name: String,
    /// The chart's own version.
    pub version: String,
    /// The version of the program that the chart deploys.
    #[serde(default)]
    pub app_version: String,
}

/// A chart on disk.
#[derive(Clone, Debug)]
pub struct Chart {
    /// The chart's folder.
    pub dir: PathBuf,
    /// What `Chart.yaml` says.
    pub metadata: Metadata,
    /// The text of `.helmignore`; empty where there is none.
    pub helmignore: String,
    /// Whether the chart ships [`SECRETS_EXAMPLE`].
    pub has_secrets_example: bool,
}

/// One set of values to judge a chart with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scenario {
    /// [`PLAIN`], or `NAME` of `ci/NAME-values.yaml`.
    pub name: String,
    /// Values files, the later ones win.
    pub files: Vec<PathBuf>,
    /// The release name: `# release: NAME` at the head of the scenario's file, else the chart's name.
    pub release: String,
    /// The namespace: `# namespace: NAME` at the head of the scenario's file, else the chart's name.
    pub namespace: String,
}

impl Chart {
    /// Opens the chart in `dir`; a folder that holds no chart is a usage error.
    pub fn open(dir: &Path) -> Result<Self> {
        let file = dir.join("Chart.yaml");
        let text = std::fs::read_to_string(&file).map_err(|error| {
            Failure::usage(format!("`{}`: {error}; --chart takes a folder that holds a Chart.yaml", file.display()))
        })?;
        let metadata = serde_yaml::from_str(&text).with_context(|| format!("cannot read `{}`", file.display()))?;
        let helmignore = std::fs::read_to_string(dir.join(".helmignore")).unwrap_or_default();
        let has_secrets_example = dir.join(SECRETS_EXAMPLE).is_file();
        Ok(Self { dir: dir.to_path_buf(), metadata, helmignore, has_secrets_example })
    }

    /// The scenarios of this chart: `values.yaml` as it stands, then each `ci/*-values.yaml` by name.
    pub fn scenarios(&self) -> Result<Vec<Scenario>> {
        let mut files = Vec::new();
        let folder = self.dir.join("ci");
        if folder.is_dir() {
            for entry in std::fs::read_dir(&folder).with_context(|| format!("cannot list `{}`", folder.display()))? {
                let path = entry?.path();
                if path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml") {
                    files.push(path);
                }
            }
        }
        files.sort();
        let mut scenarios = vec![self.plain()];
        for file in files {
            scenarios.push(self.scenario_from(&file)?);
        }
        Ok(scenarios)
    }

    /// The scenario of that name; an unknown name is a usage error that lists the known ones.
    pub fn scenario(&self, name: &str) -> Result<Scenario> {
        let scenarios = self.scenarios()?;
        if let Some(found) = scenarios.iter().find(|scenario| scenario.name == name) {
            return Ok(found.clone());
        }
        let known: Vec<_> = scenarios.iter().map(|scenario| scenario.name.as_str()).collect();
        Err(Failure::usage(format!(
            "no scenario `{name}` in `{}`; there are: {}",
            self.dir.display(),
            known.join(", ")
        )))
    }

    /// `values.yaml` as it stands, with placeholder secrets where the chart has them.
    pub fn plain(&self) -> Scenario {
        Scenario {
            name: PLAIN.to_owned(),
            files: self.placeholder_secrets().into_iter().collect(),
            release: self.metadata.name.clone(),
            namespace: self.metadata.name.clone(),
        }
    }

    /// The committed placeholder secrets, where the chart has such a file.
    pub fn placeholder_secrets(&self) -> Option<PathBuf> {
        self.has_secrets_example.then(|| self.dir.join(SECRETS_EXAMPLE))
    }

    /// Whether this is the chart that the gate's rules are about.
    pub fn is_mailroom(&self) -> bool {
        self.metadata.name == "mailroom"
    }

    fn scenario_from(&self, file: &Path) -> Result<Scenario> {
        let shown = file.display();
        let name = file
            .file_name()
            .and_then(|name| name.to_str())
            .and_then(|name| name.strip_suffix(SCENARIO_SUFFIX))
            .filter(|name| !name.is_empty())
            .with_context(|| format!("`{shown}` would never be read: a scenario is named ci/NAME{SCENARIO_SUFFIX}"))?;
        let text = std::fs::read_to_string(file).with_context(|| format!("cannot read `{shown}`"))?;
        let mut scenario = Scenario { name: name.to_owned(), ..self.plain() };
        scenario.files.push(file.to_path_buf());
        for (key, value) in
            text.lines().map_while(|line| line.strip_prefix('#')).filter_map(|line| line.split_once(':'))
        {
            match key.trim() {
                "release" => value.trim().clone_into(&mut scenario.release),
                "namespace" => value.trim().clone_into(&mut scenario.namespace),
                _ => {}
            }
        }
        Ok(scenario)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(files: &[(&str, &str)]) -> (tempfile::TempDir, Chart) {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("ci")).unwrap();
        std::fs::write(dir.path().join("Chart.yaml"), "name: demo\nversion: 1.2.3\n").unwrap();
        for (name, text) in files {
            std::fs::write(dir.path().join(name), text).unwrap();
        }
        let chart = Chart::open(dir.path()).unwrap();
        (dir, chart)
    }

    #[test]
    fn a_scenario_is_laid_over_placeholder_secrets() {
        let (dir, chart) = chart(&[
            (SECRETS_EXAMPLE, "secrets: {}\n"),
            ("ci/b-values.yaml", "a: 1\n# release: too-late\n"),
            ("ci/a-values.yaml", "# a story: with a colon\n# release: long-one\n# namespace: post\na: 2\n"),
        ]);
        let scenarios = chart.scenarios().unwrap();
        let names: Vec<_> =
            scenarios.iter().map(|s| (s.name.as_str(), s.release.as_str(), s.namespace.as_str())).collect();
        assert_eq!(names, [(PLAIN, "demo", "demo"), ("a", "long-one", "post"), ("b", "demo", "demo")]);
        assert_eq!(scenarios[1].files, [dir.path().join(SECRETS_EXAMPLE), dir.path().join("ci/a-values.yaml")]);
        assert_eq!(scenarios[0].files, [dir.path().join(SECRETS_EXAMPLE)]);
    }

    #[test]
    fn a_file_that_no_scenario_would_read_is_an_error() {
        let (_dir, chart) = chart(&[("ci/tls.yaml", "a: 1\n")]);
        let message = format!("{:#}", chart.scenarios().unwrap_err());
        assert!(message.contains("ci/tls.yaml") && message.contains("ci/NAME-values.yaml"), "{message}");
    }

    #[test]
    fn an_unknown_scenario_lists_the_known_ones() {
        let (_dir, chart) = chart(&[("ci/a-values.yaml", "a: 1\n")]);
        let error = chart.scenario("b").unwrap_err();
        assert!(error.to_string().contains("there are: values.yaml, a"), "{error}");
        assert_eq!(crate::exit::code_of(&error), crate::exit::USAGE);
    }

    #[test]
    fn a_folder_without_a_chart_is_a_usage_error() {
        let dir = tempfile::tempdir().unwrap();
        let error = Chart::open(dir.path()).unwrap_err();
        assert!(error.to_string().contains("Chart.yaml"), "{error}");
        assert_eq!(crate::exit::code_of(&error), crate::exit::USAGE);
    }
}
