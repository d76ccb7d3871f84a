//! What the gate does where the mail server, the credentials, the name service or the certificate fail it.

use anyhow::Result;
use serde_json::{Value, json};

use super::support::{Untouched, both, fault, four, plain, with_image};
use crate::kind_test::behaviour::Behaviour;
use crate::kind_test::case::Case;
use crate::kind_test::dns;
use crate::kind_test::front::Account;

pub(super) const BEHAVIOURS: &[Behaviour] = &[
    both("gate-wrong-token", "a wrong token is refused with the app's reason, and not shown", wrong_token),
    four(
        "gate-wrong-carddav-password",
        "a wrong CardDAV password is refused with the app's reason, and not shown",
        wrong_password,
    ),
    four("gate-server-error", "a server that answers 500 stops the release", server_error),
    four("gate-server-stalls", "a server that never answers stops the release within the app's own time-out", stall),
    four("gate-server-resets", "a connection that is reset stops the release", reset),
    four("gate-server-garbage", "an answer that cannot be read stops the release", garbage),
    four("gate-certificate-untrusted", "a certificate that the app does not trust stops the release", untrusted),
    Behaviour {
        alone: true,
        ..four("gate-name-unresolved", "a name that cannot be resolved stops the release", name_unresolved)
    },
];

/// How the app words what the operating system says of a name, and OpenSSL of a certificate.
const UNRESOLVED: &str = "JMAP connection failed: [Errno -2] Name or service not known";
const UNTRUSTED: &str = "JMAP connection failed: [SSL: CERTIFICATE_VERIFY_FAILED]";

fn wrong_token(case: &Case<'_>) -> Result<()> {
    let account = Account { token: "canary-of-a-wrong-token".to_owned(), ..case.account.clone() };
    stopped(&case.with_account(account), "JMAP connection failed: 401 Unauthorized")
}

fn wrong_password(case: &Case<'_>) -> Result<()> {
    let account = Account { password: "canary-of-a-wrong-password".to_owned(), ..case.account.clone() };
    stopped(&case.with_account(account), "CardDAV connection failed: 401 Unauthorized")
}

fn server_error(case: &Case<'_>) -> Result<()> {
    let error = json!({"kind": "status", "status": 500, "reason": "Out Of Stamps"});
    failing(case, &error, "JMAP connection failed: 500 Out Of Stamps")
}

fn stall(case: &Case<'_>) -> Result<()> {
    failing(case, &json!({"kind": "stall"}), "status 1: httpx.ReadTimeout")
}

fn reset(case: &Case<'_>) -> Result<()> {
    failing(case, &json!({"kind": "reset"}), "status 1: httpx.ReadError")
}

fn garbage(case: &Case<'_>) -> Result<()> {
    failing(case, &json!({"kind": "garbage"}), "status 1: json.decoder.JSONDecodeError")
}

fn untrusted(case: &Case<'_>) -> Result<()> {
    let values = with_image(plain(), &case.images().untrusting);
    case.install(&values, false)?.refused("the install", UNTRUSTED)?;
    Untouched::nothing(case)
}

fn name_unresolved(case: &Case<'_>) -> Result<()> {
    let testbed = case.testbed();
    let (run, cluster) = (testbed.run, &testbed.cluster);
    let corefile = dns::corefile(cluster)?;
    let outcome = (|| {
        dns::apply(run, cluster, &dns::without_names(&corefile)?)?;
        dns::leads_to(run, cluster, None)?;
        stopped(case, UNRESOLVED)
    })();
    // Whatever came of it: the behaviours after this one need the names.
    dns::apply(run, cluster, &corefile)?;
    dns::leads_to(run, cluster, Some(&testbed.front.address))?;
    outcome
}

/// With the session of this account failing, always.
fn failing(case: &Case<'_>, kind: &Value, said: &str) -> Result<()> {
    fault(case, &json!({"on": {"path": "/jmap/session"}, "times": "always", "fault": kind}))?;
    stopped(case, said)
}

/// The release is stopped with this said, even where it was asked to create, and nothing has changed.
fn stopped(case: &Case<'_>, said: &str) -> Result<()> {
    case.install(&plain(), true)?.refused("the install", said)?;
    Untouched::nothing(case)
}
