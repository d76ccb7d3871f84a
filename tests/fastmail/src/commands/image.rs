//! `fastmail image`: the server as a container image.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, ensure};
use clap::Args;

/// The recipe, as it stands beside the source.
const DOCKERFILE: &str = include_str!("../../Dockerfile");

/// Build the image: a static `fastmail` by cargo, then Cyrus around it by docker
#[derive(Args)]
pub(crate) struct Image {
    /// Image of Debian 12 to take Cyrus's packages in
    #[arg(long, value_name = "REF", default_value = "debian:bookworm-slim")]
    base: String,
    /// Name of the image
    #[arg(long, value_name = "REF", default_value = "fastmail:dev")]
    tag: String,
    /// Further arguments of `docker build`, such as `--network host`
    #[arg(last = true, value_name = "DOCKER_ARG")]
    docker: Vec<String>,
}

impl Image {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        let context = tempfile::tempdir().context("cannot make the build context")?;
        build_static(manifest, context.path())?;
        fs::write(context.path().join("Dockerfile"), DOCKERFILE).context("cannot write the Dockerfile")?;
        let mut docker = Command::new("docker");
        docker.args(["build", "--build-arg", &format!("BASE={}", self.base), "--tag", &self.tag]);
        run(docker.args(self.docker).arg(context.path()))
    }
}

/// Puts a `fastmail` into `context` that needs no library of the image.
///
/// A static C library wants a named target: without one, cargo would build procedural macros with it too.
fn build_static(manifest: &Path, context: &Path) -> anyhow::Result<()> {
    let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let folder = manifest.join("../../target");
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(manifest).args(["build", "--locked", "--release", "--bin", "fastmail", "--target", &target]);
    cargo.arg("--target-dir").arg(&folder);
    // What `cargo run` says of this program: a build script that minds it would run anew, and its crate be built anew.
    let of_this_program = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(of_this_program)) {
        cargo.env_remove(name);
    }
    cargo.env("RUSTFLAGS", "-C target-feature=+crt-static").env("CARGO_PROFILE_RELEASE_STRIP", "true");
    run(&mut cargo)?;
    let binary = folder.join(target).join("release/fastmail");
    fs::copy(&binary, context.join("fastmail")).with_context(|| format!("cannot copy {}", binary.display()))?;
    Ok(())
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command.status().with_context(|| format!("cannot start {program}"))?;
    ensure!(status.success(), "{program} ended with {status}");
    Ok(())
}
