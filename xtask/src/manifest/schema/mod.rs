//! The types of Kubernetes' built-in kinds, from `kubernetes.txt`, which `xtask/go/schema` makes of its OpenAPI document.
//!
//! The file has a line for each type (its name, and API version and kind where it is one), followed by a line for each
//! field: a blank, the name, `!` where it is required, and the type. Types are parsed when they are first asked for: a
//! chart needs some fifty of eight hundred.

use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

/// The Kubernetes whose kinds are known: `1.37.2`.
pub const KUBERNETES: &str = "1.37.2";

static DATA: &str = include_str!("kubernetes.txt");
static SCHEMA: LazyLock<Schema> = LazyLock::new(|| Schema::index(DATA));

/// A type that is a mapping with named fields.
#[derive(Debug)]
pub(super) struct Struct {
    /// As in `core.v1.PodSpec`.
    pub(super) name: &'static str,
    body: &'static str,
    fields: OnceLock<Vec<Field>>,
}

/// A field of a [`Struct`].
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) required: bool,
    pub(super) ty: Type,
}

/// What a value must be.
#[derive(Debug)]
pub(super) enum Type {
    String,
    Bool,
    Int32,
    Int64,
    Float64,
    Quantity,
    IntOrString,
    Time,
    MicroTime,
    Bytes,
    Any,
    List(Box<Type>),
    Map(Box<Type>),
    /// Whichever of the two has the value's shape.
    Either(Box<Type>, Box<Type>),
    Struct(&'static Struct),
}

/// Whether an API version has a kind.
pub(super) enum Lookup {
    Found(&'static Struct),
    /// The API version is built in and has no such kind.
    NoSuchKind,
    /// The API version is none of the built-in ones.
    NotBuiltIn,
}

/// Looks up the type of a kind.
pub(super) fn lookup(api_version: &str, kind: &str) -> Lookup {
    match SCHEMA.kinds.get(api_version) {
        None => Lookup::NotBuiltIn,
        Some(kinds) => kinds
            .iter()
            .find(|(name, _)| *name == kind)
            .map_or(Lookup::NoSuchKind, |(_, ty)| Lookup::Found(&SCHEMA.types[*ty])),
    }
}

struct Schema {
    /// Sorted by name.
    types: Vec<Struct>,
    kinds: HashMap<&'static str, Vec<(&'static str, usize)>>,
}

impl Schema {
    /// Finds where each type stands, without reading its fields.
    fn index(data: &'static str) -> Self {
        let mut schema = Self { types: Vec::with_capacity(1024), kinds: HashMap::new() };
        let mut rest = data;
        while let Some((line, after)) = rest.split_once('\n') {
            rest = after;
            if line.starts_with(['#', ' ']) {
                continue;
            }
            let end = after.find_header();
            let mut words = line.split(' ');
            let name = words.next().unwrap_or_default();
            if let (Some(api_version), Some(kind)) = (words.next(), words.next()) {
                schema.kinds.entry(api_version).or_default().push((kind, schema.types.len()));
            }
            schema.types.push(Struct { name, body: &after[..end], fields: OnceLock::new() });
            rest = &after[end..];
        }
        schema
    }

    fn named(&'static self, name: &str) -> &'static Struct {
        let at = self.types.binary_search_by(|ty| ty.name.cmp(name)).ok();
        let at = at.unwrap_or_else(|| panic!("kubernetes.txt names the type {name} and does not describe it"));
        &self.types[at]
    }
}

trait FindHeader {
    fn find_header(&self) -> usize;
}

impl FindHeader for str {
    /// Where the first line that is no field starts.
    fn find_header(&self) -> usize {
        let bytes = self.as_bytes();
        let mut at = 0;
        while bytes.get(at) == Some(&b' ') {
            at += self[at..].find('\n').map_or(bytes.len() - at, |length| length + 1);
        }
        at
    }
}

impl Struct {
    /// The fields, sorted by name.
    pub(super) fn fields(&'static self) -> &'static [Field] {
        self.fields.get_or_init(|| self.body.lines().map(Field::parse).collect())
    }

    /// The field of a name.
    pub(super) fn field(&'static self, name: &str) -> Option<&'static Field> {
        let fields = self.fields();
        fields.binary_search_by(|field| field.name.cmp(name)).ok().map(|at| &fields[at])
    }

    /// Whether a value of this type must set anything.
    pub(super) fn requires(&'static self) -> bool {
        self.fields().iter().any(|field| field.required)
    }
}

impl Field {
    /// Reads ` name! type`.
    fn parse(line: &'static str) -> Self {
        let (name, ty) =
            line.trim_start().split_once(' ').unwrap_or_else(|| panic!("kubernetes.txt: `{line}` is no field"));
        let (name, required) = name.strip_suffix('!').map_or((name, false), |name| (name, true));
        Self { name, required, ty: Type::parse(ty) }
    }
}

impl Type {
    fn parse(text: &str) -> Self {
        if let Some(of) = text.strip_prefix("map[]") {
            return Self::Map(Box::new(Self::parse(of)));
        }
        if let Some((one, other)) = text.split_once('|') {
            return Self::Either(Box::new(Self::parse(one)), Box::new(Self::parse(other)));
        }
        if let Some(of) = text.strip_prefix("[]") {
            return Self::List(Box::new(Self::parse(of)));
        }
        match text {
            "string" => Self::String,
            "bool" => Self::Bool,
            "int32" => Self::Int32,
            "int64" => Self::Int64,
            "float64" => Self::Float64,
            "quantity" => Self::Quantity,
            "int-or-string" => Self::IntOrString,
            "time" => Self::Time,
            "micro-time" => Self::MicroTime,
            "bytes" => Self::Bytes,
            "any" => Self::Any,
            name => Self::Struct(SCHEMA.named(name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_is_well_formed() {
        assert!(DATA.lines().next().unwrap().contains(&format!("Kubernetes v{KUBERNETES};")));
        assert!(SCHEMA.types.len() > 700);
        assert!(SCHEMA.types.is_sorted_by(|a, b| a.name < b.name));
        for ty in &SCHEMA.types {
            assert!(ty.fields().is_sorted_by(|a, b| a.name < b.name), "{}", ty.name);
        }
    }

    #[test]
    fn the_nine_kinds_with_pods_are_known() {
        for (api_version, kind) in
            [("v1", "Pod"), ("apps/v1", "Deployment"), ("batch/v1", "CronJob"), ("v1", "PodList")]
        {
            assert!(matches!(lookup(api_version, kind), Lookup::Found(_)), "{kind}");
        }
        assert!(matches!(lookup("apps/v1", "Deploymnt"), Lookup::NoSuchKind));
        assert!(matches!(lookup("example.com/v1", "Pod"), Lookup::NotBuiltIn));
    }
}
