//! Questions to the cluster: nothing here changes it.

use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::reason::{Reason, of_stderr};
use super::{CALL, Kubectl};
use crate::tools::{Captured, Version};

/// One right to ask for: a verb on a resource of an API group, in a namespace or, without one, in the whole cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// As in `create`.
    pub verb: String,
    /// The API group; empty for the core.
    pub group: String,
    /// The plural, as in `pods`.
    pub resource: String,
    /// As in `log`; empty for the resource itself.
    pub subresource: String,
    /// The namespace; empty for a right in the whole cluster.
    pub namespace: String,
    /// One object's name; empty for all.
    pub name: String,
}

impl Kubectl {
    /// A call with `--output json`, read.
    ///
    /// # Errors
    /// Exit 3, a [`crate::tools::ToolError`] where the request failed; see [`super::reason`].
    pub fn json(&self, args: &[&str]) -> Result<Value> {
        self.request(args).args(["--output", "json"]).capture()?.checked()?.json()
    }

    /// One object, or none where there is no such object; the namespace is empty for one that lives in none.
    ///
    /// # Errors
    /// As [`Kubectl::json`].
    pub fn get(&self, kind: &str, name: &str, namespace: &str) -> Result<Option<Value>> {
        let call = self.request(&["get", kind, name, "--namespace", namespace, "--output", "json"]);
        let captured = call.capture()?;
        let none = !captured.success() && of_stderr(&captured.stderr) == Reason::NotFound;
        if none { Ok(None) } else { captured.checked()?.json().map(Some) }
    }

    /// The objects of a kind in a namespace that a label selector names; an empty selector names all.
    ///
    /// # Errors
    /// As [`Kubectl::json`].
    pub fn list(&self, kind: &str, namespace: &str, selector: &str) -> Result<Vec<Value>> {
        let mut list = self.json(&["get", kind, "--namespace", namespace, "--selector", selector])?;
        match list.get_mut("items").map(Value::take) {
            Some(Value::Array(items)) => Ok(items),
            _ => Ok(Vec::new()),
        }
    }

    /// The answer of the API server to a GET of this path, as it is.
    ///
    /// # Errors
    /// As [`Kubectl::json`].
    pub fn raw(&self, path: &str) -> Result<String> {
        Ok(self.run(&["get", "--raw", path])?.checked()?.stdout)
    }

    /// The server's version: the first request to make, since it tells whether there is a server.
    ///
    /// # Errors
    /// As [`Kubectl::json`].
    pub fn server_version(&self) -> Result<Version> {
        let answer: Value = serde_json::from_str(&self.raw("/version")?)?;
        let version = answer.get("gitVersion").and_then(Value::as_str).and_then(Version::parse);
        version.context("the API server names no version of its own at /version")
    }

    /// Whether the user has these rights, in this order: one call for all.
    ///
    /// # Errors
    /// As [`Kubectl::json`].
    pub fn may(&self, accesses: &[Access]) -> Result<Vec<bool>> {
        let items: Vec<Value> = accesses.iter().map(Access::review).collect();
        let list = json!({ "apiVersion": "v1", "kind": "List", "items": items }).to_string();
        // Made here, so there is nothing to validate: that alone would take as long as all the rest.
        let call = self.request(&["create", "--filename", "-", "--output", "json", "--validate=false"]).stdin(list);
        let captured = call.capture()?.checked()?;
        // Not a list: kubectl prints each object that it created as a document of its own.
        let answers = serde_json::Deserializer::from_str(&captured.stdout).into_iter::<Value>();
        let allowed = answers.map(|answer| answer.ok()?.pointer("/status/allowed")?.as_bool());
        let allowed = allowed.collect::<Option<Vec<bool>>>();
        allowed
            .filter(|allowed| allowed.len() == accesses.len())
            .context("the API server answers a SelfSubjectAccessReview without a verdict")
    }

    /// Waits for a condition, as in `wait("pod/x", "condition=Ready", ..)`.
    ///
    /// # Errors
    /// As [`Kubectl::json`]; also where the time is over.
    pub fn wait(&self, object: &str, condition: &str, namespace: &str, limit: Duration) -> Result<()> {
        let (condition, timeout) = (format!("--for={condition}"), format!("--timeout={}s", limit.as_secs()));
        let call = self.call(&["wait", object, &condition, "--namespace", namespace, &timeout]);
        call.limit(limit.saturating_add(CALL)).capture()?.checked().map(drop)
    }

    /// Waits until a rollout is done, as in `rollout_status("deployment/x", ..)`.
    ///
    /// # Errors
    /// As [`Kubectl::json`]; also where the time is over.
    pub fn rollout_status(&self, object: &str, namespace: &str, limit: Duration) -> Result<()> {
        let timeout = format!("--timeout={}s", limit.as_secs());
        let call = self.call(&["rollout", "status", object, "--namespace", namespace, &timeout]);
        call.limit(limit.saturating_add(CALL)).capture()?.checked().map(drop)
    }

    /// Runs a command in a pod's container; the caller judges its status. stdout is as it came.
    ///
    /// # Errors
    /// Exit 3 where kubectl cannot be started or takes too long.
    pub fn exec(&self, pod: &str, container: &str, namespace: &str, command: &[&str]) -> Result<Captured> {
        let call = self.call(&["exec", pod, "--container", container, "--namespace", namespace]);
        call.arg("--").args(command).limit(CALL).capture()
    }

    /// The log of a pod's container, masked; `more` as in `["--previous"]`. The caller judges the status.
    ///
    /// # Errors
    /// Exit 3 where kubectl cannot be started or takes too long.
    pub fn logs(&self, pod: &str, container: &str, namespace: &str, more: &[&str]) -> Result<Captured> {
        let call = self.request(&["logs", pod, "--container", container, "--namespace", namespace]).args(more);
        let mut captured = call.capture()?;
        captured.stdout = self.tool.mask.hide(&captured.stdout);
        Ok(captured)
    }
}

impl Access {
    fn review(&self) -> Value {
        json!({
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": { "resourceAttributes": {
                "verb": self.verb,
                "group": self.group,
                "resource": self.resource,
                "subresource": self.subresource,
                "namespace": self.namespace,
                "name": self.name,
            }},
        })
    }
}
