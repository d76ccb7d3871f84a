//! The written list: what a reader of manifests must get right, each case with the right answer.

use std::fmt::Write;

/// What the reader must make of a case.
pub(crate) enum Expect {
    /// No error; and the objects, as JSON, one a line.
    Reads(String),
    /// An error finding of this rule.
    Refused(&'static str),
}

/// A text and what the reader must make of it.
pub(crate) struct Case {
    /// What it is about, in a few words.
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) expect: Expect,
}

/// All cases, in a fixed order.
pub(crate) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (line, expect) in FIELDS {
        let text = format!(
            "apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\nspec:\n  containers:\n  - name: c\n    image: i\n{}\n",
            indented(line)
        );
        let expect = match expect {
            Ok(json) => Expect::Reads(format!(
                r#"{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"p"}},"spec":{{"containers":[{{"name":"c","image":"i"{}]{}}}}}"#,
                if line.starts_with("    ") { format!(",{json}}}") } else { "}".to_owned() },
                if line.starts_with("    ") { String::new() } else { format!(",{json}") },
            )),
            Err(rule) => Expect::Refused(rule),
        };
        cases.push(Case { name: (*line).to_owned(), text, expect });
    }
    for (name, text, expect) in TEXTS {
        let expect = expect.map_or_else(Expect::Refused, |json| Expect::Reads(json.to_owned()));
        cases.push(Case { name: (*name).to_owned(), text: (*text).to_owned(), expect });
    }
    for (name, text, rule) in [
        ("a bomb of aliases", bomb(), "too-large"),
        ("deep lists", format!("a: {}{}\n", "[".repeat(5000), "]".repeat(5000)), "too-deep"),
        ("deep mappings in brackets", "{".repeat(5000), "too-deep"),
        ("deep mappings", deep_mappings(), "too-deep"),
    ] {
        cases.push(Case { name: name.to_owned(), text, expect: Expect::Refused(rule) });
    }
    cases
}

/// A field of the pod spec, or of its container where the line is indented by four.
fn indented(line: &str) -> String {
    if line.starts_with("    ") { line.to_owned() } else { format!("  {line}") }
}

/// One key below the other.
fn deep_mappings() -> String {
    let lines: Vec<String> = (0..250).map(|depth| " ".repeat(depth) + "a:\n").collect();
    lines.concat()
}

/// Nine times nine times ... of one string.
fn bomb() -> String {
    let mut text = "a0: &a0 lol\n".to_owned();
    for level in 1..10 {
        let alias = format!("*a{}", level - 1);
        let list = [alias.as_str(); 9].join(", ");
        writeln!(text, "a{level}: &a{level} [{list}]").expect("a string takes all");
    }
    text
}

type Answer = Result<&'static str, &'static str>;

