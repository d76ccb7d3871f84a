//! What a failure leaves: the state of its namespace and the logs of the cluster, without secret values.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use super::case::Case;
use super::run::Run;
use super::testbed::Testbed;
use crate::tools::Mask;

/// The folder below that of the run.
pub const FOLDER: &str = "diagnostics";

/// How many of the last lines of each text go to the screen; the files have all.
const EXCERPT: usize = 20;

/// Writes events, description and logs of a case's namespace, and gives their ends for the screen.
///
/// # Errors
/// Where nothing can be written.
pub fn of_case(testbed: &Testbed<'_>, case: &Case<'_>) -> Result<String> {
    let folder = testbed.run.folder.join(FOLDER).join(&case.namespace);
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let mask = testbed.mask();
    let mut excerpt = Vec::new();
    for (name, text) in texts(case) {
        let text = mask.hide(&text);
        fs::write(folder.join(&name), &text).with_context(|| format!("cannot write {name}"))?;
        excerpt.push(format!("  --- {name}\n{}", last_lines(&text)));
    }
    Ok(format!("{}  --- all of it in {}", excerpt.concat(), folder.display()))
}

/// What is worth reading first comes first.
fn texts(case: &Case<'_>) -> Vec<(String, String)> {
    let namespace = ["--namespace", &case.namespace];
    let asked = |args: &[&str]| match case.kubectl.run(&[args, &namespace].concat()) {
        Ok(answer) if answer.success() => answer.stdout,
        Ok(answer) => answer.stderr,
        Err(error) => format!("{error:#}\n"),
    };
    let mut texts = vec![("objects.txt".to_owned(), asked(&["get", "all,configmaps", "--output", "wide"]))];
    texts.extend(logs(case));
    texts.push(("describe.txt".to_owned(), asked(&["describe", "pods,jobs,replicasets,deployments"])));
    texts.push(("events.txt".to_owned(), asked(&["get", "events", "--sort-by", ".metadata.creationTimestamp"])));
    texts
}

/// The log of every container that has begun, the previous one's where it was restarted.
fn logs(case: &Case<'_>) -> Vec<(String, String)> {
    let pods = case.kubectl.list("pods", &case.namespace, "").unwrap_or_default();
    let mut logs = Vec::new();
    for pod in &pods {
        let name = pod.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
        for (container, restarts) in containers(pod) {
            for previous in [false, true].into_iter().filter(|previous| !previous || restarts > 0) {
                let more: &[&str] = if previous { &["--previous"] } else { &[] };
                let log = case.kubectl.logs(name, container, &case.namespace, more);
                let text = log.map_or_else(|error| format!("{error:#}\n"), |log| log.stdout + &log.stderr);
                logs.push((format!("{name}.{container}{}.log", if previous { ".previous" } else { "" }), text));
            }
        }
    }
    logs
}

fn containers(pod: &Value) -> Vec<(&str, u64)> {
    let statuses =
        ["/status/initContainerStatuses", "/status/containerStatuses"].iter().filter_map(|path| pod.pointer(path));
    statuses
        .filter_map(Value::as_array)
        .flatten()
        .filter_map(|status| Some((status["name"].as_str()?, status["restartCount"].as_u64().unwrap_or_default())))
        .collect()
}

fn last_lines(text: &str) -> String {
    let lines: Vec<_> = text.lines().collect();
    let last = &lines[lines.len().saturating_sub(EXCERPT)..];
    last.iter().flat_map(|line| ["  ", line, "\n"]).collect()
}

/// Exports the logs of the node and of all pods, masked; gives the folder.
///
/// # Errors
/// Where kind fails or a file cannot be masked: then the export is removed.
pub fn of_cluster(run: &Run, mask: &Mask) -> Result<PathBuf> {
    let folder = run.folder.join(FOLDER).join("kind");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let exported = run.kind.export_logs(&run.name, &folder).and_then(|()| hide_in_files(&folder, mask));
    if let Err(error) = exported {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
        let _others_are_in_it = fs::remove_dir(run.folder.join(FOLDER));
        return Err(error);
    }
    Ok(folder)
}

fn hide_in_files(folder: &Path, mask: &Mask) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() && !path.is_symlink() {
            hide_in_files(&path, mask)?;
        } else if path.is_file() && !path.is_symlink() {
            let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            let text = String::from_utf8_lossy(&bytes);
            let hidden = mask.hide(&text);
            if hidden != text {
                fs::write(&path, hidden).with_context(|| format!("cannot mask {}", path.display()))?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_init_containers_too() {
        let status = |name, restarts| json!({"name": name, "restartCount": restarts});
        let pod = json!({"status": {
            "initContainerStatuses": [status("init", 0)],
            "containerStatuses": [status("app", 2)],
        }});
        assert_eq!(containers(&pod), [("init", 0), ("app", 2)]);
        assert_eq!(containers(&json!({"status": {"phase": "Pending"}})), []);
    }

    #[test]
    fn masks_every_file_below_and_leaves_the_others_as_they_are() {
        let folder = tempfile::tempdir().expect("a folder");
        let below = folder.path().join("pods");
        fs::create_dir(&below).expect("a folder");
        fs::write(below.join("app.log"), "token CANARY-9f3 refused\n").expect("a file");
        fs::write(below.join("binary"), [0xff, 0x00]).expect("a file");
        hide_in_files(folder.path(), &Mask::new(["CANARY-9f3"])).expect("they are masked");
        assert_eq!(fs::read_to_string(below.join("app.log")).expect("a file"), "token *** refused\n");
        assert_eq!(fs::read(below.join("binary")).expect("a file"), [0xff, 0x00]);
    }

    #[test]
    fn the_screen_gets_the_end() {
        let text = (0..30).map(|number| format!("line {number}")).collect::<Vec<_>>().join("\n") + "\n";
        assert!(last_lines(&text).starts_with("  line 10\n") && last_lines(&text).ends_with("  line 29\n"));
    }
}
