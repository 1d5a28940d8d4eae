//! What a cluster with nodes does for the operator: its Deployment gets a pod, which runs until it is taken away.

use std::collections::BTreeSet;
use std::thread;
use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use super::pods::{HASTY, NAME, Pod};
use crate::support::operator::Operator;
use crate::support::{Cluster, Simulator, meanwhile};

/// The Deployments of operators, in all namespaces.
const DEPLOYMENTS: &str = "/apis/apps/v1/deployments?labelSelector=control-plane%3Dcontroller-manager";
/// How long it looks away.
const PAUSE: Duration = Duration::from_millis(100);

/// Lets people work on a cluster in which the operator's Deployments get their pods.
pub(super) fn with_a_node<T>(cluster: &Cluster, aws: &Simulator, people: impl FnOnce() -> T) -> T {
    meanwhile(|is_over| work(cluster, aws, is_over), people)
}

fn work(cluster: &Cluster, aws: &Simulator, is_over: &dyn Fn() -> bool) {
    let (mut known, mut running) = (BTreeSet::new(), Vec::<(String, Operator)>::new());
    while !is_over() {
        // As the Deployment goes, so does its pod: the garbage collector sees to it.
        running.retain(|(pod, _)| cluster.get(pod).is_some());
        let mut all = cluster.get(DEPLOYMENTS).expect("they can be listed");
        let all = all["items"].as_array_mut().map(std::mem::take).unwrap_or_default();
        for deployment in all.iter().filter(|deployment| deployment["metadata"]["deletionTimestamp"].is_null()) {
            if known.insert(deployment["metadata"]["uid"].to_string()) {
                running.push(run(cluster, aws, deployment));
            }
        }
        thread::park_timeout(PAUSE);
    }
}

/// Creates the pod, starts what is in it, and tells that it is ready.
fn run(cluster: &Cluster, aws: &Simulator, deployment: &Value) -> (String, Operator) {
    let metadata = &deployment["metadata"];
    let namespace = metadata["namespace"].as_str().expect("it is in one");
    let write = |method: Method, path: &str, body: &Value| {
        cluster.request(method, path, Some(body)).unwrap_or_else(|refused| panic!("{path}: {refused:?}"));
    };
    let template = &deployment["spec"]["template"];
    let owner = json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "name": metadata["name"], "uid": metadata["uid"], "controller": true,
    });
    let object = json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": { "name": NAME, "labels": template["metadata"]["labels"], "ownerReferences": [owner] },
        "spec": template["spec"],
    });
    let pods = format!("/api/v1/namespaces/{namespace}/pods");
    write(Method::POST, &pods, &object);

    let operator = Pod::of(cluster, namespace).start(aws, HASTY);
    let container = &template["spec"]["containers"][0];
    let ready = json!({
        "phase": "Running",
        "conditions": [{ "type": "Ready", "status": "True" }],
        "containerStatuses": [{
            "name": container["name"], "image": container["image"], "imageID": "", "ready": true, "restartCount": 0,
            "state": { "running": {} },
        }],
    });
    write(Method::PATCH, &format!("{pods}/{NAME}/status"), &json!({ "status": ready }));
    let available = json!({
        "observedGeneration": metadata["generation"], "replicas": 1, "updatedReplicas": 1, "readyReplicas": 1, "availableReplicas": 1,
    });
    let path =
        format!("/apis/apps/v1/namespaces/{namespace}/deployments/{}", metadata["name"].as_str().expect("a name"));
    write(Method::PATCH, &format!("{path}/status"), &json!({ "status": available }));
    (format!("{pods}/{NAME}"), operator)
}
