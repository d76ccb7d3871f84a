//! Each scenario of the chart rendered by Helm 3 and Helm 4: equal to each other, and to the golden that is checked in.

mod support;

use std::fs;
use std::path::Path;

use serde_yaml::{Mapping, Value};
use support::{Render, base64, compare, files, helms, here, object, text};
use xtask::paths;

/// The scenarios, by name.
fn scenarios() -> Vec<(String, std::path::PathBuf)> {
    let scenarios = files(&paths::chart().join("ci"), "-values.yaml");
    assert!(scenarios.len() >= 6, "only {} scenarios found", scenarios.len());
    scenarios
}

#[test]
fn every_scenario_renders_its_golden_with_both_helms() {
    for (name, path) in scenarios() {
        let [by_three, by_four] = helms().each_ref().map(|helm| Render::scenario(&path).with(helm));
        assert_eq!(by_three, by_four, "{name}: the Helms differ");
        compare(&here("golden").join(format!("{name}.yaml")), &by_four);
    }
}

#[test]
fn every_golden_has_its_scenario_and_every_file_of_ci_is_one() {
    let names: Vec<_> = scenarios().into_iter().map(|(name, _)| name).collect();
    let goldens: Vec<_> = files(&here("golden"), ".yaml").into_iter().map(|(name, _)| name).collect();
    assert_eq!(goldens, names);
    assert_eq!(files(&paths::chart().join("ci"), "").len(), names.len(), "a file that is no scenario is never read");
    assert_eq!(files(&here("golden"), "").len(), names.len(), "stray files beside the goldens");
}

#[test]
fn no_golden_depends_on_what_a_user_edits_in_values_yaml() {
    let keys = |path: &Path| leaves(&values(path), "");
    let of_the_chart = keys(&paths::chart().join("values.yaml"));
    for (name, path) in scenarios() {
        let set = keys(&path);
        let covered = |key: &str| set.iter().any(|set| key == set || key.starts_with(&format!("{set}.")));
        let left_out: Vec<_> = of_the_chart.iter().filter(|key| *key != "secrets" && !covered(key)).collect();
        assert!(left_out.is_empty(), "{name} leaves {left_out:?} to values.yaml");
    }
}

/// A values file.
fn values(path: &Path) -> Value {
    let text = fs::read_to_string(path).expect("a values file");
    serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The paths of all values that are no maps.
fn leaves(value: &Value, path: &str) -> Vec<String> {
    match value {
        Value::Mapping(map) if !map.is_empty() => {
            let join = |key: &Value| format!("{path}{}{}", if path.is_empty() { "" } else { "." }, text(key));
            map.iter().flat_map(|(key, value)| leaves(value, &join(key))).collect()
        }
        _ => vec![path.to_owned()],
    }
}

#[test]
fn the_configuration_arrives_as_it_was_written_and_nothing_else_does() {
    for (name, path) in scenarios() {
        let objects = Render::scenario(&path).objects();
        let written = without_nulls(values(&path)["config"].clone());
        for ending in ["-config", "-gate"] {
            let config = text(&object(&objects, "ConfigMap", ending)["data"]["config.yaml"]);
            let arrived: Value = serde_yaml::from_str(config).expect("YAML");
            assert_eq!(arrived, written, "{name}");
        }
    }
}

/// What is left of a map when `null` takes a key out.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Mapping(map) => {
            let kept = map.into_iter().filter(|(_, value)| !value.is_null());
            let kept = kept.map(|(key, value)| (key, without_nulls(value)));
            // A map of which nothing is left stays as an empty one.
            Value::Mapping(kept.collect::<Mapping>())
        }
        other => other,
    }
}

#[test]
fn the_credentials_arrive_byte_for_byte_in_both_copies() {
    for (name, path) in scenarios() {
        let objects = Render::scenario(&path).objects();
        let mut written = values(&here("placeholder-secrets.yaml"))["secrets"].clone();
        if let Some(own) = values(&path).get("secrets") {
            written = own.clone();
        }
        for ending in ["-secrets", "-gate"] {
            let data = &object(&objects, "Secret", ending)["data"];
            for (variable, key) in [
                ("MAILROOM_JMAP_TOKEN", "jmapToken"),
                ("MAILROOM_CARDDAV_USERNAME", "carddavUsername"),
                ("MAILROOM_CARDDAV_PASSWORD", "carddavPassword"),
            ] {
                let arrived = base64(&["-d"], text(&data[variable]));
                assert_eq!(arrived, text(&written[key]).as_bytes(), "{name}: {key} in *{ending}");
            }
            assert_eq!(data.as_mapping().map(Mapping::len), Some(3), "{name}");
        }
    }
}
