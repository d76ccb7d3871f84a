//! What the tests of the rules share.

use std::path::PathBuf;

use super::Input;
use crate::chart::{Chart, Metadata};
use crate::manifest::{self, Object};

/// The objects of a text that need not be complete.
pub(super) fn objects(text: &str) -> Vec<Object> {
    manifest::read(text, "test.yaml").objects
}

/// A render of these objects and nothing else.
pub(super) fn input(objects: &[Object]) -> Input<'_> {
    Input { objects, pods: 0, readable: true, chart: None, source: "test.yaml", skipped_hooks: &[] }
}

/// A chart of that name.
pub(super) fn chart(name: &str) -> Chart {
    let metadata = Metadata { name: name.to_owned(), version: "0.1.0".to_owned(), app_version: String::new() };
    Chart { dir: PathBuf::from(name), metadata, helmignore: String::new(), has_secrets_example: false }
}

/// A pod with one container that has these fields.
pub(super) fn pod(fields: &str) -> String {
    format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec: {{containers: [{{name: c, {fields}}}]}}\n")
}
