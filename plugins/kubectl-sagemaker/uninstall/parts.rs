//! Taking away the operator itself, once nothing needs it any more.

use std::time::{Duration, Instant};

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::{Namespace, Pod, Service, ServiceAccount};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding, Role, RoleBinding};
use kube::core::ApiResource;
use sagemaker_operator::cli::{Cluster, Complaint, Console, Failure, Unread, clock};
use sagemaker_operator::lifecycle::{LEASE, PRODUCT_SELECTOR};
use serde_json::Value;

use super::installation::Operator;
use crate::builtin::builtin;

/// The time between two looks at the pods.
const LOOK: Duration = Duration::from_secs(1);
/// How long a pod may take to end: it is given 30 s, and its node some more.
const PATIENCE: Duration = Duration::from_mins(2);

/// Takes the operator away: first what runs, then what it was allowed, and its namespace last.
///
/// # Errors
/// What could not be taken away, and why.
pub(super) async fn remove(cluster: &Cluster, operator: &Operator, console: &mut Console) -> Result<(), Failure> {
    let namespace = Some(&*operator.namespace);
    delete(cluster, &builtin::<Deployment>(), namespace, &operator.name, console).await?;
    until_it_has_ended(cluster, operator, console).await?;
    let parts = [
        builtin::<NetworkPolicy>(),
        builtin::<Service>(),
        builtin::<RoleBinding>(),
        builtin::<Role>(),
        builtin::<ServiceAccount>(),
    ];
    for resource in &parts {
        for part in listed(cluster, resource, namespace).await? {
            delete(cluster, resource, namespace, name_of(&part), console).await?;
        }
    }
    delete(cluster, &builtin::<Lease>(), namespace, LEASE, console).await?;
    if operator.only.is_none() {
        remove_rights_everywhere(cluster, operator, console).await?;
        remove_namespace(cluster, operator, console).await?;
    }
    Ok(())
}

/// Its pods have to be gone before its rights are: it gives its Lease back.
async fn until_it_has_ended(cluster: &Cluster, operator: &Operator, console: &mut Console) -> Result<(), Failure> {
    let begun = Instant::now();
    loop {
        let pods = listed(cluster, &builtin::<Pod>(), Some(&operator.namespace)).await?;
        let Some(pod) = pods.first() else { return Ok(()) };
        if begun.elapsed() > PATIENCE {
            let complaint = Complaint::timed_out(format!("the pod {} does not end", name_of(pod)));
            return Err(complaint.hint("once it has ended, call this again: the rest is still there").into());
        }
        console.status(&format!("waiting for the end of the pod {} ({})", name_of(pod), clock(begun.elapsed())));
        tokio::time::sleep(LOOK).await;
    }
}

/// What this operator is allowed in all namespaces. The roles for people go with the kinds.
async fn remove_rights_everywhere(
    cluster: &Cluster,
    operator: &Operator,
    console: &mut Console,
) -> Result<(), Failure> {
    let bindings = builtin::<ClusterRoleBinding>();
    for binding in listed(cluster, &bindings, None).await? {
        let subjects = binding["subjects"].as_array().into_iter().flatten();
        if !subjects.into_iter().any(|subject| subject["namespace"] == operator.namespace) {
            continue;
        }
        delete(cluster, &bindings, None, name_of(&binding), console).await?;
        if let Some(role) = binding["roleRef"]["name"].as_str() {
            delete(cluster, &builtin::<ClusterRole>(), None, role, console).await?;
        }
    }
    Ok(())
}

/// Its namespace, if an installer has made it and nobody else runs anything there.
async fn remove_namespace(cluster: &Cluster, operator: &Operator, console: &mut Console) -> Result<(), Failure> {
    let (namespaces, name) = (builtin::<Namespace>(), &*operator.namespace);
    let Some(made) = listed(cluster, &namespaces, None).await?.into_iter().find(|it| name_of(it) == name) else {
        return Ok(());
    };
    let pods = cluster.all_stored(&builtin::<Pod>(), Some(name), None).await.map_err(unsaid)?;
    if let Some(pod) = pods.first() {
        console.say(&format!("note: the namespace {name} stays: the pod {} runs there", name_of(pod)));
        return Ok(());
    }
    delete(cluster, &namespaces, None, name_of(&made), console).await
}

/// What the installers and charts have made of a kind.
pub(super) async fn listed(
    cluster: &Cluster,
    resource: &ApiResource,
    namespace: Option<&str>,
) -> Result<Vec<Value>, Complaint> {
    cluster.all_stored(resource, namespace, Some(PRODUCT_SELECTOR)).await.map_err(unsaid)
}

/// Deletes it, if it is there, and says so as kubectl does.
pub(super) async fn delete(
    cluster: &Cluster,
    resource: &ApiResource,
    namespace: Option<&str>,
    name: &str,
    console: &mut Console,
) -> Result<(), Failure> {
    if cluster.delete_any(resource, namespace, name).await.map_err(unsaid)? {
        let group = if resource.group.is_empty() { String::new() } else { format!(".{}", resource.group) };
        console.print(&format!("{}{group}/{name} deleted\n", resource.kind.to_ascii_lowercase()))?;
    }
    Ok(())
}

pub(super) fn name_of(object: &Value) -> &str {
    object["metadata"]["name"].as_str().unwrap_or_default()
}

pub(super) fn unsaid(why: Unread) -> Complaint {
    match why {
        Unread::Denied(why) => Complaint::new(format!("the cluster denies it: {why}"))
            .hint("call this again with the rights for it: what is done already stays done"),
        Unread::Silent(why) => Complaint::new(why).hint("call this again: what is done already stays done"),
    }
}
