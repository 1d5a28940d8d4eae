//! `kubectl sagemaker version`: what can be read is told, whatever cannot.

use http::Method;
use insta::assert_snapshot;
use regex::Regex;
use serde_json::{Value, json};

use crate::support::eventually::PATIENCE;
use crate::support::process::Program;
use crate::support::{Cluster, Namespace, built, eventually};

fn plugin(cluster: &Cluster, args: &[&str]) -> Program {
    cluster.program(&built::binaries().join("kubectl-sagemaker")).arg("version").args(args)
}

/// Both streams and the exit code, without what differs from run to run.
fn said(cluster: &Cluster, program: Program) -> String {
    let finished = program.run();
    let text = format!("{}---\n{}exit {}", finished.stdout, finished.stderr, finished.code());
    let text = text.replace(cluster.server(), "SERVER");
    Regex::new(r"v1\.\d+\.\d+").expect("it is a pattern").replace_all(&text, "v1.X").into_owned()
}

/// A Deployment that nobody runs.
fn deploy(home: &Namespace, name: &str, image: &str) {
    let labels = json!({ "control-plane": "controller-manager" });
    let containers = json!([
        { "name": "kube-rbac-proxy", "image": "gcr.io/kubebuilder/kube-rbac-proxy:v0.4.0" },
        { "name": "manager", "image": image },
    ]);
    let deployment = json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": name, "labels": labels },
        "spec": {
            "replicas": 2, "selector": { "matchLabels": labels },
            "template": { "metadata": { "labels": labels }, "spec": { "containers": containers } },
        },
    });
    home.apply(deployment.to_string());
    let path = format!("/apis/apps/v1/namespaces/{}/deployments/{name}/status", home.name());
    let status = json!({ "status": { "replicas": 2, "readyReplicas": 1 } });
    home.cluster().request(Method::PATCH, &path, Some(&status)).expect("a status can be written");
}

#[test]
fn the_versions_of_all_parts_are_told() {
    let home = Namespace::new("versions");
    deploy(&home, "sagemaker-k8s-operator-controller-manager", "registry.example/sagemaker-operator:2.0.0");
    let version = |args: &[&str]| plugin(home.cluster(), args).args(["-n", home.name()]);
    let text = said(home.cluster(), version(&[])).replace(home.name(), "NAMESPACE");
    assert_snapshot!(text, @r"
    client      v2.0.0
    operator    v2.0.0, 1 of 2 ready, NAMESPACE/sagemaker-k8s-operator-controller-manager
    image       registry.example/sagemaker-operator:2.0.0
    CRDs        8 of 8
    Kubernetes  v1.X
    ---
    exit 0
    ");
    let json: Value = serde_json::from_str(&version(&["-o", "json"]).run().ok()).expect("it is JSON");
    assert_eq!(json["client"], json!({ "version": "v2.0.0" }));
    let operator = json!({
        "version": "v2.0.0", "image": "registry.example/sagemaker-operator:2.0.0", "readyReplicas": 1, "replicas": 2,
        "namespace": home.name(), "deployment": "sagemaker-k8s-operator-controller-manager",
    });
    assert_eq!(json["operator"], operator);
    assert_eq!(json["crds"]["installed"].as_array().map(Vec::len), Some(8));
    assert_eq!(json["crds"]["missing"], json!([]));
    assert!(json["kubernetes"]["version"].as_str().is_some_and(|version| version.starts_with("v1.")), "{json}");
    let yaml: Value = serde_yaml::from_str(&version(&["-o", "yaml"]).run().ok()).expect("it is YAML");
    assert_eq!(yaml, json);
}

#[test]
fn an_operator_under_another_name_is_found_and_one_that_is_too_old_is_told() {
    let home = Namespace::new("old-version");
    let text = |args: &[&str]| {
        let version = plugin(home.cluster(), args).args(["-n", home.name()]);
        said(home.cluster(), version).replace(home.name(), "NAMESPACE")
    };
    // The label is that of many products.
    deploy(&home, "someone-elses", "registry.example/cert-manager:1.18.0");
    assert!(
        text(&[]).contains("\noperator    no Deployment in NAMESPACE or sagemaker-k8s-operator-system\n"),
        "{}",
        text(&[])
    );
    deploy(&home, "ours", "registry.example/amazon-sagemaker-operator-for-k8s:v1.2.2");
    assert_snapshot!(text(&[]), @r"
    client      v2.0.0
    operator    v1.X, 1 of 2 ready, NAMESPACE/ours
    image       registry.example/amazon-sagemaker-operator-for-k8s:v1.X
    CRDs        8 of 8
    Kubernetes  v1.X
    ---
    warning: plugin v2.0.0 and operator v1.X are more than a minor version apart
    hint: use those of one release
    exit 0
    ");
}

#[test]
fn what_cannot_be_read_is_told_with_the_reason_on_its_line() {
    let cluster = Cluster::shared();
    assert_snapshot!(said(cluster, plugin(cluster, &["--as", "carol"])), @r#"
    client      v2.0.0
    operator    unknown: deployments.apps "sagemaker-k8s-operator-controller-manager" is forbidden: User "carol" cannot get resource "deployments" in API group "apps" in the namespace "default"
    CRDs        8 of 8
    Kubernetes  v1.X
    ---
    exit 0
    "#);
    assert_snapshot!(said(cluster, plugin(cluster, &["--token", "wrong"])), @r"
    client      v2.0.0
    operator    unknown: Unauthorized
    CRDs        unknown: Unauthorized
    Kubernetes  unknown: Unauthorized
    ---
    exit 0
    ");
    assert_snapshot!(said(cluster, plugin(cluster, &["-s", "https://127.0.0.1:1"])), @r"
    client      v2.0.0
    ---
    error: cannot reach the API server at https://127.0.0.1:1: Connection refused (os error 111)
    hint: check --context and --server, or: kubectl cluster-info
    exit 1
    ");
    assert_snapshot!(said(cluster, plugin(cluster, &[]).env("KUBECONFIG", "").env("HOME", "/nonexistent")), @r"
    client      v2.0.0
    ---
    error: no kubeconfig found: do not know which cluster to ask
    hint: set KUBECONFIG, or use --kubeconfig FILE
    exit 1
    ");
    assert_snapshot!(said(cluster, plugin(cluster, &["--client", "-s", "https://127.0.0.1:1"])), @r"
    client      v2.0.0
    ---
    exit 0
    ");
}

#[test]
fn kinds_that_are_not_installed_are_named() {
    let cluster = Cluster::start();
    assert_snapshot!(said(&cluster, plugin(&cluster, &[])), @r"
    client      v2.0.0
    operator    no Deployment in default or sagemaker-k8s-operator-system
    CRDs        none of 8
    Kubernetes  v1.X
    ---
    exit 0
    ");
    for kind in ["trainingjobs", "processingjobs", "batchtransformjobs", "models", "endpointconfigs"] {
        let file = built::root().join(format!("dist/crds/sagemaker.aws.amazon.com_{kind}.yaml"));
        cluster.kubectl().args(["apply", "-f"]).arg(&file).run().ok();
    }
    let wanted = "CRDs        5 of 8, without HyperparameterTuningJob, HostingDeployment, HostingAutoscalingPolicy\n";
    eventually("five kinds", PATIENCE, || {
        let text = said(&cluster, plugin(&cluster, &[]));
        if text.contains(wanted) { Ok(()) } else { Err(text) }
    });
}
