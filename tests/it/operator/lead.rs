//! The Lease: one leads, the other takes over, and who stops says goodbye.

use std::collections::BTreeMap;

use rustix::process::Signal;
use serde_json::{Value, json};

use super::{JOB, JOBS, hasty, job, troubles::SOON, until_running};
use crate::support::{Namespace, Simulator};

fn holder(home: &Namespace) -> Value {
    let path = format!("/apis/coordination.k8s.io/v1/namespaces/{}/leases/sagemaker-k8s-operator", home.name());
    home.cluster().get(&path).expect("the Lease is there")["spec"]["holderIdentity"].clone()
}

#[test]
fn a_second_operator_is_ready_waits_and_takes_over_what_the_first_began() {
    let aws = Simulator::at_speed(10.0);
    let home = Namespace::new("takeover");
    let mut first = hasty(&home, &aws).env("POD_NAME", "first").start();
    first.process().until_stderr_has("leading");
    let mut second = hasty(&home, &aws).env("POD_NAME", "second").start();
    second.process().until_stderr_has("waiting: first");
    home.apply(job(60, ""));
    until_running(&home);
    first.kill();
    home.until_condition(JOBS, JOB, "Complete");
    assert!(holder(&home).as_str().unwrap().starts_with("second"));
    assert_eq!(aws.applied("CreateTrainingJob").len(), 1);
    assert!(second.page("metrics").unwrap().contains("sagemaker_operator_leading 1"));
}

#[test]
fn a_leader_that_was_frozen_finds_itself_succeeded_and_does_nothing_more() {
    let aws = Simulator::at_speed(30.0);
    let home = Namespace::new("frozen");
    let mut first = hasty(&home, &aws).env("POD_NAME", "first").start();
    first.process().until_stderr_has("watching kind=\"TrainingJob\"");
    first.process().signal(Signal::STOP);
    home.apply(job(30, ""));
    let _second = hasty(&home, &aws).env("POD_NAME", "second").start();
    home.until_condition(JOBS, JOB, "Complete");
    // It wakes with a watch that shows it a job it has never heard of.
    first.process().signal(Signal::CONT);
    let status = crate::support::eventually("its end", SOON, || first.process().ended().ok_or("it runs".to_owned()));
    assert!(!status.success() && first.process().stderr().contains("lost the lead"), "{}", first.process().stderr());
    assert!(holder(&home).as_str().unwrap().starts_with("second"));
    assert_eq!((aws.calls("CreateTrainingJob").len(), aws.calls("StopTrainingJob").len()), (1, 0));
}

/// The writes that took effect, counted by operation. What was sent before is in it.
fn writes(aws: &Simulator) -> BTreeMap<String, usize> {
    // Whoever was stopped has sent what it has sent: the simulator answers one after the other.
    aws.ask("ListModels", &json!({}));
    let mut writes = BTreeMap::new();
    for call in aws.journal().into_iter().filter(|call| call.applied) {
        *writes.entry(call.operation).or_default() += 1;
    }
    writes
}

/// Waits until so many of that call have taken effect.
fn until_applied(aws: &Simulator, operation: &str, times: usize) {
    crate::support::eventually(operation, SOON, || match aws.applied(operation).len() {
        applied if applied >= times => Ok(()),
        applied => Err(format!("{applied} times")),
    });
}

