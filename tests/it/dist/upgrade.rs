//! What version 1 left in the cluster is replaced in place.

use serde_json::{Value, json};

use crate::support::{Cluster, installed};

const DEPLOYMENT: &str =
    "/apis/apps/v1/namespaces/sagemaker-k8s-operator-system/deployments/sagemaker-k8s-operator-controller-manager";

/// What version 1's installer made, as far as ours has something of the same name.
fn original() -> String {
    let label = json!({ "control-plane": "controller-manager" });
    let meta = |name: &str| json!({ "name": name, "namespace": installed::NAMESPACE, "labels": label });
    let any = |groups: &[&str], resources: &[&str]| json!([{ "apiGroups": groups, "resources": resources, "verbs": ["create", "get", "update"] }]);
    let containers = json!([
        {
            "name": "kube-rbac-proxy",
            "image": "gcr.io/kubebuilder/kube-rbac-proxy:v0.4.0",
            "args": ["--secure-listen-address=0.0.0.0:8443", "--upstream=http://127.0.0.1:8080/"],
            "ports": [{ "containerPort": 8443, "name": "https" }],
        },
        {
            "name": "manager",
            "image": "957583890962.dkr.ecr.us-east-1.amazonaws.com/amazon-sagemaker-operator-for-k8s:v1",
            "imagePullPolicy": "Always",
            "args": ["--metrics-addr=127.0.0.1:8080"],
            "command": ["/manager"],
            "env": [{ "name": "AWS_DEFAULT_SAGEMAKER_ENDPOINT", "value": "" }],
            "resources": { "limits": { "cpu": "100m", "memory": "30Mi" }, "requests": { "cpu": "100m", "memory": "20Mi" } },
        },
    ]);
    let rbac = "rbac.authorization.k8s.io/v1";
    let reference =
        |kind: &str, name: &str| json!({ "apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name });
    let default = json!([{ "kind": "ServiceAccount", "name": "sagemaker-k8s-operator-default", "namespace": installed::NAMESPACE }]);
    let objects = json!([
        { "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": installed::NAMESPACE, "labels": label } },
        {
            "apiVersion": rbac, "kind": "Role", "metadata": meta("sagemaker-k8s-operator-leader-election-role"),
            "rules": any(&[""], &["configmaps"]),
        },
        {
            "apiVersion": rbac, "kind": "RoleBinding", "metadata": meta("sagemaker-k8s-operator-leader-election-rolebinding"),
            "roleRef": reference("Role", "sagemaker-k8s-operator-leader-election-role"), "subjects": default,
        },
        {
            "apiVersion": rbac, "kind": "ClusterRole", "metadata": { "name": "sagemaker-k8s-operator-manager-role" },
            "rules": any(&["sagemaker.aws.amazon.com"], &["trainingjobs", "trainingjobs/status"]),
        },
        {
            "apiVersion": rbac, "kind": "ClusterRoleBinding", "metadata": { "name": "sagemaker-k8s-operator-manager-rolebinding" },
            "roleRef": reference("ClusterRole", "sagemaker-k8s-operator-manager-role"), "subjects": default,
        },
        {
            "apiVersion": "v1", "kind": "Service",
            "metadata": meta("sagemaker-k8s-operator-controller-manager-metrics-service"),
            "spec": { "ports": [{ "name": "https", "port": 8443, "targetPort": "https" }], "selector": label },
        },
        {
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta("sagemaker-k8s-operator-controller-manager"),
            "spec": {
                "replicas": 1,
                "selector": { "matchLabels": label },
                "template": {
                    "metadata": { "labels": label },
                    "spec": {
                        "containers": containers,
                        "serviceAccountName": "sagemaker-k8s-operator-default",
                        "terminationGracePeriodSeconds": 10,
                    },
                },
            },
        },
    ]);
    json!({ "apiVersion": "v1", "kind": "List", "items": objects }).to_string()
}

/// What the API server has of these, without what it draws itself.
fn installed(cluster: &Cluster) -> Vec<(Value, Value)> {
    let paths = [
        DEPLOYMENT,
        "/apis/rbac.authorization.k8s.io/v1/clusterroles/sagemaker-k8s-operator-manager-role",
        "/apis/rbac.authorization.k8s.io/v1/namespaces/sagemaker-k8s-operator-system/roles/\
         sagemaker-k8s-operator-leader-election-role",
        "/api/v1/namespaces/sagemaker-k8s-operator-system/services/\
         sagemaker-k8s-operator-controller-manager-metrics-service",
    ];
    let of = |path: &str| {
        let mut object = cluster.get(path).unwrap_or_else(|| panic!("{path}"));
        let mut spec = object["spec"].take();
        if let Some(spec) = spec.as_object_mut() {
            spec.remove("clusterIP");
            spec.remove("clusterIPs");
        }
        (spec, object["rules"].take())
    };
    paths.into_iter().map(of).collect()
}

#[test]
fn the_originals_deployment_becomes_ours_without_being_deleted() {
    let fresh = Cluster::start();
    let apply = |cluster: &Cluster, how: &[&str]| {
        cluster.kubectl().arg("apply").args(how).arg("-f").arg(installed::path("installer.yaml")).run()
    };
    apply(&fresh, &[]).ok();
    let wanted = installed(&fresh);
    assert_eq!(wanted[0].0["strategy"], json!({ "type": "Recreate" }));

    for by_server in [false, true] {
        let cluster = Cluster::start();
        cluster.kubectl().args(["apply", "-f", "-"]).stdin(original()).run().ok();
        let before = cluster.get(DEPLOYMENT).unwrap();
        assert_eq!(before["spec"]["strategy"]["rollingUpdate"]["maxSurge"], "25%", "the API server fills it in");
        if by_server {
            // What the API server filled in has no manager, so that nobody takes it away by applying something else.
            let refused = apply(&cluster, &["--server-side", "--force-conflicts"]);
            assert!(
                refused.code() == 1 && refused.stderr.contains("spec.strategy.rollingUpdate"),
                "{}",
                refused.stderr
            );
            let recreate = r#"--patch={"spec": {"strategy": {"type": "Recreate", "rollingUpdate": null}}}"#;
            let deployment = ["patch", "deployment", "sagemaker-k8s-operator-controller-manager"];
            cluster.kubectl().args(deployment).args(["-n", installed::NAMESPACE, recreate]).run().ok();
            apply(&cluster, &["--server-side", "--force-conflicts"]).ok();
        } else {
            apply(&cluster, &[]).ok();
        }
        let after = cluster.get(DEPLOYMENT).unwrap();
        assert_eq!(before["metadata"]["uid"], after["metadata"]["uid"]);
        assert_eq!(before["spec"]["selector"], after["spec"]["selector"]);
        for (ours, wanted) in installed(&cluster).into_iter().zip(&wanted) {
            assert_eq!(ours, *wanted, "by the server: {by_server}");
        }
    }
}
