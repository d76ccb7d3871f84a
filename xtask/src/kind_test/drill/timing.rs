//! The time from the command to the named missing mailbox: by deploy at most 1.5 times that of bare Helm.

use std::time::Instant;

use anyhow::Result;

use crate::kind_test::behaviours::support::{MISSING, with_missing};
use crate::kind_test::case::Case;
use crate::kind_test::runner::Installer;
use crate::kind_test::{Options, with_testbed};
use crate::measure::median;
use crate::report::Console;
use crate::tools::Major;

/// How often each is measured, in turn.
const TIMES: usize = 5;
/// The most that deploy may take, as a multiple of bare Helm.
const LIMIT: f64 = 1.5;

/// Measures both; gives what went wrong, a line each.
///
/// # Errors
/// Where the drill itself cannot go on.
pub fn run(options: &Options, console: Console) -> Result<Vec<String>> {
    with_testbed(options, console, |testbed| {
        let case = Case::new(testbed, "timing", Some(Major::Four), Installer::Deploy)?;
        case.make_namespace()?;
        let values = with_missing();
        let (mut deploy, mut helm) = (Vec::new(), Vec::new());
        for _ in 0..TIMES {
            let start = Instant::now();
            case.bare_helm(&Case::chart(), &values, &[])?.expect("bare Helm", 1, MISSING)?;
            helm.push(start.elapsed().as_secs_f64());
            let start = Instant::now();
            case.deploy(&values, &[])?.expect("deploy", 4, MISSING)?;
            deploy.push(start.elapsed().as_secs_f64());
        }
        let (deploy, helm) = (median(deploy), median(helm));
        let ratio = deploy / helm;
        let measured = format!(
            "to the named missing mailbox, medians of {TIMES}: deploy {deploy:.2} s, bare Helm {helm:.2} s, ratio {ratio:.2}"
        );
        console.note(&measured);
        Ok(if ratio > LIMIT { vec![format!("{measured}, above {LIMIT}")] } else { Vec::new() })
    })
}
