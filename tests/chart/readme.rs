//! The chart's README: its table of values is made from the comments in values.yaml, and every value of the schema is in
//! both.

mod support;

use std::fs;
use std::path::PathBuf;

use serde_yaml::Value;
use support::{compare, text};
use xtask::paths;

const BEGIN: &str =
    "<!-- values: made from values.yaml; `UPDATE_GOLDEN=1 cargo test --test chart-readme` rewrites it -->\n";
const END: &str = "<!-- end of values -->\n";

fn read(name: &str) -> String {
    fs::read_to_string(file(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn file(name: &str) -> PathBuf {
    paths::chart().join(name)
}

/// A documented key of values.yaml.
#[derive(Debug)]
struct Key {
    /// As in `config.triage.categories[].name`.
    path: String,
    /// The default, as the table shows it.
    default: String,
    /// The comment.
    description: String,
}

/// Reads the keys that have a comment of the form `# -- ...`, and those that stand as `#key: ...` below one.
///
/// Lines of the comment follow as `# ...`; `# @default -- ...` says what the table shows for a long default.
fn documented(text: &str) -> Vec<Key> {
    let values: Value = serde_yaml::from_str(text).expect("values.yaml is YAML");
    let mut keys = Vec::new();
    let mut parents: Vec<(usize, String)> = Vec::new();
    let mut description: Option<String> = None;
    let mut shown: Option<String> = None;
    for line in text.lines() {
        let content = line.trim_start();
        let indent = line.len() - content.len();
        if let Some(start) = content.strip_prefix("# -- ") {
            description = Some(start.to_owned());
        } else if let Some(default) = content.strip_prefix("# @default -- ") {
            shown = Some(default.to_owned());
        } else if let Some(more) = content.strip_prefix("# ") {
            if let Some(description) = &mut description {
                *description = format!("{description} {more}");
            }
        } else if let Some((key, value)) = key_of(content) {
            parents.retain(|(depth, _)| *depth < indent);
            let path = path_of(&parents, key, &values);
            let written = content.starts_with('#');
            if let Some(description) = description.take() {
                let value = if written { value.to_owned() } else { format!("`{value}`") };
                keys.push(Key { path, default: shown.take().unwrap_or(value), description });
            }
            if !written {
                parents.push((indent, key.to_owned()));
            }
        }
    }
    assert!(description.is_none(), "a comment without a key: {description:?}");
    keys
}

/// The key of a line, and what follows it; none for items of lists and empty lines.
fn key_of(content: &str) -> Option<(&str, &str)> {
    let (key, value) = content.strip_prefix('#').unwrap_or(content).split_once(':')?;
    let is_key = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    is_key.then(|| (key, value.trim()))
}

/// The path of a key below its parents; `[]` behind a list.
fn path_of(parents: &[(usize, String)], key: &str, values: &Value) -> String {
    let mut path = String::new();
    let mut value = values;
    for (_, parent) in parents {
        value = &value[parent.as_str()];
        path += parent;
        path += if value.is_sequence() { "[]." } else { "." };
    }
    path + key
}

/// The leaves of the schema, in the same form.
fn leaves(schema: &Value, whole: &Value, path: &str) -> Vec<String> {
    let schema = match schema.get("$ref") {
        Some(reference) => &whole["definitions"][text(reference).trim_start_matches("#/definitions/")],
        None => schema,
    };
    let mut found = Vec::new();
    if let Some(properties) = schema.get("properties").and_then(Value::as_mapping) {
        for (key, property) in properties {
            let path = if path.is_empty() { text(key).to_owned() } else { format!("{path}.{}", text(key)) };
            found.extend(leaves(property, whole, &path));
        }
    } else {
        found.push(path.to_owned());
    }
    if let Some(items) = schema.get("items") {
        found.extend(leaves(items, whole, &format!("{path}[]")));
    }
    found
}

fn table(keys: &[Key]) -> String {
    let mut rows = vec!["| Key | Default | Meaning |".to_owned(), "| --- | --- | --- |".to_owned()];
    for Key { path, default, description } in keys {
        assert!(!format!("{default}{description}").contains('|'), "{path}: a | would end the cell");
        rows.push(format!("| `{path}` | {default} | {description} |"));
    }
    rows.join("\n") + "\n"
}

#[test]
fn the_table_of_values_is_the_one_that_values_yaml_gives() {
    let readme = read("README.md");
    let (before, rest) = readme.split_once(BEGIN).expect("the marker before the table");
    let (_, after) = rest.split_once(END).expect("the marker after the table");
    let wanted = format!("{before}{BEGIN}\n{}\n{END}{after}", table(&documented(&read("values.yaml"))));
    compare(&file("README.md"), &wanted);
}

#[test]
fn every_value_of_the_schema_is_documented_and_no_other() {
    let schema: Value = serde_yaml::from_str(&read("values.schema.json")).expect("JSON is YAML");
    let mut of_the_schema = leaves(&schema, &schema, "");
    // A resource without a default is in the schema alone: Kubernetes documents it.
    of_the_schema.retain(|path| !path.ends_with(".ephemeral-storage"));
    // A category by its name alone is the list's own row.
    of_the_schema.sort();
    let mut paths: Vec<_> = documented(&read("values.yaml")).into_iter().map(|key| key.path).collect();
    paths.sort();
    assert_eq!(paths, of_the_schema);
}

#[test]
fn the_schema_is_closed_and_described_at_every_level() {
    let schema: Value = serde_yaml::from_str(&read("values.schema.json")).expect("JSON is YAML");
    assert_closed(&schema, "the root");
}

/// Fails where an object of the schema is open, or anything but a reference has no description.
fn assert_closed(schema: &Value, place: &str) {
    let Some(map) = schema.as_mapping() else { return };
    if !map.contains_key("$ref") {
        assert!(map.contains_key("description"), "{place} has no description");
    }
    if let Some(properties) = map.get("properties").and_then(Value::as_mapping) {
        assert_eq!(map.get("additionalProperties"), Some(&Value::Bool(false)), "{place} is open");
        properties.iter().for_each(|(key, schema)| assert_closed(schema, text(key)));
    } else {
        assert_ne!(map.get("type"), Some(&"object".into()), "{place} takes any key");
    }
    if let Some(definitions) = map.get("definitions").and_then(Value::as_mapping) {
        definitions.iter().for_each(|(key, schema)| assert_closed(schema, text(key)));
    }
}

#[test]
fn no_schema_error_below_secrets_can_show_a_value() {
    let schema: Value = serde_yaml::from_str(&read("values.schema.json")).expect("JSON is YAML");
    let secret = &schema["definitions"]["secret"];
    let secrets = schema["properties"]["secrets"]["properties"].as_mapping().expect("the secrets");
    assert!(secrets.values().all(|property| property["$ref"] == "#/definitions/secret"));
    let keywords: Vec<_> = secret.as_mapping().expect("a schema").keys().map(text).collect();
    assert_eq!(
        keywords,
        ["description", "type", "minLength", "not"],
        "pattern, format, enum and const print the value"
    );
}
