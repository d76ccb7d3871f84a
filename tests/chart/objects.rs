//! What the rendered objects promise each other: names, selectors, what Deployment and gate share, what a package holds.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use serde_yaml::Value;
use support::{Render, files, helms, object, text};
use xtask::paths;

/// Release names chosen to collide: each other's names with the chart's name, with a suffix, and cut at the same place.
fn releases() -> Vec<String> {
    let mut releases: Vec<String> = [
        "mailroom",
        "mailroom-mailroom",
        "mailroom-config",
        "mailroom-secrets",
        "mailroom-gate",
        "mailroom-gate-gate",
        "x",
        "x-mailroom",
        "x-mailroom-mailroom",
        "x-config",
        "x-gate",
        "x-mailroom-gate",
        "mail",
        "room",
    ]
    .map(str::to_owned)
    .into();
    for length in [45, 46, 47, 52] {
        let long = "l".repeat(length);
        releases.extend([format!("{long}a"), format!("{long}b"), format!("{}-mailroom", &long[9..])]);
    }
    releases.extend(["-", ".", "--"].map(|cut| format!("{}{cut}zzzz", "l".repeat(45))));
    releases.sort();
    releases.dedup();
    assert!(releases.iter().all(|name| name.len() <= 53), "Helm takes 53 characters");
    releases
}

/// The objects of each of these releases.
fn rendered() -> &'static [(String, Vec<Value>)] {
    static RENDERED: OnceLock<Vec<(String, Vec<Value>)>> = OnceLock::new();
    RENDERED.get_or_init(|| {
        let objects = |release: &str| Render::plain().release(release).objects();
        releases().into_iter().map(|release| (release.clone(), objects(&release))).collect()
    })
}

#[test]
fn no_two_objects_share_a_name_in_one_release_or_in_two() {
    let mut taken = BTreeMap::new();
    for (release, objects) in rendered() {
        for object in objects {
            let key = (text(&object["kind"]).to_owned(), text(&object["metadata"]["name"]).to_owned());
            if let Some(other) = taken.insert(key.clone(), release) {
                panic!("{other} and {release} both have {key:?}");
            }
        }
    }
}

#[test]
fn names_and_labels_are_legal_for_the_longest_release_name() {
    for (release, objects) in rendered() {
        for object in objects {
            let pod = &object["spec"]["template"]["metadata"];
            let labels = [&object["metadata"]["labels"], &pod["labels"]].into_iter().filter_map(Value::as_mapping);
            let values = labels.flat_map(|map| map.values()).map(text);
            for name in values.chain([text(&object["metadata"]["name"])]) {
                assert!(is_legal(name), "{release}: {name:?}");
            }
        }
    }
}

/// Whether a name may be an object's and a label's value: at most 63 characters, alphanumeric around each dot.
fn is_legal(name: &str) -> bool {
    let alphanumeric = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let is_part = |part: &str| {
        alphanumeric(part.chars().next())
            && alphanumeric(part.chars().last())
            && part.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
    };
    name.len() <= 63 && name.split('.').all(is_part)
}

#[test]
fn selectors_match_the_deployments_pods_and_never_a_gates() {
    let renders: Vec<_> = ["mailroom", "x", "x-mailroom", "mailroom-gate"]
        .map(|release| (release, Render::plain().release(release).objects()))
        .into();
    for (release, objects) in &renders {
        let deployment = objects.iter().find(|object| object["kind"] == "Deployment").expect("a Deployment");
        let selector = &deployment["spec"]["selector"]["matchLabels"];
        assert!(selects(selector, &deployment["spec"]["template"]["metadata"]["labels"]), "{release} selects its pods");
        for (other, objects) in &renders {
            let gate = object(objects, "Job", "-gate");
            assert!(
                !selects(selector, &gate["spec"]["template"]["metadata"]["labels"]),
                "{release} selects {other}'s gate"
            );
        }
    }
}

/// Whether labels satisfy a selector.
fn selects(selector: &Value, labels: &Value) -> bool {
    let selector = selector.as_mapping().expect("a selector");
    assert!(!selector.is_empty(), "an empty selector selects all");
    selector.iter().all(|(key, value)| labels.get(key) == Some(value))
}

#[test]
fn the_selector_is_the_one_that_deployed_releases_have() {
    let objects = Render::plain().objects();
    let deployment = object(&objects, "Deployment", "mailroom");
    let wanted: Value =
        serde_yaml::from_str("{app.kubernetes.io/name: mailroom, app.kubernetes.io/instance: mailroom}").expect("YAML");
    assert_eq!(deployment["spec"]["selector"]["matchLabels"], wanted, "a selector cannot be changed by an upgrade");
}

/// The pod specs of Deployment and gate.
fn pods(objects: &[Value]) -> [&Value; 2] {
    [object(objects, "Deployment", "mailroom"), object(objects, "Job", "-gate")]
        .map(|object| &object["spec"]["template"])
}

