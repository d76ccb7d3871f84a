//! Table tests of the configuration: what is accepted and as what, what is refused and with which words.

use super::*;

/// Loads `yaml` with the given variables besides a token.
fn load_with(yaml: &str, variables: &[(&str, &str)]) -> Result<Config, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.yaml");
    std::fs::write(&path, yaml).unwrap();
    let path = path.to_str().unwrap();
    let environment = [("MAILROOM_JMAP_TOKEN", "token"), ("MAILROOM_CONFIG", path)];
    super::load(&environment.into_iter().chain(variables.iter().copied()).collect()).map_err(|error| match error {
        ConfigError::NotFound(path) => format!("not found: {}", path.display()),
        ConfigError::Invalid(problems) => problems.to_string(),
        ConfigError::Raised(exception) => exception.traceback().lines().skip(2).collect::<Vec<_>>().join("\n"),
    })
}

fn accepted(yaml: &str) -> Config {
    load_with(yaml, &[]).unwrap_or_else(|error| panic!("{yaml}\n{error}"))
}

fn refused(yaml: &str) -> String {
    load_with(yaml, &[]).expect_err(yaml)
}

/// The error for one problem at `place`, whose line is `message`.
fn one_problem(place: &str, message: &str, kind: &str) -> String {
    format!(
        "1 validation error for MailroomSettings\n{place}\n  {message}\n    \
         For further information visit https://errors.pydantic.dev/2.12/v/{kind}"
    )
}

#[test]
fn an_empty_file_gives_the_defaults() {
    let config = accepted("");
    assert_eq!((config.interval, config.debounce_seconds, config.log_level.as_str()), (60, 1, "info"));
    assert_eq!(config.screener_mailbox, "Screener");
    assert_eq!((config.label_error.as_str(), config.label_warning.as_str()), ("@MailroomError", "@MailroomWarning"));
    assert!(config.warnings_enabled);
    assert_eq!(config.provenance_group, "Mailroom");
    let categories: Vec<_> = config
        .categories
        .iter()
        .map(|c| (c.name.as_str(), c.label.as_str(), c.parent.as_deref(), c.is_person, c.add_to_inbox))
        .collect();
    assert_eq!(
        categories,
        [
            ("Imbox", "@ToImbox", None, false, true),
            ("Feed", "@ToFeed", None, false, false),
            ("Paper Trail", "@ToPaperTrail", None, false, false),
            ("Jail", "@ToJail", None, false, false),
            ("Person", "@ToPerson", Some("Imbox"), true, false),
            ("Billboard", "@ToBillboard", Some("Paper Trail"), false, false),
            ("Truck", "@ToTruck", Some("Paper Trail"), false, false),
        ]
    );
    assert_eq!((config.carddav_username.as_str(), config.carddav_password.as_str()), ("", ""));
}

#[test]
fn a_category_derives_what_it_leaves_out() {
    let config = accepted(
        "triage: {categories: [' My  News ', {name: Bills, label: '@Pay', destination_mailbox: Money, parent: null}]}",
    );
    let [news, bills] = &config.categories[..] else { panic!("two categories") };
    assert_eq!((news.name.as_str(), news.label.as_str()), ("My  News", "@ToMyNews"));
    assert_eq!((news.contact_group.as_str(), news.destination_mailbox.as_str()), ("My  News", "My  News"));
    assert_eq!(
        (bills.label.as_str(), bills.contact_group.as_str(), bills.destination_mailbox.as_str()),
        ("@Pay", "Bills", "Money")
    );
}

#[test]
fn integers_are_coerced_from_text_and_not_from_fractions() {
    for (yaml, expected) in [("'90'", 90), ("90.0", 90), ("0", 0), ("-5", -5), ("1:30", 90), ("yes", 1)] {
        assert_eq!(accepted(&format!("polling: {{interval: {yaml}}}")).interval, expected, "{yaml}");
    }
    for (yaml, message, kind) in [
        (
            "1.5",
            "Input should be a valid integer, got a number with a fractional part \
             [type=int_from_float, input_value=1.5, input_type=float]",
            "int_from_float",
        ),
        (
            "soon",
            "Input should be a valid integer, unable to parse string as an integer \
             [type=int_parsing, input_value='soon', input_type=str]",
            "int_parsing",
        ),
        ("null", "Input should be a valid integer [type=int_type, input_value=None, input_type=NoneType]", "int_type"),
    ] {
        assert_eq!(refused(&format!("polling: {{interval: {yaml}}}")), one_problem("polling.interval", message, kind));
    }
}

