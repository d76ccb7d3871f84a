//! The user Cyrus runs as. Cyrus refuses to be root, and needs a passwd entry for whoever it is.

use std::fs;
use std::os::unix::fs::MetadataExt as _;

use anyhow::{Context as _, bail};

/// The user that Debian's packages make for Cyrus.
const PACKAGE_USER: &str = "cyrus";

/// A passwd entry, and whether the process must drop to it.
#[derive(Debug, PartialEq)]
pub(super) struct User {
    pub(super) name: String,
    pub(super) uid: u32,
    pub(super) gid: u32,
    /// The process is root: it starts Cyrus as this user instead.
    pub(super) drop: bool,
}

impl User {
    /// The user of this process; where that is root, the package's user `cyrus`.
    pub(super) fn current() -> anyhow::Result<Self> {
        let process = fs::metadata("/proc/self").context("cannot read /proc/self")?;
        let passwd = fs::read_to_string("/etc/passwd").context("cannot read /etc/passwd")?;
        Self::choose(process.uid(), &passwd)
    }

    fn choose(uid: u32, passwd: &str) -> anyhow::Result<Self> {
        let mut users = passwd.lines().filter_map(|line| Self::parse(line, uid == 0));
        if uid == 0 {
            return users.find(|user| user.name == PACKAGE_USER).with_context(|| {
                format!("root cannot run cyrus, and /etc/passwd has no user {PACKAGE_USER}: start it as another user")
            });
        }
        match users.find(|user| user.uid == uid) {
            Some(user) => Ok(user),
            None => bail!("uid {uid} has no entry in /etc/passwd, which cyrus needs: start it as a user with one"),
        }
    }

    fn parse(line: &str, drop: bool) -> Option<Self> {
        let mut fields = line.split(':');
        let name = fields.next()?.to_owned();
        let uid = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        Some(Self { name, uid, gid, drop })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWD: &str =
        "root:x:0:0:root:/root:/bin/bash\ncyrus:x:103:8::/var/spool/cyrus:/bin/sh\nann:x:1000:1000:::\n";

    #[test]
    fn root_drops_to_the_user_of_the_package() {
        let user = User::choose(0, PASSWD).unwrap();
        assert_eq!(user, User { name: "cyrus".into(), uid: 103, gid: 8, drop: true });
    }

    #[test]
    fn another_user_stays_who_it_is() {
        let user = User::choose(1000, PASSWD).unwrap();
        assert_eq!(user, User { name: "ann".into(), uid: 1000, gid: 1000, drop: false });
    }

    #[test]
    fn a_user_without_an_entry_is_told_so() {
        let error = User::choose(4711, PASSWD).unwrap_err().to_string();
        assert!(error.starts_with("uid 4711 has no entry in /etc/passwd"), "{error}");
    }
}
