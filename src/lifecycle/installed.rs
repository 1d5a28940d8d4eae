//! What an installation of the operator is called in a cluster. The names are those of version 1: guides, trust policies
//! and selectors go by them.

/// The namespace of the operator that looks after all namespaces.
pub const OPERATOR_NAMESPACE: &str = "sagemaker-k8s-operator-system";
/// The operator's Deployment.
pub const OPERATOR_DEPLOYMENT: &str = "sagemaker-k8s-operator-controller-manager";
/// The Service by which the operator's metrics are reached.
pub const OPERATOR_METRICS_SERVICE: &str = "sagemaker-k8s-operator-controller-manager-metrics-service";
/// The service account that the operator runs as.
pub const OPERATOR_ACCOUNT: &str = "sagemaker-k8s-operator-default";
/// What both versions give the Deployment and its pods. Operators of other products have it too.
pub const OPERATOR_LABEL: (&str, &str) = ("control-plane", "controller-manager");
/// What selects by [`OPERATOR_LABEL`].
pub const OPERATOR_SELECTOR: &str = "control-plane=controller-manager";
/// What only this version gives, to all that its installers and charts make. The Deployment's selector has
/// [`OPERATOR_LABEL`] alone: a selector cannot be changed, so that an upgrade in place needs it.
pub const PRODUCT_LABEL: (&str, &str) = ("app.kubernetes.io/name", "sagemaker-operator");
/// What selects by [`PRODUCT_LABEL`].
pub const PRODUCT_SELECTOR: &str = "app.kubernetes.io/name=sagemaker-operator";
/// By this a service account of EKS names its role.
/// Source: <https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html>
pub const ANNOTATION_EKS_ROLE: &str = "eks.amazonaws.com/role-arn";
/// What stands for the namespace in the installers for one; a person puts it in.
pub const PLACEHOLDER_NAMESPACE: &str = "PLACEHOLDER-NAMESPACE";
/// What stands for the role's name in AWS; a person puts it in.
pub const PLACEHOLDER_ROLE: &str = "DELETE_ME";

/// What the image is called, of either version and in whatever registry.
const IMAGE: &str = "sagemaker";

/// Whether the image is of an operator of this product.
pub fn is_operators_image(image: &str) -> bool {
    image.contains(IMAGE)
}

/// Whether what has [`OPERATOR_LABEL`] in that namespace and runs these images is an operator of this product: in the
/// operator's own namespace it is, in a team's other products may have theirs.
pub fn is_operator<'a>(namespace: &str, images: impl IntoIterator<Item = &'a str>) -> bool {
    namespace == OPERATOR_NAMESPACE || images.into_iter().any(is_operators_image)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn label_and_selector_say_the_same() {
        for ((key, value), selector) in [(OPERATOR_LABEL, OPERATOR_SELECTOR), (PRODUCT_LABEL, PRODUCT_SELECTOR)] {
            assert_eq!(selector, format!("{key}={value}"));
        }
    }
}
