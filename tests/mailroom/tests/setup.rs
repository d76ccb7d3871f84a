//! `mailroom setup` as a process that comes to its end: reports byte by byte, rows, the command line.
//!
//! `UPDATE_GOLDEN=1` rewrites the files in `tests/golden`.

mod support;

use support::{Fault, Server, last_line, parts, setup};

fn assert_golden(name: &str, text: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert!(golden == text, "{} differs; rewrite it with UPDATE_GOLDEN=1. The report is now:\n{text}", path.display());
}

#[test]
fn a_fresh_account_is_reported_filled_and_reported_again() {
    let server = Server::start();
    let (code, stdout, stderr) = setup(&server, &[]);
    assert_eq!((code, stderr.as_str(), last_line(&stdout)), (Some(0), "", "25 to create · 1 existing"));
    assert_golden("fresh.txt", &stdout);
    let (code, stdout, stderr) = setup(&server, &["--apply"]);
    assert_eq!((code, stderr.as_str(), last_line(&stdout)), (Some(0), "", "25 created · 1 existing"));
    assert_golden("applied.txt", &stdout);
    assert_eq!(last_line(&setup(&server, &[]).1), "0 to create · 26 existing");
    assert_eq!(last_line(&setup(&server, &["--apply"]).1), "0 created · 26 existing");
}

#[test]
fn an_apply_creates_mailboxes_labels_own_labels_groups_and_own_groups() {
    let server = Server::start();
    setup(&server, &["--apply"]);
    let account = server.account();
    assert_eq!(account.mailboxes[1..3], ["Billboard", "Feed"]);
    assert_eq!(account.mailboxes[9], "@ToImbox");
    assert_eq!(account.mailboxes[16..], ["@MailroomError", "@MailroomWarning"]);
    assert_eq!(account.groups, ["Billboard", "Feed", "Imbox", "Jail", "Paper Trail", "Person", "Truck", "Mailroom"]);
}

/// Method and path of a request; the order of the keys in its body means nothing.
fn first_words(request: &str) -> String {
    request.split(' ').take(2).collect::<Vec<_>>().join(" ")
}

#[test]
fn setup_asks_in_a_fixed_order() {
    let server = Server::start();
    setup(&server, &[]);
    let requests: Vec<String> = server.requests().iter().map(|r| first_words(r)).collect();
    assert_eq!(
        requests,
        [
            "GET /jmap/session",
            "PROPFIND /.well-known/carddav",
            "PROPFIND /me/",
            "PROPFIND /home/",
            "POST /jmap/api",
            "REPORT /home/book/",
        ]
    );
}

#[test]
fn failed_rows_are_told_and_later_rows_still_tried() {
    let server = Server::start();
    let refusal = r#"{"methodResponses": [["Mailbox/set", {"notCreated": {"mb0": {"type": "forbidden", "description": "not yours"}}}, "c0"]]}"#;
    server.once("\"name\":\"Feed\"", Fault::status("200 OK", refusal)).once("FN:Jail", Fault::status("507 Full", ""));
    let (code, stdout, stderr) = setup(&server, &["--apply"]);
    assert_eq!((code, stderr.as_str(), last_line(&stdout)), (Some(1), "", "23 created · 1 existing · 2 failed"));
    assert!(
        stdout.contains(
            "  ✗ Feed                           FAILED: Mailbox 'Feed' was not created: forbidden: not yours\n"
        )
    );
    assert!(stdout.contains("  ✗ Jail                           FAILED: Server error '507 Full' for url 'https://carddav.fastmail.com/home/book/"));
    assert!(
        stdout
            .contains("'\nFor more information check: https://developer.mozilla.org/en-US/docs/Web/HTTP/Status/507\n")
    );
    assert_eq!(last_line(&setup(&server, &["--apply"]).1), "2 created · 24 existing");
}

#[test]
fn usage_errors_are_2_and_a_reset_is_refused() {
    let server = Server::start();
    for arguments in [&["setup", "--aply"][..], &["sort"], &["run", "--port", "1"], &["--version"]] {
        assert_eq!(parts(&server.mailroom(arguments).output().unwrap()).0, Some(2), "{arguments:?}");
    }
    let (code, stdout, stderr) = parts(&server.mailroom(&["reset", "--apply"]).output().unwrap());
    assert_eq!((code, stdout.as_str()), (Some(1), ""));
    assert!(stderr.contains("stand-in"), "{stderr}");
    assert!(parts(&server.mailroom(&["--help"]).output().unwrap()).1.contains("stand-in"));
}
