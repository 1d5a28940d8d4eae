//! The installers, and the rights that they give.

use std::path::PathBuf;
use std::sync::LazyLock;

use http::Method;
use serde_json::{Value, json};

use super::built;
use super::cluster::Cluster;
use super::namespace::Namespace;

/// What selects, of an installer, all but the operator itself.
pub(crate) const ALL_BUT_THE_OPERATOR: &str = "app.kubernetes.io/component!=operator";
/// The operator's service account, in whatever namespace.
pub(crate) const SERVICE_ACCOUNT: &str = "sagemaker-k8s-operator-default";
/// The namespace of the operator that looks after all namespaces.
pub(crate) const NAMESPACE: &str = "sagemaker-k8s-operator-system";

/// Where a file below `dist/rolebased` is.
pub(crate) fn path(file: &str) -> PathBuf {
    built::root().join("dist/rolebased").join(file)
}

/// A file below `dist/rolebased`.
#[track_caller]
pub(crate) fn text(file: &str) -> String {
    std::fs::read_to_string(path(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// The objects in a file, but for the definitions of kinds.
pub(crate) fn objects(text: &str) -> Vec<Value> {
    let documents = text.split("\n---\n").skip(1);
    let small = documents.filter(|document| !document.contains("kind: CustomResourceDefinition"));
    small.map(|document| serde_yaml::from_str(document).expect("an object")).collect()
}

/// Lets the operator of all namespaces have its Lease in this one, with the very Role of its installer: each test has an
/// operator that leads.
#[track_caller]
pub(super) fn let_lead(home: &Namespace) {
    static OBJECTS: LazyLock<Vec<Value>> = LazyLock::new(|| {
        let all = objects(&text("installer.yaml"));
        all.into_iter().filter(|object| object["kind"] == "Role" || object["kind"] == "RoleBinding").collect()
    });
    for object in &*OBJECTS {
        let mut object = object.clone();
        object["metadata"]["namespace"] = json!(home.name());
        let plural = if object["kind"] == "Role" { "roles" } else { "rolebindings" };
        let path = format!("/apis/rbac.authorization.k8s.io/v1/namespaces/{}/{plural}", home.name());
        match home.cluster().request(Method::POST, &path, Some(&object)) {
            Ok(_) => {}
            Err(refused) if refused.code == 409 => {}
            Err(refused) => panic!("{path}: {refused:?}"),
        }
    }
}

/// The rights of an operator of this namespace alone, from its installer.
#[track_caller]
pub(crate) fn give_rights_of_one_namespace(home: &Namespace) {
    let operator = text("namespaced/operator.yaml").replace("PLACEHOLDER-NAMESPACE", home.name());
    home.kubectl(["apply", "-l", "app.kubernetes.io/component=rights", "-f", "-"]).stdin(operator).run().ok();
}

/// Writes a kubeconfig with which one is the operator's service account in that namespace, by a token of its own.
#[track_caller]
pub(crate) fn kubeconfig_in(cluster: &Cluster, namespace: &str) -> PathBuf {
    let token = cluster.kubectl().args(["create", "token", SERVICE_ACCOUNT, "-n", namespace]).run().ok();
    let document = json!({
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "pod",
        "clusters": [{
            "name": "cluster",
            "cluster": { "server": cluster.server(), "certificate-authority": cluster.ca() },
        }],
        "users": [{ "name": "account", "user": { "token": token.trim() } }],
        "contexts": [{ "name": "pod", "context": { "cluster": "cluster", "user": "account" } }],
    });
    let path = cluster.kubeconfig_of(&format!("of-{namespace}"));
    std::fs::write(&path, document.to_string()).expect("a kubeconfig can be written");
    path
}
