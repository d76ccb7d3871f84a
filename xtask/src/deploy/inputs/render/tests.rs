use super::*;

const CHART: &str = "---
apiVersion: v1
kind: ConfigMap
metadata: {name: m-gate, annotations: {helm.sh/hook: pre-install}}
data: {config.yaml: 'gate: copy'}
---
apiVersion: batch/v1
kind: Job
metadata: {name: m-gate, annotations: {helm.sh/hook: pre-install}}
spec:
  activeDeadlineSeconds: 240
  template:
    spec:
      terminationGracePeriodSeconds: 5
      restartPolicy: Never
      containers: [{name: gate, image: i, args: [--apply]}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: m-config}
data: {config.yaml: 'own: true'}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: m}
spec:
  replicas: 0
  selector: {matchLabels: {a: b}}
  template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: 'repo:tag'}]}}
";

#[test]
fn a_render_tells_gate_deployment_and_configuration() {
    let render = Render::read(CHART).unwrap();
    let gate = Gate {
        job: "m-gate".to_owned(),
        deadline: Duration::from_secs(240),
        grace: Duration::from_secs(5),
        applies: true,
        copies: vec![("ConfigMap".to_owned(), "m-gate".to_owned())],
    };
    assert_eq!(render.gate, gate);
    assert_eq!((render.deployment.as_str(), render.replicas, render.image.as_str()), ("m", 0, "repo:tag"));
    assert_eq!(render.config, "own: true");
}

#[test]
fn a_chart_that_is_not_made_for_deploy_is_refused() {
    for (broken, said) in [
        (CHART.replace("kind: Deployment", "kind: StatefulSet"), "one Deployment"),
        (CHART.replace("kind: Job", "kind: Pod"), "one hook Job"),
        (CHART.replace("  activeDeadlineSeconds: 240\n", ""), "activeDeadlineSeconds"),
        (CHART.replace("'own: true'", "null"), "`config.yaml`"),
    ] {
        let message = format!("{:#}", Render::read(&broken).unwrap_err());
        assert!(message.contains(said), "{said}: {message}");
    }
}

#[test]
fn helm_must_wait_longer_than_the_gate_may_take() {
    let gate = Render::read(CHART).unwrap().gate;
    enough_time(&gate, Duration::from_secs(261)).unwrap();
    let error = enough_time(&gate, Duration::from_secs(260)).unwrap_err();
    assert!(error.to_string().contains("more than 260 s"), "{error}");
    assert_eq!(exit::code_of(&error), exit::USAGE);
}
