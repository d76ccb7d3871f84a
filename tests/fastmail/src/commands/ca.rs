//! `fastmail ca`: a certificate authority that outlives one server.

use std::path::PathBuf;

use clap::Args;
use fastmail::front::tls::Authority;

/// Make a throw-away CA for `serve --ca`: ca.crt, which clients trust, and ca.key
#[derive(Args)]
pub(crate) struct Ca {
    /// Folder to write both files to
    folder: PathBuf,
}

impl Ca {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        Authority::new()?.write(&self.folder)
    }
}
