//! `mailroom run`: start-up checks, the probe, pushes, and a loop of polls that sort nothing.

mod health;
mod poller;
mod push;
mod status;

use std::net::{Ipv4Addr, TcpListener};
use std::process::ExitCode;
use std::sync::mpsc;

use serde_json::json;

use crate::carddav::CardDav;
use crate::config::{self, Config, ConfigError, Environment};
use crate::exception::{self, Exception};
use crate::http::Client;
use crate::jmap::Jmap;
use crate::logging::{Level, Log};
use crate::required::{INBOX, Required};
use crate::{setup, signals};

/// The port of the probe.
const PORT: u16 = 8080;
/// The one variable that is the stand-in's own: another port for the probe, 0 for any that is free.
const PORT_VARIABLE: &str = "STAND_IN_HEALTH_PORT";

/// What ends the loop's waiting before its time.
#[derive(Debug)]
pub enum Wake {
    /// The server told of a change.
    Push,
    /// The signal of this name asked for an end.
    Stop(&'static str),
}

/// Why the service did not start, or stopped with 1.
enum Failure {
    Told(String),
    Raised(Exception),
    /// The log has told it.
    Logged,
}

impl From<Exception> for Failure {
    fn from(exception: Exception) -> Self {
        Self::Raised(exception)
    }
}

/// Runs until a signal stops it, which is success; start-up failures are raw text on `stderr`.
pub fn run(environment: &Environment, stderr: impl Fn(&str)) -> ExitCode {
    match service(environment) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            match failure {
                Failure::Told(message) => stderr(&message),
                Failure::Raised(exception) => stderr(&exception.traceback()),
                Failure::Logged => {}
            }
            ExitCode::FAILURE
        }
    }
}

/// Everything in the app's order: no connection error is caught, and the port is opened last.
fn service(environment: &Environment) -> Result<(), Failure> {
    signals::ignore_termination()?;
    let config = config::load(environment).map_err(configuration_failure)?;
    let log = Log::on_stderr(Level::named(&config.log_level));
    log.write(Level::Info, "stand_in", "this_is_a_stand_in", &[("note", "no mail is ever sorted".into())]);
    let client = Client::new(environment)?;
    let jmap = Jmap::connect(client.clone(), &config.jmap_token)?;
    let carddav = CardDav::connect(client, &config.carddav_username, &config.carddav_password)?;
    let labels = check_account(&config, &jmap, &carddav)?;

    let (sender, wakes) = mpsc::channel();
    let status = status::Status::new(config.interval, jmap.event_source().is_some());
    let listener = listen(environment)?;
    let port = listener.local_addr().map_or(PORT, |address| address.port());
    health::serve(listener, status.clone());
    push::listen(&jmap, &sender, &status, log)?;
    signals::watch(sender)?;
    log.write(
        Level::Info,
        "service",
        "service_started",
        &[("interval", json!(config.interval)), ("port", json!(port))],
    );
    let poller = poller::Poller {
        jmap: &jmap,
        labels,
        status,
        log,
        interval: config.interval,
        debounce: config.debounce_seconds,
    };
    poller.run(&wakes)
}

fn configuration_failure(error: ConfigError) -> Failure {
    match error {
        ConfigError::NotFound(path) => Failure::Told(setup::config_not_found(&path)),
        ConfigError::Invalid(problems) => Failure::Told(setup::configuration_error(&problems)),
        ConfigError::Raised(exception) => Failure::Raised(exception),
    }
}

/// The ids of the labels' mailboxes; an error that names what the account lacks, mailboxes before groups.
fn check_account(config: &Config, jmap: &Jmap, carddav: &CardDav) -> Result<Vec<String>, Exception> {
    let required = Required::of(config);
    let mailboxes = jmap.mailboxes()?;
    let missing = required.all_mailboxes().into_iter().filter(|name| {
        if *name == INBOX {
            return !mailboxes.iter().any(|mailbox| mailbox.role.as_deref() == Some("inbox"));
        }
        !mailboxes.iter().any(|mailbox| mailbox.name == *name)
    });
    require_none("mailboxes", missing)?;
    let groups = carddav.groups()?;
    require_none(
        "contact groups",
        required.all_groups().into_iter().filter(|name| !groups.iter().any(|group| group == name)),
    )?;
    let id_of =
        |label: &String| mailboxes.iter().find(|mailbox| mailbox.name == *label).map(|mailbox| mailbox.id.clone());
    Ok(required.action_labels.iter().filter_map(id_of).collect())
}

fn require_none<'a>(what: &str, missing: impl Iterator<Item = &'a str>) -> Result<(), Exception> {
    let missing: Vec<&str> = missing.collect();
    if missing.is_empty() {
        return Ok(());
    }
    let message = format!("Missing {what}: {}. Run `mailroom setup --apply` to create them.", missing.join(", "));
    Err(Exception::new(exception::VALUE, message))
}

fn listen(environment: &Environment) -> Result<TcpListener, Exception> {
    let port = match environment.nonempty(PORT_VARIABLE) {
        None => PORT,
        Some(text) => {
            text.parse().map_err(|_| Exception::new(exception::VALUE, format!("{PORT_VARIABLE} is not a port")))?
        }
    };
    TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).map_err(|error| Exception::os(&error, ""))
}
