//! Deploys whose gate passes and whose rollout fails: exit 5, and back to what ran before where that is stored.

use serde_json::{Value, json};

use super::bench::{revision, stored};
use super::scene::{Gate, clean, list, objects, rolled_out, running, scene};

/// The objects of revision `stamp` with an app that ends again and again.
fn crashing(stamp: &str) -> Vec<Value> {
    let mut look = rolled_out(stamp, "a", &Gate::passed("new"));
    let pod = look.iter_mut().find(|object| object["metadata"]["name"] == "app-pod").unwrap();
    pod["status"]["conditions"] = json!([]);
    pod["status"]["containerStatuses"][0]["restartCount"] = 3.into();
    pod["status"]["containerStatuses"][0]["lastState"] = json!({"terminated": {"exitCode": 1, "reason": "Error"}});
    let deployment = look.iter_mut().find(|object| object["kind"] == "Deployment").unwrap();
    deployment["status"]["availableReplicas"] = 0.into();
    look
}

#[test]
fn it_goes_back_to_the_revision_whose_stamp_ran_and_not_to_the_one_before() {
    let bench = running();
    // Revision 2 was refused by its gate: Helm calls it deployed all the same, and would go back to it.
    bench.answer("history", &json!([revision(1, "superseded"), revision(2, "deployed")]).to_string());
    bench.answer("manifest.2", &stored("default").replace("release-revision: \"1\"", "release-revision: \"2\""));
    bench.hangs("upgrade");
    bench.answer("log", "ValueError: missing CANARY-word-77aa\n");
    bench.after("upgrade", &[("look", list(&crashing("3"))), ("objects", list(&objects("3")))]);
    bench.after("rollback", &[("look", list(&rolled_out("1", "a", &Gate::passed("new"))))]);
    let ran = bench.deploy(&["--yes"]);
    ran.ended(5, "the gate passed, and the rollout failed");
    for line in [
        "Cause        pod app-pod ended 3 times, last with status 1 (Error)",
        "Log          ValueError: missing ***",
        "Rollback     to the manifest of revision 1: done, without a gate",
        "Runs now     revision 1, as before",
    ] {
        assert!(ran.stdout.contains(line), "no `{line}` in:\n{}", ran.stdout);
    }
    let [rollback] = &bench.called("rollback")[..] else { panic!("one rollback") };
    assert!(rollback.contains(" mailroom 1 "), "{rollback}");
    assert!(bench.called("logs app-pod")[0].contains("--previous"));
    clean(&bench, &ran);
}

#[test]
fn the_log_of_a_container_that_was_removed_meanwhile_is_the_next_ones() {
    let bench = scene();
    bench.hangs("upgrade");
    bench.answer("log", "unable to retrieve container logs for containerd://95298ddf");
    bench.answer("log-now", "ValueError: missing\n");
    bench.after("upgrade", &[("look", list(&crashing("1"))), ("objects", list(&objects("1")))]);
    let ran = bench.deploy(&["--yes"]);
    ran.ended(5, "the gate passed, and the rollout failed");
    assert!(ran.stdout.contains("Log          ValueError: missing"), "{}", ran.stdout);
}

#[test]
fn a_first_install_has_nothing_to_go_back_to() {
    let bench = scene();
    bench.fails("upgrade", "Error: INSTALLATION FAILED: context deadline exceeded\n");
    bench.after("upgrade", &[("look", list(&crashing("1"))), ("objects", list(&objects("1")))]);
    let ran = bench.deploy(&["--yes"]);
    ran.ended(5, "the gate passed, and the rollout failed");
    for line in ["Rollback     none: nothing ran before", "Helm said: Error: INSTALLATION FAILED", "uninstall mailroom"]
    {
        assert!(ran.stdout.contains(line), "no `{line}` in:\n{}", ran.stdout);
    }
    assert!(bench.called("rollback").is_empty());
}

#[test]
fn what_ran_before_and_is_not_stored_is_not_guessed_at() {
    let bench = running();
    bench.fails("upgrade", "Error: UPGRADE FAILED: context deadline exceeded\n");
    let pruned = json!([revision(2, "failed")]).to_string();
    let refused = stored("default").replace("release-revision: \"1\"", "release-revision: \"2\"");
    bench.after("upgrade", &[("look", list(&crashing("2"))), ("history", pruned), ("manifest.2", refused)]);
    let ran = bench.deploy(&["--yes"]);
    ran.ended(5, "the rollout failed");
    assert!(ran.stdout.contains("none: revision 1, which ran before, is not stored any more"), "{}", ran.stdout);
    assert!(bench.called("rollback").is_empty());
}
