//! What an operator's Deployment says, as it is stored.

use sagemaker_operator::lifecycle::is_operators_image;
use serde_json::Value;

/// The image of version 1.
const IMAGE_OF_VERSION_1: &str = "amazon-sagemaker-operator-for-k8s";

/// Its containers.
pub(crate) fn containers(deployment: &Value) -> impl Iterator<Item = &Value> {
    deployment["spec"]["template"]["spec"]["containers"].as_array().into_iter().flatten()
}

/// What they run.
pub(crate) fn images(deployment: &Value) -> impl Iterator<Item = &str> {
    containers(deployment).filter_map(|container| container["image"].as_str())
}

/// The namespace that the operator is restricted to, if it is. Kubernetes puts the pod's own in where the installers ask
/// for it.
pub(crate) fn scope(deployment: &Value) -> Option<String> {
    let args: Vec<&str> = containers(deployment).flat_map(|container| strings(&container["args"])).collect();
    let by_one = args.iter().find_map(|arg| arg.strip_prefix("--namespace="));
    let by_two = args.windows(2).find_map(|pair| (pair[0] == "--namespace").then_some(pair[1]));
    let own = deployment["metadata"]["namespace"].as_str().unwrap_or_default();
    let namespace = by_one.or(by_two)?.replace("$(POD_NAMESPACE)", own);
    (!namespace.is_empty()).then_some(namespace)
}

/// The texts of a list.
pub(crate) fn strings(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// Whether an image is that of version 1: by its name, or by its tag.
pub(crate) fn is_of_version_1(image: &str) -> bool {
    let tag = image.split('@').next().and_then(|image| image.rsplit('/').next()?.split_once(':')).map(|(_, tag)| tag);
    let major = tag.map(|tag| tag.trim_start_matches('v').split(['.', '-']).next().unwrap_or_default());
    match major.and_then(|major| major.parse::<u32>().ok()) {
        Some(major) => major < 2 && is_operators_image(image),
        None => image.contains(IMAGE_OF_VERSION_1),
    }
}
