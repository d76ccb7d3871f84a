//! `cargo xtask kind-test`: a cluster of its own, the mail server in it, and the promises shown one by one.
//!
//! Everything that a run makes is written down first ([`journal`]) and removed at its end, whatever the end ([`run`]).

pub mod behaviour;
pub mod behaviours;
pub mod case;
pub mod cluster;
pub mod diagnostics;
pub mod dns;
pub mod drill;
pub mod front;
pub mod images;
pub mod installing;
pub mod journal;
pub mod pod;
pub mod preflight;
pub mod ready;
mod remove;
pub mod run;
pub mod runner;
pub mod stage;
pub mod summary;
pub mod testbed;
pub mod wait;

use anyhow::Result;

use crate::exit;
use crate::interrupt::Interrupt;
use crate::report::Console;
use crate::tools::{Kind, Mask};

use preflight::NodeImage;
use run::{Leave, Run};
use runner::Trial;
use stage::Stage;
use summary::Summary;
use testbed::Testbed;

/// What is to be shown, and with what.
#[derive(Clone, Debug)]
pub struct Options {
    /// The behaviours, each with its Helm or none.
    pub trials: Vec<Trial>,
    /// The app's image; the stand-in where there is none.
    pub image: Option<String>,
    /// The node image; see [`NodeImage::choose`].
    pub node_image: Option<String>,
    /// Leave the cluster, once it stands.
    pub keep: bool,
    /// How many behaviours at a time.
    pub jobs: usize,
}

/// Makes a cluster, shows the behaviours, removes what it made.
///
/// # Errors
/// Exit 3 where the machine lacks something or the cluster does not come up; exit 130 at a signal. A behaviour that
/// fails is none: the summary has it.
pub fn run(options: &Options, console: Console) -> Result<Summary> {
    with_testbed(options, console, |testbed| show(testbed, options))
}

/// Makes a testbed, works with it, removes what it made.
///
/// # Errors
/// As [`run`], and what the work says.
pub fn with_testbed<T>(options: &Options, console: Console, work: impl FnOnce(&Testbed<'_>) -> Result<T>) -> Result<T> {
    let interrupt = Interrupt::install("removing what was made", console)?;
    let docker = preflight::engine(console)?;
    let kind = Kind::find(console)?;
    let node_image = NodeImage::choose(options.node_image.clone(), &docker, console)?;
    preflight::cgroup(&docker, &node_image)?;
    let run = Run::begin(docker, kind, interrupt, console)?;
    run.note(format_args!("run {}", run.name));
    let testbed = match Testbed::make(&run, &node_image, options.image.as_deref()) {
        Ok(testbed) => testbed,
        Err(error) => return Err(not_made(&run, error)),
    };
    let result = work(&testbed);
    if options.keep {
        console.note(run.keep());
        return result;
    }
    let leave = if run.folder.join(diagnostics::FOLDER).exists() { Leave::Diagnostics } else { Leave::Nothing };
    run.end(leave)?;
    result
}

fn show(testbed: &Testbed<'_>, options: &Options) -> Result<Summary> {
    let run = testbed.run;
    run.stage(Stage::Behaviours)?;
    let preparation = run.seconds();
    let rows = runner::run(testbed, &options.trials, options.jobs);
    run.interrupt.check()?;
    let summary = Summary {
        run: run.name.clone(),
        kubernetes: testbed.cluster.kubectl.server_version()?.to_string(),
        app: options.image.clone().unwrap_or_else(|| "the stand-in".to_owned()),
        rows,
        preparation,
        seconds: run.seconds(),
    };
    if !summary.good() {
        match diagnostics::of_cluster(run, &testbed.mask()) {
            Ok(folder) => run.note(format_args!("the cluster's logs are in {}", folder.display())),
            Err(error) => run.note(format_args!("the cluster's logs could not be had: {error:#}")),
        }
    }
    Ok(summary)
}

/// A cluster that did not come up is looked into before it is removed.
fn not_made(run: &Run, error: anyhow::Error) -> anyhow::Error {
    if exit::code_of(&error) == exit::INTERRUPTED {
        return error;
    }
    match diagnostics::of_cluster(run, &Mask::default()) {
        Ok(folder) => error.context(format!("the cluster's logs are in {}", folder.display())),
        Err(_) => error, // there was no node yet
    }
}
