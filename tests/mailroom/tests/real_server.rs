//! The stand-in against real Cyrus behind the front of `tests/fastmail`: the whole contract over the wire.
//!
//! Without Cyrus installed this fails, and the server's error names the packages.

mod support;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Output};
use std::sync::Arc;

use fastmail::account::{Account, Credentials};
use fastmail::server::{Options, Server};
use serde_json::{Value, json};
use support::service::{Service, health};
use support::{last_line, parts};
use tokio::runtime::Runtime;

/// The server of this file, and the runtime it lives in.
struct World {
    runtime: Runtime,
    server: Server,
}

impl World {
    fn start() -> Self {
        let runtime = Runtime::new().unwrap();
        let options = Options {
            bind: [127, 0, 0, 1].into(),
            tls_port: 0,
            proxy_port: 0,
            admin_port: 0,
            ca: None,
            data: None,
            cyrus: "/usr/lib/cyrus/bin".into(),
        };
        let server = runtime.block_on(Server::start(options)).unwrap_or_else(|error| panic!("{error:#}"));
        Self { runtime, server }
    }

    fn account(&self, name: &str) -> Arc<Account> {
        let credentials = Credentials {
            name: name.into(),
            token: format!("canary-token-{name}"),
            user: format!("{name}@fastmail.test"),
            password: format!("canary-password-{name}"),
        };
        self.runtime.block_on(self.server.create_account(credentials)).unwrap()
    }

    /// The stand-in with an account's credentials.
    fn mailroom(&self, account: &Account, arguments: &[&str]) -> Command {
        let credentials = &account.credentials;
        let mut command = Command::new(env!("CARGO_BIN_EXE_mailroom"));
        command
            .args(arguments)
            .env_clear()
            .env("MAILROOM_CONFIG", "/")
            .env("MAILROOM_JMAP_TOKEN", &credentials.token)
            .env("MAILROOM_CARDDAV_USERNAME", &credentials.user)
            .env("MAILROOM_CARDDAV_PASSWORD", &credentials.password)
            .env("HTTPS_PROXY", format!("http://{}", self.server.addresses.proxy))
            .env("SSL_CERT_FILE", &self.server.ca_file)
            .env("STAND_IN_HEALTH_PORT", "0");
        command
    }

    fn setup(&self, account: &Account, arguments: &[&str]) -> Output {
        self.mailroom(account, &[&["setup"], arguments].concat()).output().unwrap()
    }

