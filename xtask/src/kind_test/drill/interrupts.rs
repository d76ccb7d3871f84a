//! Interrupts a run by SIGINT, by SIGTERM and twice, at each stage and at random moments: nothing may be left.
//!
//! The moments are taken from the progress that a person sees; the run under test knows nothing of the drill.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail, ensure};

use crate::exit;
use crate::kind_test::run::runs;
use crate::kind_test::stage::Stage;
use crate::kind_test::{Options, preflight};
use crate::report::Console;
use crate::tools::{Docker, Running, Xtask};

/// How many moments are random.
const RANDOM: u64 = 11;

/// A run took 45 s on two cores; the first one builds its images.
const LIMIT: Duration = Duration::from_secs(20 * 60);

/// A random moment lies within this time of a run's start.
const SPREAD: Duration = Duration::from_secs(45);

/// How a run is interrupted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Signals {
    Interrupt,
    Terminate,
    InterruptTwice,
}

/// When.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Moment {
    Stage(Stage),
    After(Duration),
}

/// Interrupts a run at every moment, then runs two side by side; gives what went wrong, a line each.
///
/// # Errors
/// Where the drill itself cannot go on.
pub fn run(options: &Options, console: Console) -> Result<Vec<String>> {
    let docker = preflight::engine(console)?;
    let seed = SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |time| time.subsec_nanos().into());
    console.note(format_args!("drill: {} stages, then {RANDOM} random moments of seed {seed}", Stage::ALL.len()));
    let kubeconfig = Kubeconfig::watch()?;
    let own = Xtask::current(console)?.var("KUBECONFIG", &kubeconfig.file);
    let mut wrong = Vec::new();
    for (number, moment) in moments(seed).into_iter().enumerate() {
        let signals = [Signals::Interrupt, Signals::Terminate, Signals::InterruptTwice][number % 3];
        let start = Instant::now();
        let said = match interrupted(&own, options, moment, signals, &docker) {
            Ok(()) => "nothing left".to_owned(),
            Err(error) => {
                wrong.push(format!("{moment:?} by {signals:?}: {error:#}"));
                format!("FAILED: {error:#}")
            }
        };
        console.note(format_args!("{moment:?} by {signals:?}: {said} ({:.1} s)", start.elapsed().as_secs_f64()));
    }
    wrong.extend(side_by_side(&own, options, &docker).err().map(|error| format!("two runs side by side: {error:#}")));
    wrong.extend(kubeconfig.changed());
    Ok(wrong)
}

fn moments(seed: u64) -> Vec<Moment> {
    let mut state = seed;
    let random = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407); // Knuth's MMIX
        let millis = u64::try_from(SPREAD.as_millis()).unwrap_or(u64::MAX);
        Moment::After(Duration::from_millis((state >> 33) % millis))
    });
    let stages = Stage::ALL.into_iter().map(Moment::Stage);
    stages.chain(random.take(usize::try_from(RANDOM).unwrap_or_default())).collect()
}

/// A run under test: the program, its lines as they come, and its name once it has said it.
struct Watched {
    program: Running,
    lines: Receiver<String>,
    name: Option<String>,
}

impl Watched {
    fn start(own: &Xtask, options: &Options) -> Result<Self> {
        let mut args = vec!["kind-test"];
        args.extend(options.trials.iter().flat_map(|trial| ["--only", trial.behaviour.name]));
        args.extend(options.node_image.iter().flat_map(|image| ["--node-image", image]));
        args.extend(options.image.iter().flat_map(|image| ["--image", image]));
        let (sender, lines) = channel();
        let program = own.stream(&args, move |_, line| drop(sender.send(line.to_owned())))?;
        Ok(Self { program, lines, name: None })
    }

    /// Waits until it says this, or until the limit; false where it ended before.
    fn says(&mut self, words: &str, limit: Duration) -> Result<bool> {
        let deadline = Instant::now() + limit;
        loop {
            match self.lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) => {
                    if let Some((_, name)) = line.split_once(" s  run ") {
                        self.name = Some(name.to_owned());
                    }
                    if line.contains(words) {
                        return Ok(true);
                    }
                }
                Err(RecvTimeoutError::Disconnected) => return Ok(false),
                Err(RecvTimeoutError::Timeout) => bail!("it did not say {words:?} within {} s", limit.as_secs()),
            }
        }
    }

    /// Lets this much time pass, reading its lines.
    fn runs_for(&mut self, time: Duration) -> Result<()> {
        let deadline = Instant::now() + time;
        while self.program.wait(Duration::from_millis(20))?.is_none() && Instant::now() < deadline {
            let lines: Vec<_> = self.lines.try_iter().collect();
            let named = lines.iter().find_map(|line| Some(line.split_once(" s  run ")?.1.to_owned()));
            self.name = named.or_else(|| self.name.take());
        }
        Ok(())
    }

    fn code(&mut self) -> Result<u8> {
        let ended = self.program.wait(LIMIT)?.context("it did not end")?;
        let code = ended.code().context("a signal killed it")?;
        u8::try_from(code).context("it ended with an odd code")
    }
}

