//! git, the real one, asked about files of a work tree made for the test.

use std::fs;
use std::process::Command;

use xtask::tools::{Git, Tracking};

use crate::bench::{Bench, quiet};

#[test]
fn tells_tracked_ignored_and_untracked_files_apart_whatever_the_variables_say() {
    let bench = Bench::new().var("GIT_DIR", "/nowhere").var("GIT_INDEX_FILE", "/nowhere");
    let tree = bench.path("tree");
    fs::create_dir(&tree).expect("a folder");
    fs::write(tree.join(".gitignore"), "secret*.yaml\n").expect("a file");
    for file in ["secret.yaml", "secret-tracked.yaml", "plain.yaml"] {
        fs::write(tree.join(file), "x").expect("a file");
    }
    for args in [&["init", "--quiet"][..], &["add", "--force", "secret-tracked.yaml"]] {
        let git = Command::new("git")
            .args(args)
            .current_dir(&tree)
            .env_remove("GIT_DIR")
            .env_remove("GIT_INDEX_FILE")
            .status();
        assert!(git.expect("git runs").success());
    }
    let git = Git::find_in(&bench.host(), quiet()).expect("git");
    for (file, expected) in [
        ("secret.yaml", Tracking::Ignored),
        ("secret-absent.yaml", Tracking::Ignored),
        ("secret-tracked.yaml", Tracking::Tracked),
        ("plain.yaml", Tracking::Untracked),
    ] {
        assert_eq!(git.tracking(&tree.join(file)).expect("an answer"), expected, "{file}");
    }
    assert_eq!(git.tracking(&bench.path("built/x.yaml")).expect("an answer"), Tracking::NoWorkTree);
    let top = git.top(&tree).expect("an answer").expect("a work tree");
    assert_eq!(top, tree.canonicalize().expect("a folder"));
    assert_eq!(git.top(&bench.path("built")).expect("an answer"), None);
}
