//! What version 1 left in the cluster is replaced in place.

use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::docs::page::{Block, Page};
use crate::support::{Cluster, built, installed};

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

/// The same where nothing was before.
static FRESH: LazyLock<Vec<(Value, Value)>> = LazyLock::new(|| {
    let cluster = Cluster::start();
    cluster.kubectl().args(["apply", "-f"]).arg(installed::path("installer.yaml")).run().ok();
    installed(&cluster)
});

#[test]
fn the_originals_deployment_becomes_ours_without_being_deleted() {
    let cluster = Cluster::start();
    cluster.kubectl().args(["apply", "-f", "-"]).stdin(original()).run().ok();
    let before = cluster.get(DEPLOYMENT).unwrap();
    assert_eq!(before["spec"]["strategy"]["rollingUpdate"]["maxSurge"], "25%", "the API server fills it in");
    cluster.kubectl().args(["apply", "-f"]).arg(installed::path("installer.yaml")).run().ok();
    let after = cluster.get(DEPLOYMENT).unwrap();
    assert_eq!(before["metadata"]["uid"], after["metadata"]["uid"]);
    assert_eq!(before["spec"]["selector"], after["spec"]["selector"]);
    assert_eq!(after["spec"]["strategy"], json!({ "type": "Recreate" }));
    assert_eq!(installed(&cluster), *FRESH);
}

/// The commands of the page that are to be run, block by block.
fn commands() -> Vec<String> {
    let blocks = Page::at("dist/docs/migrate.md").blocks().into_iter().filter(Block::is_run);
    blocks.map(|block| block.commands().join("\n")).collect()
}

#[test]
fn what_was_applied_by_the_server_is_replaced_so_too_and_then_helm_takes_it_over() {
    let cluster = Cluster::start();
    cluster.kubectl().args(["apply", "--server-side", "-f", "-"]).stdin(original()).run().ok();
    let scale = ["scale", "deployment", "sagemaker-k8s-operator-controller-manager", "--replicas=2"];
    cluster.kubectl().args(scale).args(["-n", installed::NAMESPACE]).run().ok();
    let uid = || cluster.get(DEPLOYMENT).expect("it is there")["metadata"]["uid"].take();
    let before = uid();

    // What the page says of other ways.
    let apply =
        |how: &[&str]| cluster.kubectl().arg("apply").args(how).arg("-f").arg(installed::path("installer.yaml")).run();
    let tried: Value = serde_json::from_str(&apply(&["--dry-run=server", "-o", "json"]).ok()).expect("JSON");
    let mut objects = tried["items"].as_array().expect("a list").iter();
    let deployment = objects.find(|object| object["kind"] == "Deployment").expect("one is installed");
    let containers = &deployment["spec"]["template"]["spec"]["containers"];
    assert_eq!(containers.as_array().map(Vec::len), Some(2), "the proxy would stay: {containers:#}");
    for (how, said) in [
        (&["--server-side"][..], ".spec.replicas"),
        (&["--server-side", "--force-conflicts"], "spec.strategy.rollingUpdate"),
    ] {
        let refused = apply(how);
        assert!(refused.code() == 1 && refused.stderr.contains(said), "{}", refused.stderr);
    }

    let blocks = commands();
    let [by_server, by_helm] = blocks.as_slice() else { panic!("{blocks:#?}") };
    for commands in [by_server, by_helm] {
        let script = format!("cd '{}'\n{}", built::root().display(), commands.replace("ACCOUNT", "123456789012"));
        cluster.shell_with_helm(&script).run().ok();
        let own = json!(installed(&cluster)).to_string().replace("REGISTRY/", "registry.example.com/");
        assert_eq!(own, json!(*FRESH).to_string(), "after\n{commands}");
        assert_eq!(uid(), before);
    }
    let listed = cluster.helm().args(["list", "--all-namespaces", "--short"]).run().ok();
    assert_eq!(listed, "sagemaker-operator\n");
}
