//! What others set in, or added to, an object of the release: what that comes to, and one command that gives it back.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::deploy::inputs::request::quoted;
use crate::deploy::plan::additions::{self, Addition};
use crate::deploy::plan::managers::{self, Field, Foreign};
use crate::deploy::{Document, Session, Verdict};
use crate::tools::Major;

/// Judges it: Helm 4 stops at a field that another manager set after the gate has passed, where Helm 3 writes over it;
/// what was added stays with both.
pub(crate) fn judge(session: &Session, object: &Value, document: &Document, verdict: &mut Verdict) {
    let by_apply = session.helm.major == Major::Four && managers::server_side(object);
    let (conflicts, overwritten): (Vec<_>, Vec<_>) =
        managers::foreign(object, &document.value).into_iter().partition(|foreign| by_apply && !foreign.by_subresource);
    let reference = document.reference();
    for foreign in &overwritten {
        verdict.warnings.push(format!("{reference}: {}: this deploy sets it again", set(foreign, document)));
    }
    // A hook's object is made anew.
    let additions = if document.hook { Vec::new() } else { additions::of(object, &document.value) };
    if conflicts.is_empty() && additions.is_empty() {
        return;
    }
    let mut said = Vec::new();
    if !conflicts.is_empty() {
        let each: Vec<_> = conflicts.iter().map(|foreign| set(foreign, document)).collect();
        said.push(format!("{}: Helm would stop at that once the gate has passed", each.join(", ")));
    }
    if !additions.is_empty() {
        said.push(format!("{}: Helm would leave that, and nothing has judged it", additions::said(&additions)));
    }
    verdict.refusals.push(format!(
        "{reference}: {}. To let this deploy have its way:\n{} patch {} --type json -p {}",
        said.join("; "),
        session.kubectl_words(),
        document.resource(),
        quoted(&way_out(&conflicts, &additions).to_string())
    ));
}

/// The JSON patch: it takes away what was added, and then what tells whose the fields are. Without the latter a field that
/// the API server fills in again would still be the other manager's.
fn way_out(conflicts: &[Foreign], additions: &[Addition]) -> Value {
    let mut patch = additions::removal(additions);
    let mut entries: BTreeMap<usize, &str> = conflicts.iter().map(|it| (it.index, it.manager.as_str())).collect();
    entries.extend(additions.iter().map(|it| (it.index, it.manager.as_str())));
    for (index, manager) in entries.into_iter().rev() {
        let entry = format!("/metadata/managedFields/{index}");
        patch.push(json!({"op": "test", "path": format!("{entry}/manager"), "value": manager}));
        patch.push(json!({"op": "remove", "path": entry}));
    }
    patch.into()
}

fn set(foreign: &Foreign, document: &Document) -> String {
    let fields: Vec<String> = foreign.fields.iter().map(|field| shown(field, document.kind == "Secret")).collect();
    format!("`{}` set {}", foreign.manager, fields.join(", "))
}

fn shown(field: &Field, secret: bool) -> String {
    match &field.values {
        Some((there, here)) if !secret => format!("{} (there {there}, here {here})", field.path),
        _ => field.path.clone(),
    }
}
