//! Go, which builds the pinned tools.

use std::ffi::OsStr;
use std::path::Path;

use super::Host;
use super::find::on_path;
use super::process::{Call, Tool};
use crate::report::Console;

/// Variables that would make the build another one than the pinned.
const NOT_FOR_A_BUILD: [&str; 8] =
    ["GOFLAGS", "GOWORK", "GOOS", "GOARCH", "GOEXPERIMENT", "GOTOOLCHAIN", "GO111MODULE", "CGO_ENABLED"];

/// The Go compiler.
#[derive(Debug)]
pub(crate) struct Go(Tool);

impl Go {
    /// The first `go` on `PATH`; it is not asked for its version: go.mod names the oldest that will do.
    pub(crate) fn find(host: &Host, console: Console) -> Option<Self> {
        let program = on_path(host, OsStr::new("go"))?;
        let vars = host.inherited().into_iter().filter(|(name, _)| !NOT_FOR_A_BUILD.iter().any(|var| name == var));
        Some(Self(Tool::new(program, vars.collect(), console)))
    }

    /// Builds `package`, a dependency of the module in `module`, into `output`, from the modules that go.sum names.
    ///
    /// `GOFLAGS` is set rather than emptied: an empty variable lets `go env -w GOFLAGS=...` through. `GOTOOLCHAIN=local`
    /// keeps Go from fetching another Go.
    pub(crate) fn build(&self, module: &Path, package: &str, linker_flags: &str, output: &Path) -> Call<'_> {
        self.0
            .call(["build", "-trimpath", "-ldflags", linker_flags, "-o"])
            .args([output.as_os_str(), OsStr::new(package)])
            .dir(module)
            .var("GOFLAGS", "-mod=readonly")
            .var("GOWORK", "off")
            .var("GOTOOLCHAIN", "local")
            .var("CGO_ENABLED", "0")
    }
}
