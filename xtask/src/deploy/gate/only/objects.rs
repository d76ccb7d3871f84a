//! The gate's objects under a name of their own: no hooks, no revision, and gone with their Job.

use serde_json::{Map, Value, json};

use crate::deploy::{Document, Render};

/// A Job that has ended goes after so many seconds, and its copies with it.
const TIME_TO_LIVE: u32 = 60;
/// What of a name is kept: with nine more characters it is a name still.
const KEPT: usize = 50;
/// Where a pod names the object that a file or a variable comes from; all but the first by `name`.
const REFERENCES: [&str; 6] = ["secret", "secretRef", "secretKeyRef", "configMap", "configMapRef", "configMapKeyRef"];

/// The gate's own objects.
#[derive(Clone, Debug)]
pub(super) struct Own {
    /// The name of the Job.
    pub(super) name: String,
    /// The Job, suspended.
    pub(super) document: Document,
    copies: Vec<Value>,
}

impl Own {
    /// The copies as objects of the Job with this UID.
    pub(super) fn copies(&self, job: &str) -> Vec<Value> {
        let owner = json!([{"apiVersion": "batch/v1", "kind": "Job", "name": self.name, "uid": job}]);
        let with_owner = |copy: &Value| {
            let mut copy = copy.clone();
            copy["metadata"]["ownerReferences"] = owner.clone();
            copy
        };
        self.copies.iter().map(with_owner).collect()
    }

    /// Kind and name of each copy, as kubectl takes them.
    pub(super) fn copy_names(&self) -> impl Iterator<Item = (String, String)> {
        let text = |copy: &Value, pointer: &str| copy.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        self.copies
            .iter()
            .filter_map(move |copy| Some((text(copy, "/kind")?.to_lowercase(), text(copy, "/metadata/name")?)))
    }
}

/// Renames the gate's objects; `random` tells them from those of another run. None where the render has no gate.
pub(super) fn own(render: &Render, random: u64) -> Option<Own> {
    let ending = format!("{:08x}", random & 0xffff_ffff);
    let renamed = |name: &str| {
        let kept: String = name.chars().take(KEPT).collect();
        format!("{}-{ending}", kept.trim_end_matches(['-', '.']))
    };
    let copies = &render.gate.copies;
    let hooks = render.documents.iter().filter(|document| document.hook);
    let own_copies =
        hooks.filter(|document| document.kind != "Job").map(|document| of(document, &renamed(&document.name)));
    let own_copies = own_copies.collect();
    let name = renamed(&render.gate.job);
    let mut job = of(render.gate_document()?, &name);
    job["spec"]["suspend"] = true.into();
    job["spec"]["ttlSecondsAfterFinished"] = TIME_TO_LIVE.into();
    refer(&mut job["spec"]["template"]["spec"], &|kind, old| {
        copies.iter().any(|(of, name)| of == kind && name == old).then(|| renamed(old))
    });
    Some(Own { document: super::document(job, &name), name, copies: own_copies })
}

/// The object without what makes it a hook of a release.
fn of(document: &Document, name: &str) -> Value {
    let mut value = document.value.clone();
    let labels = value.pointer("/metadata/labels").cloned().unwrap_or_else(|| Map::new().into());
    value["metadata"] = json!({"name": name, "labels": labels});
    value["metadata"]["labels"]["app.kubernetes.io/managed-by"] = crate::deploy::FIELD_MANAGER.into();
    value
}

/// Gives the references in a pod their new names.
fn refer(value: &mut Value, renamed: &dyn Fn(&str, &str) -> Option<String>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| refer(item, renamed)),
        Value::Object(fields) => {
            for (key, field) in fields {
                if REFERENCES.contains(&key.as_str()) {
                    let kind = if key.starts_with("secret") { "Secret" } else { "ConfigMap" };
                    for name in ["name", "secretName"] {
                        if let Some(new) = field.get(name).and_then(Value::as_str).and_then(|old| renamed(kind, old)) {
                            field[name] = new.into();
                        }
                    }
                }
                refer(field, renamed);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::testing;

    #[test]
    fn all_names_are_new_and_the_job_reads_its_own_copies() {
        let own = own(&testing::render(), 0xabc).expect("a gate");
        assert_eq!(own.name, "mailroom-gate-00000abc");
        let text = own.document.value.to_string();
        assert_eq!(text.matches("mailroom-gate-00000abc").count(), 3, "{text}"); // its name, envFrom, a volume
        let copies = own.copies("u-1");
        assert_eq!(own.copy_names().map(|(kind, _)| kind).collect::<Vec<_>>(), ["configmap", "secret"]);
        for copy in copies {
            assert_eq!(copy["metadata"]["name"], "mailroom-gate-00000abc");
            assert_eq!(copy["metadata"]["ownerReferences"][0]["uid"], "u-1");
            assert!(copy["metadata"].get("annotations").is_none(), "{copy}");
            assert!(copy["data"].is_object(), "{copy}");
        }
    }

    #[test]
    fn it_begins_suspended_and_goes_by_itself() {
        let job = own(&testing::render(), 1).expect("a gate").document.value;
        assert_eq!((&job["spec"]["suspend"], &job["spec"]["ttlSecondsAfterFinished"]), (&json!(true), &json!(60)));
    }
}
