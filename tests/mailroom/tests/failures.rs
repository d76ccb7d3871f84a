//! `mailroom setup` as a process that does not come to its end: what is told in one line, what is a traceback, what leaks.

mod support;

use support::{Fault, Server, last_line, parts, setup};

/// What a failure of the connect phase is told as.
#[test]
fn refusals_while_connecting_are_one_line() {
    let unauthorized = || Fault::status("401 Unauthorized", "no");
    for (piece, fault, expected) in [
        ("GET /jmap/session", unauthorized(), "JMAP connection failed: 401 Unauthorized"),
        ("GET /jmap/session", Fault::status("503 Away For Tea", ""), "JMAP connection failed: 503 Away For Tea"),
        (
            "GET /jmap/session",
            Fault::Answer(b"HTTP/1.1 301 Moved\r\nLocation: /jmap/session\r\nContent-Length: 0\r\n\r\n".to_vec()),
            "JMAP connection failed: 301 Moved",
        ),
        ("PROPFIND /.well-known", unauthorized(), "CardDAV connection failed: 401 Unauthorized"),
        ("PROPFIND /home/", Fault::status("500 Boom", ""), "CardDAV connection failed: 500 Boom"),
        (
            "PROPFIND /.well-known",
            Fault::Answer(b"HTTP/1.1 302 Found\r\nLocation: /me/\r\nContent-Length: 0\r\n\r\n".to_vec()),
            "CardDAV connection failed: 404 Not Found",
        ),
    ] {
        let server = Server::start();
        server.always(piece, fault);
        assert_eq!(setup(&server, &[]), (Some(1), String::new(), format!("{expected}\n")), "{piece}");
    }
}

#[test]
fn carddav_follows_redirects_that_keep_the_method() {
    for status in ["301 Moved Permanently", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let server = Server::start();
        let answer = format!("HTTP/1.1 {status}\r\nLocation: /me/\r\nContent-Length: 0\r\n\r\n");
        // `/me/` does not name the principal, so the answer of the well-known place is given there once.
        let principal = "<d:multistatus xmlns:d=\"DAV:\"><d:current-user-principal><d:href>/me/</d:href></d:current-user-principal></d:multistatus>";
        server
            .always("PROPFIND /.well-known", Fault::Answer(answer.into_bytes()))
            .once("PROPFIND /me/", Fault::status("207 Multi-Status", principal));
        let (code, stdout, stderr) = setup(&server, &[]);
        assert_eq!((code, stderr.as_str(), last_line(&stdout)), (Some(0), "", "25 to create · 1 existing"), "{status}");
    }
}