#[test]
fn deployment_and_gate_share_what_the_gate_must_have_judged() {
    let objects = Render::plain().objects();
    let [app, gate] = pods(&objects);
    assert_eq!(app["metadata"]["annotations"], gate["metadata"]["annotations"], "checksums of the same sources");
    for key in ["securityContext", "automountServiceAccountToken", "enableServiceLinks"] {
        assert_eq!(app["spec"][key], gate["spec"][key], "{key}");
        assert!(!app["spec"][key].is_null(), "{key} is set");
    }
    let [app, gate] = [app, gate].map(|pod| &pod["spec"]["containers"][0]);
    for key in ["image", "imagePullPolicy", "env", "resources", "securityContext"] {
        assert_eq!(app[key], gate[key], "{key}");
        assert!(!app[key].is_null(), "{key} is set");
    }
}

#[test]
fn the_gate_reads_its_own_copies_and_the_deployment_the_releases() {
    let objects = Render::plain().objects();
    for (pod, config, secret) in pods(&objects)
        .into_iter()
        .zip([("mailroom-config", "mailroom-secrets"), ("mailroom-gate", "mailroom-gate")])
        .map(|(pod, (config, secret))| (&pod["spec"], config, secret))
    {
        assert_eq!(pod["volumes"][0]["configMap"]["name"], *config);
        assert_eq!(pod["containers"][0]["envFrom"][0]["secretRef"]["name"], *secret);
        let hooked = |object: &Value| object["metadata"]["annotations"].get("helm.sh/hook").is_some();
        let gates = config.ends_with("-gate");
        assert_eq!(hooked(object(&objects, "ConfigMap", config)), gates, "{config}");
        assert_eq!(hooked(object(&objects, "Secret", secret)), gates, "{secret}");
    }
}

#[test]
fn the_script_that_the_gate_mounts_is_the_one_that_is_tested() {
    let objects = Render::plain().objects();
    let mounted = text(&object(&objects, "ConfigMap", "-gate")["data"]["preflight.sh"]);
    let tested = fs::read_to_string(paths::chart().join("files/preflight.sh")).expect("the script");
    assert_eq!(mounted, tested);
}

#[test]
fn a_change_of_configuration_or_credentials_replaces_the_pod_and_nothing_else_does() {
    let annotations = |render: Render| pods(&render.objects())[0]["metadata"].clone();
    let before = annotations(Render::plain());
    let checksum = |metadata: &Value, of: &str| text(&metadata["annotations"][format!("checksum/{of}")]).to_owned();

    let config = annotations(Render::plain().set("config.polling.interval=61"));
    assert_ne!(checksum(&config, "config"), checksum(&before, "config"));
    assert_eq!(checksum(&config, "secrets"), checksum(&before, "secrets"));

    let secrets = annotations(Render::plain().set("secrets.carddavPassword=another"));
    assert_eq!(checksum(&secrets, "config"), checksum(&before, "config"));
    assert_ne!(checksum(&secrets, "secrets"), checksum(&before, "secrets"));

    assert_eq!(annotations(Render::plain().set("setup.apply=true")), before, "only the gate behaves differently");
}

#[test]
fn a_package_holds_the_chart_and_no_secret() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let chart = folder.path().join("mailroom");
    copy(&paths::chart(), &chart);
    for name in
        ["secrets-values.yaml", "my-secrets.yaml", "secret.yml", "secrets-prod.json", ".env", "secrets-values.yaml~"]
    {
        fs::write(chart.join(name), "secrets: {jmapToken: canary-in-a-package}\n").expect("a secrets file");
    }
    for helm in helms() {
        let out = folder.path().join(format!("{:?}", helm.major));
        fs::create_dir(&out).expect("a folder");
        let captured = helm.package(&chart, &out).expect("Helm starts");
        assert!(captured.success(), "{}: {}", captured.command, captured.stderr);
        let archive = &files(&out, ".tgz")[0].1;
        let content = tar(&["-xzOf"], archive);
        assert!(!content.contains("canary-in-a-package"), "{:?} packs a secrets file", helm.major);
        let mut packed: Vec<_> = tar(&["-tzf"], archive).lines().map(str::to_owned).collect();
        packed.sort();
        let mut wanted = vec!["Chart.yaml", "values.yaml", "values.schema.json", ".helmignore", "README.md"];
        wanted.extend([
            "secrets-values.yaml.example",
            "files/preflight.sh",
            "templates/_helpers.tpl",
            "templates/NOTES.txt",
        ]);
        for name in ["configmap", "deployment", "gate-configmap", "gate-job", "gate-secret", "secret", "validate"] {
            wanted.push(Box::leak(format!("templates/{name}.yaml").into_boxed_str()));
        }
        let mut wanted: Vec<_> = wanted.into_iter().map(|name| format!("mailroom/{name}")).collect();
        wanted.sort();
        assert_eq!(packed, wanted, "{:?}", helm.major);
    }
}

/// What `tar` says of an archive.
fn tar(arguments: &[&str], archive: &Path) -> String {
    let output = Command::new("tar").args(arguments).arg(archive).output().expect("tar starts");
    assert!(output.status.success(), "tar: {}", output.status);
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Copies a folder.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for (name, path) in files(from, "") {
        if path.is_dir() {
            copy(&path, &to.join(name));
        } else if name != "secrets-values.yaml" {
            fs::copy(&path, to.join(name)).expect("a copy");
        }
    }
}