#[test]
fn text_comes_neither_from_numbers_nor_from_booleans() {
    for (yaml, input) in [
        ("off", "input_value=False, input_type=bool"),
        ("12", "input_value=12, input_type=int"),
        ("null", "input_value=None, input_type=NoneType"),
        ("2026-03-05", "input_value=datetime.date(2026, 3, 5), input_type=date"),
    ] {
        let message = format!("Input should be a valid string [type=string_type, {input}]");
        assert_eq!(
            refused(&format!("logging: {{level: {yaml}}}")),
            one_problem("logging.level", &message, "string_type")
        );
    }
    assert_eq!(accepted("logging: {level: 'off'}").log_level, "off");
}

#[test]
fn unknown_keys_are_refused_at_the_top_and_ignored_below() {
    let message = "Extra inputs are not permitted [type=extra_forbidden, input_value={'a': 1}, input_type=dict]";
    assert_eq!(refused("trige: {a: 1}"), one_problem("trige", message, "extra_forbidden"));
    assert_eq!(accepted("triage: {screener: X}\nmailroom: {mailroom_error: Y}"), accepted(""));
}

#[test]
fn a_section_must_be_a_mapping() {
    let message = "Input should be a valid dictionary or instance of PollingSettings \
                   [type=model_type, input_value=None, input_type=NoneType]";
    assert_eq!(refused("polling:\n"), one_problem("polling", message, "model_type"));
    assert_eq!(refused("triage: {categories: null}"), "TypeError: 'NoneType' object is not iterable");
    assert!(refused("triage: {categories: {a: b}}").contains("Input should be a valid list [type=list_type"));
    assert_eq!(refused("- a\n"), "ValueError: the settings are a mapping of sections, not 'list'");
    assert_eq!(refused("1: 2\n"), "AttributeError: 'int' object has no attribute 'lower'");
}

#[test]
fn all_problems_are_told_at_once() {
    let text =
        refused("polling: {interval: x}\ntriage: {categories: [3, {name: ' ', contact_type: robot}, {}]}\nfoo: 1\n");
    let places: Vec<&str> = text.lines().filter(|line| !line.starts_with(' ')).collect();
    assert_eq!(
        places,
        [
            "6 validation errors for MailroomSettings",
            "polling.interval",
            "triage.categories.0",
            "triage.categories.1.name",
            "triage.categories.1.contact_type",
            "triage.categories.2.name",
            "foo",
        ]
    );
}

#[test]
fn a_missing_token_shows_the_tail_of_the_settings() {
    let environment: Environment = [
        ("MAILROOM_CONFIG", "/"),
        ("MAILROOM_CARDDAV_USERNAME", "someone@example.com"),
        ("MAILROOM_CARDDAV_PASSWORD", "canary-password1"),
    ]
    .into_iter()
    .collect();
    let Err(ConfigError::Invalid(problems)) = super::load(&environment) else { panic!("a missing token is refused") };
    let message = "Field required [type=missing, input_value={'carddav_username': 'som...rd': 'canary-password1'}, input_type=dict]";
    assert_eq!(problems.to_string(), one_problem("jmap_token", message, "missing"));
}

#[test]
fn the_old_labels_section_shows_the_tail_of_the_settings_too() {
    let error =
        load_with("labels: {mailroom_error: X}", &[("MAILROOM_CARDDAV_PASSWORD", "canary-password1")]).unwrap_err();
    assert!(
        error.starts_with("1 validation error for MailroomSettings\n  Value error, the section `labels` is now called")
    );
    assert!(error.contains("...rd': 'canary-password1'}, input_type=dict]"), "{error}");
}

