//! `mailroom run` as a process: start-up checks, the probe, pushes, failures and signals.

mod support;

use support::service::{Service, health, probe};
use support::{Fault, Server, last_line, parts};

/// A server whose account has everything that the defaults need.
fn provisioned() -> Server {
    let server = Server::start();
    assert_eq!(parts(&server.mailroom(&["setup", "--apply"]).output().unwrap()).0, Some(0));
    server
}

/// The events of log lines, in order.
fn events(lines: &[String]) -> Vec<String> {
    let event =
        |line: &String| serde_json::from_str::<serde_json::Value>(line).unwrap()["event"].as_str().unwrap().to_owned();
    lines.iter().map(event).collect()
}

#[test]
fn the_service_answers_probes_polls_on_a_push_and_stops_on_sigterm() {
    let server = provisioned();
    let service = Service::start(&server, &[]);
    let first = service.wait_for_event("this_is_a_stand_in");
    assert_eq!((&first["level"], &first["component"]), (&"info".into(), &"stand_in".into()));
    let port = service.port();
    let (healthy, report) = health(port);
    assert!(healthy && report["last_poll_age_seconds"].as_f64().unwrap() > 1e9, "{report}");
    assert!(probe(port, "HEAD /healthz").starts_with("HTTP/1.0 501 "));
    assert!(probe(port, "GET /healthz?verbose").starts_with("HTTP/1.0 404 "));
    server.push();
    let poll = service.wait_for_event("poll_completed");
    assert_eq!((&poll["level"], &poll["trigger"]), (&"info".into(), &"push".into()));
    let (healthy, report) = health(port);
    assert!(healthy && report["last_poll_age_seconds"].as_f64().unwrap() < 60.0, "{report}");
    assert_eq!((&report["last_poll_trigger"], &report["eventsource"]["status"]), (&"push".into(), &"connected".into()));
    service.signal("TERM");
    let (status, lines) = service.end();
    assert_eq!(
        (status.code(), events(&lines)),
        (Some(0), vec!["shutdown_signal_received".into(), "service_stopped".into()])
    );
}