fn interrupted(own: &Xtask, options: &Options, moment: Moment, signals: Signals, docker: &Docker) -> Result<()> {
    let mut run = Watched::start(own, options)?;
    match moment {
        Moment::Stage(stage) => ensure!(run.says(&stage.to_string(), LIMIT)?, "it ended before the stage"),
        Moment::After(time) => run.runs_for(time)?,
    }
    match signals {
        Signals::Interrupt => run.program.interrupt(),
        Signals::Terminate => run.program.terminate(),
        Signals::InterruptTwice => {
            run.program.interrupt();
            if run.says("interrupted by SIGINT", LIMIT)? {
                run.program.interrupt();
            }
        }
    }
    let _until_its_end = run.says("\0", LIMIT)?;
    let code = run.code()?;
    // What is interrupted while it cleans up, or a moment after its end, has shown everything.
    let complete = moment == Moment::Stage(Stage::Remove) || matches!(moment, Moment::After(_));
    ensure!(code == exit::INTERRUPTED || (complete && code == exit::OK), "it ended with {code}");
    run.name.as_deref().map_or(Ok(()), |name| nothing_left(name, docker))
}

fn side_by_side(own: &Xtask, options: &Options, docker: &Docker) -> Result<()> {
    let mut runs = [Watched::start(own, options)?, Watched::start(own, options)?];
    for run in &mut runs {
        let _until_its_end = run.says("\0", LIMIT)?;
        let code = run.code()?;
        ensure!(code == exit::OK, "one ended with {code}");
        nothing_left(run.name.as_deref().context("it did not say its name")?, docker)?;
    }
    Ok(())
}

/// Looks for everything that carries the run's name: containers, networks, images, files.
fn nothing_left(name: &str, docker: &Docker) -> Result<()> {
    let listed = |args: &[&str]| -> Result<Vec<String>> {
        let answer = docker.run(args)?.checked()?;
        Ok(answer.stdout.lines().filter(|line| line.contains(name)).map(ToOwned::to_owned).collect())
    };
    let mut left = listed(&["ps", "--all", "--format", "container {{.Names}}"])?;
    left.extend(listed(&["network", "ls", "--format", "network {{.Name}}"])?);
    left.extend(listed(&["image", "ls", "--format", "image {{.Repository}}:{{.Tag}}"])?);
    let folder = runs().join(name);
    left.extend(folder.exists().then(|| format!("folder {}", folder.display())));
    ensure!(left.is_empty(), "left behind: {}", left.join(", "));
    Ok(())
}

/// The kubeconfigs that no run may touch: the user's own, and one that the runs under test are pointed at.
struct Kubeconfig {
    file: PathBuf,
    before: Vec<(PathBuf, Option<Vec<u8>>)>,
    _folder: tempfile::TempDir,
}

impl Kubeconfig {
    fn watch() -> Result<Self> {
        let folder = tempfile::tempdir().context("cannot make a folder")?;
        let file = folder.path().join("config");
        std::fs::write(&file, "apiVersion: v1\nkind: Config\ncurrent-context: somebody-else\n")?;
        let home = std::env::var_os("HOME").map(|home| Path::new(&home).join(".kube/config"));
        let files = home.into_iter().chain([file.clone(), folder.path().join("config.lock")]);
        let before = files.map(|file| (file.clone(), std::fs::read(&file).ok())).collect();
        Ok(Self { file, before, _folder: folder })
    }

    fn changed(&self) -> Vec<String> {
        let changed = self.before.iter().filter(|(file, bytes)| std::fs::read(file).ok() != *bytes);
        changed.map(|(file, _)| format!("the kubeconfig {} has changed", file.display())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stage_and_twenty_moments_in_all_and_a_seed_repeats_them() {
        let all = moments(7);
        assert_eq!(all.len(), 20);
        assert!(Stage::ALL.into_iter().all(|stage| all.contains(&Moment::Stage(stage))));
        assert_eq!(all, moments(7));
        assert_ne!(all, moments(8));
        assert!(all.iter().all(|moment| !matches!(moment, Moment::After(time) if *time > SPREAD)));
    }

    #[test]
    fn a_kubeconfig_that_changes_or_appears_is_seen() {
        let kubeconfig = Kubeconfig::watch().expect("a folder");
        assert_eq!(kubeconfig.changed(), Vec::<String>::new());
        std::fs::write(&kubeconfig.file, "changed").expect("a file");
        std::fs::write(kubeconfig.file.with_extension("lock"), "").expect("a file");
        assert_eq!(kubeconfig.changed().len(), 2);
    }
}