    /// Asks the admin port to do something; its answer's body.
    fn admin(&self, path: &str, body: &Value) -> String {
        let mut socket = TcpStream::connect(self.server.addresses.admin).unwrap();
        let body = body.to_string();
        let head =
            format!("POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
        socket.write_all((head + &body).as_bytes()).unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        answer
    }
}

/// One story; each has an account of its own.
type Story = fn(&World);

const STORIES: &[(&str, Story)] = &[
    ("setup fills a fresh account", setup_fills_a_fresh_account),
    ("wrong credentials are told in one line", wrong_credentials_are_told_in_one_line),
    ("names that are hard are created and found again", hard_names_are_created_and_found_again),
    ("the app's bug with names without @ is there", own_names_go_by_their_first_character),
    ("refused mailboxes are rows", refused_mailboxes_are_rows),
    ("null beside a refusal is a traceback", null_beside_a_refusal_is_a_traceback),
    ("each fault is told as the app tells it", each_fault_is_told_as_the_app_tells_it),
    ("run starts, polls on a push and stops", run_polls_on_a_push),
];

#[test]
fn the_contract_holds_against_real_cyrus() {
    let world = World::start();
    for (name, story) in STORIES {
        println!("story: {name}");
        story(&world);
    }
    world.runtime.block_on(world.server.stop()).unwrap();
}

/// Asserts success with this last line and nothing on stderr.
fn assert_ends_well(output: &Output, expected: &str) {
    let (code, stdout, stderr) = parts(output);
    assert_eq!((code, last_line(&stdout), stderr.as_str()), (Some(0), expected, ""), "{stdout}");
}

fn setup_fills_a_fresh_account(world: &World) {
    let account = world.account("fresh");
    assert_ends_well(&world.setup(&account, &[]), "25 to create · 1 existing");
    assert_ends_well(&world.setup(&account, &["--apply"]), "25 created · 1 existing");
    assert_ends_well(&world.setup(&account, &[]), "0 to create · 26 existing");
    assert_ends_well(&world.setup(&account, &["--apply"]), "0 created · 26 existing");
}

fn wrong_credentials_are_told_in_one_line(world: &World) {
    let account = world.account("wrong");
    for (variable, expected) in [
        ("MAILROOM_JMAP_TOKEN", "JMAP connection failed: 401 Unauthorized\n"),
        ("MAILROOM_CARDDAV_PASSWORD", "CardDAV connection failed: 401 Unauthorized\n"),
    ] {
        let output = world.mailroom(&account, &["setup"]).env(variable, "canary-wrong").output().unwrap();
        assert_eq!(parts(&output), (Some(1), String::new(), expected.to_owned()));
    }
    let output = world.mailroom(&account, &["setup"]).env_remove("MAILROOM_CARDDAV_PASSWORD").output().unwrap();
    assert_eq!(parts(&output).2, "CardDAV connection failed: 401 Unauthorized\n");
}

fn hard_names_are_created_and_found_again(world: &World) {
    let account = world.account("hard");
    let group = json!({ "name": "Plain", "contact_group": "Ämter, Co; & \"Söhne\" <tag> \\" });
    let triage = json!({ "categories": ["Ärger", "·", "1 to create", group] }).to_string();
    let setup = |arguments: &[&str]| {
        world.mailroom(&account, &[&["setup"], arguments].concat()).env("MAILROOM_TRIAGE", &triage).output().unwrap()
    };
    assert_ends_well(&setup(&["--apply"]), "16 created · 1 existing");
    assert_ends_well(&setup(&[]), "0 to create · 17 existing");
}

fn own_names_go_by_their_first_character(world: &World) {
    let account = world.account("bug");
    let own = json!({ "label_error": "Errors" }).to_string();
    let setup = || world.mailroom(&account, &["setup", "--apply"]).env("MAILROOM_MAILROOM", &own).output().unwrap();
    assert_ends_well(&setup(), "25 created · 1 existing");
    assert_ends_well(&setup(), "1 created · 25 existing");
    let output = world.mailroom(&account, &["run"]).env("MAILROOM_MAILROOM", &own).output().unwrap();
    let (code, _, stderr) = parts(&output);
    assert_eq!(code, Some(1));
    assert!(last_line(&stderr).starts_with("ValueError: Missing mailboxes: Errors. "), "{stderr}");
}

fn refused_mailboxes_are_rows(world: &World) {
    let account = world.account("refused");
    let triage = json!({ "categories": ["A/B", "C"] }).to_string();
    let setup = || world.mailroom(&account, &["setup", "--apply"]).env("MAILROOM_TRIAGE", &triage).output().unwrap();
    let (code, stdout, stderr) = parts(&setup());
    assert_eq!(
        (code, stderr.as_str(), last_line(&stdout)),
        (Some(1), "", "8 created · 1 existing · 2 failed"),
        "{stdout}"
    );
    assert!(
        stdout.contains("  ✗ A/B                            FAILED: Mailbox 'A/B' was not created: serverFail"),
        "{stdout}"
    );
}

/// Where the server answers with `"created": null`, as plain Cyrus does, the same refusal is a crash.
fn null_beside_a_refusal_is_a_traceback(world: &World) {
    let account = world.account("null");
    let rule = json!({ "on": { "call": "Mailbox/set" }, "fault": { "kind": "null_keys" }, "times": "always" });
    account.faults.add(serde_json::from_value(rule).unwrap()).unwrap();
    let triage = json!({ "categories": ["A/B"] }).to_string();
    let output = world.mailroom(&account, &["setup", "--apply"]).env("MAILROOM_TRIAGE", triage).output().unwrap();
    let (code, stdout, stderr) = parts(&output);
    let expected = "TypeError: argument of type 'NoneType' is not iterable";
    assert_eq!((code, stdout.as_str(), last_line(&stderr)), (Some(1), "", expected));
}

/// A fault, the arguments of `setup` it meets, and how that ends: the last line of stderr, or of stdout where that is empty.
fn faults() -> Vec<(Value, &'static [&'static str], &'static str)> {
    let session = || json!({ "path": "/jmap/session" });
    let status = |status: u16, reason: &str| json!({ "kind": "status", "status": status, "reason": reason });
    vec![
        (
            json!({ "on": session(), "fault": status(503, "Away For Tea") }),
            &[],
            "JMAP connection failed: 503 Away For Tea",
        ),
        (
            json!({ "on": session(), "fault": { "kind": "redirect", "location": "/jmap/" } }),
            &[],
            "JMAP connection failed: 301 Moved Permanently",
        ),
        (
            json!({ "on": session(), "fault": { "kind": "stall" } }),
            &[],
            "httpx.ReadTimeout: The read operation timed out",
        ),
        (
            json!({ "on": session(), "fault": { "kind": "reset" } }),
            &[],
            "httpx.ReadError: [Errno 104] Connection reset by peer",
        ),
        (
            json!({ "on": session(), "fault": { "kind": "close_mid_body" } }),
            &[],
            "httpx.RemoteProtocolError: peer closed connection without sending complete message body (",
        ),
        (
            json!({ "on": session(), "fault": { "kind": "garbage" } }),
            &[],
            "json.decoder.JSONDecodeError: Expecting value: line 1 column ",
        ),
        (
            json!({ "on": session(), "fault": { "kind": "not_http" } }),
            &[],
            "httpx.RemoteProtocolError: illegal status line: bytearray(",
        ),
        (json!({ "on": session(), "fault": { "kind": "missing_key", "key": "apiUrl" } }), &[], "KeyError: 'apiUrl'"),
        (json!({ "on": session(), "fault": { "kind": "slow", "millis": 100 } }), &[], "25 to create · 1 existing"),
        (
            json!({ "on": { "service": "carddav", "method": "PROPFIND" }, "fault": status(401, "Go Away") }),
            &[],
            "CardDAV connection failed: 401 Go Away",
        ),
        (
            json!({ "on": { "method": "PROPFIND", "path": "/dav/principals/" }, "fault": { "kind": "garbage" } }),
            &[],
            "xml.etree.ElementTree.ParseError: not well-formed (invalid token): line 1, column ",
        ),
        (
            json!({ "on": { "method": "PROPFIND", "path": "/dav/addressbooks/" }, "fault": { "kind": "missing_key", "key": "addressbook" } }),
            &[],
            "RuntimeError: No address book found in the CardDAV home",
        ),
        (json!({ "on": { "call": "Mailbox/get" }, "fault": { "kind": "failed_call" } }), &[], "KeyError: 'list'"),
        (
            json!({ "on": { "call": "Mailbox/get" }, "fault": status(500, "Boom") }),
            &[],
            "For more information check: https://developer.mozilla.org/en-US/docs/Web/HTTP/Status/500",
        ),
        (
            json!({ "on": { "method": "REPORT" }, "fault": { "kind": "reset" } }),
            &[],
            "httpx.ReadError: [Errno 104] Connection reset by peer",
        ),
        (
            json!({ "on": { "call": "Mailbox/set" }, "fault": { "kind": "refused_creation" } }),
            &["--apply"],
            "24 created · 1 existing · 1 failed",
        ),
        (
            json!({ "on": { "method": "PUT" }, "fault": status(412, "Precondition Failed") }),
            &["--apply"],
            "24 created · 1 existing · 1 failed",
        ),
        (
            json!({ "on": { "call": "Mailbox/set" }, "fault": { "kind": "null_keys" }, "skip": 0, "times": "always" }),
            &["--apply"],
            "25 created · 1 existing",
        ),
        (
            json!({ "on": { "method": "PUT" }, "fault": { "kind": "close_mid_body" }, "skip": 3 }),
            &["--apply"],
            "httpx.RemoteProtocolError: ",
        ),
    ]
}

