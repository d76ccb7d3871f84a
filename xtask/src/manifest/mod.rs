//! Manifests read as Kubernetes reads them, or refused with a reason: never a silently different value.
//!
//! A manifest reaches the API server in three steps: the client splits the text into documents (`split`), go-yaml and
//! `sigs.k8s.io/yaml` make JSON of each (`yaml`, `scalar`), and the server decodes the JSON strictly into the kind's Go
//! type (`walk`, against the types of `schema`). This module does the same, keeps the place of every value, and gathers
//! all that is wrong instead of stopping at the first. What two readers of YAML would read differently is refused.
//!
//! `tests/manifest` compares it with the Go libraries themselves.

mod de;
mod documents;
mod expand;
mod leaf;
mod node;
mod object;
mod path;
mod problem;
mod rules;
mod scalar;
mod schema;
mod split;
mod suggest;
mod walk;
mod yaml;

pub use de::ReadError;
pub use node::{Entry, Mark, Node, Scalar, Value};
pub use object::{Object, PodTemplate};
pub use rules::{RULES, Rule};
pub use schema::KUBERNETES;

use crate::finding::Finding;

/// What [`read`] found in a text.
#[derive(Debug, Default)]
pub struct Manifests {
    /// The objects in the order of the text, the items of lists as objects of their own.
    ///
    /// An object with findings is here too, as far as it could be read; a document without one is not.
    pub objects: Vec<Object>,
    /// All that is wrong, in the order of the text. A text may only be trusted where none of them is an error.
    pub findings: Vec<Finding>,
}

/// Reads YAML or JSON, one document or many.
///
/// `source` names the text in findings; a document that starts with Helm's `# Source: chart/templates/x.yaml` is named
/// by that instead. Documents that are empty or hold comments only are skipped. Lines count from 1 in the whole text.
pub fn read(text: impl AsRef<[u8]>, source: &str) -> Manifests {
    documents::read(text.as_ref(), source)
}
