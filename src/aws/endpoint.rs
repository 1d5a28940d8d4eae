//! Which address a service is reached at.
//!
//! For SageMaker, the first of: `spec.sageMakerEndpoint`, `AWS_DEFAULT_SAGEMAKER_ENDPOINT`, `--endpoint-url`,
//! `AWS_ENDPOINT_URL_SAGEMAKER`, `AWS_ENDPOINT_URL`, the profile's settings, the region's own. The other services have
//! the same list without its first two, which is the SDK's own order.

use crate::lifecycle::Endpoint;

/// The environment variable that v1 reads.
pub(super) const DEFAULT_SAGEMAKER_ENDPOINT: &str = "AWS_DEFAULT_SAGEMAKER_ENDPOINT";

/// The address that overrides what the SDK would find for SageMaker, if any. `default` is the value of
/// `AWS_DEFAULT_SAGEMAKER_ENDPOINT`; an empty one counts as none, as in v1.
pub(super) fn sagemaker_override(spec: Option<&Endpoint>, default: Option<&str>) -> Option<String> {
    spec.map(|endpoint| endpoint.as_str().to_owned())
        .or_else(|| default.filter(|address| !address.is_empty()).map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spec_wins_over_the_environment_and_empty_is_none() {
        let spec: Endpoint = "https://vpce-1.example.com".parse().unwrap();
        for (spec, default, expected) in [
            (Some(&spec), Some("https://default.example.com"), Some("https://vpce-1.example.com")),
            (None, Some("https://default.example.com"), Some("https://default.example.com")),
            (None, Some(""), None),
            (None, None, None),
        ] {
            assert_eq!(sagemaker_override(spec, default).as_deref(), expected, "{spec:?} {default:?}");
        }
    }
}
