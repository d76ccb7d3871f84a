//! The release in words: what runs, what Helm's record says, and whether Helm would go on from there.

use crate::deploy::{Session, State};
use crate::tools::Revision;

/// What runs, what the newest revision is, and what number comes next.
pub(crate) fn line(session: &Session, state: &State) -> String {
    let name = &session.request.release;
    let Some(newest) = state.newest() else {
        return format!("{name}: first install, revision 1");
    };
    let next = format!("this will be revision {}", state.next_revision());
    let record = format!("revision {} is {} by Helm's record", newest.revision, newest.status);
    match (&state.live, state.running()) {
        (None, _) => format!("{name}: nothing runs; {record}; {next}"),
        (Some(_), Some(running)) if running.revision.revision == newest.revision => {
            format!("{name}: revision {} runs; {next}", newest.revision)
        }
        (Some(_), Some(running)) => format!("{name}: revision {} runs; {record}; {next}", running.revision.revision),
        (Some(live), None) => {
            let stamp = live
                .stamp
                .as_ref()
                .map_or("an unmarked one".to_owned(), |stamp| format!("revision {stamp}, not stored any more,"));
            format!("{name}: {stamp} runs; {record}; {next}")
        }
    }
}

/// Why Helm would not go on: an operation that did not end. Nothing is repaired unasked.
pub(crate) fn refusal(session: &Session, state: &State) -> Option<String> {
    let newest = state.newest()?;
    let unfinished = newest.status.starts_with("pending-") || newest.status == "uninstalling";
    unfinished.then(|| {
        let Revision { revision, status, updated, .. } = newest;
        let name = &session.request.release;
        let since = to_the_second(updated);
        format!(
            "release {name} is {status} at revision {revision}, since {since}: another deploy runs, or one was killed. \
             If none runs, there are two ways out:\n{}",
            ways_out(session, state, newest)
        )
    })
}

fn ways_out(session: &Session, state: &State, newest: &Revision) -> String {
    let name = &session.request.release;
    let forget = format!(
        "forget that revision:  {} delete secret sh.helm.release.v1.{name}.v{}",
        session.kubectl_words(),
        newest.revision
    );
    let back = match state.running() {
        Some(running) if running.revision.revision != newest.revision => {
            format!("go back to what runs:  {} rollback {name} {}", session.helm_words(), running.revision.revision)
        }
        _ => format!(
            "remove the release:    {} uninstall {name} (the gate's Job and its copy of the Secret stay)",
            session.helm_words()
        ),
    };
    format!("{forget}\n{back}")
}

/// RFC 3339 without the fraction that Helm adds: `2026-11-25T09:29:03Z`.
fn to_the_second(time: &str) -> String {
    match time.split_once('.') {
        Some((seconds, fraction)) => {
            let zone = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
            format!("{seconds}{zone}")
        }
        None => time.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::to_the_second;

    #[test]
    fn a_time_is_told_to_the_second() {
        assert_eq!(to_the_second("2026-11-25T09:29:03.284270978Z"), "2026-11-25T09:29:03Z");
        assert_eq!(to_the_second("2026-11-25T10:29:03.28+01:00"), "2026-11-25T10:29:03+01:00");
        assert_eq!(to_the_second("2026-11-25T09:29:03Z"), "2026-11-25T09:29:03Z");
    }
}
