//! What the behaviours of a run share: the cluster, the mail server in it, and the images on its node.

use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result};

use super::cluster::Cluster;
use super::dns;
use super::front::{Account, Front};
use super::images::Images;
use super::preflight::NodeImage;
use super::run::Run;
use super::stage::Stage;
use crate::exit;
use crate::parallel;
use crate::tools::Mask;

/// A cluster whose DNS leads to a mail server that answers as Fastmail does.
#[derive(Debug)]
pub struct Testbed<'r> {
    /// The run.
    pub run: &'r Run,
    /// Its cluster.
    pub cluster: Cluster,
    /// The mail server.
    pub front: Front,
    /// The images on the node.
    pub images: Images,
    secrets: Mutex<Vec<String>>,
}

impl<'r> Testbed<'r> {
    /// Makes it all; the images are built while the cluster starts.
    ///
    /// # Errors
    /// What the first step that fails says; exit 130 at a signal.
    pub fn make(run: &'r Run, node_image: &NodeImage, app: Option<&str>) -> Result<Self> {
        run.stage(Stage::Images)?;
        let (cluster, images) = both(run, || Cluster::create(run, node_image), || Images::build(run, app))?;
        run.stage(Stage::Load)?;
        cluster.load(run, &images.all()).context("cannot load the images")?;
        run.stage(Stage::Server)?;
        let front = Front::start(run, &cluster, &images.server, &images.ca)?;
        run.stage(Stage::Dns)?;
        dns::point_at(run, &cluster, &front)?;
        Ok(Self { run, cluster, front, images, secrets: Mutex::default() })
    }

    /// Makes an account; its secrets are hidden from now on.
    ///
    /// # Errors
    /// Where the mail server refuses it.
    pub fn create_account(&self, name: &str) -> Result<Account> {
        let account = self.front.create_account(name)?;
        self.hide(&account);
        Ok(account)
    }

    /// Hides the secrets of an account from now on.
    pub fn hide(&self, account: &Account) {
        self.hide_value(account.token.clone());
        self.hide_value(account.password.clone());
    }

    /// Hides any other secret value from now on.
    pub fn hide_value(&self, secret: String) {
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner).push(secret);
    }

    /// All that is hidden.
    pub fn mask(&self) -> Mask {
        Mask::new(self.secrets.lock().unwrap_or_else(PoisonError::into_inner).iter())
    }
}

/// Does both at a time; where one fails, the other is ended, and the one that failed of its own accord gives the error.
fn both<A, B: Send>(
    run: &Run,
    one: impl FnOnce() -> Result<A>,
    other: impl FnOnce() -> Result<B> + Send,
) -> Result<(A, B)> {
    let stop = |_: &anyhow::Error| run.interrupt.stop();
    match parallel::both(|| one().inspect_err(stop), || other().inspect_err(stop)) {
        (Ok(one), Ok(other)) => Ok((one, other)),
        (Err(error), Ok(_)) | (Ok(_), Err(error)) => Err(error),
        (Err(one), Err(other)) => Err(if exit::code_of(&one) == exit::INTERRUPTED { other } else { one }),
    }
}
