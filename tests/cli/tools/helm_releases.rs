//! What deploy and kind-test give to Helm, for both majors, and what they make of its answers.

use std::time::Duration;

use xtask::tools::{Helm, Release, Running, Upgrade, Values};

use crate::bench::{Bench, LONG, RECORD, cluster, quiet, refused};

fn release() -> Release {
    Release { name: "mailroom".into(), namespace: "mail".into() }
}

fn upgrade() -> Upgrade {
    Upgrade {
        chart: "chart".into(),
        values: Values { files: vec!["secrets.yaml".into()], set: vec!["a=1".into()], set_string: vec![] },
        timeout: Duration::from_secs(300),
    }
}

const CLUSTER: [&str; 4] = ["--kubeconfig", "/private/kubeconfig", "--kube-context", "here"];

/// The argv of each call that changes a release, `--wait` as the major writes it.
fn expected(wait: &'static str) -> [Vec<&'static str>; 3] {
    let with = |words: &[&'static str], rest: &[&'static str]| {
        [words, &CLUSTER, &["--namespace", "mail", "mailroom"], rest].concat()
    };
    [
        with(
            &["upgrade"],
            &[
                "chart",
                "--install",
                "--reset-values",
                "--history-max",
                "3",
                wait,
                "--timeout",
                "300s",
                "--values",
                "secrets.yaml",
                "--set",
                "a=1",
            ],
        ),
        with(&["rollback"], &["7", "--history-max", "3", wait, "--timeout", "60s"]),
        with(&["uninstall"], &[wait, "--timeout", "60s"]),
    ]
}

fn done(running: anyhow::Result<Running>) {
    let mut running = running.expect("a start");
    let ended = running.wait(LONG).expect("a status").expect("an end");
    assert!(ended.success(), "{:#}", anyhow::Error::from(running.error(ended)));
}

#[test]
fn each_major_gets_its_own_flags_and_no_dangerous_one() {
    for (version, wait) in [("v4.3.1", "--wait=watcher"), ("v3.22.0", "--wait")] {
        let bench = Bench::new();
        bench.helm(version, RECORD);
        let helm = Helm::find_in(&bench.host(), quiet()).expect("helm");
        let (cluster, release, minute) = (cluster(), release(), Duration::from_secs(60));
        let [upgraded, rolled_back, uninstalled] = expected(wait);

        done(helm.upgrade_install(&cluster, &release, &upgrade(), |_, _| ()));
        assert_eq!(bench.lines("argv"), upgraded, "{version}");
        let env = bench.lines("env");
        let kube: Vec<&String> = env.iter().filter(|line| line.starts_with("KUBE")).collect();
        assert_eq!(kube, ["KUBECONFIG=/private/kubeconfig"], "{version}");

        done(helm.rollback(&cluster, &release, 7, minute, |_, _| ()));
        assert_eq!(bench.lines("argv"), rolled_back, "{version}");
        done(helm.uninstall(&cluster, &release, minute, |_, _| ()));
        assert_eq!(bench.lines("argv"), uninstalled, "{version}");
    }
}

#[test]
fn reads_what_helm_says_of_a_release() {
    let bench = Bench::new();
    let history = [
        r#"[{"revision":2,"updated":"2026-11-25T08:46:02Z","status":"failed","#,
        r#""chart":"mailroom-0.1.0","app_version":"0.1.0","description":"Upgrade failed"}]"#,
    ]
    .concat();
    bench.helm("v4.3.1", &format!("{RECORD}\ncase $1 in history) echo '{history}';; get) echo '{{\"a\": 1}}';; esac"));
    let helm = Helm::find_in(&bench.host(), quiet()).expect("helm");

    let revisions = helm.history(&cluster(), &release()).expect("a history");
    assert_eq!((revisions.len(), revisions[0].revision, revisions[0].status.as_str()), (1, 2, "failed"));
    assert_eq!(bench.lines("argv")[7..], ["mailroom", "--output", "json"]);

    let manifest = helm.manifest(&cluster(), &release(), Some(2)).expect("a manifest");
    assert_eq!(manifest.as_deref(), Some("{\"a\": 1}\n"));
    assert_eq!(
        (&bench.lines("argv")[..2], &bench.lines("argv")[9..]),
        (&["get".into(), "manifest".into()][..], &["--revision".into(), "2".into()][..])
    );

    let values = helm.values(&cluster(), &release(), None).expect("values").expect("a release");
    assert_eq!(values["a"], 1);
}

#[test]
fn no_release_is_no_error_and_no_cluster_is_one() {
    let bench = Bench::new();
    bench.helm("v4.3.1", "echo 'Error: release: not found' >&2; exit 1");
    let helm = Helm::find_in(&bench.host(), quiet()).expect("helm");
    assert!(helm.history(&cluster(), &release()).expect("an answer").is_empty());
    assert_eq!(helm.hooks(&cluster(), &release(), None).expect("an answer"), None);

    bench.helm("v4.3.1", "echo 'Error: Kubernetes cluster unreachable: dial tcp' >&2; exit 1");
    let message = refused(helm.history(&cluster(), &release()));
    assert!(message.ends_with("ended with status 1: Error: Kubernetes cluster unreachable: dial tcp"), "{message}");
}
