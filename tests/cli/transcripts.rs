//! The commands as a person types them: `tests/cli/*.trycmd`, and the consoles in README.md.
//!
//! `cargo xtask` in a transcript is this build's `xtask`; Helm is the pinned Helm 4.
//! `TRYCMD=overwrite` writes what the commands print now.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use xtask::paths;
use xtask::report::Console;
use xtask::tools::helm::{Helm, Major};

#[test]
fn transcripts_are_what_the_commands_print() {
    std::env::set_current_dir(paths::root()).unwrap(); // as a reader of README.md would
    let helm = Helm::pinned(Major::Four, Console::default()).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let cargo = dir.path().join("cargo");
    write_cargo(&cargo);
    trycmd::TestCases::new()
        .register_bin("cargo", trycmd::schema::Bin::Path(cargo))
        .env("XTASK_HELM", helm.program().to_str().unwrap())
        .env("NO_COLOR", "1")
        .case(paths::root().join("README.md"))
        .case(paths::root().join("tests/cli/*.trycmd"))
        .run();
}

/// A `cargo` that knows the alias `xtask` and nothing else.
fn write_cargo(path: &Path) {
    let script = format!("#!/bin/sh\nshift\nexec '{}' \"$@\"\n", env!("CARGO_BIN_EXE_xtask"));
    fs::write(path, script).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}
