//! The stages of a run, by the names that its progress shows and that `--drill interrupts` waits for.

use std::fmt;

/// A stage of a run, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The images of the server and the app are built.
    Images,
    /// The cluster's network is made.
    Network,
    /// kind makes the node.
    Node,
    /// The cluster is waited for.
    Ready,
    /// The images go to the node.
    Load,
    /// The mail server starts.
    Server,
    /// The cluster's DNS learns Fastmail's names.
    Dns,
    /// The behaviours.
    Behaviours,
    /// What was made is removed.
    Remove,
}

impl Stage {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Images,
        Self::Network,
        Self::Node,
        Self::Ready,
        Self::Load,
        Self::Server,
        Self::Dns,
        Self::Behaviours,
        Self::Remove,
    ];
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Images => "building the images",
            Self::Network => "making the network",
            Self::Node => "making the node",
            Self::Ready => "waiting for the cluster",
            Self::Load => "loading the images",
            Self::Server => "starting the mail server",
            Self::Dns => "pointing the cluster's DNS at it",
            Self::Behaviours => "running the behaviours",
            Self::Remove => "removing what was made",
        })
    }
}
