//! `cargo xtask kind-test`.

use anyhow::Result;
use clap::ValueEnum;

use super::options::Format;
use crate::exit::{self, Failure};
use crate::kind_test::behaviour::Behaviour;
use crate::kind_test::runner::Trial;
use crate::kind_test::{Options, behaviours, drill};
use crate::report::{self, Console};
use crate::tools::Major;

/// Prove the promises in a kind cluster of its own
///
/// The cluster, its network, the images and the files of a run are removed however it ends, at Ctrl-C too. The user's
/// kubeconfig plays no part.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Show the behaviours and the drills, one line each
    #[arg(long)]
    list: bool,

    /// Show this behaviour alone; can be given several times
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,

    /// Helm to install with
    #[arg(long, value_enum, default_value_t = HelmChoice::Four)]
    helm: HelmChoice,

    /// The app's image [default: a stand-in that is built here]
    #[arg(long, value_name = "REF")]
    image: Option<String>,

    /// Node image [default: the one that tests/kind-host made, else kind's own]
    #[arg(long, value_name = "REF")]
    node_image: Option<String>,

    /// Leave the cluster, once it stands, and print how to connect and how to delete it
    #[arg(long)]
    keep: bool,

    /// How many behaviours at a time; from 2 on, one that mostly waits runs beside them
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=16))]
    jobs: u8,

    /// Run a drill instead: a long test of kind-test itself
    #[arg(long, value_name = "NAME", conflicts_with = "keep")]
    drill: Option<String>,

    /// Form of the summary
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Which Helm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum HelmChoice {
    #[value(name = "3")]
    Three,
    #[value(name = "4")]
    Four,
    Both,
}

impl Args {
    /// Runs it, and gives the exit code.
    ///
    /// # Errors
    /// Exit 2 for a behaviour or a drill that there is none of, else as [`crate::kind_test::run`].
    pub fn run(self, console: Console) -> Result<u8> {
        if self.list {
            report::product(&listing())?;
            return Ok(exit::OK);
        }
        let options = self.options()?;
        if let Some(name) = &self.drill {
            return drilled(name, &options, console);
        }
        let summary = crate::kind_test::run(&options, console)?;
        let text = if self.format == Format::Json { format!("{:#}\n", summary.json()) } else { summary.text() };
        report::product(&text)?;
        Ok(if summary.good() { exit::OK } else { exit::FINDINGS })
    }

    fn options(&self) -> Result<Options> {
        let asked = match self.helm {
            HelmChoice::Three => vec![Major::Three],
            HelmChoice::Four => vec![Major::Four],
            HelmChoice::Both => vec![Major::Four, Major::Three],
        };
        let trials: Vec<_> = chosen(&self.only)?
            .into_iter()
            .flat_map(|behaviour| behaviour.variants(&asked).into_iter().map(move |helm| Trial::new(behaviour, helm)))
            .collect();
        if trials.is_empty() {
            return Err(Failure::usage(
                "none of these behaviours is shown with that Helm: `kind-test --list` says which are",
            ));
        }
        Ok(Options {
            trials,
            image: self.image.clone(),
            node_image: self.node_image.clone(),
            keep: self.keep,
            jobs: self.jobs.into(),
        })
    }
}

/// The behaviours of these names, in the order of the list; all where there are no names.
fn chosen(only: &[String]) -> Result<Vec<Behaviour>> {
    let all = behaviours::all();
    if let Some(unknown) = only.iter().find(|name| all.iter().all(|behaviour| behaviour.name != **name)) {
        return Err(Failure::usage(format!("there is no behaviour {unknown:?}: `kind-test --list` shows all")));
    }
    let asked = |behaviour: &Behaviour| only.is_empty() || only.iter().any(|name| name == behaviour.name);
    Ok(all.into_iter().filter(asked).collect())
}

fn drilled(name: &str, options: &Options, console: Console) -> Result<u8> {
    let drill = drill::ALL.iter().find(|drill| drill.name == name);
    let drill =
        drill.ok_or_else(|| Failure::usage(format!("there is no drill {name:?}: `kind-test --list` shows all")))?;
    let wrong = (drill.run)(options, console)?;
    for line in &wrong {
        report::product(&format!("{line}\n"))?;
    }
    report::product(&format!("drill {name}: {}\n", if wrong.is_empty() { "passed" } else { "failed" }))?;
    Ok(if wrong.is_empty() { exit::OK } else { exit::FINDINGS })
}

fn listing() -> String {
    let behaviours = behaviours::all();
    let names = behaviours.iter().map(|behaviour| behaviour.name).chain(drill::ALL.iter().map(|drill| drill.name));
    let width = names.map(str::len).max().unwrap_or_default();
    let behaviour = |b: &Behaviour| format!("  {:width$}  {}{}\n", b.name, b.summary, b.marks());
    let drill = |drill: &drill::Drill| format!("  {:width$}  {}\n", drill.name, drill.summary);
    let behaviours: String = behaviours.iter().map(behaviour).collect();
    let drills: String = drill::ALL.iter().map(drill).collect();
    format!("behaviours:\n{behaviours}drills, by --drill:\n{drills}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::{USAGE, code_of};

    #[test]
    fn chooses_by_name_in_the_order_of_the_list() {
        let all: Vec<_> = chosen(&[]).expect("all").iter().map(|behaviour| behaviour.name).collect();
        let reversed: Vec<_> = all.iter().rev().map(|name| (*name).to_owned()).collect();
        assert_eq!(chosen(&reversed).expect("all").iter().map(|b| b.name).collect::<Vec<_>>(), all);
        assert_eq!(code_of(&chosen(&["nothing".to_owned()]).expect_err("no such one")), USAGE);
    }

    #[test]
    fn lists_each_behaviour_and_drill_on_a_line() {
        let lines = behaviours::all().len() + drill::ALL.len() + 2;
        assert_eq!(listing().lines().count(), lines);
    }
}
