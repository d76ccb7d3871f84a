//! What kind and Docker are given, and what is made of their answers.

use std::path::Path;
use std::time::Duration;

use xtask::tools::docker::Build;
use xtask::tools::{Docker, Kind, NewCluster};

use crate::bench::{Bench, LONG, RECORD, quiet, refused};

const ENGINE: &str = r#"{"Version": "28.2.2", "ApiVersion": "1.50", "Os": "linux", "Arch": "arm64", "Components": []}"#;

fn docker(bench: &Bench, engine: &str, body: &str) -> Docker {
    bench.stub("docker", &format!("[ \"$1\" = version ] && {{ echo '{engine}'; exit; }}\n{body}"));
    Docker::find_in(&bench.host(), quiet()).expect("docker")
}

fn kind(bench: &Bench, body: &str) -> Kind {
    bench.stub(
        "kind",
        &format!("[ \"$1\" = version ] && {{ echo 'kind v0.33.0 go1.26.8 linux/amd64'; exit; }}\n{body}"),
    );
    Kind::find_in(&bench.host(), quiet()).expect("kind")
}

#[test]
fn a_cluster_gets_its_own_kubeconfig_and_network_and_its_configuration_by_stdin() {
    let bench = Bench::new().var("KUBECONFIG", "hostile").var("KIND_CLUSTER_NAME", "hostile");
    let kind = kind(&bench, &format!("{RECORD}; cat >\"$HERE/stdin\"; echo ready >&2"));
    let new = NewCluster {
        name: "mine",
        image: Some("node:1"),
        config: "kind: Cluster\n",
        kubeconfig: Path::new("/private/kubeconfig"),
        network: "my-net",
        wait: Duration::from_secs(120),
        retain: true,
    };
    let (lines, seen) = std::sync::mpsc::channel();
    let mut running =
        kind.create(&new, move |_, line| lines.send(line.to_owned()).expect("a reader")).expect("a start");
    assert!(running.wait(LONG).expect("a status").expect("an end").success());
    assert_eq!(seen.iter().collect::<Vec<_>>(), ["ready"]);
    let expected = [
        "create",
        "cluster",
        "--config",
        "-",
        "--wait",
        "120s",
        "--name",
        "mine",
        "--image",
        "node:1",
        "--retain",
        "--kubeconfig",
        "/private/kubeconfig",
    ];
    assert_eq!(bench.lines("argv"), expected);
    assert_eq!(bench.read("stdin"), "kind: Cluster\n");
    let env = bench.lines("env");
    assert!(env.contains(&"KIND_EXPERIMENTAL_DOCKER_NETWORK=my-net".to_owned()), "{env:#?}");
    assert!(!env.iter().any(|line| line.contains("hostile")), "{env:#?}");
}

#[test]
fn kind_names_what_failed() {
    let bench = Bench::new();
    let kind = kind(&bench, "echo 'ERROR: no nodes found for cluster \"mine\"' >&2; exit 1");
    let message = refused(kind.load_archive("mine", Path::new("image.tar")));
    assert!(
        message.contains("kind load image-archive --name mine image.tar` ended with status 1: ERROR: no nodes"),
        "{message}"
    );
}

#[test]
fn an_absent_client_and_a_silent_engine_are_one_line_each() {
    let message = refused(Docker::find_in(&Bench::new().host(), quiet()));
    assert!(message.starts_with("there is no docker on PATH: install Docker"), "{message}");

    for body in ["echo 'Cannot connect to the Docker daemon' >&2; exit 1", "echo null", "echo '{}'"] {
        let bench = Bench::new();
        bench.stub("docker", body);
        let message = refused(Docker::find_in(&bench.host(), quiet()));
        assert!(message.starts_with("the Docker engine does not answer: install Docker"), "{message}");
        assert!(!message.contains('\n'), "{message}");
    }
}

#[test]
fn an_image_is_saved_for_the_engines_platform_where_the_engine_can() {
    let bench = Bench::new();
    docker(&bench, ENGINE, RECORD).save(&["app:1"], Path::new("a.tar")).expect("a save");
    assert_eq!(bench.lines("argv"), ["image", "save", "--output", "a.tar", "--platform", "linux/arm64", "app:1"]);
    docker(&bench, &ENGINE.replace("1.50", "1.41"), RECORD).save(&["app:1"], Path::new("a.tar")).expect("a save");
    assert_eq!(bench.lines("argv"), ["image", "save", "--output", "a.tar", "app:1"]);
}

#[test]
fn what_the_engine_does_not_have_is_no_error() {
    let bench = Bench::new();
    let docker_without = |words: &str| docker(&bench, ENGINE, &format!("echo 'Error: {words}' >&2; exit 1"));
    assert_eq!(docker_without("No such image: x").image_id("x").expect("an answer"), None);
    assert!(!docker_without("No such image: x").untag("x").expect("an answer"));
    assert!(!docker_without("No such network: x").remove_network("x").expect("an answer"));
    assert!(!docker_without("response from daemon: network x not found").remove_network("x").expect("an answer"));
    assert!(refused(docker_without("image is in use").untag("x")).contains("image is in use"));
}

#[test]
fn a_build_passes_arguments_and_labels() {
    let bench = Bench::new();
    let docker = docker(&bench, ENGINE, RECORD);
    let build = Build {
        context: Path::new("ctx"),
        dockerfile: None,
        tag: "app:1",
        args: &[("BASE", "debian:13")],
        labels: &[("run", "r1")],
    };
    assert!(docker.build(&build, |_, _| ()).expect("a start").wait(LONG).expect("a status").expect("an end").success());
    assert_eq!(
        bench.lines("argv"),
        ["build", "--tag", "app:1", "--build-arg", "BASE=debian:13", "--label", "run=r1", "ctx"]
    );
}