#[test]
fn a_poll_asks_all_labels_in_one_request() {
    let server = provisioned();
    let service = Service::start(&server, &[("MAILROOM_POLLING", r#"{"debounce_seconds": 0}"#)]);
    server.push();
    server.wait_for_requests("Email/query", 1);
    let requests = server.requests();
    let poll = requests.iter().find(|request| request.contains("Email/query")).unwrap();
    assert_eq!(poll.matches(r#"["Email/query",{"accountId":"u1","filter":{"inMailbox":"id-@To"#).count(), 7, "{poll}");
    assert_eq!(poll.matches(r#""limit":100"#).count(), 7, "{poll}");
    service.signal("INT");
    assert_eq!(service.end().0.code(), Some(0));
}

#[test]
fn an_interval_of_zero_is_unhealthy_after_the_first_poll() {
    let server = provisioned();
    let service = Service::start(
        &server,
        &[("MAILROOM_POLLING", r#"{"interval": 0}"#), ("MAILROOM_LOGGING", r#"{"level": "debug"}"#)],
    );
    let port = service.port();
    assert_eq!(service.wait_for_event("poll_completed")["level"], "debug");
    let answer = probe(port, "GET /healthz");
    assert!(answer.starts_with("HTTP/1.0 503 Service Unavailable\r\n"), "{answer}");
}

#[test]
fn what_the_account_lacks_is_named_before_the_probe_listens() {
    let server = Server::start();
    let run = |server: &Server| parts(&server.mailroom(&["run"]).output().unwrap());
    let (code, stdout, stderr) = run(&server);
    assert_eq!((code, stdout.as_str()), (Some(1), ""));
    assert!(
        last_line(&stderr).starts_with("ValueError: Missing mailboxes: @MailroomError, @MailroomWarning, @ToBillboard"),
        "{stderr}"
    );
    let server = provisioned();
    server.account().mailboxes.retain(|name| name != "Jail");
    assert!(last_line(&run(&server).2).starts_with("ValueError: Missing mailboxes: Jail. "));
    let server = provisioned();
    server.always("REPORT", Fault::status("207 Multi-Status", "<d:multistatus xmlns:d=\"DAV:\"/>"));
    assert!(last_line(&run(&server).2).starts_with("ValueError: Missing contact groups: Billboard, Feed, Imbox"));
}

#[test]
fn connection_errors_at_the_start_are_tracebacks() {
    let server = provisioned();
    server.always("GET /jmap/session", Fault::status("401 Unauthorized", ""));
    let (code, stdout, stderr) = parts(&server.mailroom(&["run"]).output().unwrap());
    assert_eq!((code, stdout.as_str()), (Some(1), ""));
    let wanted =
        "httpx.HTTPStatusError: Client error '401 Unauthorized' for url 'https://api.fastmail.com/jmap/session'";
    assert!(stderr.contains(wanted), "{stderr}");
    let refused = parts(&server.mailroom(&[]).env("HTTPS_PROXY", "http://127.0.0.1:9").output().unwrap());
    assert_eq!((refused.0, last_line(&refused.2)), (Some(1), "httpx.ConnectError: [Errno 111] Connection refused"));
}

#[test]
fn only_validation_errors_of_the_configuration_are_told_in_one_message() {
    let server = Server::start();
    let run = |value: &str| parts(&server.mailroom(&["run"]).env("MAILROOM_TRIAGE", value).output().unwrap());
    assert!(run("[]").2.starts_with("Configuration error: 1 validation error for MailroomSettings\ntriage\n"));
    let (code, _, stderr) = run(r#"{"categories": null}"#);
    assert_eq!((code, last_line(&stderr)), (Some(1), "TypeError: 'NoneType' object is not iterable"));
    assert!(stderr.starts_with("Traceback (most recent call last):\n"), "{stderr}");
    assert!(last_line(&run("{").2).starts_with("pydantic_settings.exceptions.SettingsError: error parsing value"));
}

#[test]
fn ten_failed_polls_in_a_row_end_the_service() {
    let server = provisioned();
    server.always("Email/query", Fault::status("500 Boom", ""));
    let service = Service::start(&server, &[("MAILROOM_POLLING", r#"{"interval": 0}"#)]);
    let failed = service.wait_for_event("poll_failed");
    assert_eq!(failed["consecutive_failures"], 1);
    assert!(failed["exception"].as_str().unwrap().starts_with("Traceback (most recent call last):\n"));
    let (status, lines) = service.end();
    let events: Vec<String> = events(&lines).into_iter().filter(|event| !event.starts_with("eventsource")).collect();
    assert_eq!(status.code(), Some(1));
    assert_eq!(events.iter().filter(|event| *event == "poll_failed").count(), 9);
    assert_eq!(events.last().map(String::as_str), Some("too_many_consecutive_failures"));
}

#[test]
fn a_success_in_between_starts_the_count_again() {
    let server = provisioned();
    for _ in 0..9 {
        server.once("Email/query", Fault::status("500 Boom", ""));
    }
    let service = Service::start(
        &server,
        &[("MAILROOM_POLLING", r#"{"interval": 0}"#), ("MAILROOM_LOGGING", r#"{"level": "debug"}"#)],
    );
    service.wait_for_event("poll_completed");
    server.always("Email/query", Fault::status("500 Boom", ""));
    assert_eq!(service.wait_for_event("poll_failed")["consecutive_failures"], 1);
    assert_eq!(service.end().0.code(), Some(1));
}

#[test]
fn a_negative_interval_crashes_the_loop() {
    let server = provisioned();
    let output = server
        .mailroom(&["run"])
        .env("MAILROOM_POLLING", r#"{"interval": -1}"#)
        .env("STAND_IN_HEALTH_PORT", "0")
        .output();
    let (code, _, stderr) = parts(&output.unwrap());
    assert_eq!((code, last_line(&stderr)), (Some(1), "ValueError: 'timeout' must be a non-negative number"));
}

#[test]
fn an_event_source_that_ends_cleanly_is_opened_again_at_once_and_stays_connected() {
    let server = provisioned();
    let end = || Fault::Answer(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".to_vec());
    server.once("GET /jmap/event", end()).once("GET /jmap/event", end());
    let service = Service::start(&server, &[]);
    let port = service.port();
    server.wait_for_requests("GET /jmap/event", 3);
    assert_eq!(health(port).1["eventsource"]["status"], "connected");
}

#[test]
fn an_event_source_that_fails_is_opened_again_after_a_pause() {
    let server = provisioned();
    server.once("GET /jmap/event", Fault::status("503 Later", ""));
    let service = Service::start(&server, &[]);
    let failed = service.wait_for_event("eventsource_disconnected");
    assert_eq!((&failed["level"], &failed["retry_in"]), (&"warning".into(), &2.0.into()));
    service.wait_for_event("eventsource_connected");
}

#[test]
fn without_an_event_source_the_service_only_polls() {
    let server = provisioned();
    let session = r#"{"apiUrl": "https://api.fastmail.com/jmap/api", "primaryAccounts": {"urn:ietf:params:jmap:mail": "u1"}, "eventSourceUrl": null}"#;
    server.always("GET /jmap/session", Fault::status("200 OK", session));
    let service = Service::start(&server, &[]);
    assert_eq!(health(service.port()).1["eventsource"]["status"], "disabled");
}

#[test]
fn sigterm_is_ignored_throughout_setup() {
    let server = Server::start();
    server.always("GET /jmap/session", Fault::Stall);
    let service = Service::spawn(&mut server.mailroom(&["setup"]));
    server.wait_for_requests("GET /jmap/session", 1);
    service.signal("TERM");
    let (status, lines) = service.end();
    assert_eq!(status.code(), Some(1), "not ended by the signal");
    assert_eq!(lines.last().map(String::as_str), Some("httpx.ReadTimeout: The read operation timed out"));
}

#[test]
fn sigterm_is_ignored_and_the_probe_closed_before_the_loop() {
    let server = provisioned();
    server.once("REPORT", Fault::Stall);
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let service = Service::start(&server, &[("STAND_IN_HEALTH_PORT", &free.to_string())]);
    // Setup has asked once before.
    server.wait_for_requests("REPORT", 2);
    assert!(std::net::TcpStream::connect(("127.0.0.1", free)).is_err());
    service.signal("TERM");
    let (status, lines) = service.end();
    assert_eq!(status.code(), Some(1), "not ended by the signal");
    assert_eq!(lines.last().map(String::as_str), Some("httpx.ReadTimeout: The read operation timed out"));
}

#[test]
fn a_healthy_service_logs_nothing_at_level_warning() {
    let server = provisioned();
    let service = Service::start(
        &server,
        &[("MAILROOM_LOGGING", r#"{"level": "warning"}"#), ("MAILROOM_POLLING", r#"{"interval": 0}"#)],
    );
    server.wait_for_requests("Email/query", 1);
    service.signal("TERM");
    assert_eq!(service.end().1, [""; 0]);
}
