//! The exit codes of `cargo xtask`, in one place; README.md lists the same table.

/// Done, or clean; warnings may have been shown.
pub const OK: u8 = 0;
/// An error finding, a failed behaviour, a refused plan, or "no" at the prompt.
pub const FINDINGS: u8 = 1;
/// The command line makes no sense, or the cluster was not confirmed.
pub const USAGE: u8 = 2;
/// A tool, the container engine or the cluster is missing or unusable.
pub const ENVIRONMENT: u8 = 3;
/// The gate did not pass: it said no, or it could not run.
pub const GATE: u8 = 4;
/// The gate passed, and the rollout failed.
pub const ROLLOUT: u8 = 5;
/// Interrupted from the keyboard or by a signal.
pub const INTERRUPTED: u8 = 130;

/// An error that ends the process with a code other than [`FINDINGS`].
///
/// It travels inside an [`anyhow::Error`]; `main` looks for it in the chain.
#[derive(Debug)]
pub struct Failure {
    /// One of the constants of this module.
    pub code: u8,
    message: String,
}

impl Failure {
    /// The value itself, for an error type that carries it as its source.
    pub(crate) fn new(code: u8, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// A command line that makes no sense: exit 2.
    pub fn usage(message: impl Into<String>) -> anyhow::Error {
        Self::error(USAGE, message)
    }

    /// A tool, engine or cluster that is missing or unusable: exit 3.
    pub fn environment(message: impl Into<String>) -> anyhow::Error {
        Self::error(ENVIRONMENT, message)
    }

    /// An error with the given exit code.
    pub fn error(code: u8, message: impl Into<String>) -> anyhow::Error {
        anyhow::Error::new(Self::new(code, message))
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

/// The exit code for an error: that of the outermost [`Failure`] among its contexts and causes, else [`FINDINGS`].
pub fn code_of(error: &anyhow::Error) -> u8 {
    // `chain` shows a context's text, not its type; `downcast_ref` knows contexts, but not the sources of another error.
    let caused = || error.chain().find_map(|cause| cause.downcast_ref::<Failure>());
    error.downcast_ref::<Failure>().or_else(caused).map_or(FINDINGS, |failure| failure.code)
}

#[cfg(test)]
mod tests {
    use anyhow::{Context as _, anyhow};

    use super::{ENVIRONMENT, FINDINGS, Failure, GATE, USAGE, code_of};

    /// As the error of a child, whose source says what the child said.
    #[derive(Debug)]
    struct Caused(Failure);

    impl std::fmt::Display for Caused {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("caused")
        }
    }

    impl std::error::Error for Caused {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            Some(&self.0)
        }
    }

    #[test]
    fn the_code_is_found_as_error_as_context_and_as_cause() {
        assert_eq!(code_of(&anyhow!("plain")), FINDINGS);
        assert_eq!(code_of(&Failure::usage("x").context("outer")), USAGE);
        let within = Err::<(), _>(anyhow!("inner")).context(Failure::new(GATE, "x")).context("outer");
        assert_eq!(code_of(&within.expect_err("an error")), GATE);
        assert_eq!(code_of(&anyhow::Error::new(Caused(Failure::new(ENVIRONMENT, "x"))).context("outer")), ENVIRONMENT);
    }
}
