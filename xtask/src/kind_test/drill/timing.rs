//! The time from the command to the named missing mailbox: by deploy at most 1.5 times that of bare Helm.

use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::json;

use crate::kind_test::case::Case;
use crate::kind_test::runner::Installer;
use crate::kind_test::{Options, with_testbed};
use crate::report::Console;
use crate::tools::Major;

/// How often each is measured, in turn.
const TIMES: usize = 5;
/// The most that deploy may take, as a multiple of bare Helm.
const LIMIT: f64 = 1.5;
const MISSING: &str = "Nowhere To Be Found";

/// Measures both; gives what went wrong, a line each.
///
/// # Errors
/// Where the drill itself cannot go on.
pub fn run(options: &Options, console: Console) -> Result<Vec<String>> {
    with_testbed(options, console, |testbed| {
        let case = Case::new(testbed, "timing", Some(Major::Four), Installer::Deploy)?;
        case.make_namespace()?;
        let values = json!({"config": {"triage": {"categories": ["Feed"], "screener_mailbox": MISSING}}});
        let (mut deploy, mut helm) = (Vec::new(), Vec::new());
        for _ in 0..TIMES {
            let start = Instant::now();
            case.bare_helm(&Case::chart(), &values, &[])?.expect("bare Helm", 1, MISSING)?;
            helm.push(start.elapsed());
            let start = Instant::now();
            case.deploy(&values, &[])?.expect("deploy", 4, MISSING)?;
            deploy.push(start.elapsed());
        }
        let (deploy, helm) = (median(&mut deploy), median(&mut helm));
        let ratio = deploy.as_secs_f64() / helm.as_secs_f64();
        let measured = format!(
            "to the named missing mailbox, medians of {TIMES}: deploy {:.2} s, bare Helm {:.2} s, ratio {ratio:.2}",
            deploy.as_secs_f64(),
            helm.as_secs_f64()
        );
        console.note(&measured);
        Ok(if ratio > LIMIT { vec![format!("{measured}, above {LIMIT}")] } else { Vec::new() })
    })
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