#[test]
fn categories_break_all_their_rules_at_once() {
    let yaml = "
triage:
  categories:
    - {name: A, parent: C, contact_group: G}
    - {name: A}
    - {name: B, parent: Nowhere, label: '@ToA'}
    - {name: C, parent: A, destination_mailbox: INBOX}
    - {name: D, contact_group: G}
    - Inbox
";
    let error = load_with(yaml, &[("MAILROOM_CARDDAV_PASSWORD", "canary-password1")]).unwrap_err();
    let rules: Vec<&str> = error.lines().filter_map(|line| line.strip_prefix("  - ")).collect();
    assert_eq!(rules.len(), 8, "{error}");
    for (rule, expected) in rules.iter().zip([
        "the name 'A' is used by more than one category",
        "the parent 'Nowhere' of 'B' does not exist",
        "'A' is its own ancestor",
        "'C' is its own ancestor",
        "the label '@ToA' is used by more than one category",
        "the contact group 'G' is shared by 'A' and 'D', which are not parent and child",
        "the destination of 'C' must not be the Inbox",
        "the destination of 'Inbox' must not be the Inbox",
    ]) {
        assert!(rule.starts_with(expected), "{rule}\n{expected}");
    }
    assert!(error.contains("rd': 'canary-password1'}, input_type=dict]"), "{error}");
    assert!(refused("triage: {categories: []}").contains("there must be at least one category"));
}

#[test]
fn a_group_may_be_shared_by_parent_and_direct_child() {
    accepted("triage: {categories: [{name: A, contact_group: G}, {name: B, parent: A, contact_group: G}]}");
    let grandchild = "triage: {categories: [{name: A, contact_group: G}, {name: B, parent: A}, {name: C, parent: B, contact_group: G}]}";
    assert!(refused(grandchild).contains("the contact group 'G' is shared by 'A' and 'C'"));
}

#[test]
fn the_environment_merges_over_the_file_at_any_depth() {
    let yaml = "polling: {interval: 5, debounce_seconds: 7}\nlogging: {level: debug}\n";
    let variables = [
        ("MAILROOM_POLLING", r#"{"interval": "9"}"#),
        ("MAILROOM_LOGGING", "null"),
        ("MAILROOM_MAILROOM", r#"{"label_error": "@E"}"#),
        ("MAILROOM_PORT", "tcp://10.0.0.1:8080"),
        ("MAILROOM_POLL_INTERVAL", "1"),
    ];
    let config = load_with(yaml, &variables).unwrap();
    assert_eq!((config.interval, config.debounce_seconds, config.log_level.as_str()), (9, 7, "debug"));
    assert_eq!(config.label_error, "@E");
    let error = load_with("", &[("MAILROOM_POLLING", "60s")]).unwrap_err();
    assert_eq!(
        error,
        "pydantic_settings.exceptions.SettingsError: error parsing value for field \"polling\" from source \"EnvSettingsSource\""
    );
    assert!(
        load_with("", &[("MAILROOM_TRIAGE", "[1]")])
            .unwrap_err()
            .contains("triage\n  Input should be a valid dictionary")
    );
}

#[test]
fn credentials_of_the_environment_win_and_may_be_empty() {
    let config = load_with("jmap_token: file\ncarddav_username: file\n", &[("MAILROOM_JMAP_TOKEN", "")]).unwrap();
    assert_eq!((config.jmap_token.as_str(), config.carddav_username.as_str()), ("", "file"));
}

#[test]
fn a_directory_counts_as_an_empty_file_and_nothing_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let with_path =
        |path: &str| super::load(&[("MAILROOM_JMAP_TOKEN", "token"), ("MAILROOM_CONFIG", path)].into_iter().collect());
    assert_eq!(with_path(folder.path().to_str().unwrap()).unwrap(), accepted(""));
    let absent = folder.path().join("absent.yaml");
    assert!(matches!(with_path(absent.to_str().unwrap()), Err(ConfigError::NotFound(path)) if path == absent));
    assert!(matches!(with_path("no-such-config.yaml"), Err(ConfigError::NotFound(path)) if path.is_absolute()));
}
