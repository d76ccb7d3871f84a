//! Pods in which every field of every check takes every value that matters: alone, in pairs, and in mixtures.

mod annotations;
mod fields;
mod kinds;
mod rng;
mod volumes;

use serde_json::{Map, Value, json};

use kinds::KINDS;
use rng::Rng;

/// The seed of all that is picked by chance.
const SEED: u64 = 0x706f_6473_6563;

/// How many mixtures there are.
const MIXTURES: usize = 8_000;

/// Where a container of each type stands in [`good_pod`]; the second init container is a sidecar.
const CONTAINERS: [&str; 5] = [
    "spec.initContainers.0",
    "spec.initContainers.1",
    "spec.containers.0",
    "spec.containers.1",
    "spec.ephemeralContainers.0",
];

/// The documents of the comparison, a name for each series.
pub(crate) fn all() -> Vec<(&'static str, Vec<Value>)> {
    let places = places(&CONTAINERS);
    let mut rng = Rng::new(SEED);
    let pairs = pairs(&places, &mut rng);
    let mixtures: Vec<Value> = (0..MIXTURES).map(|_| mixture(&places, &mut rng)).collect();
    let listed = mixtures.iter().step_by(3).chain(pairs.iter().step_by(9)).cloned().collect();
    vec![
        ("each value alone", singles(&places)),
        ("pairs of fields", pairs),
        ("lists", kinds::lists(&mut rng, listed)),
        ("mixtures of fields", mixtures),
        ("nearly nothing", kinds::nearly_nothing()),
        ("every character", annotations::every_character().into_iter().map(KINDS[0]).collect()),
    ]
}

/// The documents of the golden file: each value once, on a pod that is good but for it; a container type in turn.
pub(crate) fn golden() -> Vec<Value> {
    let containers = [CONTAINERS[2], CONTAINERS[0], CONTAINERS[4]];
    let of_pod = fields::of_pod();
    // Of the annotations, one in seven: every key and every value is among them, if not with each other.
    let of_pod = of_pod.iter().flat_map(|field| {
        let values = field.values.iter().step_by(if field.path == "metadata.annotations" { 7 } else { 1 });
        values.map(|value| KINDS[0](with(small_pod(&[]), &[(field.path.to_owned(), value.clone())])))
    });
    let of_container = fields::of_container();
    let values = of_container.iter().flat_map(|field| field.values.iter().map(|value| (field.path, value)));
    let of_container = values.zip(containers.iter().cycle()).map(|((path, value), container)| {
        KINDS[0](with(small_pod(&[container]), &[(format!("{container}.{path}"), value.clone())]))
    });
    of_pod.chain(of_container).collect()
}

/// Every field at every place where it stands: of the pod, and of each container.
fn places(containers: &[&str]) -> Vec<(String, Vec<Value>)> {
    let of_pod = fields::of_pod().into_iter().map(|field| (field.path.to_owned(), field.values));
    let of_containers = containers.iter().flat_map(|container| {
        fields::of_container().into_iter().map(move |field| (format!("{container}.{}", field.path), field.values))
    });
    of_pod.chain(of_containers).collect()
}

/// Each value on a good pod, and on a bare one inside each kind in turn.
fn singles(places: &[(String, Vec<Value>)]) -> Vec<Value> {
    let values = places.iter().flat_map(|(path, values)| values.iter().map(move |value| (path.clone(), value.clone())));
    let wraps = KINDS.iter().cycle();
    values
        .zip(wraps)
        .flat_map(|(tweak, wrap)| {
            let tweaks = [tweak];
            [KINDS[0](with(good_pod(), &tweaks)), wrap(with(bare_pod(), &tweaks))]
        })
        .collect()
}

/// Each two fields with a value of each.
fn pairs(places: &[(String, Vec<Value>)], rng: &mut Rng) -> Vec<Value> {
    let mut documents = Vec::new();
    for (index, first) in places.iter().enumerate() {
        for second in &places[index + 1..] {
            let tweaks = [first, second].map(|(path, values)| (path.clone(), rng.pick(values).clone()));
            let base = if rng.below(4) == 0 { bare_pod() } else { good_pod() };
            documents.push(rng.pick(&KINDS)(with(base, &tweaks)));
        }
    }
    documents
}

/// Up to a dozen fields.
fn mixture(places: &[(String, Vec<Value>)], rng: &mut Rng) -> Value {
    let tweaks: Vec<(String, Value)> = (0..3 + rng.below(10))
        .map(|_| {
            let (path, values) = rng.pick(places);
            (path.clone(), rng.pick(values).clone())
        })
        .collect();
    let base = if rng.below(3) == 0 { bare_pod() } else { good_pod() };
    let kind = if rng.below(2) == 0 { &KINDS[0] } else { rng.pick(&KINDS) };
    kind(with(base, &tweaks))
}

/// A pod with a container of each type that meets the restricted level at every version.
fn good_pod() -> Value {
    small_pod(&CONTAINERS)
}

/// As [`good_pod`], with the given containers only, and a regular one in any case.
fn small_pod(containers: &[&str]) -> Value {
    let mut pod = json!({
        "metadata": {"name": "pod", "labels": {"app": "app"}},
        "spec": {"securityContext": {"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}}},
    });
    for container in containers.iter().chain((!containers.contains(&CONTAINERS[2])).then_some(&CONTAINERS[2])) {
        set(&mut pod, &format!("{container}.securityContext"), good_context());
        name(&mut pod, container);
    }
    pod
}

/// A pod with a container of each type, none of which says more than its name.
fn bare_pod() -> Value {
    let mut pod = json!({"metadata": {"name": "pod", "labels": {"app": "app"}}, "spec": {}});
    for container in CONTAINERS {
        name(&mut pod, container);
    }
    pod
}

fn name(pod: &mut Value, container: &str) {
    let names = ["first", "sidecar", "app", "second", "debug"];
    let index = CONTAINERS.iter().position(|known| *known == container).expect("one of the containers");
    set(pod, &format!("{container}.name"), json!(names[index]));
    set(pod, &format!("{container}.image"), json!("image"));
    if names[index] == "sidecar" {
        set(pod, &format!("{container}.restartPolicy"), json!("Always"));
    }
}

fn good_context() -> Value {
    json!({"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}})
}

/// The pod with the values put at their paths.
fn with(mut pod: Value, tweaks: &[(String, Value)]) -> Value {
    for (path, value) in tweaks {
        set(&mut pod, path, value.clone());
    }
    pod
}

/// Puts a value at a path; what is missing, or no map, on the way becomes one; a number is the index in a list.
fn set(root: &mut Value, path: &str, value: Value) {
    let mut place = root;
    for key in path.split('.') {
        place = if let Ok(index) = key.parse::<usize>() {
            if !place.is_array() {
                *place = json!([]);
            }
            let items = place.as_array_mut().expect("just made one");
            items.resize(items.len().max(index + 1), json!({}));
            &mut items[index]
        } else {
            if !place.is_object() {
                *place = Value::Object(Map::new());
            }
            &mut place[key]
        };
    }
    *place = value;
}
