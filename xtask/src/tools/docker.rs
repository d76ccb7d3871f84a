//! The container engine, by its command-line client.

use std::ffi::OsStr;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::find::on_path;
use super::process::Tool;
use super::{Captured, Host, Running, Stream};
use crate::exit::Failure;
use crate::report::Console;

const WAY_OUT: &str = "install Docker, start its engine, and see that `docker version` answers";

/// A question to the engine that takes longer hangs.
const QUESTION: Duration = Duration::from_secs(60);

/// Saving and loading some hundred MB takes seconds.
const CALL: Duration = Duration::from_secs(10 * 60);

/// From this version of its API on, `docker image save` knows `--platform`.
const API_WITH_PLATFORM: (u32, u32) = (1, 48);

/// The engine that answers.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Engine {
    /// As in `28.2.2`.
    pub version: String,
    /// As in `1.50`.
    pub api_version: String,
    /// As in `linux`.
    pub os: String,
    /// As in `amd64`.
    pub arch: String,
}

/// An image to be built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build<'a> {
    /// The folder that the Dockerfile may copy from.
    pub context: &'a Path,
    /// The Dockerfile; the one in the context where there is none.
    pub dockerfile: Option<&'a Path>,
    /// The image's name and tag.
    pub tag: &'a str,
    /// `--build-arg`: public, so no place for a secret.
    pub args: &'a [(&'a str, &'a str)],
    /// Labels, by which leftovers are found.
    pub labels: &'a [(&'a str, &'a str)],
}

/// Docker's client, and the engine behind it.
#[derive(Clone, Debug)]
pub struct Docker {
    /// The engine.
    pub engine: Engine,
    tool: Tool,
}

impl Docker {
    /// The first `docker` on `PATH`, if its engine answers.
    ///
    /// # Errors
    /// Exit 3, in one line, where there is no client or no engine.
    pub fn find(console: Console) -> Result<Self> {
        Self::find_in(&Host::current(), console)
    }

    /// As [`Docker::find`], in the given surroundings.
    pub fn find_in(host: &Host, console: Console) -> Result<Self> {
        let missing = || Failure::environment(format!("there is no docker on PATH: {WAY_OUT}"));
        let program = on_path(host, OsStr::new("docker")).ok_or_else(missing)?;
        let tool = Tool::new(program, host.inherited(), console);
        let answer = tool.call(["version", "--format", "{{json .Server}}"]).limit(QUESTION).capture();
        let engine = answer.and_then(Captured::checked).and_then(|answer| answer.json::<Option<Engine>>());
        let engine = engine.and_then(|engine| engine.context("it names no server"));
        let silent = |error| Failure::environment(format!("the Docker engine does not answer: {WAY_OUT}: {error:#}"));
        Ok(Self { engine: engine.map_err(silent)?, tool })
    }

    /// Any call that ends by itself; the caller judges its status.
    ///
    /// # Errors
    /// Exit 3 where docker cannot be started or takes too long.
    pub fn run(&self, args: &[&str]) -> Result<Captured> {
        self.tool.call(args).limit(CALL).capture()
    }

    /// Any call that goes on until it is ended; lines go to `on_line` as they come.
    ///
    /// # Errors
    /// Exit 3 where docker cannot be started.
    pub fn stream(&self, args: &[&str], on_line: impl Fn(Stream, &str) + Send + Sync + 'static) -> Result<Running> {
        self.tool.call(args).stream(on_line)
    }

    /// Whether the engine's machine has cgroup v1.
    ///
    /// # Errors
    /// Exit 3 where docker cannot be started or fails.
    pub fn has_cgroup_v1(&self) -> Result<bool> {
        let version = self.run(&["info", "--format", "{{.CgroupVersion}}"])?.checked()?.stdout;
        Ok(version.trim() == "1")
    }

    /// Starts `docker build`.
    ///
    /// # Errors
    /// Exit 3 where docker cannot be started.
    pub fn build(&self, build: &Build<'_>, on_line: impl Fn(Stream, &str) + Send + Sync + 'static) -> Result<Running> {
        let mut call = self.tool.call(["build", "--tag", build.tag]);
        if let Some(file) = build.dockerfile {
            call = call.arg("--file").arg(file);
        }
        for (flag, pairs) in [("--build-arg", build.args), ("--label", build.labels)] {
            for (name, value) in pairs {
                call = call.arg(flag).arg(format!("{name}={value}"));
            }
        }
        call.arg(build.context).stream(on_line)
    }

