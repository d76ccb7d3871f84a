//! The mail server in the cluster, steered by its admin port through the API server's service proxy.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::{Value, json};

use super::cluster::Cluster;
use super::ready;
use super::run::Run;
use super::wait::{self, Look};
use crate::tools::Kubectl;

/// Its namespace, its Service and its Deployment.
pub const NAME: &str = "fastmail";

/// Ready came 0.9 s after the apply.
const LIMIT: Duration = Duration::from_secs(60);

/// The user that its image has.
const USER: u32 = 10001;

/// The server, once it answers.
#[derive(Clone, Debug)]
pub struct Front {
    kubectl: Kubectl,
    /// The address of its Service.
    pub address: String,
}

/// An account on it. Its debug print shows no secret.
#[derive(Clone, Deserialize)]
pub struct Account {
    /// Its name on the admin port.
    pub name: String,
    /// The JMAP token.
    pub token: String,
    /// The CardDAV user.
    pub user: String,
    /// The CardDAV password.
    pub password: String,
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Account({})", self.name)
    }
}

impl Front {
    /// Starts it in a namespace that enforces *restricted*, with the CA of this folder, and waits until it answers.
    ///
    /// # Errors
    /// Where the cluster refuses it or it does not answer in time; exit 130 at a signal.
    pub fn start(run: &Run, cluster: &Cluster, image: &str, ca: &Path) -> Result<Self> {
        let read = |name| std::fs::read_to_string(ca.join(name)).with_context(|| format!("cannot read {name}"));
        let objects = objects(image, &read("ca.crt")?, &read("ca.key")?);
        cluster.kubectl.apply(&objects.to_string(), "kind-test", &[])?;
        ready::rolled_out(&cluster.kubectl, NAME, NAME, LIMIT, &run.interrupt)?;
        let service = cluster.kubectl.json(&["get", "service", NAME, "--namespace", NAME])?;
        let address =
            service.pointer("/spec/clusterIP").and_then(Value::as_str).context("its Service has no address")?;
        let front = Self { kubectl: cluster.kubectl.clone(), address: address.to_owned() };
        wait::until("the mail server to answer", LIMIT, &run.interrupt, || front.get("/healthz").map(Look::Done))?;
        Ok(front)
    }

    /// A GET on the admin port.
    ///
    /// # Errors
    /// Where it is refused.
    pub fn get(&self, path: &str) -> Result<Value> {
        serde_json::from_str(&self.kubectl.raw(&proxied(path))?).context("the admin port gave no JSON")
    }

    /// A POST on the admin port; the body goes by stdin, since it may hold a secret.
    ///
    /// # Errors
    /// Where it is refused.
    pub fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let answer = self.kubectl.create(&body.to_string(), &["--raw", &proxied(path)])?;
        serde_json::from_str(&answer.stdout).context("the admin port gave no JSON")
    }

    /// A DELETE on the admin port.
    ///
    /// # Errors
    /// Where it is refused.
    pub fn delete(&self, path: &str) -> Result<()> {
        self.kubectl.run(&["delete", "--raw", &proxied(path)])?.checked().map(drop)
    }

    /// Makes an account; it has an Inbox and nothing else.
    ///
    /// # Errors
    /// Where it is refused, as for a name that is taken.
    pub fn create_account(&self, name: &str) -> Result<Account> {
        let answer = self.post("/accounts", &json!({ "name": name })).context("cannot make an account")?;
        serde_json::from_value(answer).context("the admin port gave no account")
    }

    /// What the account holds or has seen, as the admin port lists it: `mailboxes`, `groups`, `cards`, `mails`,
    /// `requests`, `faults`.
    ///
    /// # Errors
    /// Where it is refused.
    pub fn list(&self, account: &Account, what: &str) -> Result<Vec<Value>> {
        match self.get(&format!("/accounts/{}/{what}", account.name))? {
            Value::Array(items) => Ok(items),
            other => anyhow::bail!("the admin port lists {what} as {other}"),
        }
    }

    /// The names of what it lists, sorted.
    ///
    /// # Errors
    /// As [`Front::list`].
    pub fn names(&self, account: &Account, what: &str) -> Result<Vec<String>> {
        let items = self.list(account, what)?;
        let mut names: Vec<_> = items.iter().filter_map(|item| Some(item["name"].as_str()?.to_owned())).collect();
        names.sort();
        Ok(names)
    }

    /// The account's requests that would change something, as `Mailbox/set` or `PUT /dav/...`.
    ///
    /// # Errors
    /// As [`Front::list`].
    pub fn writes(&self, account: &Account) -> Result<Vec<String>> {
        Ok(self.list(account, "requests")?.iter().flat_map(writes_of).collect())
    }
}

