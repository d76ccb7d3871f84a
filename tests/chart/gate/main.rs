//! The gate's script: its whole table of decisions, under dash, bash and busybox sh.

mod decisions;
mod failures;
mod masking;
mod reports;
mod shells;

use shells::{Gate, Outcome, Run, SHELLS};

const APPLY: &[&str] = &["--apply"];

/// Runs the gate under each shell and checks what all outcomes have in common: nothing on stderr, the verdict in log and
/// termination message.
fn under_each_shell(arguments: &[&str], runs: &[Run], check: impl Fn(&Outcome)) {
    for shell in SHELLS {
        eprintln!("under {shell:?}"); // shown where an assertion fails
        let outcome = Gate::run(shell, arguments, runs);
        eprintln!("{}\n{}", outcome.stdout, outcome.message);
        assert_eq!(outcome.stderr, "", "nothing but setup's words belongs on stderr");
        let verdict = verdict(&outcome);
        assert!(outcome.message.starts_with(verdict), "the termination message begins with the verdict");
        check(&outcome);
    }
}

/// The verdict's line in the log.
fn verdict(outcome: &Outcome) -> &str {
    outcome.stdout.lines().find(|line| line.starts_with("gate ")).expect("a verdict")
}

/// The lines that begin with two spaces: missing and failed rows, then the ways out.
fn indented(outcome: &Outcome) -> Vec<&str> {
    outcome.stdout.lines().filter(|line| line.starts_with("  ")).map(str::trim).collect()
}
