//! `--gate-only`: the question without the deploy.

use serde_json::json;

use super::bench::{BASE64, Bench};
use super::scene::{Gate, NO, clean, list, running};

/// A bench in which the gate's own Job ends so, once it may go on.
fn asked(condition: &'static str, status: u64, message: &str) -> Bench {
    let bench = running();
    bench.answer("made", &json!({"metadata": {"uid": "own"}}).to_string());
    bench.answer("gate-log", message);
    let gate = Gate { uid: "own", condition, status, message: message.to_owned() };
    bench.answer("own-gate", &list(&gate.objects("1")).replace("\"mailroom-gate\"", "\"@OWN@\""));
    bench
}

#[test]
fn a_yes_leaves_nothing_and_makes_no_revision() {
    let bench = asked("Complete", 0, "gate passed: everything exists");
    let ran = bench.deploy(&["--gate-only"]);
    ran.ended(0, "passed");
    for line in [
        "passed: everything that this configuration names exists",
        "the gate's objects were removed; no revision was made",
    ] {
        assert!(ran.stdout.contains(line), "no `{line}` in:\n{}", ran.stdout);
    }
    assert!(bench.called("upgrade").is_empty());
    for kind in ["job", "configmap", "secret"] {
        assert_eq!(bench.called(&format!("delete {kind} mailroom-gate-")).len(), 1, "{kind}");
    }
    clean(&bench, &ran);
}

#[test]
fn its_objects_have_names_of_their_own_and_go_with_their_job() {
    let bench = asked("Complete", 0, "gate passed: everything exists");
    bench.deploy(&["--gate-only"]).ended(0, "passed");
    let patched = bench.called("patch job mailroom-gate-");
    let own = patched[0].split(' ').nth(2).unwrap().to_owned();
    let stdin = bench.calls("stdin");
    let made: Vec<_> = stdin.iter().filter(|(_, text)| text.contains(&format!("\"name\":\"{own}\""))).collect();
    assert_eq!(made.len(), 3, "{made:?}");
    assert!(made.iter().any(|(_, text)| text.contains("\"suspend\":true")));
    let owned =
        made.iter().filter(|(_, text)| text.contains("\"ownerReferences\"") && text.contains("\"uid\":\"own\""));
    assert_eq!(owned.count(), 2);
    assert!(made.iter().any(|(_, text)| text.contains(BASE64[0])), "the credentials go by stdin");
}

#[test]
fn a_no_is_exit_4_with_both_ways_out() {
    let bench = asked("Failed", 1, &format!("{NO}\n\n  Mailboxes: Receipts\n"));
    let ran = bench.deploy(&["--gate-only"]);
    ran.ended(4, "the gate said no");
    for line in ["Missing      Mailboxes: Receipts", "--apply-setup", "the gate's objects were removed"] {
        assert!(ran.stdout.contains(line), "no `{line}` in:\n{}", ran.stdout);
    }
    clean(&bench, &ran);
}

#[test]
fn what_cannot_be_removed_is_named() {
    let bench = asked("Complete", 0, "gate passed: everything exists");
    bench.fails("delete", "Error from server (Forbidden): no\n");
    let ran = bench.deploy(&["--gate-only"]);
    ran.ended(0, "passed");
    assert!(ran.stdout.contains("could not be removed"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("the gate's objects were removed"), "{}", ran.stdout);
}
