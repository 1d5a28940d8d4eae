//! Kubernetes' own kinds, as one asks for them without a type for each.

use futures::future::try_join_all;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::Resource;
use kube::core::ApiResource;
use sagemaker_operator::api::GROUP;
use sagemaker_operator::cli::{Cluster, Type, Unread};
use serde_json::Value;

/// How kube addresses a kind, such as `Namespace`.
pub(crate) fn builtin<K: Resource<DynamicType = ()>>() -> ApiResource {
    ApiResource::erase::<K>(&())
}

/// The definitions of our kinds, `None` for one that is not there.
///
/// # Errors
/// Why one of them cannot be read.
pub(crate) async fn definitions(cluster: &Cluster) -> Result<Vec<(Type, Option<Value>)>, Unread> {
    let resource = builtin::<CustomResourceDefinition>();
    let one = async |type_: Type| {
        let name = format!("{}.{GROUP}", type_.plural());
        Ok::<_, Unread>((type_, cluster.stored(&resource, None, &name).await?))
    };
    try_join_all(Type::ALL.map(one)).await
}
