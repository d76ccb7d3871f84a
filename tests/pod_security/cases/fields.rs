//! Every field that a check reads, with the values at which a verdict or its text may turn: allowed, forbidden, null, empty,
//! and those of a boundary. Where it costs nothing, a value is one that API validation accepts too.

use serde_json::{Value, json};

/// A field of a pod or of a container, and values to put there.
pub(crate) struct Field {
    /// Keys joined by dots, from the pod or from the container on.
    pub(crate) path: &'static str,
    pub(crate) values: Vec<Value>,
}

fn field(path: &'static str, values: impl IntoIterator<Item = Value>) -> Field {
    Field { path, values: values.into_iter().collect() }
}

/// The fields of a pod; paths start at the pod.
pub(crate) fn of_pod() -> Vec<Field> {
    let mut fields = vec![
        field("metadata.annotations", super::annotations::maps()),
        field("spec.hostNetwork", flags()),
        field("spec.hostPID", flags()),
        field("spec.hostIPC", flags()),
        field("spec.hostUsers", flags()),
        field(
            "spec.os",
            [json!(null), json!({}), os(""), os("linux"), os("windows"), os("Windows"), json!({"name": null})],
        ),
        field("spec.volumes", super::volumes::lists()),
        field("spec.securityContext", [json!(null), json!({})]),
        field("spec.securityContext.sysctls", sysctls()),
        // Fields of containers alone: on a pod they mean nothing.
        field("spec.securityContext.privileged", [json!(true)]),
        field("spec.securityContext.allowPrivilegeEscalation", [json!(false)]),
        field("spec.securityContext.capabilities", [json!({"drop": ["ALL"], "add": ["SYS_ADMIN"]})]),
        field("spec.securityContext.procMount", [json!("Unmasked")]),
    ];
    fields.extend(of_both([
        "spec.securityContext.runAsNonRoot",
        "spec.securityContext.runAsUser",
        "spec.securityContext.seccompProfile",
        "spec.securityContext.appArmorProfile",
        "spec.securityContext.seLinuxOptions",
        "spec.securityContext.windowsOptions",
    ]));
    fields
}

/// The fields of a container; paths start at the container.
pub(crate) fn of_container() -> Vec<Field> {
    let mut fields = vec![
        field("name", [json!(null), json!(""), json!("app"), json!("with \"quotes\"")]),
        field("ports", ports()),
        field("livenessProbe", handlers()),
        field("readinessProbe", handlers()),
        field("startupProbe", handlers()),
        field("lifecycle", [json!(null), json!({}), json!({"postStart": null, "preStop": null})]),
        field("lifecycle.postStart", handlers()),
        field("lifecycle.preStop", handlers()),
        field("securityContext", [json!(null), json!({})]),
        field("securityContext.privileged", flags()),
        field("securityContext.allowPrivilegeEscalation", flags()),
        field("securityContext.capabilities", capabilities()),
        field(
            "securityContext.procMount",
            ["Unmasked", "Default", "", "default"].map(Value::from).into_iter().chain([json!(null)]),
        ),
    ];
    fields.extend(of_both([
        "securityContext.runAsNonRoot",
        "securityContext.runAsUser",
        "securityContext.seccompProfile",
        "securityContext.appArmorProfile",
        "securityContext.seLinuxOptions",
        "securityContext.windowsOptions",
    ]));
    fields
}

