//! The images of a run: the mail server's, and the app's with a throw-away CA on top.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};

use super::journal::Object;
use super::run::{LABEL, Run};
use super::wait;
use crate::exit::Failure;
use crate::tools::docker::Build;
use crate::tools::{Cargo, Running, Stream};

/// Names the base of the images that are built here; it needs Debian's packages, or a copy of them, within reach.
pub const BASE_VARIABLE: &str = "KIND_TEST_BASE";

/// The base that `tests/kind-host/base-image.sh` makes.
const LOCAL_BASE: &str = "mailroom-base:bookworm";

/// The base where a registry answers.
const DEFAULT_BASE: &str = "debian:bookworm-slim";

/// A cold release build on two busy cores takes minutes.
const BUILD: Duration = Duration::from_secs(30 * 60);

/// The mail server's program.
const SERVER: &[&str] = &["--package", "fastmail"];

/// Where the CA lies in the derived image.
const CA_IN_IMAGE: &str = "/mailroom-test-ca.crt";

/// The label of an image that keeps the app's contract and does no triage, by its Dockerfile.
const STAND_IN: &str = "mailroom.stand-in";

/// A `mailroom` that breaks its contract.
const ODD_RECIPE: &str = "COPY mailroom /odd/\nENV PATH=/odd:$PATH\nCMD [\"mailroom\", \"run\"]\n";
const ODD: &[u8] = include_bytes!("odd-mailroom.sh");

/// The images of a run, by names that no other run uses.
#[derive(Clone, Debug)]
pub struct Images {
    /// The mail server.
    pub server: String,
    /// The app, made to trust the run's CA.
    pub app: String,
    /// The app as it came: it does not trust the run's CA.
    pub untrusting: String,
    /// [`Images::app`] under another ID, as after a new build.
    pub rebuilt: String,
    /// [`Images::app`] with a `mailroom` that breaks its contract, in a way that the configuration chooses.
    pub odd: String,
    /// The folder with `ca.crt` and `ca.key`.
    pub ca: PathBuf,
    /// Whether the app is the stand-in, by its label: it does no triage.
    pub stand_in: bool,
}

impl Images {
    /// Builds them; what has not changed since the last run comes from the engine's cache.
    ///
    /// # Errors
    /// Exit 3 where a build fails or the app's image is not there; exit 130 at a signal.
    pub fn build(run: &Run, app: Option<&str>) -> Result<Self> {
        let cargo = Cargo::find(run.console)?;
        let base = base(run)?;
        let ca = run.private.join("ca");
        finish(run, cargo.run(SERVER, &["ca", path(&ca)?], progress(run))?)?;
        let server = server(run, &cargo, &base)?;
        let original = match app {
            Some(app) => given(run, app)?,
            None => stand_in(run, &cargo, &base)?,
        };
        let certificate = fs::read(ca.join("ca.crt")).context("cannot read the CA")?;
        let trusting = format!("COPY ca.crt {CA_IN_IMAGE}\nENV SSL_CERT_FILE={CA_IN_IMAGE}\n");
        let app_image = derived(run, "app", &original, Some(("ca.crt", &certificate)), &trusting)?;
        let untrusting = derived(run, "untrusting", &original, None, "")?;
        let rebuilt = derived(run, "rebuilt", &app_image, None, "LABEL mailroom.kind-test.build=2\n")?;
        let odd = derived(run, "odd", &app_image, Some(("mailroom", ODD)), ODD_RECIPE)?;
        let stand_in = run.docker.image_label(&original, STAND_IN)? == "true";
        Ok(Self { server, app: app_image, untrusting, rebuilt, odd, ca, stand_in })
    }

    /// All that go onto the node.
    pub fn all(&self) -> [&str; 5] {
        [&self.server, &self.app, &self.untrusting, &self.rebuilt, &self.odd]
    }
}

fn base(run: &Run) -> Result<String> {
    if let Some(base) = std::env::var(BASE_VARIABLE).ok().filter(|base| !base.is_empty()) {
        return Ok(base);
    }
    let local = run.docker.image_id(LOCAL_BASE)?.is_some();
    Ok(if local { LOCAL_BASE } else { DEFAULT_BASE }.to_owned())
}

fn server(run: &Run, cargo: &Cargo, base: &str) -> Result<String> {
    built(run, cargo, ("server", SERVER), &["image", "--base", base])
}

fn stand_in(run: &Run, cargo: &Cargo, base: &str) -> Result<String> {
    built(run, cargo, ("stand-in", &["--package", "mailroom", "--bin", "mailroom-image"]), &["--base", base])
}

/// Builds an image by a program of this workspace, under a name of this run and one that stays.
fn built(run: &Run, cargo: &Cargo, (what, program): (&str, &[&str]), args: &[&str]) -> Result<String> {
    let image = named(run, what)?;
    // The host's network: its names and its way to the package mirror are known to work.
    let args = [args, &["--tag", &image, "--", "--network", "host"]].concat();
    let build = cargo.run(program, &args, progress(run))?;
    finish(run, build).with_context(|| format!("the image of the {what} could not be built"))?;
    keep_in_cache(run, what, &image)?;
    Ok(image)
}

/// The image that was asked for: a local one, or pulled.
fn given(run: &Run, app: &str) -> Result<String> {
    if run.docker.image_id(app)?.is_none() {
        run.note(format_args!("pulling {app}"));
        let pull = run.docker.stream(&["pull", "--quiet", app], progress(run))?;
        finish(run, pull).map_err(|error| {
            Failure::environment(format!("there is no image {app}, and it cannot be pulled: {error:#}"))
        })?;
    }
    Ok(app.to_owned())
}

/// An image on top of the app's, with one file more or none; nothing else of it changes.
fn derived(run: &Run, what: &str, original: &str, file: Option<(&str, &[u8])>, more: &str) -> Result<String> {
    let image = named(run, what)?;
    let context = run.private.join(what);
    fs::create_dir(&context)?;
    if let Some((name, content)) = file {
        let path = context.join(name);
        fs::write(&path, content)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?; // before COPY, whose --chmod not all engines know
    }
    fs::write(context.join("Dockerfile"), format!("FROM {original}\n{more}"))?;
    let labels = [(LABEL, run.name.as_str())];
    let build = Build { context: &context, dockerfile: None, tag: &image, args: &[], labels: &labels };
    finish(run, run.docker.build(&build, progress(run))?)
        .with_context(|| format!("the image {what} could not be derived from {original}"))?;
    Ok(image)
}

/// A name for an image of this run, written down.
fn named(run: &Run, what: &str) -> Result<String> {
    let name = format!("mailroom-kind-test/{what}:{}", run.name);
    run.record(Object::Image { name: name.clone() })?;
    Ok(name)
}

/// A second name that stays: the engine forgets the layers of an image whose last name goes, and the next run would
/// build it anew.
fn keep_in_cache(run: &Run, what: &str, image: &str) -> Result<()> {
    run.docker.tag(image, &format!("mailroom-kind-test/{what}:cache"))
}

fn finish(run: &Run, program: Running) -> Result<()> {
    wait::for_end(program, BUILD, &run.interrupt).map(drop)
}

fn progress(run: &Run) -> impl Fn(Stream, &str) + Send + Sync + 'static {
    let console = run.console;
    move |_, line| console.detail(line)
}

fn path(path: &Path) -> Result<&str> {
    path.to_str().with_context(|| format!("{} is no UTF-8", path.display()))
}
