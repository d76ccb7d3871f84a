//! The mutations: what is broken in the chart, and which behaviours may notice it.

/// One promise of the chart, broken.
#[derive(Clone, Copy, Debug)]
pub struct Mutation {
    /// What is wrong with the chart then.
    pub name: &'static str,
    /// What is changed.
    pub edits: &'static [Edit],
    /// Names of behaviours, of which one has to fail.
    pub candidates: &'static [&'static str],
}

/// A text of the chart that is replaced, and stands there exactly once.
#[derive(Clone, Copy, Debug)]
pub struct Edit {
    /// Below the chart's folder.
    pub file: &'static str,
    /// The text.
    pub text: &'static str,
    /// What stands there instead.
    pub replacement: &'static str,
}

const JOB: &str = "templates/gate-job.yaml";
const HELPERS: &str = "templates/_helpers.tpl";
const DEPLOYMENT: &str = "templates/deployment.yaml";
const SCRIPT: &str = "files/preflight.sh";
const HOOK: &str = "helm.sh/hook: pre-install,pre-upgrade\n";

const fn edit(file: &'static str, text: &'static str, replacement: &'static str) -> Edit {
    Edit { file, text, replacement }
}

const fn mutation(name: &'static str, edits: &'static [Edit], candidates: &'static [&'static str]) -> Mutation {
    Mutation { name, edits, candidates }
}

/// All of them; those that a Helm has to wait out stand first, since they take longest.
pub const ALL: &[Mutation] = &[
    mutation(
        "the gate runs after the install",
        &[
            edit(JOB, HOOK, "helm.sh/hook: post-install,post-upgrade\n"),
            edit(HELPERS, HOOK, "helm.sh/hook: post-install,post-upgrade\n"),
        ],
        &["gate-by-plain-helm"],
    ),
    mutation(
        "the exit status of setup is believed",
        &[edit(SCRIPT, "    [ \"$count\" = 0 ] && return\n", "    return\n")],
        &["gate-by-plain-helm"],
    ),
    mutation(
        "the gate's Secret is no hook",
        &[edit(
            "templates/gate-secret.yaml",
            "  annotations:\n    {{- include \"mailroom.gateSourceHook\" . | nindent 4 }}\n",
            "",
        )],
        &["gate-by-plain-helm"],
    ),
    mutation("an upgrade has no gate", &[edit(JOB, HOOK, "helm.sh/hook: pre-install\n")], &["gate-recovers"]),
    mutation(
        "no seccomp profile",
        &[
            edit(HELPERS, "  runAsGroup: 9999\n  seccompProfile:\n    type: RuntimeDefault\n", "  runAsGroup: 9999\n"),
            edit(
                HELPERS,
                "          - ALL\n      seccompProfile:\n        type: RuntimeDefault\n",
                "          - ALL\n",
            ),
        ],
        &["hardened-without-warning"],
    ),
    mutation(
        "what is missing is created unasked",
        &[edit("values.yaml", "  apply: false\n", "  apply: true\n")],
        &["gate-by-plain-helm"],
    ),
    mutation(
        "the Deployment selects the gate's pod",
        &[edit(
            HELPERS,
            "app.kubernetes.io/name: {{ include \"mailroom.name\" . }}-gate\n",
            "app.kubernetes.io/name: {{ include \"mailroom.name\" . }}\n",
        )],
        &["gate-pod-not-selected"],
    ),
    mutation(
        "the new pod starts beside the old one",
        &[edit(DEPLOYMENT, "type: Recreate", "type: RollingUpdate")],
        &["life-one-pod-at-a-time"],
    ),
    mutation(
        "no checksum on the pod",
        &[edit(DEPLOYMENT, "      annotations:\n        {{- include \"mailroom.checksums\" . | nindent 8 }}\n", "")],
        &["life-config-change"],
    ),
    mutation(
        "the root file system is writable",
        &[edit(HELPERS, "readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false")],
        &["hardened-app"],
    ),
    mutation(
        "the service account's token is mounted",
        &[edit(HELPERS, "automountServiceAccountToken: false", "automountServiceAccountToken: true")],
        &["hardened-app"],
    ),
    mutation(
        "SIGTERM is not passed on",
        &[edit(SCRIPT, "    trap 'interrupted 143' TERM\n", "")],
        &["gate-ends-at-sigterm"],
    ),
];
