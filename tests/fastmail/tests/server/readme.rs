//! The console transcripts of README.md, run as they stand: each `$` line by bash, the lines below it compared.
//! `[..]` stands for any text within a line.

use std::process::Command;

use crate::support::Server;

const README: &str = include_str!("../../README.md");

/// One `$` line and the lines that it prints.
#[derive(Debug)]
struct Step {
    command: String,
    output: Vec<String>,
}

fn steps() -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut inside = false;
    for line in README.lines() {
        match (line, inside) {
            ("```console", _) => inside = true,
            ("```", _) => inside = false,
            (line, true) => match (line.strip_prefix("$ "), steps.last_mut()) {
                (Some(command), _) => steps.push(Step { command: command.to_owned(), output: Vec::new() }),
                (None, Some(step)) if step.command.ends_with('\\') => {
                    step.command.push('\n');
                    step.command.push_str(line);
                }
                (None, Some(step)) => step.output.push(line.to_owned()),
                (None, None) => panic!("output before the first command: {line}"),
            },
            _ => {}
        }
    }
    steps
}

/// Whether `line` is `pattern`, with any text at each `[..]`.
fn fits(pattern: &str, line: &str) -> bool {
    match pattern.split_once("[..]") {
        None => pattern == line,
        Some((start, rest)) => line
            .strip_prefix(start)
            .is_some_and(|line| line.char_indices().any(|(at, _)| fits(rest, &line[at..])) || fits(rest, "")),
    }
}

#[test]
fn the_transcripts_work_as_written() {
    let server = Server::start();
    let steps = steps();
    assert!(steps.len() >= 8, "README.md has lost its transcripts: {steps:?}");
    for step in steps {
        let mut bash = Command::new("bash");
        bash.args(["-c", &format!("set -euo pipefail; {}", step.command)]);
        let output = bash.envs(server.environment.iter().cloned()).env_remove("NO_PROXY").output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        let lines: Vec<_> = text.lines().filter(|line| !line.is_empty()).collect();
        let same = lines.len() == step.output.len()
            && step.output.iter().zip(&lines).all(|(pattern, line)| fits(pattern, line.trim_end()));
        assert!(same, "$ {}\nREADME.md says\n{}\nbut it printed\n{text}", step.command, step.output.join("\n"));
    }
}

#[test]
fn a_pattern_fits_what_it_says() {
    assert!(fits("a [..] c", "a b c"));
    assert!(fits("a[..]", "a"));
    assert!(!fits("a [..] c", "a b d"));
    assert!(!fits("a", "ab"));
}
