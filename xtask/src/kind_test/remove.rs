//! Removal: everything is tried, whatever fails before it, and "gone" is looked at rather than believed.

use std::time::Duration;

use anyhow::Result;

use super::journal::Object;
use super::run::Run;
use super::wait::{self, Look};
use crate::interrupt::Interrupt;

/// The label by which kind finds the containers of a cluster.
const CLUSTER_LABEL: &str = "io.x-k8s.kind.cluster";

/// Deleting a cluster took 3.4 s.
const LIMIT: Duration = Duration::from_secs(60);

/// Removes the objects in this order; gives a line for each that could not be removed.
pub(super) fn all(run: &Run, objects: &[Object]) -> Vec<String> {
    let failed = |object: &Object| {
        let error = one(run, object).err()?;
        Some(format!("{error:#}; to do it: {}", object.removal(run.kind.program())))
    };
    objects.iter().filter_map(failed).collect()
}

fn one(run: &Run, object: &Object) -> Result<()> {
    match object {
        Object::Cluster { name } => cluster(run, name),
        Object::Network { name } => run.docker.remove_network(name).map(drop),
        Object::Image { name } => run.docker.untag(name).map(drop),
    }
}

fn cluster(run: &Run, name: &str) -> Result<()> {
    let label = format!("{CLUSTER_LABEL}={name}");
    // The signal that ends the run must not end its clean-up.
    wait::until("the cluster's containers to go", LIMIT, &Interrupt::default(), || {
        run.kind.delete(name, &run.kubeconfig())?;
        let left = run.docker.containers(&label)?;
        Ok(if left.is_empty() { Look::Done(()) } else { Look::NotYet(format!("containers {left:?}")) })
    })
}
