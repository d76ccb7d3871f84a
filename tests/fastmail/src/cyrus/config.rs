//! The folder Cyrus lives in, and the two configuration files written there.

use std::fs;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};

use super::user::User;

/// The longest path a Unix socket can have on Linux, in bytes: `sun_path` less its closing zero.
const SOCKET_PATH_MAX: usize = 107;

/// The folder that holds all of Cyrus's state, and the paths in it.
#[derive(Clone, Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    /// Makes the folders and writes the configuration, all owned by `user`. State that is there already is kept.
    pub(super) fn prepare(root: &Path, user: &User) -> anyhow::Result<Self> {
        let folder = Self(std::path::absolute(root)?);
        for socket in [folder.http_socket(), folder.imap_socket()] {
            ensure!(
                socket.as_os_str().len() <= SOCKET_PATH_MAX,
                "{} is longer than the {SOCKET_PATH_MAX} bytes a socket's path may have: choose a shorter data folder",
                socket.display()
            );
        }
        for path in ["", "config", "config/db", "config/socket", "listen", "spool", "tmp"] {
            let path = folder.0.join(path);
            fs::create_dir_all(&path).with_context(|| format!("cannot create {}", path.display()))?;
            user.own(&path)?;
        }
        folder.write("imapd.conf", &folder.imapd_conf(&user.name))?;
        folder.write("cyrus.conf", &folder.cyrus_conf())?;
        Ok(folder)
    }

    fn write(&self, name: &str, text: &str) -> anyhow::Result<()> {
        let path = self.0.join(name);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    }

    pub(super) fn imapd_conf_path(&self) -> PathBuf {
        self.0.join("imapd.conf")
    }

    pub(super) fn cyrus_conf_path(&self) -> PathBuf {
        self.0.join("cyrus.conf")
    }

    /// Without a pid file of its own, master wants to write one below `/run` and exits in silence where it cannot.
    pub(super) fn pid_path(&self) -> PathBuf {
        self.0.join("master.pid")
    }

    pub(super) fn http_socket(&self) -> PathBuf {
        self.0.join("listen/http")
    }

    pub(super) fn imap_socket(&self) -> PathBuf {
        self.0.join("listen/imap")
    }

    /// `alwaystrue`: the front has authenticated; `autocreate_quota: 0`: the first IMAP login makes the Inbox, without
    /// a quota; `conversations`: JMAP needs it; `sendmail`: a path that is not there, so that no mail ever leaves.
    fn imapd_conf(&self, user: &str) -> String {
        let root = self.0.display();
        format!(
            "configdirectory: {root}/config\n\
             defaultpartition: default\n\
             partition-default: {root}/spool\n\
             temp_path: {root}/tmp\n\
             cyrus_user: {user}\n\
             admins: cyrus\n\
             servername: localhost\n\
             allowplaintext: yes\n\
             sasl_mech_list: PLAIN\n\
             sasl_pwcheck_method: alwaystrue\n\
             httpmodules: carddav jmap\n\
             httpallowcompress: no\n\
             conversations: yes\n\
             virtdomains: off\n\
             unixhierarchysep: yes\n\
             autocreate_quota: 0\n\
             sendmail: {root}/no-mail-leaves\n"
        )
    }

    /// Every command names the configuration: master does not hand its own `-C` down.
    fn cyrus_conf(&self) -> String {
        let conf = self.imapd_conf_path();
        let conf = conf.display();
        format!(
            "START {{\n  recover cmd=\"ctl_cyrusdb -C {conf} -r\"\n}}\n\
             SERVICES {{\n  \
             http cmd=\"httpd -C {conf}\" listen=\"{http}\" prefork=1\n  \
             imap cmd=\"imapd -C {conf}\" listen=\"{imap}\" prefork=0\n}}\n",
            http = self.http_socket().display(),
            imap = self.imap_socket().display(),
        )
    }
}

impl User {
    /// Gives `path` to this user where the process may do so; else it is the process's own user, who made it.
    fn own(&self, path: &Path) -> anyhow::Result<()> {
        if !self.drop {
            return Ok(());
        }
        chown(path, Some(self.uid), Some(self.gid))
            .with_context(|| format!("cannot give {} to user {}", path.display(), self.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_names_the_configuration() {
        let text = Folder(PathBuf::from("/data")).cyrus_conf();
        let commands: Vec<_> = text.lines().filter(|line| line.contains("cmd=")).collect();
        assert_eq!(commands.len(), 3);
        for command in commands {
            assert!(command.contains(" -C /data/imapd.conf"), "{command}");
        }
    }

    #[test]
    fn too_long_a_folder_is_refused_with_the_way_out() {
        let root = std::env::temp_dir().join("x".repeat(SOCKET_PATH_MAX));
        let error = Folder::prepare(&root, &User::current().unwrap()).unwrap_err().to_string();
        assert!(error.ends_with("choose a shorter data folder"), "{error}");
        assert!(!root.exists());
    }
}
