//! Where setup itself fails, cannot run, or is ended: statuses, reasons, signals.

use std::fs;
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::reports::{complete, created, incomplete};
use crate::shells::{Gate, Run, SHELLS, Shell, fails, prints};
use crate::{APPLY, under_each_shell, verdict};

#[test]
fn gives_the_reason_that_setup_gave() {
    let cases = [
        ("JMAP connection failed: 401 Unauthorized\n", "JMAP connection failed: 401 Unauthorized"),
        (
            "warning first\nCardDAV connection failed: [Errno -2] Name or service not known",
            "CardDAV connection failed: [Errno -2] Name or service not known",
        ),
        (
            "Error: Config file not found: /app/config.yaml\nCreate one.\n",
            "Error: Config file not found: /app/config.yaml Create one.",
        ),
        (
            "Configuration error: 1 validation error for Settings\ntriage.categories\n  Value error, no 'A' [type=value_error, \
             input_value={'x': 1}, input_type=dict]\n    For further information visit https://example.com\n",
            "Configuration error: 1 validation error for Settings triage.categories Value error, no 'A' [type=value_error, input_value=***",
        ),
        (
            "Traceback (most recent call last):\n  File \"/app/main.py\", line 3, in <module>\n    run()\nhttpx.ReadTimeout: secret words\n",
            "httpx.ReadTimeout",
        ),
        (
            "Traceback (most recent call last):\n  File \"/app/x.py\", line 1\nKeyError\n\nDuring handling of it:\n\nTraceback (most recent call last):\n  File \"/app/y.py\", line 1\nRuntimeError: two\nlines: here",
            "RuntimeError",
        ),
        ("some words\n", "it gave no reason"),
        ("", "it gave no reason"),
    ];
    for (stderr, reason) in cases {
        under_each_shell(&[], &[fails(1, stderr)], |outcome| {
            assert_eq!(outcome.status, 1);
            let said = format!("gate failed: mailroom setup failed with status 1: {reason}");
            assert_eq!(verdict(outcome), said);
            assert_eq!(outcome.message, said.clone() + "\n");
            let repeated = stderr.is_empty() || stderr.trim() == reason;
            assert_eq!(outcome.stdout.contains("Setup printed at its end:"), !repeated, "{stderr:?}");
        });
    }
}

#[test]
fn keeps_the_status_of_a_failed_setup() {
    for status in [1, 2, 3, 42, 126] {
        under_each_shell(&[], &[Run { status, ..prints(complete()) }], |outcome| {
            assert_eq!(outcome.status, status, "a good report does not outweigh a bad status");
        });
    }
    under_each_shell(&[], &[Run { status: 1, ..prints(incomplete()) }], |outcome| {
        assert!(!outcome.stdout.contains("Two ways out"), "setup failed: what is missing is not known");
    });
}

#[test]
fn passes_nothing_on_from_a_setup_that_was_killed() {
    let run = Run { status: 137, stderr: "half-a-tok".into(), ..prints(complete()) };
    under_each_shell(&[], &[run], |outcome| {
        assert_eq!(outcome.status, 137);
        assert!(verdict(outcome).contains("was killed by signal 9"));
        assert!(!outcome.stdout.contains("half"));
    });
}

#[test]
fn says_that_the_image_has_no_mailroom() {
    for shell in SHELLS {
        let gate = Gate::new(shell, &[]);
        fs::remove_file(gate.path("bin/mailroom")).expect("the stub is there");
        let outcome = gate.outcome(gate.start(&[], None));
        assert_eq!(outcome.status, 127);
        assert!(verdict(&outcome).ends_with("this image has no program called mailroom"));
    }
}

#[test]
fn says_which_tool_the_image_lacks() {
    for shell in SHELLS {
        let gate = Gate::new(shell, &[prints(complete())]);
        fs::remove_file(gate.path("bin/base64")).expect("the link is there");
        let outcome = gate.outcome(gate.start(&[], None));
        if outcome.calls.is_empty() {
            assert_eq!(outcome.status, 1, "{shell:?}");
            assert!(verdict(&outcome).contains("no program called base64"), "{shell:?}");
        } else {
            assert!(matches!(shell, Shell::Busybox), "only a busybox that is its own shell has it built in");
        }
    }
}

#[test]
fn refuses_a_wrong_call() {
    for arguments in [&["--aply"][..], &["--apply", "--apply"], &[""]] {
        under_each_shell(arguments, &[prints(complete())], |outcome| {
            assert_eq!(outcome.status, 2, "{arguments:?}");
            assert!(outcome.calls.is_empty());
        });
    }
}

#[test]
fn bounds_a_reason_without_end() {
    let stderr = format!("JMAP connection failed: {} \n", "grün ".repeat(5_000));
    under_each_shell(&[], &[fails(1, &stderr)], |outcome| {
        assert!((900..1200).contains(&outcome.message.len()), "{}", outcome.message.len());
    });
}

#[test]
fn ends_a_deaf_setup_at_once_on_sigterm() {
    let blocks = Run { blocks: true, ..Run::default() };
    for shell in SHELLS {
        for (arguments, runs) in [
            (&[][..], vec![blocks.clone()]),
            (APPLY, vec![blocks.clone()]),
            (APPLY, vec![prints(created()), blocks.clone()]),
        ] {
            let gate = Gate::new(shell, &runs);
            let child = gate.start(arguments, None);
            let setup = fs::read_to_string(gate.path("stub/started")).expect("setup says that it has started");
            signal("TERM", &child.id().to_string());
            let (sender, ended) = mpsc::channel();
            let outcome = thread::scope(|scope| {
                scope.spawn(|| sender.send(gate.outcome(child)));
                ended.recv_timeout(Duration::from_secs(60)).unwrap_or_else(|_| {
                    signal("KILL", setup.trim()); // so that the gate, and the test, can end
                    panic!("{shell:?} {arguments:?}: the gate has not ended");
                })
            });
            assert_eq!(outcome.status, 143);
            assert!(verdict(&outcome).contains("stopped by a signal"));
            assert!(outcome.message.contains("stopped by a signal"));
            assert_eq!(outcome.stderr, "");
            assert!(!signal("0", setup.trim()), "{shell:?} {arguments:?}: setup lives on");
        }
    }
}

/// Sends a signal; whether there was a process to send it to.
fn signal(name: &str, pid: &str) -> bool {
    Command::new("kill").args(["-s", name, pid]).output().expect("kill starts").status.success()
}
