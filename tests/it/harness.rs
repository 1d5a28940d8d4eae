//! The harness itself: what it starts answers, and nothing outlives the test.

use std::time::Duration;

use rustix::process::{Pid, test_kill_process};

use crate::support::{Cluster, Namespace, Simulator, eventually};

const SOON: Duration = Duration::from_secs(10);

#[test]
fn the_api_server_answers_and_rbac_is_real() {
    let cluster = Cluster::shared();
    let versions = cluster.kubectl().args(["version", "-o", "json"]).run().ok();
    let versions: serde_json::Value = serde_json::from_str(&versions).unwrap();
    assert_eq!(versions["serverVersion"]["gitVersion"], versions["clientVersion"]["gitVersion"]);

    let refused = cluster.kubectl().args(["--context", "log-reader", "get", "namespaces"]).run();
    assert_eq!(refused.code(), 1);
    assert!(refused.stderr.contains(r#"User "log-reader" cannot list resource"#), "{}", refused.stderr);
}

#[test]
fn each_test_has_a_namespace_of_its_own() {
    let (one, other) = (Namespace::new("alike"), Namespace::new("alike"));
    assert_ne!(one.name(), other.name());
    one.apply("{apiVersion: v1, kind: ConfigMap, metadata: {name: mine}}");
    let seen = other.kubectl(["get", "configmap", "mine", "--ignore-not-found", "-o", "name"]).run().ok();
    assert_eq!(seen, "");
}

#[test]
fn a_simulator_answers_and_has_seen_nothing_yet() {
    let aws = Simulator::at_speed(10.0);
    assert!(aws.journal().is_empty());
}

#[test]
fn nothing_is_left_of_a_control_plane_whose_owner_is_killed() {
    let mut cluster = Cluster::start();
    let pids: Vec<i32> = cluster.pids().collect();
    let folder = cluster.kubeconfig().parent().unwrap().to_owned();
    assert!(pids.len() >= 2 && pids.iter().all(|pid| is_alive(*pid)) && folder.is_dir());

    cluster.process().kill();
    eventually("the end of its servers", SOON, || {
        let alive: Vec<_> = pids.iter().filter(|pid| is_alive(**pid)).collect();
        if alive.is_empty() { Ok(()) } else { Err(format!("{alive:?} still run")) }
    });
    drop(Cluster::start());
    assert!(!folder.exists(), "{} was not swept by the next one", folder.display());
}

#[test]
fn a_control_plane_ends_with_its_input_and_takes_its_folder_along() {
    let mut cluster = Cluster::start();
    let pids: Vec<i32> = cluster.pids().collect();
    let folder = cluster.kubeconfig().parent().unwrap().to_owned();
    assert!(cluster.stop().success());
    assert!(!folder.exists() && !pids.into_iter().any(is_alive));
}

/// A process that has ended but that nobody has waited for yet is as good as gone.
fn is_alive(pid: i32) -> bool {
    let Some(process) = Pid::from_raw(pid) else { return false };
    let state = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let is_zombie = state.rsplit_once(')').is_some_and(|(_, rest)| rest.trim_start().starts_with('Z'));
    test_kill_process(process).is_ok() && !is_zombie
}
