//! The fixtures that upstream's module ships: pods that a level at a version has to allow, or to refuse.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use xtask::pod_security::Level;

use crate::verdicts::Verdicts;

/// All fixtures of the module: many files, few distinct documents.
pub(crate) struct Fixtures {
    /// The distinct documents.
    pub(crate) documents: Vec<Value>,
    /// What each file wants: the document's index, the level, the minor, the verdict.
    wanted: Vec<(usize, Level, u8, bool)>,
}

impl Fixtures {
    /// Reads `test/testdata/LEVEL/VERSION/{pass,fail}/*.yaml` of the module.
    pub(crate) fn read(module: &Path) -> Result<Self> {
        let mut distinct: BTreeMap<String, usize> = BTreeMap::new();
        let mut fixtures = Self { documents: Vec::new(), wanted: Vec::new() };
        for level in [Level::Baseline, Level::Restricted] {
            for version in entries(&module.join("test/testdata").join(level.as_str()))? {
                let name = version.file_name().and_then(|name| name.to_str()).context("a fixture folder has a name")?;
                let minor = name.strip_prefix("v1.").context("a fixture folder is named by its version")?.parse()?;
                for (verdict, allowed) in [("pass", true), ("fail", false)] {
                    for file in entries(&version.join(verdict))? {
                        let text = fs::read_to_string(&file)?;
                        let known = distinct.len();
                        let index = *distinct.entry(text.clone()).or_insert(known);
                        if index == known {
                            fixtures.documents.push(serde_yaml::from_str(&text)?);
                        }
                        fixtures.wanted.push((index, level, minor, allowed));
                    }
                }
            }
        }
        ensure!(!fixtures.wanted.is_empty(), "no fixtures in {}", module.display());
        Ok(fixtures)
    }

    /// How many files there are.
    pub(crate) fn files(&self) -> usize {
        self.wanted.len()
    }

    /// How many files have another verdict than they want, given the verdicts on the documents.
    pub(crate) fn failed(&self, verdicts: &[Vec<Verdicts>]) -> usize {
        let holds = |&(index, level, minor, allowed): &(usize, Level, u8, bool)| {
            verdicts[index].iter().all(|pod| pod.at(level, minor).is_some_and(|verdict| verdict.allowed == allowed))
        };
        self.wanted.iter().filter(|wanted| !holds(wanted)).count()
    }
}

fn entries(dir: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(dir).with_context(|| format!("cannot read {}", dir.display()))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}
