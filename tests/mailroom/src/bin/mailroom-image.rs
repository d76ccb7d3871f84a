//! Builds the stand-in's image: a static `mailroom` by cargo, then a base around it by docker.
//!
//! `cargo run -p mailroom --bin mailroom-image -- --base debian:bookworm-slim --tag mailroom-stand-in:dev`

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, ExitCode};

use clap::Parser;

/// Build the stand-in's image
#[derive(Parser)]
#[command(name = "mailroom-image")]
struct Image {
    /// Image to put the stand-in on: any Linux with a /bin/sh
    #[arg(long, value_name = "REF", default_value = "debian:bookworm-slim")]
    base: String,
    /// Name of the image
    #[arg(long, value_name = "REF", default_value = "mailroom-stand-in:dev")]
    tag: String,
    /// Further arguments of `docker build`, such as `--network host`
    #[arg(last = true, value_name = "DOCKER_ARG")]
    docker: Vec<String>,
}

fn main() -> ExitCode {
    match build(&Image::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn build(image: &Image) -> Result<(), String> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let context = tempfile::tempdir().map_err(|error| format!("cannot make the build context: {error}"))?;
    copy(&static_binary(manifest)?, &context.path().join("mailroom"))?;
    copy(&manifest.join("image/python"), &context.path().join("python"))?;
    let mut docker = Command::new("docker");
    docker.args(["build", "--build-arg", &format!("BASE={}", image.base), "--tag", &image.tag, "--file"]);
    run(docker.arg(manifest.join("image/Dockerfile")).args(&image.docker).arg(context.path()))
}

/// A `mailroom` that needs no library of the base: glibc or not, older or newer.
///
/// A static C library wants a named target: without one, cargo would build procedural macros with it too.
fn static_binary(manifest: &Path) -> Result<std::path::PathBuf, String> {
    let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let folder = manifest.join("../../target");
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(manifest).args(["build", "--locked", "--release", "--bin", "mailroom", "--target", &target]);
    cargo.arg("--target-dir").arg(&folder);
    // What `cargo run` says of this program: a build script that minds it would run anew, and its crate be built anew.
    let of_this_program = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(of_this_program)) {
        cargo.env_remove(name);
    }
    cargo.env("RUSTFLAGS", "-C target-feature=+crt-static").env("CARGO_PROFILE_RELEASE_STRIP", "true");
    run(&mut cargo)?;
    Ok(folder.join(target).join("release/mailroom"))
}

/// A program that every user of the image may run; the mode is set here, since only `BuildKit` knows `COPY --chmod`.
fn copy(from: &Path, to: &Path) -> Result<(), String> {
    let copied = fs::copy(from, to).and_then(|_| fs::set_permissions(to, fs::Permissions::from_mode(0o755)));
    copied.map_err(|error| format!("cannot copy {}: {error}", from.display()))
}

fn run(command: &mut Command) -> Result<(), String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command.status().map_err(|error| format!("cannot start {program}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{program} ended with {status}")) }
}
