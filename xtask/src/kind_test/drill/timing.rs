//! The time from the command to the named missing mailbox: by deploy at most 1.5 times that of bare Helm.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::kind_test::behaviour::expect;
use crate::kind_test::behaviours::support::{MISSING, with_missing};
use crate::kind_test::case::Case;
use crate::kind_test::runner::Installer;
use crate::kind_test::{Options, with_testbed};
use crate::measure::median;
use crate::report::Console;
use crate::tools::{Major, Stream};

/// How often each is measured, in turn.
const TIMES: usize = 5;
/// The most that deploy may take until it has named the mailbox, as a multiple of bare Helm.
const LIMIT: f64 = 1.5;
/// The most that one deploy may take here.
const SOON: Duration = Duration::from_secs(120);

/// Measures both; gives what went wrong, a line each.
///
/// # Errors
/// Where the drill itself cannot go on.
pub fn run(options: &Options, console: Console) -> Result<Vec<String>> {
    with_testbed(options, console, |testbed| {
        let case = Case::new(testbed, "timing", Some(Major::Four), Installer::Deploy)?;
        case.make_namespace()?;
        let values = with_missing();
        let (mut named, mut whole, mut helm) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..TIMES {
            let start = Instant::now();
            case.bare_helm(&Case::chart(), &values, &[])?.expect("bare Helm", 1, MISSING)?;
            helm.push(start.elapsed().as_secs_f64());
            let (to_name, to_end) = by_deploy(&case, &values)?;
            named.push(to_name);
            whole.push(to_end);
        }
        let (named, whole, helm) = (median(named), median(whole), median(helm));
        let measured = format!(
            "medians of {TIMES}: deploy names the missing mailbox after {named:.2} s and ends after {whole:.2} s, bare Helm \
             ends after {helm:.2} s: ratios {:.2} and {:.2}",
            named / helm,
            whole / helm
        );
        console.note(&measured);
        Ok(if named / helm > LIMIT { vec![format!("{measured}, above {LIMIT}")] } else { Vec::new() })
    })
}

/// The seconds until deploy has named the missing mailbox on one of its lines, and until it has ended.
fn by_deploy(case: &Case<'_>, values: &Value) -> Result<(f64, f64)> {
    let (start, row, named) = (Instant::now(), format!("Mailboxes: {MISSING}"), Arc::new(OnceLock::new()));
    let at = Arc::clone(&named);
    let mut deploy = case.start_deploy(values, &[], move |_: Stream, line: &str| {
        if line.contains(&row) {
            at.get_or_init(|| start.elapsed().as_secs_f64());
        }
    })?;
    let ended = deploy.wait(SOON)?.context("deploy takes too long")?;
    let to_end = start.elapsed().as_secs_f64();
    expect("how deploy ends", &Some(4), &ended.code())?;
    Ok((*named.get().context("deploy has not named the missing mailbox")?, to_end))
}