/// A line of a pod's spec, and the field as it must be read, or the rule that refuses it.
#[rustfmt::skip]
const FIELDS: &[(&str, Answer)] = &[
    // YAML 1.1 booleans
    ("hostNetwork: yes", Ok(r#""hostNetwork":true"#)),
    ("hostNetwork: Yes", Ok(r#""hostNetwork":true"#)),
    ("hostNetwork: y", Ok(r#""hostNetwork":true"#)),
    ("hostNetwork: ON", Ok(r#""hostNetwork":true"#)),
    ("hostNetwork: off", Ok(r#""hostNetwork":false"#)),
    ("hostNetwork: NO", Ok(r#""hostNetwork":false"#)),
    ("hostNetwork: n", Ok(r#""hostNetwork":false"#)),
    ("hostNetwork: True", Ok(r#""hostNetwork":true"#)),
    ("hostNetwork: !!bool yes", Ok(r#""hostNetwork":true"#)),
    ("hostNetwork: yEs", Err("wrong-type")),
    ("hostNetwork: \"true\"", Err("wrong-type")),
    ("hostNetwork: 'yes'", Err("wrong-type")),
    ("hostNetwork: 1", Err("wrong-type")),
    ("securityContext: {runAsNonRoot: yes}", Ok(r#""securityContext":{"runAsNonRoot":true}"#)),
    ("    securityContext: {allowPrivilegeEscalation: off}", Ok(r#""securityContext":{"allowPrivilegeEscalation":false}"#)),
    // whole numbers
    ("priority: 10", Ok(r#""priority":10"#)),
    ("priority: -1", Ok(r#""priority":-1"#)),
    ("priority: +1", Ok(r#""priority":1"#)),
    ("priority: 0440", Ok(r#""priority":288"#)),
    ("priority: 0o440", Ok(r#""priority":288"#)),
    ("priority: 0x1F", Ok(r#""priority":31"#)),
    ("priority: 0b101", Ok(r#""priority":5"#)),
    ("priority: 0b+101", Ok(r#""priority":5"#)),
    ("priority: 1_000", Ok(r#""priority":1000"#)),
    ("priority: !!int \"12\"", Ok(r#""priority":12"#)),
    ("priority: 2147483647", Ok(r#""priority":2147483647"#)),
    ("priority: 2147483648", Err("wrong-type")),
    ("priority: 1.0", Err("wrong-type")),
    ("priority: 1e3", Err("wrong-type")),
    ("priority: 08", Err("wrong-type")),
    ("priority: 1.5", Err("wrong-type")),
    ("priority: 12:30", Err("wrong-type")),
    ("priority: \"10\"", Err("wrong-type")),
    ("priority: .inf", Err("wrong-type")),
    ("priority: .nan", Err("wrong-type")),
    ("activeDeadlineSeconds: 9223372036854775807", Ok(r#""activeDeadlineSeconds":9223372036854775807"#)),
    ("activeDeadlineSeconds: 9223372036854775808", Err("wrong-type")),
    ("activeDeadlineSeconds: 99999999999999999999", Err("wrong-type")),
    ("volumes: [{name: v, configMap: {name: m, defaultMode: 0440}}]", Ok(r#""volumes":[{"name":"v","configMap":{"name":"m","defaultMode":288}}]"#)),
    // strings: nothing is converted
    ("    env: [{name: A, value: on}]", Err("wrong-type")),
    ("    env: [{name: A, value: 1}]", Err("wrong-type")),
    ("    env: [{name: A, value: 1e3}]", Err("wrong-type")),
    ("    env: [{name: A, value: 0123456}]", Err("wrong-type")),
    ("    env: [{name: A, value: +12505550000}]", Err("wrong-type")),
    ("    env: [{name: A, value: .5}]", Err("wrong-type")),
    ("    env: [{name: A, value: \"on\"}]", Ok(r#""env":[{"name":"A","value":"on"}]"#)),
    ("    env: [{name: A, value: 'null'}]", Ok(r#""env":[{"name":"A","value":"null"}]"#)),
    ("    env: [{name: A, value: !!str 1}]", Ok(r#""env":[{"name":"A","value":"1"}]"#)),
    ("    env: [{name: A, value: 12:30:45}]", Ok(r#""env":[{"name":"A","value":"12:30:45"}]"#)),
    ("    env: [{name: A, value: 2026-01-31}]", Ok(r#""env":[{"name":"A","value":"2026-01-31"}]"#)),
    ("    env: [{name: A, value: 1.2.3}]", Ok(r#""env":[{"name":"A","value":"1.2.3"}]"#)),
    ("    env: [{name: A, value: 1e999}]", Err("wrong-type")),
    ("    env: [{name: A, value: 0x}]", Ok(r#""env":[{"name":"A","value":"0x"}]"#)),
    ("    env: [{name: A, value: nULL}]", Ok(r#""env":[{"name":"A","value":"nULL"}]"#)),
    ("    env: [{name: A, value: .5_0}]", Err("wrong-type")),
    ("    env: [{name: A, value: .5__0}]", Ok(r#""env":[{"name":"A","value":".5__0"}]"#)),
    ("    env: [{name: A, value: \"\\/\"}]", Err("ambiguous-value")),
    ("    env: [{name: A, value: '\\/'}]", Ok(r#""env":[{"name":"A","value":"\\/"}]"#)),
    ("    env: [{name: A, value: \"\\u00e4\\n\\\"\"}]", Ok(r#""env":[{"name":"A","value":"ä\n\""}]"#)),
    ("    env: [{name: A, value: ~}]", Ok(r#""env":[{"name":"A","value":null}]"#)),
    ("    env: [{name: A, value: a?b}]", Err("yaml-syntax")),
    ("    env:\n    - name: A\n      value: a?b", Ok(r#""env":[{"name":"A","value":"a?b"}]"#)),
    ("    env: [{name: A, value: !!binary aGk=}]", Err("ambiguous-value")),
    ("    env: [{name: A, value: !mine x}]", Err("ambiguous-value")),
    ("    env: [{name: A, value: ! \"1\"}]", Err("ambiguous-value")),
    ("    env: [{name: A, value: !!int x}]", Err("ambiguous-value")),
    ("    command:\n    - |\n      a: b\n        - c\n\n      # no comment\n    - >-\n      one\n      line", Ok(r#""command":["a: b\n  - c\n\n# no comment\n","one line"]"#)),
    ("    command: [a, ~]", Err("wrong-type")),
    ("    command: a", Err("wrong-type")),
    ("    command: {a: b}", Err("wrong-type")),
    // null is unset
    ("securityContext: ~", Ok(r#""securityContext":null"#)),
    ("securityContext:", Ok(r#""securityContext":null"#)),
    ("volumes: null", Ok(r#""volumes":null"#)),
    ("hostNetwork: !!null ''", Ok(r#""hostNetwork":null"#)),
    ("volumes: [null]", Err("wrong-type")),
    ("nodeSelector: {a: ~}", Ok(r#""nodeSelector":{"a":null}"#)),
    ("nodeSelector: {a: 1}", Err("wrong-type")),
    ("nodeSelector: [a]", Err("wrong-type")),
    // keys
    ("nodeSelector: {1: a}", Ok(r#""nodeSelector":{"1":"a"}"#)),
    ("nodeSelector: {on: a}", Err("ambiguous-value")),
    ("nodeSelector: {1.10: a}", Err("ambiguous-value")),
    ("nodeSelector: {010: a}", Err("ambiguous-value")),
    ("nodeSelector: {~: a}", Err("ambiguous-value")),
    ("nodeSelector: {[a]: a}", Err("yaml-syntax")),
    ("nodeSelector: {2026-01-31: a}", Ok(r#""nodeSelector":{"2026-01-31":"a"}"#)),
    ("nodeSelector: {a: b, a: b}", Err("duplicate-key")),
    ("nodeSelector: {1: b, \"1\": b}", Err("duplicate-key")),
    ("hostNetwork: true\n  hostNetwork: false", Err("duplicate-key")),
    ("hostNetwork: false\n  hostNetwork: true", Err("duplicate-key")),
    ("hostnetwork: true", Err("unknown-field")),
    ("runAsNonRoot: true", Err("unknown-field")),
    ("\"\": true", Err("unknown-field")),
    // quantities, ports, times
    ("    resources: {limits: {cpu: 1, memory: 64Mi, ephemeral-storage: 1e9}}", Ok(r#""resources":{"limits":{"cpu":1,"memory":"64Mi","ephemeral-storage":1000000000.0}}"#)),
    ("    resources: {limits: {cpu: 0.5}}", Ok(r#""resources":{"limits":{"cpu":0.5}}"#)),
    ("    resources: {limits: {cpu: \"+.5e-3\"}}", Ok(r#""resources":{"limits":{"cpu":"+.5e-3"}}"#)),
    ("    resources: {limits: {cpu: 1x}}", Err("wrong-type")),
    ("    resources: {limits: {cpu: \"\"}}", Err("wrong-type")),
    ("    resources: {limits: {cpu: 1.2.3}}", Err("wrong-type")),
    ("    resources: {limits: {cpu: on}}", Err("wrong-type")),
    ("    resources: {limits: {cpu: 18446744073709551615}}", Ok(r#""resources":{"limits":{"cpu":18446744073709552000.0}}"#)),
    ("    readinessProbe: {httpGet: {port: 8080}}", Ok(r#""readinessProbe":{"httpGet":{"port":8080}}"#)),
    ("    readinessProbe: {httpGet: {port: health}}", Ok(r#""readinessProbe":{"httpGet":{"port":"health"}}"#)),
    ("    readinessProbe: {httpGet: {port: 8080.5}}", Err("wrong-type")),
    ("    readinessProbe: {httpGet: {port: 99999999999}}", Err("wrong-type")),
    ("    readinessProbe: {httpGet: {port: on}}", Err("wrong-type")),
    // anchors and merges
    ("    args: &a [x]\n    command: *a", Ok(r#""args":["x"],"command":["x"]"#)),
    ("volumes: [&v {name: a, emptyDir: {}}, {<<: *v, name: b}]", Ok(r#""volumes":[{"name":"a","emptyDir":{}},{"name":"b","emptyDir":{}}]"#)),
    ("volumes: [&v {name: a}, &e {emptyDir: {}, name: x}, {<<: [*v, *e]}]", Ok(r#""volumes":[{"name":"a"},{"emptyDir":{},"name":"x"},{"name":"a","emptyDir":{}}]"#)),
    ("volumes: [&v {name: a, emptyDir: {}}, {name: b, <<: *v}]", Err("ambiguous-value")),
    ("volumes: [&v {name: a}, {<<: *v, <<: *v}]", Err("duplicate-key")),
    ("volumes: [{<<: a}]", Err("yaml-syntax")),
    ("volumes: &v [{<<: *v}]", Err("yaml-syntax")),
    ("volumes: *v", Err("yaml-syntax")),
    ("nodeSelector: {\"<<\": a}", Ok(r#""nodeSelector":{"<<":"a"}"#)),
    // what a pod must have
    ("volumes: [{emptyDir: {}}]", Err("required-field")),
    ("volumes: [{name: ~}]", Err("required-field")),
    ("    env: [{value: a}]", Err("required-field")),
];

/// A whole text, and its objects as they must be read, or the rule that refuses it.
#[rustfmt::skip]
const TEXTS: &[(&str, &str, Answer)] = &[
    ("nothing", "", Ok("")),
    ("blanks", " \n\n", Ok("")),
    ("comments only", "---\n# Source: x\n---\n", Ok("")),
    ("null documents", "---\n~\n---\nnull\n", Ok("")),
    ("a tab before a key", "a:\n\tb: 1\n", Err("yaml-syntax")),
    ("a tab behind a key", "apiVersion: v1\nkind:\tNamespace\nmetadata: {name: a}\n", Ok(r#"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"a"}}"#)),
    ("a block of text without a line break at the end", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a: |\n    x", Ok(r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"a":"x\n"}}"#)),
    ("a separator's comment with a control character", "--- # \u{7f}\na: b\n", Err("yaml-syntax")),
    ("an escape of JSON behind a separator", "---\n{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"\\/\"}}", Err("ambiguous-value")),
    ("an escape of JSON behind a byte-order mark", "\u{feff}{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"\\/\"}}", Err("ambiguous-value")),
    ("a byte-order mark inside of the text", "---\n\u{feff}\n", Err("ambiguous-value")),
    ("a tab and nothing else", "\t \n", Err("yaml-syntax")),
    ("a separator of lines in a comment", "---\n# Sou\u{2028}rce: x\n", Err("ambiguous-value")),
    ("a separator of lines behind JSON", "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"a\"}}\u{2028}\n", Err("ambiguous-value")),
    ("a separator of lines as an escape", "apiVersion: v1\nkind: Namespace\nmetadata: {name: a, annotations: {a: \"\\u2028\"}}\n", Ok("{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"a\",\"annotations\":{\"a\":\"\u{2028}\"}}}")),
    ("a control character in a comment", "# \u{7f}\n", Err("yaml-syntax")),
    ("a byte-order mark", "\u{feff}apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n", Ok(r#"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"a"}}"#)),
    ("CRLF", "apiVersion: v1\r\nkind: ConfigMap\r\nmetadata:\r\n  name: a\r\ndata:\r\n  a: |\r\n    x\r\n    y\r\n", Ok(r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"a":"x\ny\n"}}"#)),
    ("two documents", "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n---  # next\napiVersion: v1\nkind: Namespace\nmetadata: {name: b}\n", Ok("{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"a\"}}\n{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"b\"}}")),
    ("content on the separator's line", "--- {apiVersion: v1, kind: Namespace, metadata: {name: a}}\n", Err("yaml-syntax")),
    ("a separator run into a comment", "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n---# next\n", Err("yaml-syntax")),
    ("a line of four dashes", "----\na: b\n", Err("yaml-syntax")),
    ("a document's end", "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n...\n# end\n", Ok(r#"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"a"}}"#)),
    ("the end of nothing", "...\n", Err("yaml-syntax")),
    ("content behind a document's end", "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n...\napiVersion: v1\nkind: Pod\n", Err("ambiguous-value")),
    ("a directive", "%YAML 1.1\n---\na: b\n", Err("yaml-syntax")),
    ("dashes in a block of text", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a: |\n    x\n    ---\n    y\n", Ok(r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"a":"x\n---\ny\n"}}"#)),
    ("text that is not YAML", "a: b: c\n", Err("yaml-syntax")),
    ("an open bracket", "a: [b\n", Err("yaml-syntax")),
    ("a control character", "a: \u{1}\n", Err("yaml-syntax")),
    ("every style of block", STYLES, Ok(STYLES_READ)),
    ("a scalar document", "hello\n", Err("wrong-type")),
    ("a list document", "- a\n", Err("wrong-type")),
    ("JSON", "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"a\",\"labels\":{\"x\":\"\\u00e4\\/\"}}}", Ok(r#"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"a","labels":{"x":"ä/"}}}"#)),
    ("JSON on many lines, with tabs", "{\n\t\"apiVersion\": \"v1\",\n\t\"kind\": \"Namespace\",\n\t\"metadata\": {\n\t\t\"name\": \"a\"\n\t}\n}\n", Ok(r#"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"a"}}"#)),
    ("JSON with a key twice", "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"a\",\"name\":\"a\"}}", Err("duplicate-key")),
    ("JSON with a comment behind it", "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"a\"}} # end\n", Err("ambiguous-value")),
    ("JSON with a comment below it", "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"a\"}}\n# end\n", Ok(r#"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"a"}}"#)),
    ("a tab that indents in brackets", "apiVersion: v1\nkind: Namespace\nmetadata: {name: a\n\tb}\n", Err("yaml-syntax")),
    ("two JSON documents in a row", "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"a\"}}\n{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"b\"}}\n", Err("ambiguous-value")),
    ("a List", "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Namespace\n  metadata: {name: a}\n- apiVersion: v1\n  kind: List\n  items:\n  - {apiVersion: v1, kind: Namespace, metadata: {name: b}}\n", Ok("{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"a\"}}\n{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"b\"}}")),
    ("a PodList", "apiVersion: v1\nkind: PodList\nmetadata: {}\nitems:\n- metadata: {name: a}\n  spec: {containers: [{name: c}]}\n", Ok(r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"containers":[{"name":"c"}]}}"#)),
    ("an empty List", "apiVersion: v1\nkind: List\nitems: []\n", Ok("")),
    ("a List with null for items", "apiVersion: v1\nkind: List\nitems:\n", Err("required-field")),
    ("a List without items", "apiVersion: v1\nkind: List\n", Err("required-field")),
    ("a list by another name", "apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: a}\nitems: []\n", Err("ambiguous-value")),
    ("a number beyond 63 bits", "apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: a}\nspec: 9223372036854775809\n", Ok(r#"{"apiVersion":"example.com/v1","kind":"Thing","metadata":{"name":"a"},"spec":9223372036854775808.0}"#)),
    ("an API version without a version", "apiVersion: example.com/\nkind: Thing\nmetadata: {name: a}\n", Err("wrong-type")),
    ("a List with an item that is none", "apiVersion: v1\nkind: List\nitems: [~]\n", Err("wrong-type")),
    ("a List with an unknown field", "apiVersion: v1\nkind: List\nitem: []\nitems: []\n", Err("unknown-field")),
    ("a custom resource", "apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: a}\nspec: {on: on, x: [~]}\n", Err("ambiguous-value")),
    ("a custom resource, plainly written", "apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: a}\nspec: {x: on, v: 010, z: [~]}\n", Ok(r#"{"apiVersion":"example.com/v1","kind":"Thing","metadata":{"name":"a"},"spec":{"x":true,"v":8,"z":[null]}}"#)),
    ("a custom resource with a key twice", "apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: a}\nspec: {x: 1, x: 1}\n", Err("duplicate-key")),
    ("a kind that its API version does not have", "apiVersion: apps/v1\nkind: Deploymnt\nmetadata: {name: a}\n", Err("unknown-kind")),
    ("no kind", "apiVersion: v1\nmetadata: {name: a}\n", Err("required-field")),
    ("no API version", "kind: Pod\nmetadata: {name: a}\n", Err("required-field")),
    ("a kind that is no string", "apiVersion: v1\nkind: on\nmetadata: {name: a}\n", Err("wrong-type")),
    ("no name", "apiVersion: v1\nkind: Namespace\nmetadata: {}\n", Err("required-field")),
    ("a review needs no name", "apiVersion: authorization.k8s.io/v1\nkind: SelfSubjectAccessReview\nspec: {}\n", Ok(r#"{"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectAccessReview","spec":{}}"#)),
    ("a pod without a spec", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n", Err("no-containers")),
    ("a pod with no containers", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: []}\n", Err("no-containers")),
    ("a pod with null containers", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: }\n", Err("no-containers")),
    ("a deployment without a spec", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n", Err("required-field")),
    ("a deployment without a template", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {selector: {}}\n", Err("required-field")),
    ("a job whose pod has no containers", "apiVersion: batch/v1\nkind: Job\nmetadata: {name: a}\nspec: {template: {spec: {containers: []}}}\n", Err("no-containers")),
    ("a job whose pod has no spec", "apiVersion: batch/v1\nkind: Job\nmetadata: {name: a}\nspec: {template: {}}\n", Err("no-containers")),
    ("a cron job without containers", "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: a}\nspec: {schedule: x, jobTemplate: {spec: {template: {spec: {}}}}}\n", Err("no-containers")),
    ("a replication controller without a template", "apiVersion: v1\nkind: ReplicationController\nmetadata: {name: a}\nspec: {}\n", Err("no-containers")),
    ("a role binding without the API group that is filled in", "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: a}\nroleRef: {kind: Role, name: r}\n", Ok(r#"{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"RoleBinding","metadata":{"name":"a"},"roleRef":{"kind":"Role","name":"r"}}"#)),
    ("a secret's data", "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {a: aGk=, b: \"\", c: }\nstringData: {d: x}\n", Ok(r#"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"},"data":{"a":"aGk=","b":"","c":null},"stringData":{"d":"x"}}"#)),
    ("a secret's data in lines", "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata:\n  a: |\n    aG\n    k=\n", Ok(r#"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"},"data":{"a":"aG\nk=\n"}}"#)),
    ("a secret's data in plain text", "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {a: \"no base64\"}\n", Err("wrong-type")),
    ("a secret's data without padding", "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {a: aGk}\n", Err("wrong-type")),
    ("a secret's data as a list of bytes", "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {a: [1, 2]}\n", Err("wrong-type")),
    ("a secret that is read as a number", "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {a: 0123456}\n", Err("wrong-type")),
    ("a time", "apiVersion: v1\nkind: Namespace\nmetadata: {name: a, creationTimestamp: 2026-01-31T12:00:00Z}\n", Ok(r#"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"a","creationTimestamp":"2026-01-31T12:00:00Z"}}"#)),
    ("a time that is none", "apiVersion: v1\nkind: Namespace\nmetadata: {name: a, creationTimestamp: 2026-02-30T12:00:00Z}\n", Err("wrong-type")),
    ("a date where a time is wanted", "apiVersion: v1\nkind: Namespace\nmetadata: {name: a, creationTimestamp: 2026-01-31}\n", Err("wrong-type")),
    ("a null time", "apiVersion: v1\nkind: Namespace\nmetadata: {name: a, creationTimestamp: null}\n", Ok(r#"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"a","creationTimestamp":null}}"#)),
    ("a lease with microseconds", "apiVersion: coordination.k8s.io/v1\nkind: Lease\nmetadata: {name: a}\nspec: {renewTime: 2026-01-31T12:00:00.000000Z}\n", Ok(r#"{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"a"},"spec":{"renewTime":"2026-01-31T12:00:00.000000Z"}}"#)),
    ("a lease without microseconds", "apiVersion: coordination.k8s.io/v1\nkind: Lease\nmetadata: {name: a}\nspec: {renewTime: 2026-01-31T12:00:00Z}\n", Err("wrong-type")),
    ("a custom resource's schema", "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: a.b}\nspec:\n  group: b\n  scope: Namespaced\n  names: {kind: A, plural: a}\n  versions:\n  - name: v1\n    served: true\n    storage: true\n    schema: {openAPIV3Schema: {type: object, additionalProperties: true, default: {a: [1]}, properties: {a: {type: array, items: {type: integer, maximum: 1.5}}}}}\n", Ok(r#"{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"a.b"},"spec":{"group":"b","scope":"Namespaced","names":{"kind":"A","plural":"a"},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","additionalProperties":true,"default":{"a":[1]},"properties":{"a":{"type":"array","items":{"type":"integer","maximum":1.5}}}}}}]}}"#)),
    ("a custom resource's schema that is wrong deep inside", "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: a.b}\nspec:\n  group: b\n  scope: Namespaced\n  names: {kind: A, plural: a}\n  versions:\n  - name: v1\n    served: true\n    storage: true\n    schema: {openAPIV3Schema: {properties: {a: {items: {tpye: integer}}}}}\n", Err("unknown-field")),
];

/// Block style with all that people write in it.
const STYLES: &str = "\
# a comment first
apiVersion:   example.com/v1   # behind a value
kind: Thing
metadata:
    name:
      a
    labels: &labels
        a.b/c: \"d\"
        'e''f' :   g
spec:
- indentless
-   deeper:  1
    list:
      - - x
        - y
      -
        - z
      - key:
          value

  # a comment between
- &anchor
  first: 1
  second: *labels
- <<: *anchor
  second: 2
- plain over
  several

  lines

text:
  literal: |
     keeps
       its shape
     # and this

  strip: |-
    end

  keep: |+
    end


  folded: >
    one
    line

    two
      indented
    three
  indented: |2
      by two
  empty: |
  quoted: \"over
    lines \\
    joined\\n
    \\x41\\u00e4\"
  single: 'over

    lines'
flow: {a: [1, 'b', \"c\", {d: }], \"e\":f,
  g: h i
  j, k: [l: m], 'n': [
  ]}  # end
tail:
...
";

const STYLES_READ: &str = r#"{"apiVersion":"example.com/v1","flow":{"a":[1,"b","c",{"d":null}],"e":"f","g":"h i j","k":[{"l":"m"}],"n":[]},"kind":"Thing","metadata":{"labels":{"a.b/c":"d","e'f":"g"},"name":"a"},"spec":["indentless",{"deeper":1,"list":[["x",true],["z"],{"key":"value"}]},{"first":1,"second":{"a.b/c":"d","e'f":"g"}},{"first":1,"second":2},"plain over several\nlines"],"tail":null,"text":{"empty":"","folded":"one line\ntwo\n  indented\nthree\n","indented":"  by two\n","keep":"end\n\n\n","literal":"keeps\n  its shape\n# and this\n","quoted":"over lines joined\n Aä","single":"over\nlines","strip":"end"}}"#;
