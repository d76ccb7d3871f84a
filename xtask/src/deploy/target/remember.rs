//! The cluster that `--remember` keeps: a small file at the root of the workspace, ignored by git.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::exit::Failure;

const HEAD: &str = "# The cluster that `cargo xtask deploy` goes to when no --context is given.\n\
                    # Written by --remember, ignored by git; remove the file to forget it.\n";

/// A remembered cluster: used only while the server and the UID are still the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Remembered {
    /// The context's name.
    pub context: String,
    /// The API server's URL.
    pub server: String,
    /// The UID of the namespace `kube-system`.
    pub kube_system_uid: String,
    /// The kubeconfig, where `--kubeconfig` named one; in full.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kubeconfig: Option<PathBuf>,
}

impl Remembered {
    /// Reads the file; none where there is none.
    ///
    /// # Errors
    /// Exit 2 where it does not read as one: better no cluster than a guessed one.
    pub(crate) fn load(file: &Path) -> Result<Option<Self>> {
        let text = match std::fs::read_to_string(file) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            other => other.with_context(|| format!("cannot read `{}`", file.display()))?,
        };
        serde_yaml::from_str(&text).map(Some).map_err(|error| {
            Failure::usage(format!(
                "`{}` is not what --remember writes ({error}): remove it, and name the cluster with --context",
                file.display()
            ))
        })
    }

    /// Writes the file, whole or not at all.
    pub(crate) fn save(&self, file: &Path) -> Result<()> {
        let failed = || format!("cannot write `{}`", file.display());
        let mut new = tempfile::NamedTempFile::new_in(file.parent().unwrap_or(Path::new("."))).with_context(failed)?;
        let text = serde_yaml::to_string(self).with_context(failed)?;
        new.write_all(format!("{HEAD}{text}").as_bytes()).with_context(failed)?;
        new.persist(file).with_context(failed)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remembered() -> Remembered {
        Remembered {
            context: "prod: 1".to_owned(),
            server: "https://k.example".to_owned(),
            kube_system_uid: "0b1c".to_owned(),
            kubeconfig: None,
        }
    }

    #[test]
    fn what_is_written_reads_back() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join(".deploy-target");
        assert_eq!(Remembered::load(&file).unwrap(), None);
        for kubeconfig in [None, Some("/a b/config".into())] {
            let remembered = Remembered { kubeconfig, ..remembered() };
            remembered.save(&file).unwrap();
            assert_eq!(Remembered::load(&file).unwrap(), Some(remembered));
        }
    }

    #[test]
    fn a_file_that_lacks_the_proof_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join(".deploy-target");
        for text in ["context: a\nserver: b\n", "", "context: a\nserver: b\nkube-system-uid: c\nsetup: true\n"] {
            std::fs::write(&file, text).unwrap();
            let error = Remembered::load(&file).unwrap_err();
            assert_eq!(crate::exit::code_of(&error), crate::exit::USAGE, "{text}");
        }
    }
}