/// What nothing catches is a traceback, whose last line names class and message, and stdout stays empty.
#[test]
fn everything_else_is_a_traceback() {
    let session = |body: &str| Fault::status("200 OK", body);
    let short = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{".to_vec();
    let no_book = "<d:multistatus xmlns:d=\"DAV:\"/>";
    for (piece, fault, expected) in [
        (
            "GET /jmap/session",
            session("<html>"),
            "json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)",
        ),
        ("GET /jmap/session", session("{}"), "KeyError: 'apiUrl'"),
        (
            "GET /jmap/session",
            session(r#"{"apiUrl": "https://api.fastmail.com/", "primaryAccounts": {}}"#),
            "KeyError: 'urn:ietf:params:jmap:mail'",
        ),
        (
            "GET /jmap/session",
            Fault::Answer(b"garbage\r\n\r\n".to_vec()),
            "httpx.RemoteProtocolError: illegal status line: bytearray(b'garbage')",
        ),
        (
            "GET /jmap/session",
            Fault::Answer(Vec::new()),
            "httpx.RemoteProtocolError: Server disconnected without sending a response.",
        ),
        (
            "GET /jmap/session",
            Fault::Answer(short),
            "httpx.RemoteProtocolError: peer closed connection without sending complete message body (received 1 bytes, expected 100)",
        ),
        ("GET /jmap/session", Fault::Reset, "httpx.ReadError: [Errno 104] Connection reset by peer"),
        ("CONNECT api.", Fault::Tunnel("HTTP/1.1 403 Nope\r\n\r\n"), "httpx.ProxyError: 403 Nope"),
        (
            "PROPFIND /.well-known",
            session("not xml"),
            "xml.etree.ElementTree.ParseError: not well-formed (invalid token): line 1, column 0",
        ),
        (
            "PROPFIND /home/",
            Fault::status("207 Multi-Status", no_book),
            "RuntimeError: No address book found in the CardDAV home",
        ),
        ("Mailbox/get", session("{}"), "KeyError: 'methodResponses'"),
        (
            "Mailbox/get",
            session(r#"{"methodResponses": [["error", {"type": "serverFail"}, "c0"]]}"#),
            "KeyError: 'list'",
        ),
        (
            "Mailbox/get",
            Fault::status("500 Boom", ""),
            "For more information check: https://developer.mozilla.org/en-US/docs/Web/HTTP/Status/500",
        ),
        (
            "REPORT",
            Fault::status("401 Unauthorized", ""),
            "For more information check: https://developer.mozilla.org/en-US/docs/Web/HTTP/Status/401",
        ),
    ] {
        let server = Server::start();
        server.always(piece, fault);
        let (code, stdout, stderr) = setup(&server, &[]);
        assert_eq!((code, stdout.as_str()), (Some(1), ""), "{expected}");
        assert!(stderr.starts_with("Traceback (most recent call last):\n  File \"tests/mailroom/src/"), "{stderr}");
        assert_eq!(last_line(&stderr), expected);
        assert!(!stderr.contains("canary"), "{stderr}");
    }
}

#[test]
fn a_disconnect_during_apply_leaves_no_report_and_a_rerun_finishes() {
    for (fault, expected) in [
        (Fault::Answer(Vec::new()), "httpx.RemoteProtocolError: Server disconnected without sending a response."),
        (Fault::Stall, "httpx.ReadTimeout: The read operation timed out"),
    ] {
        let server = Server::start();
        server.once("FN:Jail", fault);
        let (code, stdout, stderr) = setup(&server, &["--apply"]);
        assert_eq!((code, stdout.as_str(), last_line(&stderr)), (Some(1), "", expected));
        assert_eq!(last_line(&setup(&server, &["--apply"]).1), "5 created · 21 existing");
    }
}

#[test]
fn null_in_the_place_of_created_is_a_traceback() {
    let server = Server::start();
    let answer = r#"{"methodResponses": [["Mailbox/set", {"created": null, "notCreated": {"mb0": {"type": "invalidProperties"}}}, "c0"]]}"#;
    server.always("Mailbox/set", Fault::status("200 OK", answer));
    let (code, stdout, stderr) = setup(&server, &["--apply"]);
    assert_eq!(
        (code, stdout.as_str(), last_line(&stderr)),
        (Some(1), "", "TypeError: argument of type 'NoneType' is not iterable")
    );
}

#[test]
fn a_server_that_does_not_answer_is_given_up() {
    let server = Server::start();
    server.always("GET /jmap/session", Fault::Stall);
    let (code, stdout, stderr) = setup(&server, &[]);
    let expected = "httpx.ReadTimeout: The read operation timed out";
    assert_eq!((code, stdout.as_str(), last_line(&stderr)), (Some(1), "", expected));
}

#[test]
fn a_handshake_without_an_answer_is_a_time_out_of_connecting() {
    let server = Server::start();
    server.always("CONNECT api.", Fault::TlsStall);
    let (code, stdout, stderr) = setup(&server, &[]);
    let expected = "httpx.ConnectTimeout: _ssl.c:989: The handshake operation timed out";
    assert_eq!((code, stdout.as_str(), last_line(&stderr)), (Some(1), "", expected));
}

#[test]
fn no_connection_is_one_line() {
    let server = Server::start();
    let refused = |name: &str, value: &str| parts(&server.mailroom(&["setup"]).env(name, value).output().unwrap());
    let told = |reason: &str| (Some(1), String::new(), format!("JMAP connection failed: {reason}\n"));
    // Nothing listens on the discard port of the loopback.
    assert_eq!(refused("HTTPS_PROXY", "http://127.0.0.1:9"), told("[Errno 111] Connection refused"));
    assert_eq!(
        refused("SSL_CERT_FILE", other_authority(&server).to_str().unwrap()),
        told(
            "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate (_ssl.c:1000)"
        )
    );
    let (code, stdout, stderr) = refused("HTTPS_PROXY", "http://proxy.invalid:1");
    assert_eq!((code, stdout.as_str()), (Some(1), ""));
    assert!(stderr.starts_with("JMAP connection failed: [Errno -"), "{stderr}");
}

/// A certificate of an authority that the server has nothing to do with.
fn other_authority(server: &Server) -> std::path::PathBuf {
    let other = Server::start();
    let path = server.folder().join("other.pem");
    std::fs::copy(other.folder().join("ca.pem"), &path).unwrap();
    path
}

#[test]
fn a_trust_store_that_does_not_exist_is_a_traceback() {
    let server = Server::start();
    let output = server.mailroom(&["setup"]).env("SSL_CERT_FILE", "/no/such/file.pem").output().unwrap();
    let (code, stdout, stderr) = parts(&output);
    assert_eq!((code, stdout.as_str()), (Some(1), ""));
    assert_eq!(last_line(&stderr), "FileNotFoundError: [Errno 2] No such file or directory");
}

#[test]
fn a_folder_of_certificates_is_trusted_too() {
    let server = Server::start();
    let output = server.mailroom(&["setup"]).env_remove("SSL_CERT_FILE").env("SSL_CERT_DIR", server.folder()).output();
    assert_eq!(parts(&output.unwrap()).0, Some(0));
}

/// The leaks of the app, so that a canary in a caller's tests bites.
#[test]
fn a_token_with_a_line_break_is_printed_twice() {
    let server = Server::start();
    let output = server.mailroom(&["setup"]).env("MAILROOM_JMAP_TOKEN", "canary-token\n").output().unwrap();
    let (code, stdout, stderr) = parts(&output);
    assert_eq!((code, stdout.as_str()), (Some(1), ""));
    assert_eq!(last_line(&stderr), "httpx.LocalProtocolError: Illegal header value b'Bearer canary-token\\n'");
    assert_eq!(stderr.matches("canary-token").count(), 2, "{stderr}");
    let output = server.mailroom(&["setup"]).env("MAILROOM_JMAP_TOKEN", "").output().unwrap();
    assert_eq!(last_line(&parts(&output).2), "httpx.LocalProtocolError: Illegal header value b'Bearer '");
}

#[test]
fn a_bad_configuration_is_told_before_anything_is_connected() {
    let server = Server::start();
    let with = |name: &str, value: &str| parts(&server.mailroom(&["setup"]).env(name, value).output().unwrap());
    let (code, stdout, stderr) = with("MAILROOM_CONFIG", "/no/such/config.yaml");
    assert_eq!((code, stdout.as_str()), (Some(1), ""));
    assert!(stderr.starts_with("Error: Config file not found: /no/such/config.yaml\n"), "{stderr}");
    let file = server.folder().join("config.yaml");
    std::fs::write(&file, "triage: {categories: []}\n").unwrap();
    let (code, _, stderr) = with("MAILROOM_CONFIG", file.to_str().unwrap());
    assert_eq!(code, Some(1));
    assert!(
        stderr.starts_with("Configuration error: 1 validation error for MailroomSettings\n  Value error, "),
        "{stderr}"
    );
    assert!(stderr.contains("rd': 'canary-password1'}"), "{stderr}");
    let (code, _, stderr) = with("MAILROOM_TRIAGE", r#"{"categories": null}"#);
    assert_eq!((code, stderr.as_str()), (Some(1), "Configuration error: 'NoneType' object is not iterable\n"));
    let missing = parts(&server.mailroom(&["setup"]).env_remove("MAILROOM_JMAP_TOKEN").output().unwrap());
    assert!(missing.2.contains("jmap_token\n  Field required [type=missing, "), "{}", missing.2);
    assert_eq!(server.requests(), [""; 0]);
}
