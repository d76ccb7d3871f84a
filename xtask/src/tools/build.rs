//! Building a pinned tool once: from its module in `xtask/go`, under a lock, renamed into place.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::Host;
use super::find::Found;
use super::go::Go;
use super::version::{Supported, Version};
use crate::exit::Failure;
use crate::report::Console;

/// How often a build says that it is still at work.
const STILL_AT_WORK: Duration = Duration::from_secs(15);

/// A build that takes longer hangs: an idle machine of two cores needs a minute and a half.
const LONGEST_BUILD: Duration = Duration::from_secs(45 * 60);

/// A tool that is built here.
pub(crate) struct Pinned {
    /// The name that people know, as in `helm`.
    pub(crate) name: &'static str,
    /// The folder in `xtask/go`.
    pub(crate) folder: &'static str,
    /// The module whose version in go.mod is the tool's.
    pub(crate) module: &'static str,
    /// The package of its program.
    pub(crate) package: &'static str,
    /// The variables that the linker sets, from the tool's version and Kubernetes' minor version.
    pub(crate) linked: fn(version: &str, kubernetes_minor: &str) -> Vec<(String, String)>,
    /// The variable that names one outright, for the error where none can be built.
    pub(crate) variable: &'static str,
    /// Which versions would do instead.
    pub(crate) supported: &'static Supported,
}

/// What a build comes to: which version, from which folder, by which flags, at which place.
struct Recipe {
    module: PathBuf,
    version: String,
    linker_flags: String,
    program: PathBuf,
}

impl Pinned {
    /// The built tool; built now where it is not there. Its name carries version and pins, so it is not asked for them.
    ///
    /// # Errors
    /// Exit 3 where there is no Go, or the build fails.
    pub(crate) fn get(&self, host: &Host, console: Console) -> Result<Found> {
        self.get_or_build(host, console).map_err(|error| {
            let Self { name, variable, .. } = self;
            let way_out = format!("put {} on PATH, or name one by {variable}", self.supported.words);
            Failure::environment(format!("there is no {name} to use, and none could be built: {way_out}: {error:#}"))
        })
    }

    fn get_or_build(&self, host: &Host, console: Console) -> Result<Found> {
        let recipe = self.recipe(host)?;
        if !recipe.program.exists() {
            self.build(&recipe, host, console)?;
        }
        let version = Version::parse(&recipe.version)
            .with_context(|| format!("{}/go.mod pins no release of {}", recipe.module.display(), self.module))?;
        console.detail(format_args!("{} {version}: {}", self.name, recipe.program.display()));
        Ok(Found { program: recipe.program, version })
    }

    fn recipe(&self, host: &Host) -> Result<Recipe> {
        let module = host.modules.join(self.folder);
        let read = |name: &str| {
            let path = module.join(name);
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
        };
        let (pins, sums) = (read("go.mod")?, read("go.sum")?);
        let version = pinned_version(&pins, self.module)
            .with_context(|| format!("{}/go.mod does not pin {}", module.display(), self.module))?;
        // Kubernetes 1.37 is client-go v0.37; kind has no such module, and needs none.
        let minor = pinned_version(&pins, "k8s.io/client-go").and_then(|client| client.split('.').nth(1)).unwrap_or("");
        let linked = (self.linked)(version, minor).into_iter().map(|(name, value)| format!(" -X {name}={value}"));
        let linker_flags = std::iter::once("-s -w".to_owned()).chain(linked).collect::<String>();
        let hash = fnv1a(&[&pins, &sums, &linker_flags, self.package]);
        let program = host.built.join(format!("{}-{version}-{hash:016x}", self.name));
        Ok(Recipe { version: version.to_owned(), module, linker_flags, program })
    }

    fn build(&self, recipe: &Recipe, host: &Host, console: Console) -> Result<()> {
        let what = format!("{} {}", self.name, recipe.version);
        let go = Go::find(host, console).context("there is no Go on PATH: install Go 1.26 or newer")?;
        fs::create_dir_all(&host.built).with_context(|| format!("cannot create {}", host.built.display()))?;
        let _lock = locked(&host.built.join(format!("{}.lock", self.folder)), &what, console)?;
        if recipe.program.exists() {
            return Ok(());
        }
        let prefix = format!("{}-part-", self.folder);
        remove_leftovers(&host.built, &prefix)?;
        let parts = tempfile::Builder::new().prefix(&prefix).tempdir_in(&host.built)?;
        let part = parts.path().join(self.name);
        console.note(format_args!("building {what} from xtask/go/{} (once; a minute or two)", self.folder));
        run(&go, recipe, self.package, &part, &what, console)?;
        fs::rename(&part, &recipe.program).with_context(|| format!("cannot create {}", recipe.program.display()))
    }
}

/// Runs the build, says that it is at work, and looks whether a program came of it.
fn run(go: &Go, recipe: &Recipe, package: &str, part: &Path, what: &str, console: Console) -> Result<()> {
    let started = Instant::now();
    let mut build = go.build(&recipe.module, package, &recipe.linker_flags, part).stream_in_our_group()?;
    let ended = loop {
        if let Some(ended) = build.wait(STILL_AT_WORK)? {
            break ended;
        }
        let seconds = started.elapsed().as_secs();
        if started.elapsed() > LONGEST_BUILD {
            bail!("`{}` did not end within {seconds} s", build.command());
        }
        console.note(format_args!("building {what}: {seconds} s"));
    };
    if !ended.success() {
        return Err(build.error(ended).into());
    }
    if !part.is_file() {
        bail!("`{}` ended well and built nothing", build.command());
    }
    console.note(format_args!("built {what} in {} s", started.elapsed().as_secs()));
    Ok(())
}

/// Takes the lock, and says so where another run holds it.
fn locked(path: &Path, what: &str, console: Console) -> Result<File> {
    let cannot = || format!("cannot lock {}", path.display());
    let file = File::create(path).with_context(cannot)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            console.note(format_args!("waiting for another run that builds {what}"));
            file.lock().with_context(cannot)?;
        }
        Err(TryLockError::Error(error)) => return Err(error).with_context(cannot),
    }
    Ok(file)
}

/// Removes what builds have left that were killed; the caller holds the lock, so none of them is another run's.
fn remove_leftovers(built: &Path, prefix: &str) -> Result<()> {
    for entry in fs::read_dir(built)? {
        let path = entry?.path();
        if path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(prefix.as_bytes())) {
            fs::remove_dir_all(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        }
    }
    Ok(())
}

/// The version of a module in the text of a go.mod.
fn pinned_version<'t>(pins: &'t str, module: &str) -> Option<&'t str> {
    pins.lines().find_map(|line| {
        let mut words = line.trim().strip_prefix("require ").unwrap_or(line.trim()).split_whitespace();
        (words.next() == Some(module)).then(|| words.next())?
    })
}

/// FNV-1a, 64 bits: it tells one set of pins from another, and is the same in every Rust.
fn fnv1a(texts: &[&str]) -> u64 {
    let bytes = texts.iter().flat_map(|text| text.bytes().chain([0]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
