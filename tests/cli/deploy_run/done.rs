//! Deploys that are done, and what it takes to be called that.

use serde_json::json;

use super::bench::revision;
use super::scene::{Gate, clean, list, objects, rolled_out, running, scene};

#[test]
fn a_first_install_is_done_once_the_objects_prove_it() {
    for (version, wait) in [("v4.3.1", "--wait=watcher"), ("v3.22.0", "--wait")] {
        let bench = scene();
        bench.answer("helm-version", version);
        bench.answer("gate-log", "gate passed: CANARY-token-9f3c\n");
        let look = list(&rolled_out("1", "a", &Gate::passed("new")));
        bench.after("upgrade", &[("look", look), ("objects", list(&objects("1")))]);
        let ran = bench.deploy(&["--yes"]);
        ran.ended(0, "revision 1 runs");
        for line in ["Done         release mailroom, revision 1", "the gate Job mailroom-gate", "sha256:a"] {
            assert!(ran.stdout.contains(line), "no `{line}` in:\n{}", ran.stdout);
        }
        assert!(ran.stderr.contains("| gate passed: ***"), "{}", ran.stderr);
        clean(&bench, &ran);

        let [upgrade] = &bench.called("upgrade")[..] else { panic!("one upgrade") };
        let flags = format!("--install --reset-values --history-max 3 {wait} --timeout 300s");
        assert!(upgrade.contains(&flags), "{upgrade}");
        assert!(upgrade.contains("--set setup.apply=false"), "{upgrade}");
        let banned = ["--reuse", "--debug", "--force", "--no-hooks", "--atomic", "--rollback", "--create-namespace"];
        assert!(!banned.iter().any(|flag| upgrade.contains(flag)), "{upgrade}");
    }
}

#[test]
fn the_namespace_comes_in_one_request_before_helm() {
    let bench = scene();
    bench.after(
        "upgrade",
        &[("look", list(&rolled_out("1", "a", &Gate::passed("new")))), ("objects", list(&objects("1")))],
    );
    bench.deploy(&["--yes"]).ended(0, "mailroom made");
    let applied: Vec<_> = bench.calls("stdin").into_iter().filter(|(_, text)| text.contains("\"Namespace\"")).collect();
    let [(_, namespace)] = &applied[..] else { panic!("{applied:?}") };
    for label in ["enforce", "warn", "audit"] {
        assert!(namespace.contains(&format!("\"pod-security.kubernetes.io/{label}\":\"restricted\"")), "{namespace}");
    }
}

#[test]
fn a_tag_that_has_moved_is_followed_by_one_restart() {
    let bench = running();
    let (old, new) = (rolled_out("2", "b", &Gate::passed("new")), rolled_out("2", "a", &Gate::passed("new")));
    bench.after("upgrade", &[("look", list(&old)), ("objects", list(&objects("2")))]);
    bench.after("rollout", &[("look", list(&new))]);
    let ran = bench.deploy(&["--yes"]);
    ran.ended(0, "its tag has moved meanwhile, so the Deployment is restarted once");
    assert_eq!(bench.called("rollout restart deployment/mailroom").len(), 1);
    clean(&bench, &ran);

    let bench = running();
    bench.after("upgrade", &[("look", list(&old)), ("objects", list(&objects("2")))]);
    let ran = bench.deploy(&["--yes"]);
    ran.ended(5, "the rollout failed");
    assert_eq!((bench.called("rollout restart").len(), bench.called("rollback").len()), (1, 0));
}

#[test]
fn a_release_that_has_moved_on_since_the_plan_is_left_alone() {
    let bench = running();
    // The plan reads the first history; what comes before Helm starts reads the second.
    bench.write("second-history", &json!([revision(1, "deployed"), revision(2, "deployed")]).to_string());
    let text = std::fs::read_to_string(bench.path("bin/helm")).unwrap();
    let moved = "case $1 in history) [ ! -e \"$HERE/asked\" ] || cp \"$HERE/second-history\" \"$HERE/answers/history\"; : >\"$HERE/asked\" ;; esac\n";
    let draft =
        bench.write("helm.draft", &text.replacen("# Prints the answer", &format!("{moved}# Prints the answer"), 1));
    let (from, to) = (draft, bench.path("bin/helm"));
    let installed = std::process::Command::new("install").args(["-m", "755"]).args([from, to]).status();
    assert!(installed.unwrap().success());
    bench.deploy(&["--yes"]).ended(1, "the newest revision was 1 and is 2 now");
    assert!(bench.called("upgrade").is_empty());
}
