//! Takes a key out of a JSON answer, or an element out of an XML one.

use serde_json::Value;

/// `body` without `key`; none where it was not there.
pub(super) fn without(key: &str, body: &[u8]) -> Option<String> {
    match serde_json::from_slice(body) {
        Ok(mut json) => remove(key, &mut json).then(|| json.to_string()),
        Err(_) => rename(key, std::str::from_utf8(body).ok()?),
    }
}

/// Removes the key at every depth; says whether it was there.
fn remove(key: &str, json: &mut Value) -> bool {
    match json {
        Value::Object(map) => {
            let here = map.remove(key).is_some();
            map.values_mut().filter_map(|value| remove(key, value).then_some(())).count() > 0 || here
        }
        Value::Array(list) => list.iter_mut().filter_map(|value| remove(key, value).then_some(())).count() > 0,
        _ => false,
    }
}

/// Gives the element another name, so that nobody finds it: what it contains stays well-formed. Cyrus writes all its
/// elements with a prefix.
fn rename(element: &str, xml: &str) -> Option<String> {
    let mut renamed = xml.to_owned();
    for end in ['>', '/', ' '] {
        renamed = renamed.replace(&format!(":{element}{end}"), &format!(":not-{element}{end}"));
    }
    (renamed != xml).then_some(renamed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_goes_at_every_depth() {
        let bent = without("id", br#"{"list":[{"id":"1","name":"a"},{"id":"2"}],"id":3}"#).unwrap();
        assert_eq!(bent, r#"{"list":[{"name":"a"},{}]}"#);
    }

    #[test]
    fn an_element_is_not_found_any_more_and_its_neighbour_is() {
        let bent = without("href", b"<D:a><D:href>x</D:href><D:hrefs/><D:href/></D:a>").unwrap();
        assert_eq!(bent, "<D:a><D:not-href>x</D:not-href><D:hrefs/><D:not-href/></D:a>");
    }

    #[test]
    fn what_is_not_there_is_not_taken() {
        assert_eq!(without("id", br#"{"list":[]}"#), None);
        assert_eq!(without("href", b"<D:a/>"), None);
    }
}
