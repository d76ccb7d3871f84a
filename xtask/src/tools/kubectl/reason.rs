//! Why a request failed, read from kubectl's stderr: it ends with 1 whatever it was.

use crate::tools::ToolError;

/// Why a request failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// There is no such object, or no such namespace.
    NotFound,
    /// The user, or an admission check, may not have it.
    Forbidden,
    /// There is one of that name.
    AlreadyExists,
    /// Another manager owns the field, or the object has changed meanwhile.
    Conflict,
    /// The object makes no sense to the server.
    Invalid,
    /// The credentials were refused.
    Unauthorized,
    /// The server does not answer.
    Unreachable,
    /// Anything else.
    Other,
}

/// What the API server says in brackets: `Error from server (NotFound): ...`.
const SERVER: [(&str, Reason); 7] = [
    ("NotFound", Reason::NotFound),
    ("Forbidden", Reason::Forbidden),
    ("AlreadyExists", Reason::AlreadyExists),
    ("Conflict", Reason::Conflict),
    ("Invalid", Reason::Invalid),
    ("BadRequest", Reason::Invalid),
    ("Unauthorized", Reason::Unauthorized),
];

/// What client-go says where no answer came.
const NO_ANSWER: [&str; 9] = [
    "Unable to connect to the server",
    "The connection to the server",
    "connection refused",
    "no such host",
    "i/o timeout",
    "TLS handshake timeout",
    "context deadline exceeded",
    "Client.Timeout exceeded",
    "no route to host",
];

/// Why a call of kubectl failed; [`Reason::Other`] for an error that is none of kubectl's.
pub fn reason(error: &anyhow::Error) -> Reason {
    error.downcast_ref::<ToolError>().map_or(Reason::Other, |error| of_stderr(&error.stderr))
}

/// The server's word comes first: where it could not reach a webhook of its own, it was reached itself.
pub(super) fn of_stderr(stderr: &str) -> Reason {
    let from_server = |line: &str| -> Option<Reason> {
        let word = line.split_once("rror from server (")?.1.split_once(')')?.0;
        Some(SERVER.iter().find(|(name, _)| *name == word).map_or(Reason::Other, |(_, reason)| *reason))
    };
    let says = |words: &[&str]| words.iter().any(|words| stderr.contains(words));
    stderr.lines().find_map(from_server).unwrap_or_else(|| match () {
        () if says(&["Apply failed with"]) => Reason::Conflict,
        () if says(&["You must be logged in to the server"]) => Reason::Unauthorized,
        () if says(&["is invalid:"]) => Reason::Invalid,
        () if says(&NO_ANSWER) => Reason::Unreachable,
        () => Reason::Other,
    })
}

#[cfg(test)]
mod tests {
    use super::{Reason, of_stderr};

    #[test]
    fn reads_the_reason_from_what_kubectl_prints() {
        for (stderr, expected) in [
            (r#"Error from server (NotFound): pods "x" not found"#, Reason::NotFound),
            (r#"Error from server (Forbidden): pods is forbidden: User "u" cannot list resource"#, Reason::Forbidden),
            (
                r#"Error from server (Forbidden): error when creating "STDIN": pods "x" is forbidden: violates PodSecurity"#,
                Reason::Forbidden,
            ),
            (
                r#"Error from server (AlreadyExists): error when creating "STDIN": namespaces "x" already exists"#,
                Reason::AlreadyExists,
            ),
            ("error: Apply failed with 1 conflict: conflict with \"kubectl\": .metadata.labels", Reason::Conflict),
            ("Error from server (Conflict): Apply failed with 1 conflict", Reason::Conflict),
            (r#"The Pod "x" is invalid: spec.containers: Required value"#, Reason::Invalid),
            ("error: You must be logged in to the server (Unauthorized)", Reason::Unauthorized),
            (
                "The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?",
                Reason::Unreachable,
            ),
            ("Unable to connect to the server: dial tcp: lookup nowhere: no such host", Reason::Unreachable),
            (r#"Error from server (InternalError): failed calling webhook "w": connection refused"#, Reason::Other),
            ("error: the server doesn't have a resource type \"nothing\"", Reason::Other),
            ("", Reason::Other),
        ] {
            assert_eq!(of_stderr(stderr), expected, "{stderr}");
        }
    }
}
