//! Annotations that two checks read, and some that none does.

use serde_json::{Map, Value, json};

const APP_ARMOR: &str = "container.apparmor.security.beta.kubernetes.io/";
const SECCOMP: &str = "container.seccomp.security.alpha.kubernetes.io/";
const SECCOMP_OF_POD: &str = "seccomp.security.alpha.kubernetes.io/pod";

/// Values of both kinds: allowed, forbidden, and such as Go shows with escapes.
const VALUES: [&str; 16] = [
    "unconfined",
    "runtime/default",
    "docker/default",
    "localhost/profile",
    "localhost/",
    "localhost/ padded",
    "localhost",
    "",
    "RuntimeDefault",
    "Unconfined",
    "runtime/default ",
    "say \"hi\" \\ 'there'",
    "tab\tline\nbell\u{7}\0",
    "é 日本 \u{301} \u{1f600}",
    "\u{a0}\u{ad}\u{200b}\u{2028}\u{feff}\u{fffd}",
    "\u{e000}\u{10ffff}\u{88f}\u{1fac8}",
];

/// Maps of annotations: each value for each key, and several at once.
pub(crate) fn maps() -> Vec<Value> {
    let keys = [
        format!("{APP_ARMOR}app"),
        format!("{APP_ARMOR}first"),
        format!("{APP_ARMOR}debug"),
        format!("{APP_ARMOR}nobody"),
        APP_ARMOR.to_owned(),
        SECCOMP_OF_POD.to_owned(),
        format!("{SECCOMP}app"),
        format!("{SECCOMP}first"),
        format!("{SECCOMP}debug"),
        format!("{SECCOMP}nobody"),
        SECCOMP.to_owned(),
        "apparmor.security.beta.kubernetes.io/app".to_owned(),
    ];
    let values = || VALUES.map(Value::from).into_iter().chain([json!(null)]);
    let single = keys.iter().flat_map(|key| values().map(move |value| json!({key.as_str(): value})));
    let all_with_one_value =
        values().map(|value| keys.iter().map(|key| (key.clone(), value.clone())).collect::<Map<_, _>>());
    let neighbours =
        json!({format!("{APP_ARMOR}app"): "a", format!("{APP_ARMOR}app!"): "b", format!("{APP_ARMOR}app~"): "c"});
    single.chain(all_with_one_value.map(Value::Object)).chain([neighbours, json!({}), json!(null)]).collect()
}

/// Documents whose annotations hold every character once, in the order of the code points.
pub(crate) fn every_character() -> Vec<Value> {
    let characters: Vec<char> = ('\0'..=char::MAX).collect();
    let of_pod = |chunk: &[char]| {
        let values = chunk.chunks(512).enumerate();
        let annotations: Map<_, _> = values
            .map(|(index, value)| (format!("{APP_ARMOR}{index}"), Value::from(String::from_iter(value))))
            .collect();
        json!({"metadata": {"name": "characters", "annotations": annotations}, "spec": {"containers": []}})
    };
    characters.chunks(16 * 512).map(of_pod).collect()
}
