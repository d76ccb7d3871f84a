//! Pods that people have stumbled over, told in public issues of policy checkers and of Kubernetes, with the right verdict.

use xtask::manifest::{self, Node};
use xtask::pod_security::{Origin, Pod, Policy, evaluate};

/// The messages on every pod of a manifest, each after the object's name.
fn messages(policy: &str, manifest: &str) -> Vec<String> {
    let policy: Policy = policy.parse().expect("a policy");
    let mut messages = Vec::new();
    for object in manifest::read(manifest, "case.yaml").objects {
        for template in object.pods() {
            let pod: Pod = template.pod.map(Node::read).expect("a pod").expect("a pod");
            let pod = pod.defaulted(if template.bare { Origin::Pod } else { Origin::Template });
            let name = &object.reference.name;
            messages.extend(evaluate(&policy, &pod).iter().map(|violation| format!("{name}: {}", violation.message())));
        }
    }
    messages
}

/// A pod that meets the restricted level, with lines put into its spec, and into its container.
fn good_pod(spec: &str, container: &str) -> String {
    format!(
        "
apiVersion: v1
kind: Pod
metadata: {{name: p}}
spec:
  {spec}
  securityContext: {{runAsNonRoot: true, runAsUser: 1000, seccompProfile: {{type: RuntimeDefault}}}}
  containers:
    - name: app
      image: example.com/app:1
      securityContext: {{allowPrivilegeEscalation: false, capabilities: {{drop: [ALL]}}}}
      {container}
"
    )
}

const NONE: [&str; 0] = [];

