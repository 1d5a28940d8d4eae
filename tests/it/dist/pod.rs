//! The pod that the Deployment asks for is one that a cluster with strict rules takes.

use http::Method;
use serde_json::{Value, json};

use crate::support::{Namespace, installed};

/// The pod of an installer's Deployment.
fn pod(file: &str) -> Value {
    let all = installed::objects(&installed::text(file));
    let deployment = all.into_iter().find(|object| object["kind"] == "Deployment").expect("it has one");
    let template = &deployment["spec"]["template"];
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": { "name": "manager", "labels": template["metadata"]["labels"] },
        "spec": template["spec"],
    })
}

#[test]
fn the_restricted_standard_takes_the_pod_and_not_one_that_may_do_more() {
    let home = Namespace::new("restricted");
    let strict = "pod-security.kubernetes.io/enforce=restricted";
    home.kubectl(["label", "namespace", home.name(), strict]).run().ok();
    let path = format!("/api/v1/namespaces/{}/pods?dryRun=All", home.name());
    for file in ["installer.yaml", "namespaced/operator.yaml"] {
        let pod = pod(file);
        home.cluster().request(Method::POST, &path, Some(&pod)).unwrap();
        for (wider, said) in [
            ("/spec/containers/0/securityContext/allowPrivilegeEscalation", "allowPrivilegeEscalation != false"),
            ("/spec/containers/0/securityContext/capabilities", "unrestricted capabilities"),
        ] {
            let mut pod = pod.clone();
            *pod.pointer_mut(wider).expect("it is set") = Value::Null;
            let refused = home.cluster().request(Method::POST, &path, Some(&pod)).unwrap_err();
            assert!(refused.message.contains("restricted") && refused.message.contains(said), "{}", refused.message);
        }
    }
}

#[test]
fn there_is_one_container_that_writes_nothing_and_is_asked_whether_it_is_well() {
    let pod = pod("installer.yaml");
    let containers = pod["spec"]["containers"].as_array().unwrap();
    assert_eq!(containers.len(), 1, "as 1/1 Ready");
    let manager = &containers[0];
    assert_eq!(manager["name"], "manager");
    assert_eq!(manager["securityContext"]["readOnlyRootFilesystem"], true);
    assert_eq!(manager["livenessProbe"]["httpGet"]["path"], "/healthz");
    assert_eq!(manager["readinessProbe"]["httpGet"]["path"], "/readyz");
    assert_eq!(pod["spec"]["priorityClassName"], Value::Null);
}
