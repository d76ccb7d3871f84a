//! No credential is in what the gate prints or leaves as termination message, whatever setup printed.

use std::process::Command;

use crate::reports::Report;
use crate::shells::{Credentials, Gate, Outcome, Run, SHELLS, fails, prints};
use crate::{APPLY, indented};

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
        let text = forms.iter().map(|form| format!("<{form}> and {form}!")).collect::<Vec<_>>().join("\n") + "\n";
        let asked = prints(format!("{text}0 to create · 3 existing\n"));
        let applied = prints(format!("{text}0 created · 3 existing\n"));
        for (arguments, runs) in [
            (&[][..], vec![asked.clone()]),
            (APPLY, vec![applied, asked]),
            (&[], vec![fails(1, &text)]),
            (&[], vec![fails(1, &format!("Configuration error: {text}"))]),
            (&[], vec![fails(1, &format!("Traceback (most recent call last):\n  File \"x\"\n{text}"))]),
        ] {
            for shell in SHELLS {
                let gate = Gate::new(shell, &runs);
                let outcome = gate.outcome(gate.start(arguments, Some(credentials)));
                assert_eq!(outcome.status, runs[0].status, "masking changes no verdict");
                check(&outcome, &forms);
            }
        }
    }
}

/// Fails where a form of a credential is shown, or nothing that was masked.
fn check(outcome: &Outcome, forms: &[String]) {
    let shown = [outcome.stdout.as_str(), &outcome.stderr, &outcome.message].concat();
    assert!(shown.contains("<***> and ***!"), "{shown}");
    for line in shown.lines().filter(|line| line.starts_with('<')) {
        assert_eq!(line, "<***> and ***!");
    }
    for form in forms.iter().filter(|form| form.len() > 6) {
        assert!(!shown.contains(form), "{form} is in {shown}");
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
