use super::*;

const CANARY: &str = "CANARY-9f3c";

fn kubeconfig(current: &str, context: &str, server: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: {current}\n\
         contexts:\n- name: {context}\n  context: {{cluster: c, user: u, namespace: elsewhere}}\n\
         clusters:\n- name: c\n  cluster: {{server: '{server}', certificate-authority: ca.crt}}\n\
         users:\n- name: u\n  user:\n    client-key: keys/u.key\n    token: {CANARY}\n    exec: {{command: ./bin/login, args: [a]}}\n"
    )
}

struct Files {
    dir: tempfile::TempDir,
}

impl Files {
    fn new(files: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let file = dir.path().join(name);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        }
        Self { dir }
    }

    fn load(&self, names: &[&str]) -> Result<Kubeconfig> {
        Kubeconfig::load(&names.iter().map(|name| self.dir.path().join(name)).collect::<Vec<_>>())
    }

    fn path(&self, name: &str) -> String {
        self.dir.path().join(name).display().to_string()
    }
}

fn value(minimal: &Minimal) -> Value {
    serde_json::from_str(&minimal.text).unwrap()
}

#[test]
fn the_named_file_wins_over_the_variable_and_that_over_the_home() {
    let (named, variable, home) = (Path::new("a"), OsStr::new("b::c"), OsStr::new("/h"));
    assert_eq!(files(Some(named), Some(variable), Some(home)), [PathBuf::from("a")]);
    assert_eq!(files(None, Some(variable), Some(home)), [PathBuf::from("b"), PathBuf::from("c")]);
    assert_eq!(files(None, None, Some(home)), [PathBuf::from("/h/.kube/config")]);
}

#[test]
fn the_copy_holds_one_context_with_full_paths_and_our_namespace() {
    let both = kubeconfig("a", "a", "https://a.example/")
        .replace("contexts:\n", "contexts:\n- name: b\n  context: {cluster: other}\n");
    let files = Files::new(&[("k/config", &both)]);
    let minimal = files.load(&["k/config"]).unwrap().minimal("a", "mailroom").unwrap();
    assert_eq!(minimal.server, "https://a.example");
    let value = value(&minimal);
    assert_eq!(value["current-context"], "a");
    assert_eq!(
        value["contexts"],
        json!([{"name": "a", "context": {"cluster": "c", "user": "u", "namespace": "mailroom"}}])
    );
    assert_eq!(value["clusters"][0]["cluster"]["certificate-authority"], files.path("k/ca.crt"));
    let user = &value["users"][0]["user"];
    assert_eq!(user["client-key"], files.path("k/keys/u.key"));
    assert_eq!(user["exec"], json!({"command": files.path("k/./bin/login"), "args": ["a"]}));
    assert_eq!(user["token"], CANARY);
}

#[test]
fn a_command_without_a_slash_is_looked_up_on_path() {
    let text = kubeconfig("a", "a", "https://a.example").replace("./bin/login", "login");
    let files = Files::new(&[("config", &text)]);
    let minimal = files.load(&["config"]).unwrap().minimal("a", "n").unwrap();
    assert_eq!(value(&minimal)["users"][0]["user"]["exec"]["command"], "login");
}

#[test]
fn of_several_files_the_first_that_names_a_thing_wins() {
    let first = kubeconfig("''", "a", "https://first.example");
    let second = kubeconfig("a", "a", "https://second.example");
    let files = Files::new(&[("1", &first), ("2", &second)]);
    let merged = files.load(&["1", "missing", "2"]).unwrap();
    assert_eq!(merged.current(), Some("a"));
    assert_eq!(merged.minimal("a", "n").unwrap().server, "https://first.example");
}

#[test]
fn an_unknown_context_is_a_usage_error_that_lists_the_known_ones() {
    let files = Files::new(&[("config", &kubeconfig("a", "a", "https://a.example"))]);
    let error = files.load(&["config"]).unwrap().minimal("b", "n").err().unwrap();
    assert!(error.to_string().contains("no context `b`") && error.to_string().contains("there are: a"), "{error}");
    assert_eq!(exit::code_of(&error), exit::USAGE);
}

#[test]
fn what_is_broken_is_named_without_its_text() {
    let good = kubeconfig("a", "a", "https://a.example");
    for (broken, said) in [
        (good.replace("token: ", "token: '"), "not YAML"),
        (good.replace("users:\n", "users:\n- name: u\n  user: {}\n"), "names `u` twice"),
        (good.replace("users:\n", "users:\n- user: {}\n"), "has no name"),
    ] {
        let files = Files::new(&[("config", &broken)]);
        let error = files.load(&["config"]).err().unwrap();
        let message = format!("{error:#}");
        assert!(message.contains(said) && message.contains("config`") && !message.contains(CANARY), "{message}");
        assert_eq!(exit::code_of(&error), exit::ENVIRONMENT);
    }
}

#[test]
fn a_context_that_is_not_complete_is_refused() {
    let good = kubeconfig("a", "a", "https://a.example");
    for (broken, said) in [
        (good.replace("cluster: c, ", ""), "has no cluster"),
        (good.replace("cluster: c,", "cluster: d,"), "cluster that the file defines"),
        (good.replace("user: u,", "user: v,"), "user that the file defines"),
        (good.replace("https://a.example", ""), "has no server"),
    ] {
        let files = Files::new(&[("config", &broken)]);
        let error = files.load(&["config"]).unwrap().minimal("a", "n").err().unwrap();
        assert!(error.to_string().contains(said), "{error}");
    }
}

#[test]
fn no_file_at_all_is_an_environment_error() {
    for files in [vec![], vec![PathBuf::from("/nowhere/config")], vec!["/nowhere/1".into(), "/nowhere/2".into()]] {
        assert_eq!(exit::code_of(&Kubeconfig::load(&files).err().unwrap()), exit::ENVIRONMENT);
    }
}

#[test]
fn a_server_that_is_not_verified_is_a_warning() {
    let good = kubeconfig("a", "a", "https://a.example");
    for (text, warnings) in [
        (good.clone(), 0),
        (good.replace("{server:", "{insecure-skip-tls-verify: true, server:"), 1),
        (good.replace("https:", "http:"), 1),
        (good.replace("    token:", "    auth-provider: {name: oidc}\n    token:"), 1),
    ] {
        let files = Files::new(&[("config", &text)]);
        let minimal = files.load(&["config"]).unwrap().minimal("a", "n").unwrap();
        assert_eq!(minimal.warnings.len(), warnings, "{:?}", minimal.warnings);
    }
}
