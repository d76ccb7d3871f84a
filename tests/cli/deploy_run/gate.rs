//! Deploys whose gate does not pass: exit 4, whatever Helm says.

use serde_json::json;

use super::scene::{Gate, NO, clean, list, objects, rolled_out, running, scene};

#[test]
fn a_no_is_shown_with_what_is_missing_and_both_ways_out() {
    let bench = running();
    bench.fails("upgrade", "Error: UPGRADE FAILED: pre-upgrade hooks failed: job mailroom-gate failed\n");
    bench.answer("gate-log", &format!("{NO}\n\n  Mailboxes: Receipts\n\nNothing was changed.\n"));
    let look = [rolled_out("1", "a", &Gate::passed("old"))[..3].to_vec(), Gate::said_no().objects("2")].concat();
    bench.after("upgrade", &[("look", list(&look))]);
    let ran = bench.deploy(&["--yes", "--timeout", "6m"]);
    ran.ended(4, "the gate said no");
    let options = format!("--context one --secrets {} --timeout 360s", bench.path("secrets.yaml").display());
    for line in [
        "Missing      Mailboxes: Receipts\n",
        "Reason       not everything that the configuration names exists: 1 to create · 25 existing\n",
        "nothing was changed in the account",
        "Runs now     revision 1, as before (1 of 1 pods available)",
        &format!("cargo xtask deploy {options}\n"),
        &format!("cargo xtask deploy {options} --apply-setup\n"),
    ] {
        assert!(ran.stdout.contains(line), "no `{line}` in:\n{}", ran.stdout);
    }
    assert!(ran.stderr.contains("|   Mailboxes: Receipts"), "{}", ran.stderr);
    assert!(bench.called("rollback").is_empty());
    clean(&bench, &ran);
}

#[test]
fn lines_that_following_missed_are_read_afterwards_and_each_is_shown_once() {
    for misses in [false, true] {
        let bench = running();
        bench.fails("upgrade", "Error: UPGRADE FAILED: pre-upgrade hooks failed\n");
        bench.answer("gate-log", &format!("{NO}\n\n  Mailboxes: Receipts\n"));
        if misses {
            bench.answer("misses-all", "");
        }
        bench.after("upgrade", &[("look", list(&Gate::said_no().objects("2")))]);
        let ran = bench.deploy(&["--yes"]);
        ran.ended(4, "the gate said no");
        assert_eq!(ran.stderr.matches("|   Mailboxes: Receipts").count(), 1, "{}", ran.stderr);
        assert!(ran.stdout.contains("Missing      Mailboxes: Receipts\n"), "{}", ran.stdout);
    }
}

#[test]
fn a_helm_that_went_on_without_its_gate_is_no_success() {
    // As Helm 3 does where the Job is deleted: exit 0, and the new revision runs.
    let bench = running();
    bench.answer("helm-version", "v3.22.0");
    let look = rolled_out("2", "a", &Gate::passed("new"))[..3].to_vec();
    bench.after("upgrade", &[("look", list(&look)), ("objects", list(&objects("2")))]);
    let ran = bench.deploy(&["--yes"]);
    ran.ended(4, "the gate did not run to a verdict");
    for line in [
        "its Job was never made",
        "Helm went on without it",
        "revision 2, the one that was not proved",
        "rollback mailroom 1",
    ] {
        assert!(ran.stdout.contains(line), "no `{line}` in:\n{}", ran.stdout);
    }
    assert!(bench.called("rollback").is_empty(), "the way back is the user's to go");
}

#[test]
fn another_job_in_the_gates_place_is_no_gate() {
    let mut other = rolled_out("2", "a", &Gate::passed("new"));
    let job = other.iter_mut().find(|object| object["kind"] == "Job").unwrap();
    job["spec"]["template"]["spec"]["containers"][0]["command"] = json!(["true"]);
    for look in [other, rolled_out("3", "a", &Gate::passed("new")), rolled_out("2", "a", &Gate::passed("old"))] {
        let bench = running();
        bench.after("upgrade", &[("look", list(&look)), ("objects", list(&objects("2")))]);
        bench.deploy(&["--yes"]).ended(4, "the gate did not run to a verdict");
    }
}

#[test]
fn a_complete_job_whose_pod_did_not_end_with_0_is_not_called_passed_and_ends_helm() {
    let bench = running();
    bench.hangs("upgrade");
    let gate = Gate { status: 1, message: NO.to_owned(), ..Gate::passed("new") };
    bench.after("upgrade", &[("look", list(&rolled_out("2", "a", &gate))), ("objects", list(&objects("2")))]);
    let ran = bench.deploy(&["--yes"]);
    ran.ended(4, "the gate did not run to a verdict");
    assert!(ran.stdout.contains("its Job is Complete, and no pod of it is left that ended with 0"), "{}", ran.stdout);
    assert!(ran.stdout.contains("Runs now     revision 2, the one that was not proved"), "{}", ran.stdout);
    assert!(!ran.stderr.contains("passed"), "{}", ran.stderr);
}

#[test]
fn a_gate_without_a_pod_ends_helm_at_once_and_leaves_nothing() {
    let bench = scene();
    bench.hangs("upgrade");
    let mut job = Gate::said_no().objects("1").remove(0);
    job["status"] = json!({});
    let message = "Error creating: pods \"mailroom-gate-x\" is forbidden: exceeded quota: none, CANARY-token-9f3c";
    let event = json!({"apiVersion": "v1", "kind": "Event", "involvedObject": {"uid": "new"}, "reason": "FailedCreate", "message": message});
    bench.after("upgrade", &[("look", list(&[job, event]))]);
    bench.answer("left", "secret/mailroom-gate\n");
    let ran = bench.deploy(&["--yes"]);
    ran.ended(4, "the gate did not run to a verdict");
    let deleted = "the gate Job mailroom-gate had not ended, and was deleted with its pod";
    for line in ["no pod may be made: exceeded quota: none, ***", deleted, "namespace mailroom was made and stays"] {
        assert!(ran.stdout.contains(line), "no `{line}` in:\n{}", ran.stdout);
    }
    assert!(bench.called("delete job mailroom-gate --namespace mailroom")[0].contains("--cascade=foreground"));
    clean(&bench, &ran);
}

#[test]
fn copies_that_helm_left_are_removed_and_that_is_said() {
    let bench = scene();
    bench.fails("upgrade", "Error: INSTALLATION FAILED: failed pre-install: exceeded quota\n");
    bench.after("upgrade", &[]);
    bench.answer("left", "secret/mailroom-gate\n");
    let ran = bench.deploy(&["--yes"]);
    ran.ended(4, "the gate did not run to a verdict");
    for line in [
        "its Job was never made",
        "Helm said: Error: INSTALLATION FAILED",
        "Secret/mailroom-gate, which Helm had left behind, was removed",
    ] {
        assert!(ran.stdout.contains(line), "no `{line}` in:\n{}", ran.stdout);
    }
    assert_eq!(bench.called("delete secret mailroom-gate").len(), 1);
    assert!(bench.called("delete configmap").is_empty());
}
