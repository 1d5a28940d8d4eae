//! The definitions of the kinds, which are the whole cluster's.

use std::time::{Duration, Instant};

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::rbac::v1::ClusterRole;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use sagemaker_operator::cli::{Cluster, Complaint, Console, Failure, clock};
use sagemaker_operator::lifecycle::{OPERATOR_SELECTOR, is_operator};
use serde_json::Value;

use super::installation::Installation;
use super::parts::{delete, listed, name_of, unsaid};
use crate::builtin::{builtin, definitions};
use crate::deployment::images;

/// The time between two looks at what is going.
const LOOK: Duration = Duration::from_millis(500);
/// How long the API server may take to clean up after a definition.
const PATIENCE: Duration = Duration::from_mins(1);

/// Whether they may go: with them go all objects of the cluster.
///
/// # Errors
/// Who needs them still.
pub(super) async fn may_go(cluster: &Cluster, installation: &Installation) -> Result<(), Complaint> {
    let home = installation.operator.as_ref().map(|operator| &*operator.namespace);
    for deployment in
        cluster.all_stored(&builtin::<Deployment>(), None, Some(OPERATOR_SELECTOR)).await.map_err(unsaid)?
    {
        let namespace = deployment["metadata"]["namespace"].as_str().unwrap_or_default();
        if Some(namespace) != home && is_operator(namespace, images(&deployment)) {
            return Err(Complaint::refused(format!("the operator in namespace {namespace} needs the CRDs"))
                .hint(format_args!("first: kubectl sagemaker uninstall -n {namespace}")));
        }
    }
    if let Some(only) = installation.only() {
        for type_ in &installation.types {
            let all = cluster.all_stored(&type_.resource(), None, None).await.map_err(unsaid)?;
            let elsewhere = |object: &&Value| object["metadata"]["namespace"].as_str() != Some(only);
            if let Some(object) = all.iter().find(elsewhere) {
                let namespace = object["metadata"]["namespace"].as_str().unwrap_or_default();
                let name = name_of(object);
                return Err(Complaint::refused(format!(
                    "{}/{name} in namespace {namespace} would go with the CRDs, and nobody would end it in AWS",
                    type_.singular()
                ))
                .hint("go without --crds, or delete the objects of all namespaces first"));
            }
        }
    }
    for crd in known(cluster).await? {
        let helm = |key: &str| crd["metadata"]["annotations"][key].as_str();
        if let Some(release) = helm("meta.helm.sh/release-name")
            && helm("helm.sh/resource-policy") != Some("keep")
        {
            let namespace = helm("meta.helm.sh/release-namespace").unwrap_or("default");
            return Err(Complaint::refused("the CRDs are Helm's")
                .hint(format_args!("go without --crds, then: helm uninstall {release} -n {namespace}")));
        }
    }
    Ok(())
}

async fn known(cluster: &Cluster) -> Result<Vec<Value>, Complaint> {
    Ok(definitions(cluster).await.map_err(unsaid)?.into_iter().filter_map(|(_, known)| known).collect())
}

/// Takes them away, with the roles that people have for them, and waits until they are gone.
///
/// # Errors
/// What could not be taken away, and why.
pub(super) async fn remove(cluster: &Cluster, console: &mut Console) -> Result<(), Failure> {
    let roles = builtin::<ClusterRole>();
    for role in listed(cluster, &roles, None).await? {
        delete(cluster, &roles, None, name_of(&role), console).await?;
    }
    for crd in known(cluster).await? {
        delete(cluster, &builtin::<CustomResourceDefinition>(), None, name_of(&crd), console).await?;
    }
    let begun = Instant::now();
    while let Some(crd) = known(cluster).await?.first() {
        if begun.elapsed() > PATIENCE {
            let complaint = Complaint::timed_out(format!("{} is not gone yet", name_of(crd)));
            return Err(complaint.hint(format_args!("kubectl get crd {} -o yaml", name_of(crd))).into());
        }
        console.status(&format!("waiting for the end of {} ({})", name_of(crd), clock(begun.elapsed())));
        tokio::time::sleep(LOOK).await;
    }
    Ok(())
}
