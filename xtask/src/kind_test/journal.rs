//! What a run makes is written down before it is made, so that nothing can be forgotten.
//!
//! One line of JSON an object, in a file that the run keeps locked: a file that can be locked is of a run that was killed.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

/// The journal's name in the folder of a run.
pub const FILE: &str = "journal.jsonl";

/// Something outside the run's folder that has to be removed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "object", rename_all = "lowercase")]
pub enum Object {
    /// A kind cluster; it goes first, since its nodes hold the network.
    Cluster {
        /// Its name.
        name: String,
    },
    /// A network of the engine.
    Network {
        /// Its name.
        name: String,
    },
    /// A name of an image.
    Image {
        /// Name and tag.
        name: String,
    },
}

impl Object {
    /// The command by which a person removes it.
    pub fn removal(&self, kind: &Path) -> String {
        match self {
            Self::Cluster { name } => format!("{} delete cluster --name {name} --kubeconfig /dev/null", kind.display()),
            Self::Network { name } => format!("docker network rm {name}"),
            Self::Image { name } => format!("docker image rm {name}"),
        }
    }
}

/// The journal of this run.
#[derive(Debug)]
pub struct Journal {
    file: File,
    path: PathBuf,
    objects: Vec<Object>,
}

impl Journal {
    /// Begins a journal in the folder of a run.
    ///
    /// # Errors
    /// Where it cannot be written, or there is one.
    pub fn begin(folder: &Path) -> Result<Self> {
        let path = folder.join(FILE);
        let file = OpenOptions::new().append(true).create_new(true).mode(0o600).open(&path);
        let file = file.with_context(|| format!("cannot write {}", path.display()))?;
        file.lock().with_context(|| format!("cannot lock {}", path.display()))?;
        Ok(Self { file, path, objects: Vec::new() })
    }

    /// Writes down what is about to be made; it is on the disk when this returns.
    ///
    /// # Errors
    /// Where it cannot be written: then it must not be made.
    pub fn record(&mut self, object: Object) -> Result<()> {
        let line = format!("{}\n", serde_json::to_string(&object)?);
        let written = self.file.write_all(line.as_bytes()).and_then(|()| self.file.sync_data());
        written.with_context(|| format!("cannot write {}", self.path.display()))?;
        self.objects.push(object);
        Ok(())
    }

    /// Everything that was written down, in the order of removal.
    pub fn objects(&self) -> Vec<Object> {
        let mut objects = self.objects.clone();
        objects.sort();
        objects.dedup();
        objects
    }
}

/// What runs that were killed have left below `runs`, by the folder of each run; a kept one counts as well.
pub fn abandoned(runs: &Path) -> Vec<(PathBuf, Vec<Object>)> {
    let folders = std::fs::read_dir(runs).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut found: Vec<_> =
        folders.filter_map(|folder| Some((left_in(&folder)?, folder))).map(|(o, f)| (f, o)).collect();
    found.sort();
    found
}

fn left_in(folder: &Path) -> Option<Vec<Object>> {
    let file = File::open(folder.join(FILE)).ok()?;
    file.try_lock().ok()?;
    let text = std::io::read_to_string(&file).ok()?;
    // A last line that was cut off stands for something that was never made.
    let mut objects: Vec<Object> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    objects.sort();
    Some(objects)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(name: &str) -> Object {
        Object::Image { name: name.to_owned() }
    }

    #[test]
    fn removes_the_cluster_before_its_network_and_the_images() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut journal = Journal::begin(folder.path()).expect("a journal");
        let network = Object::Network { name: "n".to_owned() };
        let cluster = Object::Cluster { name: "c".to_owned() };
        for object in [&image("i"), &network, &cluster, &image("i")] {
            journal.record(object.clone()).expect("it is written");
        }
        assert_eq!(journal.objects(), [cluster, network, image("i")]);
    }

    #[test]
    fn finds_the_journal_of_a_killed_run_but_not_of_a_living_one() {
        let runs = tempfile::tempdir().expect("a folder");
        let mut journals = Vec::new();
        for run in ["dead", "living"] {
            let folder = runs.path().join(run);
            std::fs::create_dir(&folder).expect("a folder");
            journals.push(Journal::begin(&folder).expect("a journal"));
        }
        for journal in &mut journals {
            journal.record(image("i")).expect("it is written");
        }
        let mut dead = journals.remove(0);
        dead.file.write_all(b"{\"object\": \"ima").expect("a line that is cut off");
        drop(dead);
        assert_eq!(abandoned(runs.path()), [(runs.path().join("dead"), vec![image("i")])]);
    }

    #[test]
    fn does_not_go_on_in_another_run_s_journal() {
        let folder = tempfile::tempdir().expect("a folder");
        let _first = Journal::begin(folder.path()).expect("a journal");
        assert!(Journal::begin(folder.path()).is_err());
    }
}
