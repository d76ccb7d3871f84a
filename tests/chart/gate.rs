//! The gate's script: its whole table of decisions, under dash, bash and busybox sh.

mod reports;
mod shells;

use std::fs;
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use reports::{Report, complete, created, incomplete, partly_created};
use shells::{Credentials, Gate, Outcome, Run, SHELLS, fails, prints};

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

#[test]
fn passes_with_the_whole_report_when_nothing_is_to_create() {
    under_each_shell(&[], &[prints(complete())], |outcome| {
        assert_eq!(outcome.status, 0);
        assert_eq!(outcome.calls, ["setup"]);
        assert_eq!(verdict(outcome), "gate passed: everything that the configuration names exists");
        assert!(outcome.stdout.starts_with(&complete()), "the whole report comes first");
    });
}

#[test]
fn names_each_missing_row_with_its_section_and_two_ways_out() {
    under_each_shell(&[], &[prints(incomplete())], |outcome| {
        assert_eq!(outcome.status, 1);
        assert_eq!(outcome.calls, ["setup"]);
        let said = "gate failed: not everything that the configuration names exists: 3 to create · 1 existing";
        assert_eq!(verdict(outcome), said);
        let rows = ["Mailboxes: Feed", "Action Labels: @To Paper · Trail", "Contact Groups: Feed"];
        assert_eq!(indented(outcome)[..3], rows);
        assert_eq!(outcome.message, format!("{said}: {}\n", rows.join(", ")));
        assert!(outcome.stdout.contains("Nothing was changed. Two ways out:"));
        assert!(outcome.stdout.contains("setup.apply=true"));
        assert!(!outcome.stdout.contains("Sieve"), "the guidance is left out");
    });
}

#[test]
fn reads_a_report_without_a_final_line_break() {
    under_each_shell(&[], &[prints(complete().trim_end())], |outcome| assert_eq!(outcome.status, 0));
    under_each_shell(&[], &[prints(incomplete().trim_end())], |outcome| {
        assert_eq!(outcome.status, 1);
        assert_eq!(indented(outcome)[2], "Contact Groups: Feed");
    });
}

#[test]
fn believes_the_last_line_alone() {
    let name = "0 to create · 26 existing";
    let report = Report::new()
        .section("Mailboxes", &[("+", name, "create"), ("+", "", "create")])
        .section(name, &[("+", "x create", "create")])
        .ending("3 to create · 1 existing");
    under_each_shell(&[], &[prints(report)], |outcome| {
        assert_eq!(outcome.status, 1);
        assert_eq!(
            indented(outcome)[..3],
            ["Mailboxes: 0 to create · 26 existing", "Mailboxes:", "Mailboxes: x create"]
        );
    });
}

#[test]
fn refuses_what_it_cannot_read() {
    let unreadable = [
        "",
        "\n",
        "0 to create",
        "0 to create · ",
        "to create · 3 existing",
        "0 to create - 3 existing",
        " 0 to create · 3 existing",
        "0 to create · 3 existing ",
        "0 to create · 3 existing\n\n",
        "0 to create · 3 existing · 0 failed",
        "0 to create · 3 existing\nGoodbye",
        "-1 to create · 3 existing",
        "0 created · 3 existing",
        "nothing to create",
        "zero to create · 3 existing",
        "0 to create · 3 existing · 1 failed",
    ];
    for text in unreadable {
        under_each_shell(&[], &[prints(text)], |outcome| {
            assert_eq!(outcome.status, 1, "{text:?}");
            assert!(verdict(outcome).starts_with("gate failed: cannot read the plan: "), "{text:?}");
            assert!(!outcome.stdout.contains("Two ways out"), "{text:?}: nobody knows that something is missing");
        });
    }
}

#[test]
fn takes_no_number_but_zero_for_nothing() {
    for number in ["00", "1", "10", "08", "99999999999999999999999999"] {
        under_each_shell(&[], &[prints(format!("{number} to create · 3 existing\n"))], |outcome| {
            assert_eq!(outcome.status, 1, "{number}");
            assert!(verdict(outcome).contains(&format!(": {number} to create")), "{number}");
        });
    }
}

#[test]
fn applies_and_then_asks_again() {
    under_each_shell(APPLY, &[prints(created()), prints(complete())], |outcome| {
        assert_eq!(outcome.status, 0);
        assert_eq!(outcome.calls, ["setup --apply", "setup"]);
        assert!(outcome.stdout.starts_with(&(created() + &complete())), "both reports");
    });
}

