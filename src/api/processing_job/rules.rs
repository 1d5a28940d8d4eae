//! What admission refuses beyond the types, in words that say what to write.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::ValidationRule;

use crate::api::crd::{name_form, rule};

/// What may be changed in an existing ProcessingJob.
pub const MUTABLE: [&str; 1] = ["tags"];

/// The rules of a ProcessingJob's spec.
pub fn rules() -> Vec<ValidationRule> {
    vec![
        name_form("processingJobName"),
        rule(
            "has(self.appSpecification.imageUri) && self.appSpecification.imageUri != ''",
            "appSpecification needs imageUri: the image in ECR to run",
        ),
        rule(
            "has(self.processingResources.clusterConfig.instancePreferences) || \
             (has(self.processingResources.clusterConfig.instanceType) && \
             has(self.processingResources.clusterConfig.instanceCount))",
            "write processingResources.clusterConfig.instanceType and instanceCount (the machines), or \
             instancePreferences",
        ),
        rule(
            "!has(self.processingInputs) || self.processingInputs.all(input, has(input.s3Input) || \
             has(input.datasetDefinition))",
            "each of processingInputs needs a source: s3Input (objects in S3) or datasetDefinition (a query)",
        ),
        rule(
            "!has(self.processingOutputConfig) || self.processingOutputConfig.outputs.all(output, \
             has(output.s3Output) || has(output.featureStoreOutput))",
            "each of processingOutputConfig.outputs needs a destination: s3Output or featureStoreOutput",
        ),
    ]
}
