//! The attempts, a row each.

use anyhow::Result;

use super::meddle;
use crate::kind_test::behaviours::support::MISSING;
use crate::kind_test::case::Case;

/// One way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attempt {
    /// Kebab-case; the tail of its namespace.
    pub(super) name: &'static str,
    /// The mailbox that is missing.
    pub(super) mailbox: &'static str,
    /// Mailboxes that are there, and could be taken for it.
    pub(super) near: &'static [&'static str],
    /// How it is tried.
    pub(super) way: Way,
    /// What comes of it while the mailbox exists.
    pub(super) control: Control,
    /// Whether it can move Helm to change the release, as who may write the status of Jobs can: then that has to be said.
    pub(super) harms: bool,
}

/// How an attempt is made.
#[derive(Clone, Copy, Debug)]
pub(super) enum Way {
    /// By the mailbox's name alone.
    Plain,
    /// With more options.
    Options(&'static [&'static str]),
    /// With variables in the caller's environment.
    Environment(&'static [(&'static str, &'static str)]),
    /// With one more file of values.
    Values(&'static str),
    /// With a copy of the chart: in this file, this text replaced by that.
    Chart(&'static str, &'static str, &'static str),
    /// With a Helm of its own; `$HELM` is the real one.
    Helm(&'static str),
    /// With somebody who acts in the cluster meanwhile; true where it took effect.
    Meddle(fn(&Case<'_>) -> Result<bool>),
}

/// What the same attempt comes to while the mailbox exists.
#[derive(Clone, Copy, Debug)]
pub(super) enum Control {
    /// The deploy is done.
    Done,
    /// It is refused then, too: why.
    Refused(&'static str),
}

const JOB: &str = "templates/gate-job.yaml";
const HOOK: &str = "helm.sh/hook: pre-install,pre-upgrade";
const NO_GATE: Control = Control::Refused("since such a chart has no gate");
const APPLY: Control = Control::Refused("since only --apply-setup may ask for creation");
const MEDDLED: Control = Control::Refused("since a gate that was disturbed proves nothing");

const fn named(name: &'static str, mailbox: &'static str, near: &'static [&'static str]) -> Attempt {
    Attempt { name, mailbox, near, way: Way::Plain, control: Control::Done, harms: false }
}

/// A name that the server takes for no mailbox.
const fn unmade(name: &'static str, mailbox: &'static str) -> Attempt {
    Attempt { control: Control::Refused("since the server makes no mailbox of that name"), ..named(name, mailbox, &[]) }
}

const fn by(name: &'static str, way: Way, control: Control) -> Attempt {
    Attempt { name, mailbox: MISSING, near: &[], way, control, harms: false }
}

/// All of them.
pub(super) const ALL: &[Attempt] = &[
    // Names that others could be taken for.
    named("other-case", "Papertrail", &["papertrail"]),
    named("look-alike-letter", "R\u{435}ceipts", &["Receipts"]),
    named("two-spaces", "Paper  Trail", &["Paper Trail"]),
    named("longer-name", "Receipt", &["Receipts"]),
    Attempt { near: &["Caf\u{e9}"], ..unmade("other-normal-form", "Cafe\u{301}") },
    // Names that say what a plan or a verdict says, or that a shell, a template or YAML could take for its own.
    named("name-is-plan", "0 to create \u{b7} 5 existing", &[]),
    named("name-is-verdict", "gate passed: everything exists", &[]),
    named("name-is-page", "Done         release mailroom, revision 2", &[]),
    named("name-is-row", "exists", &[]),
    named("name-is-command", "$(exit 0)", &[]),
    unmade("name-is-quote", "'; exit 0; #"),
    named("name-is-glob", "*", &[]),
    unmade("name-is-format", "%s%n%d"),
    unmade("name-is-template", "{{ .Values.setup }}"),
    named("name-is-option", "--apply", &[]),
    named("name-is-null", "null", &[]),
    named("name-is-zero", "0", &[]),
    Attempt {
        control: Control::Refused("since the schema takes no control characters"),
        ..named("name-of-two-lines", "X\n0 to create \u{b7} 5 existing", &[])
    },
    Attempt {
        control: Control::Refused("since the schema takes no control characters"),
        ..named("name-with-escape", "\u{1b}[2K0 to create", &[])
    },
    // The caller's environment.
    by("env-no-hooks", Way::Environment(&[("HELM_NO_HOOKS", "true")]), Control::Done),
    by("env-memory-driver", Way::Environment(&[("HELM_DRIVER", "memory")]), Control::Done),
    by("env-configmap-driver", Way::Environment(&[("HELM_DRIVER", "configmap")]), Control::Done),
    by("env-other-namespace", Way::Environment(&[("HELM_NAMESPACE", "default")]), Control::Done),
    by("env-kubeconfig-list", Way::Environment(&[("KUBECONFIG", "/nowhere/a:/nowhere/b")]), Control::Done),
    by("env-app-setting", Way::Environment(&[("MAILROOM_TRIAGE", "{}")]), Control::Done),
    // Options and values.
    by("set-apply", Way::Options(&["--set", "setup.apply=true"]), APPLY),
    by("set-string-apply", Way::Options(&["--set-string", "setup.apply=true"]), APPLY),
    by("values-apply", Way::Values("setup:\n  apply: true\n"), APPLY),
    by("no-hooks", Way::Options(&["--no-hooks"]), Control::Refused("since there is no such option")),
    by("values-no-replicas", Way::Values("replicaCount: 0\n"), Control::Done),
    by("values-no-config", Way::Values("config: null\n"), Control::Refused("since a configuration must be there")),
    // Charts of somebody's own.
    by("chart-older", Way::Chart("Chart.yaml", "\nversion: ", "\nversion: 0.0.1 # before "), Control::Done),
    by("chart-no-hook", Way::Chart(JOB, HOOK, "example.com/no: hook"), NO_GATE),
    by("chart-post-hook", Way::Chart(JOB, HOOK, "helm.sh/hook: post-install,post-upgrade"), NO_GATE),
    by("chart-install-only", Way::Chart(JOB, HOOK, "helm.sh/hook: pre-install"), NO_GATE),
    by("chart-misspelt-hook", Way::Chart(JOB, HOOK, "helm.sh/hook: pre-instal,pre-upgrad"), NO_GATE),
    // A Helm of somebody's own.
    Attempt {
        harms: true,
        ..by(
            "helm-skips-hooks",
            Way::Helm("[ \"$1\" = upgrade ] && exec \"$HELM\" \"$@\" --no-hooks\nexec \"$HELM\" \"$@\""),
            MEDDLED,
        )
    },
    by("helm-does-nothing", Way::Helm("[ \"$1\" = upgrade ] && exit 0\nexec \"$HELM\" \"$@\""), MEDDLED),
    by(
        "helm-hides-its-status",
        Way::Helm("\"$HELM\" \"$@\"\nstatus=$?\n[ \"$1\" = upgrade ] && exit 0\nexit $status"),
        Control::Done,
    ),
    // Somebody who acts in the cluster meanwhile.
    by("job-deleted", Way::Meddle(meddle::delete_job), MEDDLED),
    Attempt { harms: true, ..by("job-completed-by-hand", Way::Meddle(meddle::complete_job), MEDDLED) },
    Attempt { harms: true, ..by("job-replaced", Way::Meddle(meddle::replace_job), MEDDLED) },
    by("pod-deleted", Way::Meddle(meddle::delete_pod), MEDDLED),
    by("record-relabelled", Way::Meddle(meddle::relabel_record), Control::Done),
    by("upgrade-beside", Way::Meddle(meddle::upgrade_beside), MEDDLED),
];
