//! A pod's volume, of which the checks ask only what kinds of source it has.

use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// A volume: its name, and the keys beside the name that are set, known to Kubernetes or not.
#[derive(Clone, Debug, Default)]
pub(super) struct Volume {
    pub(super) name: String,
    pub(super) sources: Vec<String>,
}

impl Volume {
    /// Whether the volume has this source.
    pub(super) fn has(&self, source: &str) -> bool {
        self.sources.iter().any(|set| set == source)
    }
}

impl<'de> Deserialize<'de> for Volume {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;

        impl<'de> Visitor<'de> for Fields {
            type Value = Volume;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a volume")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Volume, A::Error> {
                let mut volume = Volume::default();
                while let Some(key) = fields.next_key::<String>()? {
                    if key == "name" {
                        volume.name = fields.next_value::<Option<String>>()?.unwrap_or_default();
                    } else if fields.next_value::<Option<Source>>()?.is_some() {
                        volume.sources.push(key);
                    }
                }
                Ok(volume)
            }
        }

        deserializer.deserialize_map(Fields)
    }
}

/// A volume source: a map whose content no check reads.
#[derive(Deserialize)]
struct Source {}