/// aquasecurity/defsec#1131, FairwindsOps/polaris#533.
#[test]
fn a_container_overrides_a_good_setting_of_the_pod() {
    let second = "
    - name: second
      image: example.com/app:1
      securityContext: {runAsNonRoot: false, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}";
    assert_eq!(messages("restricted", &good_pod("", "")), NONE);
    assert_eq!(
        messages("restricted", &(good_pod("", "") + second)),
        [r#"p: runAsNonRoot != true (container "second" must not set securityContext.runAsNonRoot=false)"#]
    );
}

/// kubernetes/pod-security-admission#11: runtimes take any case, admission does not.
#[test]
fn capabilities_are_dropped_in_capitals() {
    let pod = good_pod("", "").replace("drop: [ALL]", "drop: [all]");
    assert_eq!(
        messages("restricted", &pod),
        [r#"p: unrestricted capabilities (container "app" must set securityContext.capabilities.drop=["ALL"])"#]
    );
}

/// kubernetes/kubernetes#125271.
#[test]
fn a_probe_names_no_host_since_v1_34() {
    let pod = good_pod("", "livenessProbe: {httpGet: {host: 127.0.0.1, path: /healthz, port: 8080}}");
    let message = [r#"p: probe or lifecycle host (container "app" uses probe or lifecycle host "127.0.0.1")"#];
    assert_eq!(messages("restricted:v1.34", &pod), message);
    assert_eq!(messages("baseline", &pod), message);
    assert_eq!(messages("restricted:v1.33", &pod), NONE);
}

/// kubernetes/kubernetes#105186, open-policy-agent/gatekeeper-library#658: a user ID is no substitute, and what only
/// containers have does nothing on the pod.
#[test]
fn a_user_id_and_a_setting_at_the_wrong_level_do_not_count() {
    let pod = good_pod("", "")
        .replace("runAsNonRoot: true, runAsUser: 1000", "runAsUser: 10001, allowPrivilegeEscalation: false")
        .replace("allowPrivilegeEscalation: false, capabilities", "capabilities");
    assert_eq!(
        messages("restricted", &pod),
        [
            r#"p: allowPrivilegeEscalation != false (container "app" must set securityContext.allowPrivilegeEscalation=false)"#,
            r#"p: runAsNonRoot != true (pod or container "app" must set securityContext.runAsNonRoot=true)"#,
        ]
    );
    let unknown = manifest::read(&pod, "case.yaml").findings;
    assert_eq!(
        unknown.iter().map(|finding| finding.path.as_str()).collect::<Vec<_>>(),
        ["spec.securityContext.allowPrivilegeEscalation"]
    );
}

/// kubernetes/kubernetes#130394, kyverno/kyverno#15877: volumes are allowed by a list.
#[test]
fn only_listed_volumes_are_allowed() {
    let with = |volumes: &str| messages("restricted", &good_pod(&format!("volumes: [{volumes}]"), ""));
    let allowed = "{name: a, configMap: {name: a}}, {name: b, projected: {sources: []}}, {name: c, csi: {driver: d}}, \
                   {name: d, image: {reference: r}}";
    assert_eq!(with(allowed), NONE);
    assert_eq!(
        with("{name: v, nfs: {server: s, path: /}}"),
        [r#"p: restricted volume types (volume "v" uses restricted volume type "nfs")"#]
    );
    assert_eq!(
        with("{name: v, foo: {}}"),
        [r#"p: restricted volume types (volume "v" uses restricted volume type "unknown")"#]
    );
}

/// NVIDIA/OpenShell#3340, aquasecurity/trivy#3018: every pod and every container type is judged, and all in one run.
#[test]
fn hook_jobs_and_init_containers_are_judged_too() {
    let manifest = "
apiVersion: batch/v1
kind: Job
metadata: {name: hook, annotations: {helm.sh/hook: pre-install}}
spec:
  template:
    spec:
      restartPolicy: Never
      securityContext: {runAsNonRoot: true}
      containers:
        - name: job
          image: example.com/app:1
          securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: app}
spec:
  selector: {matchLabels: {app: app}}
  template:
    metadata: {labels: {app: app}}
    spec:
      securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
      initContainers:
        - name: init
          image: example.com/app:1
          securityContext: {allowPrivilegeEscalation: false}
      containers:
        - name: app
          image: example.com/app:1
          securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
";
    assert_eq!(
        messages("restricted", manifest),
        [
            "hook: seccompProfile (pod or container \"job\" must set securityContext.seccompProfile.type to \
             \"RuntimeDefault\" or \"Localhost\")",
            r#"app: unrestricted capabilities (container "init" must set securityContext.capabilities.drop=["ALL"])"#,
        ]
    );
}

/// adyanth/cloudflare-operator#110.
#[test]
fn seccomp_is_judged_at_both_levels() {
    let overridden =
        good_pod("", "").replace("capabilities: {drop", "seccompProfile: {type: Unconfined}, capabilities: {drop");
    assert_eq!(
        messages("restricted", &overridden),
        [r#"p: seccompProfile (container "app" must not set securityContext.seccompProfile.type to "Unconfined")"#]
    );
    let second = "
    - name: second
      image: example.com/app:1
      securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}, seccompProfile: {type: Localhost, localhostProfile: p}}";
    let only_one = good_pod("", "").replace(", seccompProfile: {type: RuntimeDefault}", "") + second;
    assert_eq!(
        messages("restricted", &only_one),
        ["p: seccompProfile (pod or container \"app\" must set securityContext.seccompProfile.type to \
             \"RuntimeDefault\" or \"Localhost\")"]
    );
}

#[test]
fn the_list_of_sysctls_grows_with_the_version() {
    let with = |policy: &str, name: &str| {
        let context = format!("sysctls: [{{name: {name}, value: \"60\"}}], runAsNonRoot");
        messages(policy, &good_pod("", "").replacen("runAsNonRoot", &context, 1))
    };
    assert_eq!(with("restricted:v1.29", "net.ipv4.tcp_keepalive_time"), NONE);
    assert_eq!(
        with("restricted:v1.28", "net.ipv4.tcp_keepalive_time"),
        ["p: forbidden sysctls (net.ipv4.tcp_keepalive_time)"]
    );
    for policy in ["baseline:v1.0", "baseline", "restricted"] {
        assert_eq!(with(policy, "net.core.somaxconn"), ["p: forbidden sysctls (net.core.somaxconn)"]);
    }
}
