//! What of the caller's surroundings plays a part: variables and the folders of the pinned tools.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::time::Duration;

use crate::paths;

/// Prefixes of variables that steer a tool behind our back; no child inherits one.
///
/// `KUBE` covers `KUBECONFIG`, `KUBECTL_*`, `KUBERC` and `KUBERNETES_SERVICE_HOST` (client-go takes the last for a pod's
/// own cluster). `GIT_` matters inside a git hook, where `GIT_DIR` names another repository. `CARGO_PKG_` and
/// `CARGO_MANIFEST_` are what `cargo xtask` says of this program; a build script that minds them would run again at each
/// build that is started from here, and its crate be compiled again.
const NOT_INHERITED: [&str; 6] = ["HELM_", "KUBE", "KIND_", "GIT_", "CARGO_PKG_", "CARGO_MANIFEST_"];

/// The surroundings in which tools are looked for and started; a value, so that tests need no global state.
#[derive(Clone, Debug)]
pub struct Host {
    vars: BTreeMap<OsString, OsString>,
    pub(crate) modules: PathBuf,
    pub(crate) built: PathBuf,
    pub(crate) answer_limit: Duration,
}

impl Host {
    /// The surroundings of this process.
    pub fn current() -> Self {
        Self::new(std::env::vars_os(), paths::tool_modules(), paths::built_tools())
    }

    /// Surroundings of one's own making: variables, the folder of the pinned modules, the folder for built tools.
    pub fn new(vars: impl IntoIterator<Item = (OsString, OsString)>, modules: PathBuf, built: PathBuf) -> Self {
        Self { vars: vars.into_iter().collect(), modules, built, answer_limit: Duration::from_secs(20) }
    }

    /// The same, with another limit for how long a tool may think about its version (20 s otherwise).
    #[must_use]
    pub fn with_answer_limit(mut self, limit: Duration) -> Self {
        self.answer_limit = limit;
        self
    }

    /// The value of a variable; an empty one counts as unset.
    pub(crate) fn var(&self, name: &str) -> Option<&OsStr> {
        self.vars.get(OsStr::new(name)).map(OsString::as_os_str).filter(|value| !value.is_empty())
    }

    /// The variables that every child inherits.
    pub(crate) fn inherited(&self) -> Vec<(OsString, OsString)> {
        let steers =
            |name: &OsStr| NOT_INHERITED.iter().any(|prefix| name.as_encoded_bytes().starts_with(prefix.as_bytes()));
        self.vars.iter().filter(|(name, _)| !steers(name)).map(|(name, value)| (name.clone(), value.clone())).collect()
    }
}

/// The cluster that was decided on; nothing else of the user's Kubernetes configuration plays a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// The kubeconfig to use, and the only one.
    pub kubeconfig: PathBuf,
    /// The context in it; its current one where there is none.
    pub context: Option<String>,
}

impl Cluster {
    /// The variables that tell a child of it.
    ///
    /// Without a context, and with a kubeconfig that is gone, client-go would turn to `localhost:8080`, where a
    /// `kubectl proxy` to any cluster may listen: it is given a name that leads nowhere.
    pub(crate) fn vars(&self) -> Vec<(OsString, OsString)> {
        let nowhere =
            self.context.is_none().then(|| ("KUBERNETES_MASTER".into(), "https://no-kubeconfig.invalid".into()));
        [("KUBECONFIG".into(), self.kubeconfig.clone().into())].into_iter().chain(nowhere).collect()
    }
}
