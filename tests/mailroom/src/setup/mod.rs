//! `mailroom setup`: what the account lacks, and with `--apply` its creation.

mod apply;
mod plan;

use std::fmt::Write;

use crate::carddav::CardDav;
use crate::config::{self, Config, ConfigError, Environment};
use crate::exception::Exception;
use crate::http::Client;
use crate::jmap::Jmap;
use crate::report::{self, Colour, Status};
use crate::required::Required;
use crate::sieve;

/// What a `setup` that came to its end has to say.
#[derive(Debug)]
pub struct Outcome {
    /// The text for stdout: guidance, report, last line.
    pub text: String,
    /// Whether every row that had to be created was; a dry run always is fine.
    pub complete: bool,
}

/// Why a `setup` did not come to its end; stdout stays empty.
#[derive(Debug)]
pub enum Failure {
    /// What the app catches and tells in its own words.
    Told(String),
    /// What it does not catch: a traceback.
    Raised(Exception),
}

impl From<Exception> for Failure {
    fn from(exception: Exception) -> Self {
        Self::Raised(exception)
    }
}

/// Loads the configuration, connects, compares, and creates what is missing where `apply` says so.
pub fn setup(environment: &Environment, apply: bool, colour: Colour) -> Result<Outcome, Failure> {
    let config = config::load(environment).map_err(configuration_failure)?;
    let account = Account::connect(&config, environment)?;
    let (mailboxes, groups) = (account.jmap.mailboxes()?, account.carddav.groups()?);
    let mut plan = plan::of(&Required::of(&config), &mailboxes, &groups);
    if apply {
        apply::create_missing(&mut plan, &account)?;
    }
    let rows: Vec<_> = plan.into_iter().map(|item| item.row).collect();
    let complete = !rows.iter().any(|row| matches!(row.status, Status::Failed(_)));
    let mut text = sieve::guidance(&config);
    text.push_str(&report::render(&rows, apply, colour));
    Ok(Outcome { text, complete })
}

/// Both halves of one account.
struct Account {
    jmap: Jmap,
    carddav: CardDav,
}

impl Account {
    /// The connect phase: the only one whose connection errors are told in one line.
    fn connect(config: &Config, environment: &Environment) -> Result<Self, Failure> {
        let client = Client::new(environment)?;
        let jmap = Jmap::connect(client.clone(), &config.jmap_token).map_err(|error| told("JMAP", error))?;
        let carddav = CardDav::connect(client, &config.carddav_username, &config.carddav_password)
            .map_err(|error| told("CardDAV", error))?;
        Ok(Self { jmap, carddav })
    }
}

fn told(side: &str, error: Exception) -> Failure {
    match error.connection_reason() {
        Some(reason) => Failure::Told(format!("{side} connection failed: {reason}")),
        None => Failure::Raised(error),
    }
}

fn configuration_failure(error: ConfigError) -> Failure {
    Failure::Told(match error {
        ConfigError::NotFound(path) => config_not_found(&path),
        ConfigError::Invalid(problems) => configuration_error(&problems),
        ConfigError::Raised(exception) => configuration_error(&exception),
    })
}

/// The two lines for a configuration file that does not exist.
pub fn config_not_found(path: &std::path::Path) -> String {
    let mut text = format!("Error: Config file not found: {}\n", path.display());
    write!(text, "Create it, or name another one with MAILROOM_CONFIG.").expect("writing to a String");
    text
}

/// The message for a configuration that cannot be used.
pub fn configuration_error(problem: &dyn std::fmt::Display) -> String {
    format!("Configuration error: {problem}")
}
