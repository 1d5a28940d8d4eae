//! What of this product a cluster has: the operator's Deployment, and the kinds.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Namespace;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::APIResourceList;
use kube::api::{Api, ListParams};

use super::connect::Unanswered;
use super::{Cluster, Complaint, Type};
use crate::lifecycle::{OPERATOR_DEPLOYMENT, OPERATOR_NAMESPACE, OPERATOR_SELECTOR, is_operators_image};

/// The operator's Deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployed {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The image that its pods are to run.
    pub image: String,
    /// The version that the image's tag or, for an image without one, a label names.
    pub version: Option<String>,
    /// How many of its pods are ready.
    pub ready: i32,
    /// How many there are to be.
    pub wanted: i32,
}

/// Looks for the operator's Deployment: in the namespace of the flags, in case it serves but that, then in its usual
/// one. `None` if neither has it.
///
/// # Errors
/// Why that cannot be said.
pub async fn deployed(cluster: &Cluster) -> Result<Option<Deployed>, String> {
    let (here, usual) =
        tokio::join!(deployed_in(cluster, cluster.namespace()), deployed_in(cluster, OPERATOR_NAMESPACE));
    match (here, usual) {
        (Ok(Some(found)), _) | (_, Ok(Some(found))) => Ok(Some(found)),
        (Err(why), _) | (_, Err(why)) => Err(why),
        (Ok(None), Ok(None)) => Ok(None),
    }
}

/// What names the cluster in the tags of AWS resources: the uid of its namespace `kube-system`.
///
/// # Errors
/// Why it cannot be read.
pub async fn cluster_uid(cluster: &Cluster) -> Result<String, String> {
    let namespaces: Api<Namespace> = Api::all(cluster.client());
    let found = cluster.ask(|| namespaces.get("kube-system")).await.map_err(|unanswered| unanswered.to_string())?;
    Ok(found.metadata.uid.unwrap_or_default())
}

async fn deployed_in(cluster: &Cluster, namespace: &str) -> Result<Option<Deployed>, String> {
    let deployments: Api<Deployment> = Api::namespaced(cluster.client(), namespace);
    match cluster.ask(|| deployments.get(OPERATOR_DEPLOYMENT)).await {
        Ok(found) => return Ok(Some(Deployed::new(&found))),
        Err(Unanswered::Status(status)) if status.code == 404 => {}
        Err(unanswered) => return Err(unanswered.to_string()),
    }
    // Another name is found by its label, which other products' operators have too.
    let params = ListParams::default().labels(OPERATOR_SELECTOR);
    let labelled = cluster.ask(|| deployments.list(&params)).await.map_err(|unanswered| unanswered.to_string())?;
    Ok(labelled.items.iter().map(Deployed::new).find(|found| is_operators_image(&found.image)))
}

impl Deployed {
    fn new(deployment: &Deployment) -> Self {
        let Deployment { metadata, spec, status } = deployment;
        let containers = spec.iter().filter_map(|spec| spec.template.spec.as_ref()).flat_map(|pod| &pod.containers);
        let images: Vec<(&str, &str)> =
            containers.map(|container| (&*container.name, container.image.as_deref().unwrap_or_default())).collect();
        // v1 has a proxy beside it.
        let image =
            images.iter().find(|(name, image)| *name == "manager" || is_operators_image(image)).or(images.first());
        let image = image.map_or("", |(_, image)| *image);
        let label = metadata.labels.as_ref().and_then(|labels| labels.get("app.kubernetes.io/version"));
        Self {
            namespace: metadata.namespace.clone().unwrap_or_default(),
            name: metadata.name.clone().unwrap_or_default(),
            image: image.to_owned(),
            version: tag(image).or(label.map(String::as_str)).map(str::to_owned),
            ready: status.as_ref().and_then(|status| status.ready_replicas).unwrap_or(0),
            wanted: spec.as_ref().and_then(|spec| spec.replicas).unwrap_or(1),
        }
    }
}

/// The tag of an image's name. A colon before the last slash is a registry's port.
fn tag(image: &str) -> Option<&str> {
    let image = image.split('@').next()?;
    image.rsplit('/').next()?.split_once(':').map(|(_, tag)| tag)
}

/// The version of the API server.
///
/// # Errors
/// That nobody answers, which is for all of the cluster; or in the inner result, that it does not tell.
pub async fn kubernetes_version(cluster: &Cluster) -> Result<Result<String, String>, Complaint> {
    let client = cluster.client();
    match cluster.ask(|| client.apiserver_version()).await {
        Ok(version) => Ok(Ok(version.git_version)),
        Err(Unanswered::Status(status)) => Ok(Err(status.message.clone())),
        Err(silence @ (Unanswered::TimedOut(_) | Unanswered::Unreachable(_))) => Err(cluster.silence(&silence)),
    }
}

/// The kinds that the cluster does not know. Everybody may ask for those it knows, unlike for the CRDs.
///
/// # Errors
/// Why that cannot be said.
pub async fn missing_types(cluster: &Cluster) -> Result<Vec<Type>, String> {
    let client = cluster.client();
    let group = Type::TrainingJob.resource().api_version;
    let known = match cluster.ask(|| client.list_api_group_resources(&group)).await {
        Ok(APIResourceList { resources, .. }) => resources,
        Err(Unanswered::Status(status)) if status.code == 404 => Vec::new(),
        Err(unanswered) => return Err(unanswered.to_string()),
    };
    let is_missing = |type_: &Type| !known.iter().any(|resource| resource.name == type_.plural());
    Ok(Type::ALL.into_iter().filter(is_missing).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn of(labels: &Value, containers: &Value) -> Deployed {
        let deployment = json!({
            "metadata": { "name": "op", "namespace": "ml", "labels": labels },
            "spec": { "replicas": 2, "selector": {}, "template": { "spec": { "containers": containers } } },
            "status": { "readyReplicas": 1 },
        });
        Deployed::new(&serde_json::from_value(deployment).unwrap())
    }

    #[test]
    fn the_version_is_the_tag_of_the_operators_own_image() {
        let proxy = json!({ "name": "kube-rbac-proxy", "image": "gcr.io/kubebuilder/kube-rbac-proxy:v0.4.0" });
        for (image, version) in [
            ("registry:5000/sagemaker-operator:2.0.0", Some("2.0.0")),
            ("registry:5000/sagemaker-operator", None),
            ("sagemaker-operator:2.1.0@sha256:0123", Some("2.1.0")),
            ("sagemaker-operator@sha256:0123", None),
        ] {
            let deployed = of(&json!({}), &json!([proxy, { "name": "operator", "image": image }]));
            assert_eq!((&*deployed.image, deployed.version.as_deref()), (image, version));
            assert_eq!((deployed.ready, deployed.wanted), (1, 2));
        }
    }

    #[test]
    fn a_label_tells_the_version_of_an_image_without_a_tag() {
        let labels = json!({ "app.kubernetes.io/version": "2.0.1" });
        let deployed = of(&labels, &json!([{ "name": "manager", "image": "mirror/op@sha256:0123" }]));
        assert_eq!((&*deployed.image, deployed.version.as_deref()), ("mirror/op@sha256:0123", Some("2.0.1")));
    }
}