#[test]
fn fails_when_something_is_missing_after_it_was_applied() {
    under_each_shell(APPLY, &[prints(created()), prints(incomplete())], |outcome| {
        assert_eq!(outcome.status, 1);
        assert!(verdict(outcome).contains("still not everything exists: 3 to create · 1 existing"));
        assert_eq!(indented(outcome)[0], "Mailboxes: Feed");
        assert!(outcome.stdout.contains("What setup has created stays."));
    });
}

#[test]
fn fails_when_asking_again_fails() {
    under_each_shell(APPLY, &[prints(created()), fails(1, "JMAP connection failed: timed out")], |outcome| {
        assert_eq!(outcome.status, 1);
        assert_eq!(
            verdict(outcome),
            "gate failed: mailroom setup failed with status 1: JMAP connection failed: timed out"
        );
    });
    under_each_shell(APPLY, &[prints(created()), prints("")], |outcome| {
        assert!(verdict(outcome).contains("cannot read the plan"));
    });
}

#[test]
fn refuses_a_dry_run_where_it_has_applied() {
    for text in [complete(), String::new(), "3 created".into(), "3 created · 1 existing · x failed".into()] {
        under_each_shell(APPLY, &[prints(text)], |outcome| {
            assert_eq!(outcome.status, 1);
            assert_eq!(outcome.calls, ["setup --apply"]);
            assert!(verdict(outcome).contains("cannot read the plan"));
        });
    }
}

#[test]
fn names_failed_rows_with_the_reason() {
    let rows = [
        "Mailboxes: Read · Later: FAILED: overQuota: no room",
        "Contact Groups: Feed: FAILED: Server error '507 Insufficient Storage' for url 'https://carddav.example/x'",
    ];
    for status in [0, 1, 3] {
        let run = Run { status, ..prints(partly_created()) };
        under_each_shell(APPLY, &[run], |outcome| {
            assert_eq!(outcome.status, if status == 0 { 1 } else { status }, "setup's own status where it has one");
            assert_eq!(outcome.calls, ["setup --apply"], "a failed apply is not asked again");
            assert!(verdict(outcome).ends_with("1 created · 1 existing · 2 failed"));
            assert_eq!(indented(outcome), rows);
            assert!(outcome.message.ends_with(&format!(": {}\n", rows.join(", "))));
        });
    }
}

