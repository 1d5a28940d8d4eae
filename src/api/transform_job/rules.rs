//! What admission refuses beyond the types, in words that say what to write.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::ValidationRule;

use crate::api::crd::{name_form, rule};

/// What may be changed in an existing BatchTransformJob.
pub const MUTABLE: [&str; 1] = ["tags"];

/// The rules of a BatchTransformJob's spec.
pub fn rules() -> Vec<ValidationRule> {
    vec![
        name_form("transformJobName"),
        rule(
            "!has(self.maxPayloadInMB) || self.maxPayloadInMB <= 100.0",
            "maxPayloadInMB is 100 at most: SageMaker sends no larger request. Split the data with \
             transformInput.splitType",
        ),
        rule(
            "!has(self.maxPayloadInMB) || !has(self.maxConcurrentTransforms) || self.maxPayloadInMB == 0.0 || \
             self.maxConcurrentTransforms <= 100.0 / self.maxPayloadInMB",
            "maxConcurrentTransforms times maxPayloadInMB is 100 at most: lower one of them",
        ),
    ]
}
