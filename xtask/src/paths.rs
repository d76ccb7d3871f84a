//! The checked-in places of the workspace, each named once.

use std::path::{Path, PathBuf};

/// The root of the workspace that this program was built from.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the xtask crate lies in the workspace root")
}

/// The chart: `helm/mailroom`.
pub fn chart() -> PathBuf {
    root().join("helm/mailroom")
}

/// The pinned modules of the tools that are built where none is on PATH: `xtask/go`.
pub fn tool_modules() -> PathBuf {
    root().join("xtask/go")
}

/// Where built tools lie: `target/tools` (or below `CARGO_TARGET_DIR`).
pub fn built_tools() -> PathBuf {
    target().join("tools")
}

/// Cargo's target directory: `CARGO_TARGET_DIR`, else `target`.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// How a path is shown: relative to the workspace where it lies in it.
pub fn shown(path: &Path) -> String {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    absolute.strip_prefix(root()).unwrap_or(path).display().to_string()
}