fn proxied(path: &str) -> String {
    format!("/api/v1/namespaces/{NAME}/services/{NAME}:admin/proxy{path}")
}

fn writes_of(request: &Value) -> Vec<String> {
    let calls = request["calls"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let mut writes: Vec<_> = calls.filter(|call| call.ends_with("/set")).map(ToOwned::to_owned).collect();
    let method = request["method"].as_str().unwrap_or_default();
    if !["GET", "HEAD", "POST", "PROPFIND", "REPORT"].contains(&method) {
        writes.push(format!("{method} {}", request["path"].as_str().unwrap_or_default()));
    }
    writes
}

fn objects(image: &str, certificate: &str, key: &str) -> Value {
    let meta = json!({"name": NAME, "namespace": NAME});
    let labels = json!({"app": NAME});
    json!({"apiVersion": "v1", "kind": "List", "items": [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {
            "name": NAME,
            "labels": {"pod-security.kubernetes.io/enforce": "restricted"},
        }},
        {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "stringData": {"ca.crt": certificate, "ca.key": key}},
        {"apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": {"selector": labels, "ports": [
            {"name": "https", "port": 443, "targetPort": "https"},
            {"name": "admin", "port": 8080, "targetPort": "admin"},
        ]}},
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta, "spec": {
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod(image)},
        }},
    ]})
}

fn pod(image: &str) -> Value {
    json!({
        "automountServiceAccountToken": false,
        "enableServiceLinks": false,
        "terminationGracePeriodSeconds": 5,
        "securityContext": {
            "runAsNonRoot": true, "runAsUser": USER, "runAsGroup": USER, "fsGroup": USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [{
            "name": NAME,
            "image": image,
            "imagePullPolicy": "Never",
            "args": ["--ca", "/ca"],
            "ports": [{"name": "https", "containerPort": 8443}, {"name": "admin", "containerPort": 8080}],
            "readinessProbe": {"httpGet": {"path": "/healthz", "port": "admin"}, "periodSeconds": 1},
            "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}},
            "securityContext": {
                "allowPrivilegeEscalation": false,
                "readOnlyRootFilesystem": true,
                "capabilities": {"drop": ["ALL"]},
            },
            "volumeMounts": [
                {"name": "data", "mountPath": "/data"},
                {"name": "ca", "mountPath": "/ca", "readOnly": true},
            ],
        }],
        "volumes": [
            {"name": "data", "emptyDir": {}},
            {"name": "ca", "secret": {"secretName": NAME, "defaultMode": 0o440}},
        ],
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Account, writes_of};

    #[test]
    fn tells_writes_from_reads() {
        for (request, expected) in [
            (json!({"method": "POST", "path": "/jmap/", "calls": ["Mailbox/get", "Email/query"]}), vec![]),
            (json!({"method": "POST", "path": "/jmap/", "calls": ["Mailbox/get", "Mailbox/set"]}), vec!["Mailbox/set"]),
            (json!({"method": "PROPFIND", "path": "/dav/", "calls": []}), vec![]),
            (json!({"method": "PUT", "path": "/dav/x.vcf", "calls": []}), vec!["PUT /dav/x.vcf"]),
            (json!({"method": "DELETE", "path": "/dav/x.vcf"}), vec!["DELETE /dav/x.vcf"]),
        ] {
            assert_eq!(writes_of(&request), expected, "{request}");
        }
    }

    #[test]
    fn an_account_does_not_print_its_secrets() {
        let text = ["a", "CANARY-t", "CANARY-u", "CANARY-p"].map(ToOwned::to_owned);
        let [name, token, user, password] = text;
        assert_eq!(format!("{:?}", Account { name, token, user, password }), "Account(a)");
    }
}
