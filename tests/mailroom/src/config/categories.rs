//! `triage.categories`: names or mappings, and what they leave out.

use super::Category;
use super::fields::Section;
use super::value::{Dict, Value};
use crate::exception::{self, Exception};

/// `triage.categories`, or the seven default ones.
pub(super) fn read(triage: &mut Section) -> Result<Vec<Category>, Exception> {
    let items = match triage.dict.get("categories") {
        None => return Ok(default_categories()),
        Some(Value::List(items)) => items,
        // The app goes over the items before pydantic has looked at the type.
        Some(other @ (Value::None | Value::Bool(_) | Value::Int(_) | Value::Float(_))) => {
            let message = format!("'{}' object is not iterable", other.type_name());
            return Err(Exception::new(exception::TYPE, message));
        }
        Some(other) => {
            triage.problem("categories", "list_type", "Input should be a valid list", other);
            return Ok(Vec::new());
        }
    };
    let mut categories = Vec::new();
    for (position, item) in items.iter().enumerate() {
        let position = position.to_string();
        let place = ["triage", "categories", &position];
        match item {
            Value::Str(name) => {
                let dict = Dict::from_iter([(Value::Str("name".into()), Value::Str(name.clone()))]);
                categories.push(category(Section { dict: &dict, place: &place, problems: triage.problems }));
            }
            Value::Dict(dict) => {
                categories.push(category(Section { dict, place: &place, problems: triage.problems }));
            }
            other => {
                let message = "Input should be a valid dictionary or instance of TriageCategory";
                triage.problems.add(&place, "model_type", message, other);
            }
        }
    }
    Ok(categories)
}

/// One category; what the configuration leaves out is derived from its name.
fn category(mut section: Section) -> Category {
    let dict = section.dict;
    let name = match dict.get("name") {
        Some(input @ Value::Str(name)) if name.trim().is_empty() => {
            section.problem("name", "value_error", "Value error, a category's name must not be empty", input);
            String::new()
        }
        Some(_) => section.text("name", "").trim().to_owned(),
        None => {
            section.problem("name", "missing", "Field required", &Value::Dict(dict.clone()));
            String::new()
        }
    };
    let label = section.optional_text("label").unwrap_or_else(|| derived_label(&name));
    let contact_group = section.optional_text("contact_group").unwrap_or_else(|| name.clone());
    let destination_mailbox = section.optional_text("destination_mailbox").unwrap_or_else(|| name.clone());
    let is_person = match dict.get("contact_type") {
        Some(Value::Str(kind)) if kind == "person" => true,
        None => false,
        Some(Value::Str(kind)) if kind == "company" => false,
        Some(other) => {
            section.problem("contact_type", "literal_error", "Input should be 'company' or 'person'", other);
            false
        }
    };
    let parent = section.optional_text("parent");
    let add_to_inbox = section.boolean("add_to_inbox", false);
    Category { name, label, contact_group, destination_mailbox, is_person, parent, add_to_inbox }
}

/// `@To` and the name without white space.
fn derived_label(name: &str) -> String {
    format!("@To{}", name.split_whitespace().collect::<String>())
}

fn default_categories() -> Vec<Category> {
    let category = |name: &str, parent: Option<&str>, is_person, add_to_inbox| Category {
        name: name.to_owned(),
        label: derived_label(name),
        contact_group: name.to_owned(),
        destination_mailbox: name.to_owned(),
        is_person,
        parent: parent.map(str::to_owned),
        add_to_inbox,
    };
    vec![
        category("Imbox", None, false, true),
        category("Feed", None, false, false),
        category("Paper Trail", None, false, false),
        category("Jail", None, false, false),
        category("Person", Some("Imbox"), true, false),
        category("Billboard", Some("Paper Trail"), false, false),
        category("Truck", Some("Paper Trail"), false, false),
    ]
}
