//! What the gate makes of a plan that setup printed with status 0, and of rows that failed.

use crate::reports::{Report, complete, created, incomplete, partly_created};
use crate::shells::{Run, fails, prints};
use crate::{APPLY, indented, under_each_shell, verdict};

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
fn tells_a_status_from_a_name_that_reads_like_one() {
    let long = "A FAILED: name that is much longer than its column";
    let report = Report::new()
        .section("Mailboxes", &[("✗", "A FAILED: B", "FAILED: C"), ("✗", long, "FAILED: D")])
        .section("Contact Groups", &[("✗", "ÄÖÜ skipped ✗", "FAILED: E FAILED: F")])
        .ending("0 created · 1 existing · 3 failed");
    under_each_shell(APPLY, &[prints(report)], |outcome| {
        assert_eq!(
            indented(outcome),
            [
                "Mailboxes: A FAILED: B: FAILED: C",
                &format!("Mailboxes: {long}: FAILED: D"),
                "Contact Groups: ÄÖÜ skipped ✗: FAILED: E FAILED: F",
            ]
        );
    });
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
fn reads_ten_thousand_lines() {
    let names: Vec<String> = (0..10_000).map(|number| format!("Mailbox {number} ü")).collect();
    let rows: Vec<_> = names.iter().map(|name| ("+", name.as_str(), "create")).collect();
    let report = Report::new().section("Mailboxes", &rows).ending("10000 to create · 1 existing");
    under_each_shell(&[], &[prints(report)], |outcome| {
        assert_eq!(outcome.status, 1);
        assert!(outcome.stdout.contains("\n  Mailboxes: Mailbox 9999 ü\n"), "the log names all");
        assert!(outcome.message.len() <= 4096, "the kubelet takes no more");
        let kept = outcome.message.matches("Mailboxes: ").count();
        assert!(outcome.message.ends_with(&format!(" and {} more\n", 10_000 - kept)), "and says how many it left out");
    });
}
