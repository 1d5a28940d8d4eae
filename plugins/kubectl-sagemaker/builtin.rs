//! Kubernetes' own kinds, as one asks for them without a type for each.

use kube::Resource;
use kube::core::ApiResource;

/// How kube addresses a kind, such as `Namespace`.
pub(crate) fn builtin<K: Resource<DynamicType = ()>>() -> ApiResource {
    ApiResource::erase::<K>(&())
}
