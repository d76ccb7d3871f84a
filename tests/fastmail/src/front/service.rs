//! The two hosts that the app knows.

use serde::{Deserialize, Serialize};

/// Which of the two hosts a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    /// `api.fastmail.com`
    Jmap,
    /// `carddav.fastmail.com`
    CardDav,
}

impl Service {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Jmap, Self::CardDav];

    /// Its host name, which the app has built in.
    pub fn host(self) -> &'static str {
        match self {
            Self::Jmap => "api.fastmail.com",
            Self::CardDav => "carddav.fastmail.com",
        }
    }

    /// The service of a host with or without a port.
    pub(crate) fn of_authority(authority: &str) -> Option<Self> {
        let host = authority.split(':').next().unwrap_or_default();
        Self::ALL.into_iter().find(|service| host.eq_ignore_ascii_case(service.host()))
    }
}