/// The fields that pods and containers share, at the given paths.
fn of_both([non_root, user, seccomp, app_armor, se_linux, windows]: [&'static str; 6]) -> [Field; 6] {
    [
        field(non_root, flags()),
        field(user, [json!(0), json!(1), json!(-1), json!(65_534), json!(i64::MAX), json!(i64::MIN), json!(null)]),
        field(seccomp, profiles()),
        field(app_armor, profiles()),
        field(se_linux, se_linux_options()),
        field(
            windows,
            [
                json!({"hostProcess": true}),
                json!({"hostProcess": false}),
                json!({"hostProcess": null}),
                json!({"runAsUserName": "ContainerUser"}),
                json!({}),
                json!(null),
            ],
        ),
    ]
}

fn flags() -> [Value; 3] {
    [json!(true), json!(false), json!(null)]
}

fn os(name: &str) -> Value {
    json!({"name": name})
}

fn profiles() -> Vec<Value> {
    let types = ["Unconfined", "RuntimeDefault", "", "runtime/default", "unconfined", "localhost"];
    let of_type = types.map(|kind| json!({"type": kind}));
    let others =
        [json!({"type": "Localhost", "localhostProfile": "profile"}), json!({"type": null}), json!({}), json!(null)];
    of_type.into_iter().chain(others).collect()
}

fn se_linux_options() -> Vec<Value> {
    let types =
        ["container_engine_t", "spc_t", "container_t", "container_init_t", "container_kvm_t", "", "Container_t", "a b"];
    let of_type = types.map(|kind| json!({"type": kind}));
    let others = [
        json!({"user": "system_u"}),
        json!({"role": "system_r"}),
        json!({"user": "u", "role": "r", "type": "x_t"}),
        json!({"user": "", "role": "", "type": null}),
        json!({"user": null, "role": null, "level": "s0:c1,c2"}),
        json!({}),
        json!(null),
    ];
    of_type.into_iter().chain(others).collect()
}

fn capabilities() -> Vec<Value> {
    let added = [
        "SYS_ADMIN",
        "NET_BIND_SERVICE",
        "NET_RAW",
        "AUDIT_WRITE",
        "CHOWN",
        "DAC_OVERRIDE",
        "FOWNER",
        "FSETID",
        "KILL",
        "MKNOD",
        "SETFCAP",
        "SETGID",
        "SETPCAP",
        "SETUID",
        "SYS_CHROOT",
        "ALL",
        "chown",
        "CAP_CHOWN",
        "",
    ];
    let adding = added.map(|name| json!({"drop": ["ALL"], "add": [name]}));
    let others = [
        json!({"add": ["SYS_TIME", "KILL", "SYS_TIME", "NET_BIND_SERVICE"]}),
        json!({"add": ["NET_BIND_SERVICE"], "drop": ["KILL", "ALL"]}),
        json!({"add": [null], "drop": [null]}),
        json!({"add": [], "drop": []}),
        json!({"add": null, "drop": null}),
        json!({"drop": ["all"]}),
        json!({"drop": ["CAP_ALL"]}),
        json!({"drop": ["NET_RAW"]}),
        json!({}),
        json!(null),
    ];
    adding.into_iter().chain(others).collect()
}

fn sysctls() -> Vec<Value> {
    let names = [
        "net.ipv4.tcp_notsent_lowat",
        "net.core.somaxconn",
        "kernel.shm_rmid_forced",
        "net.ipv4.ip_local_port_range",
        "net.ipv4.tcp_syncookies",
        "net.ipv4.ping_group_range",
        "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.ip_local_reserved_ports",
        "net.ipv4.tcp_keepalive_time",
        "net.ipv4.tcp_fin_timeout",
        "net.ipv4.tcp_keepalive_intvl",
        "net.ipv4.tcp_keepalive_probes",
        "net.ipv4.tcp_rmem",
        "net.ipv4.tcp_wmem",
        "net.ipv4.tcp_slow_start_after_idle",
        "net/ipv4/tcp_syncookies",
        "kernel.msgmax",
        "",
    ];
    let sysctl = |name: &str| json!({"name": name, "value": "1"});
    let all: Vec<Value> = names.map(sysctl).into_iter().chain([sysctl("kernel.msgmax")]).collect();
    let others = [json!(all), json!([null]), json!([]), json!(null)];
    names.map(|name| json!([sysctl(name)])).into_iter().chain(others).collect()
}

fn ports() -> Vec<Value> {
    vec![
        json!([{"containerPort": 80, "hostPort": 80}]),
        json!([{"containerPort": 80}]),
        json!([{"containerPort": 80, "hostPort": 0}, {"containerPort": 81, "hostPort": null}]),
        json!([{"containerPort": 80, "hostPort": 80}, {"containerPort": 1000, "hostPort": 1000}]),
        json!([{"containerPort": 80, "hostPort": 80, "protocol": "UDP"}, {"containerPort": 80, "hostPort": 80}]),
        json!([{"containerPort": 65_535, "hostPort": 65_535}]),
        json!([{"hostPort": -1}, {"hostPort": i32::MAX}, {"hostPort": i32::MIN}]),
        json!([{}, null]),
        json!([]),
        json!(null),
    ]
}

/// Probes and lifecycle handlers.
fn handlers() -> Vec<Value> {
    let actions = ["httpGet", "tcpSocket"];
    let hosts = ["127.0.0.1", "localhost", "example.com", "::1", "\"", ""].map(Value::from);
    let with_host = actions.into_iter().flat_map(|action| {
        hosts.clone().into_iter().chain([json!(null)]).map(move |host| json!({action: {"port": 80, "host": host}}))
    });
    let others = [
        json!({"httpGet": {"port": 80, "host": "a"}, "tcpSocket": {"port": 80, "host": "b"}}),
        json!({"httpGet": {"port": 80, "httpHeaders": [{"name": "Host", "value": "example.com"}]}}),
        json!({"exec": {"command": ["true"]}, "httpGet": null, "tcpSocket": null}),
        json!({"tcpSocket": {"port": 80}}),
        json!({}),
        json!(null),
    ];
    with_host.chain(others).collect()
}
