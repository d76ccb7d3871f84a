//! The accounts: who may come in, and what belongs to each alone: its record, its faults, its push.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use anyhow::{bail, ensure};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::Mutex;

use crate::cyrus::Client;
use crate::front::faults::Faults;
use crate::front::push::Push;
use crate::front::record::Record;

/// Names that mean something to Cyrus itself.
const RESERVED: [&str; 4] = ["admin", "anonymous", "anyone", "cyrus"];

/// What an account is called and what opens it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Credentials {
    /// The name in Cyrus and on the admin port: lower-case letters, digits and `-`.
    pub name: String,
    /// The JMAP bearer token.
    pub token: String,
    /// The CardDAV user, an address as at Fastmail.
    pub user: String,
    /// The CardDAV password.
    pub password: String,
}

/// What is asked for when an account is made: all but the name may be left out.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewAccount {
    /// See [`Credentials::name`].
    pub name: String,
    /// `token-NAME` where left out.
    pub token: Option<String>,
    /// `NAME@fastmail.test` where left out.
    pub user: Option<String>,
    /// `password-NAME` where left out.
    pub password: Option<String>,
}

impl NewAccount {
    /// Fills in what was left out and checks the rest; the error says what to change, and repeats no secret.
    pub fn credentials(self) -> anyhow::Result<Credentials> {
        let name = self.name;
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        ensure!(
            (1..=63).contains(&name.len()) && name.chars().all(plain),
            "name {name:?}: use 1 to 63 lower-case letters, digits and `-`"
        );
        ensure!(!RESERVED.contains(&name.as_str()), "name {name:?} means something to cyrus itself: choose another");
        let token = self.token.unwrap_or_else(|| format!("token-{name}"));
        let user = self.user.unwrap_or_else(|| format!("{name}@fastmail.test"));
        let password = self.password.unwrap_or_else(|| format!("password-{name}"));
        ensure!(!token.is_empty(), "the token of account {name} is empty");
        ensure!(!user.is_empty() && !user.contains(':'), "the user of account {name} is empty or has a colon in it");
        ensure!(!password.is_empty(), "the password of account {name} is empty");
        Ok(Credentials { name, token, user, password })
    }
}

/// One account. Nothing in it is shared with another.
#[derive(Debug)]
pub struct Account {
    /// Its name and secrets.
    pub credentials: Credentials,
    /// Every request that came in with its secrets.
    pub record: Record,
    /// The faults it is to show.
    pub faults: Faults,
    /// Its open push streams.
    pub push: Push,
    /// Held while mails change, so that two requests cannot together take a mail out of its last mailbox.
    pub(crate) mail: Mutex<()>,
    cyrus: Client,
}

impl Account {
    fn new(credentials: Credentials, cyrus: Client) -> Self {
        Self {
            credentials,
            record: Record::default(),
            faults: Faults::default(),
            push: Push::default(),
            mail: Mutex::default(),
            cyrus,
        }
    }

    /// Its name in Cyrus.
    pub fn name(&self) -> &str {
        &self.credentials.name
    }

    /// Cyrus, to be spoken to in this account's name.
    pub(crate) fn cyrus(&self) -> &Client {
        &self.cyrus
    }

    /// Makes JMAP calls behind the front: neither recorded nor subject to faults.
    pub(crate) async fn jmap(&self, calls: Value) -> anyhow::Result<Vec<Value>> {
        self.cyrus.jmap(self.name(), calls).await
    }
}

/// All accounts of a server.
#[derive(Debug, Default)]
pub struct Accounts(RwLock<ByName>);

type ByName = BTreeMap<String, Arc<Account>>;

impl Accounts {
    /// Makes an account, in Cyrus too, and lets it in from now on.
    ///
    /// Fails where its name, token or user is taken; what Cyrus holds under the name from an earlier run is kept.
    pub async fn create(&self, credentials: Credentials, cyrus: &Client) -> anyhow::Result<Arc<Account>> {
        taken(&self.read(), &credentials)?;
        cyrus.create_account(&credentials.name).await?;
        let mut accounts = self.0.write().unwrap_or_else(PoisonError::into_inner);
        taken(&accounts, &credentials)?;
        let account = Arc::new(Account::new(credentials, cyrus.clone()));
        accounts.insert(account.name().to_owned(), Arc::clone(&account));
        Ok(account)
    }

    /// The account of that name.
    pub fn named(&self, name: &str) -> Option<Arc<Account>> {
        self.read().get(name).cloned()
    }

    /// All accounts, by name.
    pub fn all(&self) -> Vec<Arc<Account>> {
        self.read().values().cloned().collect()
    }

    /// The account that `is` picks.
    pub(crate) fn find(&self, is: impl Fn(&Credentials) -> bool) -> Option<Arc<Account>> {
        self.read().values().find(|account| is(&account.credentials)).cloned()
    }

    fn read(&self) -> RwLockReadGuard<'_, ByName> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }
}

fn taken(accounts: &ByName, new: &Credentials) -> anyhow::Result<()> {
    for old in accounts.values().map(|account| &account.credentials) {
        for (what, same) in
            [("name", old.name == new.name), ("token", old.token == new.token), ("user", old.user == new.user)]
        {
            if same {
                bail!("account {} has this {what} already", old.name);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(name: &str) -> NewAccount {
        NewAccount { name: name.into(), ..NewAccount::default() }
    }

    #[test]
    fn what_is_left_out_follows_from_the_name() {
        let credentials = new("anna").credentials().unwrap();
        assert_eq!(credentials.token, "token-anna");
        assert_eq!(credentials.user, "anna@fastmail.test");
        assert_eq!(credentials.password, "password-anna");
    }

    #[test]
    fn names_that_cyrus_would_take_otherwise_are_refused() {
        for name in ["", "Anna", "a@b", "a.b", "cyrus", "anyone"] {
            assert!(new(name).credentials().is_err(), "{name:?}");
        }
    }

    #[test]
    fn a_refused_secret_is_not_repeated() {
        let user = Some("canary:7".to_owned());
        let error = NewAccount { user, ..new("anna") }.credentials().unwrap_err().to_string();
        assert!(!error.contains("canary"), "{error}");
    }
}