    /// Writes images into one archive that [`super::Kind::load_archive`] takes.
    ///
    /// For the engine's own platform alone where it can: with the containerd image store an image names platforms whose
    /// layers are not there, and loading it fails.
    ///
    /// # Errors
    /// Exit 3 where docker cannot be started or fails.
    pub fn save(&self, images: &[&str], archive: &Path) -> Result<()> {
        let mut call = self.tool.call(["image", "save", "--output"]).arg(archive);
        if self.engine.api() >= API_WITH_PLATFORM {
            call = call.arg("--platform").arg(format!("{}/{}", self.engine.os, self.engine.arch));
        }
        call.args(images).limit(CALL).capture()?.checked().map(drop)
    }

    /// The ID of a local image; none where there is no such image.
    ///
    /// # Errors
    /// Exit 3 where docker cannot be started or fails.
    pub fn image_id(&self, image: &str) -> Result<Option<String>> {
        let captured = self.run(&["image", "inspect", "--format", "{{.Id}}", image])?;
        let found = found(captured, "No such image")?;
        Ok(found.map(|captured| captured.stdout.trim().to_owned()))
    }

    /// A label of a local image; empty where it has no such label.
    ///
    /// # Errors
    /// Exit 3 where docker cannot be started or there is no such image.
    pub fn image_label(&self, image: &str, label: &str) -> Result<String> {
        let format = format!("{{{{index .Config.Labels {label:?}}}}}");
        let captured = self.run(&["image", "inspect", "--format", &format, image])?.checked()?;
        Ok(captured.stdout.trim().to_owned())
    }

    /// Gives an image another name.
    ///
    /// # Errors
    /// Exit 3 where docker cannot be started or fails.
    pub fn tag(&self, image: &str, name: &str) -> Result<()> {
        self.run(&["image", "tag", image, name])?.checked().map(drop)
    }

    /// Takes a name off an image; false where there was none.
    ///
    /// # Errors
    /// Exit 3 where docker cannot be started or fails.
    pub fn untag(&self, name: &str) -> Result<bool> {
        Ok(found(self.run(&["image", "rm", name])?, "No such image")?.is_some())
    }

    /// Makes a network with this label, `key=value`.
    ///
    /// # Errors
    /// Exit 3 where docker cannot be started or fails.
    pub fn create_network(&self, name: &str, label: &str) -> Result<()> {
        self.run(&["network", "create", "--label", label, name])?.checked().map(drop)
    }

    /// Removes a network; false where there was none.
    ///
    /// # Errors
    /// Exit 3 where docker cannot be started or fails.
    pub fn remove_network(&self, name: &str) -> Result<bool> {
        let captured = self.run(&["network", "rm", name])?;
        let missing = if captured.stderr.contains("No such network") { "No such network" } else { "not found" };
        Ok(found(captured, missing)?.is_some())
    }

    /// The names of all containers, ended ones included, with this label: `key`, or `key=value`.
    ///
    /// # Errors
    /// Exit 3 where docker cannot be started or fails.
    pub fn containers(&self, label: &str) -> Result<Vec<String>> {
        let filter = format!("label={label}");
        let captured = self.run(&["ps", "--all", "--filter", &filter, "--format", "{{.Names}}"])?.checked()?;
        Ok(captured.stdout.lines().map(ToOwned::to_owned).collect())
    }
}

impl Engine {
    fn api(&self) -> (u32, u32) {
        let (major, minor) = self.api_version.split_once('.').unwrap_or_default();
        (major.parse().unwrap_or_default(), minor.parse().unwrap_or_default())
    }
}

/// The captured call, or none where the engine says that there is no such thing.
fn found(captured: Captured, missing: &str) -> Result<Option<Captured>> {
    let none = !captured.success() && captured.stderr.contains(missing);
    if none { Ok(None) } else { captured.checked().map(Some) }
}
