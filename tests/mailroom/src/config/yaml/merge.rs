//! YAML 1.1 merge keys: `<<: *anchor`, or a list of them; a mapping's own keys win, then earlier mappings.

use crate::config::value::{Dict, Value};

/// The pairs of one mapping while it is read.
#[derive(Default)]
pub(super) struct Pairs {
    merged: Vec<(Value, Value)>,
    own: Vec<(Value, Value)>,
}

impl Pairs {
    /// A key of the mapping itself.
    pub(super) fn own(&mut self, key: Value, value: Value) {
        self.own.push((key, value));
    }

    /// The value of a `<<` key; an error text where it is neither a mapping nor a list of mappings.
    pub(super) fn merge(&mut self, value: Value) -> Result<(), String> {
        let wrong = |kind: &Value| {
            format!("expected a mapping or list of mappings for merging, but found {}", kind.type_name())
        };
        match value {
            Value::Dict(dict) => self.merged.extend(dict),
            Value::List(items) => {
                for item in items.into_iter().rev() {
                    let Value::Dict(dict) = item else { return Err(wrong(&item)) };
                    self.merged.extend(dict);
                }
            }
            other => return Err(wrong(&other)),
        }
        Ok(())
    }

    /// The finished mapping.
    pub(super) fn into_dict(self) -> Dict {
        self.merged.into_iter().chain(self.own).collect()
    }
}