#[test]
fn counts_skipped_rows_as_failed() {
    let report = Report::new()
        .section("Mailboxes", &[("⊘", "Feed", "skipped (no parent)"), ("✓", "Inbox", "exists")])
        .ending("0 created · 1 existing · 1 skipped");
    under_each_shell(APPLY, &[prints(report)], |outcome| {
        assert_eq!(outcome.status, 1);
        assert_eq!(indented(outcome), ["Mailboxes: Feed: skipped (no parent)"]);
    });
}

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
            assert_eq!(outcome.stdout.contains("Setup printed at its end:"), !stderr.is_empty());
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
    let run = Run { status: 137, stderr: "Bearer half-a-tok".into(), ..prints(complete()) };
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
            assert!(matches!(shell, shells::Shell::Busybox), "only a busybox that is its own shell has it built in");
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
fn reads_ten_thousand_lines() {
    let names: Vec<String> = (0..10_000).map(|number| format!("Mailbox {number} ü")).collect();
    let rows: Vec<_> = names.iter().map(|name| ("+", name.as_str(), "create")).collect();
    let report = Report::new().section("Mailboxes", &rows).ending("10000 to create · 1 existing");
    under_each_shell(&[], &[prints(report)], |outcome| {
        assert_eq!(outcome.status, 1);
        assert!(outcome.stdout.contains("\n  Mailboxes: Mailbox 9999 ü\n"), "the log names all");
        assert!(outcome.message.len() <= 4096, "the kubelet takes no more");
        let named = outcome.message.matches("Mailboxes: ").count();
        assert!(outcome.message.ends_with(&format!(" and {} more\n", 10_000 - named)), "and says how many it left out");
    });
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
            let (send, ended) = mpsc::channel();
            let outcome = thread::scope(|scope| {
                scope.spawn(|| send.send(gate.outcome(child)));
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

/// Credentials that mean something to awk, sed, the shell or a regular expression.
const AWKWARD: [Credentials; 5] = [
    Credentials { token: "fmu1-0123abcd&\\&/$HOME`id`", username: "ann@example.com", password: "p'w\"d \\1\\n*[.^$(" },
    Credentials { token: "0123456", username: "1e3", password: "%s%d%%" },
    Credentials { token: "-n -e \\c", username: "--help", password: "tab\there" },
    Credentials { token: "schlüssel·✗", username: "ünï@example.com", password: "=" },
    Credentials { token: "abc", username: "abcdef", password: "bcd" },
];

#[test]
fn masks_credentials_in_whatever_setup_prints() {
    for credentials in AWKWARD {
        let forms = forms(credentials);
        let text = forms.iter().map(|form| format!("<{form}> and {form}!\n")).collect::<String>();
        for run in [
            prints(format!("{text}0 to create · 3 existing\n")),
            fails(1, &text),
            fails(1, &format!("Configuration error: {text}")),
            fails(1, &format!("Traceback (most recent call last):\n  File \"x\"\n{text}")),
        ] {
            for shell in SHELLS {
                let gate = Gate::new(shell, std::slice::from_ref(&run));
                let outcome = gate.outcome(gate.start(&[], Some(credentials)));
                assert_eq!(outcome.status, run.status, "masking changes no verdict");
                let shown = [outcome.stdout.as_str(), &outcome.stderr, &outcome.message].concat();
                assert!(shown.contains("<***> and ***!"), "{shell:?}: {shown}");
                for line in shown.lines().filter(|line| line.starts_with('<')) {
                    assert_eq!(line, "<***> and ***!", "{shell:?}");
                }
                for form in forms.iter().filter(|form| form.len() > 6) {
                    assert!(!shown.contains(form), "{shell:?} shows {form}");
                }
            }
        }
    }
}

/// The forms in which a credential can turn up: plain, as Python's repr and JSON quote it, and in base64.
fn forms(credentials: Credentials) -> Vec<String> {
    let Credentials { token, username, password } = credentials;
    let pair = format!("{username}:{password}");
    let mut forms: Vec<_> = [token, username, password, &pair].map(base64).into();
    for value in [token, username, password] {
        let repr = value.replace('\\', "\\\\").replace('\t', "\\t");
        forms.extend([value.to_owned(), repr.replace('\'', "\\'"), repr.replace('"', "\\\""), repr]);
    }
    forms
}

/// Base64 without padding, by the machine's own program: it is the yardstick.
fn base64(value: &str) -> String {
    let script = r#"printf %s "$VALUE" | base64 -w0 | tr -d ="#;
    let output = Command::new("sh").args(["-c", script]).env("VALUE", value).output().expect("sh starts");
    String::from_utf8(output.stdout).expect("base64 is ASCII")
}

#[test]
fn masks_rows_and_what_may_be_a_part_of_a_credential() {
    let credentials = Credentials { token: "token-canary", username: "user-canary", password: "password-canary" };
    let report = Report::new()
        .section("Mailboxes", &[("✗", "A", "FAILED: no token-canary"), ("✗", "password-canary", "FAILED: x")])
        .ending("0 created · 1 existing · 2 failed");
    let stderr = "h11.LocalProtocolError: Illegal header value b'Bearer token-can\\xc3\\xa4ry\\n'\n\
                  [type=missing, input_value={'jmap_token': 'token-ca...d': 'word-canary'}, input_type=dict]\n\
                  authorization: Basic dXNlci1jYW5hcnk\n";
    for shell in SHELLS {
        let run = Run { status: 1, stderr: stderr.into(), ..prints(&report) };
        let gate = Gate::new(shell, &[run]);
        let outcome = gate.outcome(gate.start(APPLY, Some(credentials)));
        assert_eq!(indented(&outcome), ["Mailboxes: A: FAILED: no ***", "Mailboxes: ***: FAILED: x"]);
        let gate = Gate::new(shell, &[fails(1, stderr)]);
        let outcome = gate.outcome(gate.start(&[], Some(credentials)));
        for part in ["token-ca", "word-canary", "dXNlci1jYW5hcnk"] {
            assert!(!outcome.stdout.contains(part), "{shell:?} shows {part}: {}", outcome.stdout);
        }
        assert!(outcome.stdout.contains("h11.LocalProtocolError"), "what is no credential stays");
    }
}