fn each_fault_is_told_as_the_app_tells_it(world: &World) {
    for (number, (rule, arguments, expected)) in faults().into_iter().enumerate() {
        let account = world.account(&format!("fault-{number}"));
        account.faults.add(serde_json::from_value(rule.clone()).unwrap()).unwrap();
        let (code, stdout, stderr) = parts(&world.setup(&account, arguments));
        let told = if stderr.is_empty() { last_line(&stdout) } else { last_line(&stderr) };
        assert!(told.starts_with(expected), "{rule}\n{told}\n{expected}");
        let is_fine = stderr.is_empty() && !told.contains("failed");
        assert_eq!((code, stdout.is_empty()), (Some(i32::from(!is_fine)), !stderr.is_empty()), "{rule}");
        assert!(!stderr.contains("canary") && !stdout.contains("canary"), "{rule}\n{stderr}");
        assert!(account.faults.states().iter().any(|state| state.acted > 0), "never met: {rule}");
    }
}

fn run_polls_on_a_push(world: &World) {
    let account = world.account("runs");
    assert_ends_well(&world.setup(&account, &["--apply"]), "25 created · 1 existing");
    let service = Service::spawn(&mut world.mailroom(&account, &["run"]));
    let port = service.port();
    service.wait_for_event("eventsource_connected");
    assert!(health(port).0);
    let mail = json!({ "from": "news@example.com", "subject": "One", "mailboxes": ["Screener", "@ToFeed"] });
    world.admin("/accounts/runs/mails", &mail);
    let poll = service.wait_for_event("poll_completed");
    assert_eq!(poll["trigger"], "push");
    service.signal("TERM");
    assert_eq!(service.end().0.code(), Some(0));
}