#[test]
fn leaders_that_are_frozen_and_killed_in_the_middle_of_an_endpoint_and_a_search_never_write_beside_each_other() {
    let aws = Simulator::at_speed(20.0);
    let home = Namespace::new("succession");
    let deployment = |image: &str| crate::hosting::deployment(image, &json!({})).to_string();
    let search = json!({
        "apiVersion": "sagemaker.aws.amazon.com/v1",
        "kind": "HyperparameterTuningJob",
        "metadata": { "name": "search" },
        "spec": super::tuning::spec(3600, "image:1"),
    });
    let start = |name: &str| hasty(&home, &aws).env("POD_NAME", name).start();
    let mut first = start("first");
    first.process().until_stderr_has("leading");
    home.apply(deployment("image:1"));
    home.apply(search.to_string());
    until_applied(&aws, "CreateModel", 1);
    first.process().signal(Signal::STOP);
    let mut second = start("second");
    second.process().until_stderr_has("leading");
    crate::hosting::until_ready(&home);
    home.until("hyperparametertuningjobs", "search", "two trials", |object| {
        object["status"]["trainingJobStatusCounters"]["inProgress"] == 2
    });

    // The one that leads is held in the middle of a roll-out, and the one that has led wakes to it.
    home.apply(deployment("image:2"));
    until_applied(&aws, "CreateModel", 2);
    second.process().signal(Signal::STOP);
    let before = writes(&aws);
    first.process().signal(Signal::CONT);
    crate::support::eventually("its end", SOON, || first.process().ended().ok_or("it runs".to_owned()));
    assert_eq!(writes(&aws), before, "whoever has lost the lead writes nothing");
    second.process().signal(Signal::CONT);
    crate::hosting::until_ready(&home);

    let mut third = start("third");
    third.process().until_stderr_has("waiting: second");
    home.delete("hostingdeployments", crate::hosting::NAME);
    home.delete("hyperparametertuningjobs", "search");
    until_applied(&aws, "DeleteEndpoint", 1);
    second.kill();
    home.until_gone("hostingdeployments", crate::hosting::NAME);
    home.until_gone("hyperparametertuningjobs", "search");
    third.process().until_stderr_has("leading");
    let writes: Vec<_> = writes(&aws).into_iter().map(|(operation, times)| format!("{operation} {times}")).collect();
    insta::assert_snapshot!(writes.join("\n"), @"
    CreateEndpoint 1
    CreateEndpointConfig 2
    CreateHyperParameterTuningJob 1
    CreateModel 2
    DeleteEndpoint 1
    DeleteEndpointConfig 2
    DeleteModel 2
    StopHyperParameterTuningJob 1
    UpdateEndpoint 1
    ");
}

#[test]
fn told_to_stop_it_gives_the_lease_back_and_ends_well() {
    let aws = Simulator::at_speed(10.0);
    let home = Namespace::new("goodbye");
    let mut operator = hasty(&home, &aws).start();
    operator.process().until_stderr_has("watching kind=\"TrainingJob\"");
    operator.process().signal(Signal::TERM);
    let status = crate::support::eventually("its end", SOON, || operator.process().ended().ok_or("it runs".to_owned()));
    assert!(status.success(), "{status}");
    assert_eq!(holder(&home), Value::Null);
}

#[test]
fn while_the_api_server_is_silent_it_is_alive_and_not_ready() {
    let aws = Simulator::at_speed(10.0);
    let home = Namespace::new("silent");
    // It takes connections, and never says a word.
    let silent = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let kubeconfig = folder.path().join("kubeconfig");
    let config = format!(
        "{{apiVersion: v1, kind: Config, current-context: c, contexts: [{{name: c, context: {{cluster: c}}}}], \
         clusters: [{{name: c, cluster: {{server: \"http://{}\"}}}}]}}",
        silent.local_addr().unwrap()
    );
    std::fs::write(&kubeconfig, config).unwrap();
    let operator = hasty(&home, &aws).env("KUBECONFIG", kubeconfig.to_str().unwrap()).launch();
    // Well before the first request to the API server is given up.
    crate::support::eventually("a sign of life", std::time::Duration::from_secs(10), || operator.page("healthz"));
    assert!(operator.page("readyz").is_err());
}

#[test]
fn a_proxy_that_is_not_meant_for_the_api_server_is_not_asked() {
    let aws = Simulator::at_speed(10.0);
    let home = Namespace::new("no-proxy");
    let mut operator = hasty(&home, &aws).env("HTTPS_PROXY", "http://127.0.0.1:1").env("NO_PROXY", "127.0.0.1").start();
    operator.process().until_stderr_has("watching");
}

#[test]
fn while_the_original_runs_it_waits_and_says_so() {
    let aws = Simulator::at_speed(10.0);
    let home = Namespace::new("original");
    home.apply(
        "{apiVersion: v1, kind: Pod, metadata: {name: original, labels: {control-plane: controller-manager}}, \
         spec: {containers: [{name: manager, image: example.com/amazon-sagemaker-operator-for-k8s:v1}]}}",
    );
    let mut operator = hasty(&home, &aws).start();
    operator.process().until_stderr_has("pod original of the original operator runs");
    home.apply(job(30, ""));
    home.kubectl(["delete", "pod", "original", "--grace-period=0", "--force"]).run().ok();
    operator.process().until_stderr_has("leading");
    until_running(&home);
}
