//! What admission refuses beyond the types, in words that say what to write.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::ValidationRule;

use super::spec::DEFAULT_TYPE;
use crate::api::crd::rule;

/// What must stay once something may have been made: the service and what of it is scaled. Both may be spelled out.
pub fn held() -> Vec<ValidationRule> {
    let stays = |field: &str, default: &str| {
        let word = |of: &str| format!("(has({of}.{field}) && {of}.{field} != '' ? {of}.{field} : '{default}')");
        rule(
            &format!("{} == {}", word("self.spec"), word("oldSelf.spec")),
            &format!(
                "{field} cannot be changed in an existing HostingAutoscalingPolicy: it is part of what is scaled. Make a \
                 new one"
            ),
        )
    };
    vec![stays("serviceNamespace", "sagemaker"), stays("scalableDimension", "sagemaker:variant:DesiredInstanceCount")]
}

/// The rules of a HostingAutoscalingPolicy's spec.
pub fn rules() -> Vec<ValidationRule> {
    let needs = |type_: &str, field: &str, what: &str| {
        let is_type = if type_ == DEFAULT_TYPE {
            format!("!has(self.policyType) || self.policyType in ['', '{type_}']")
        } else {
            format!("has(self.policyType) && self.policyType == '{type_}'")
        };
        rule(&format!("!({is_type}) || has(self.{field})"), &format!("policyType {type_} needs {field}: {what}"))
    };
    vec![
        rule(
            "has(self.resourceId) && self.resourceId.all(id, has(id.inferenceComponentName) ? !has(id.endpointName) && \
             !has(id.variantName) : has(id.endpointName) && has(id.variantName))",
            "write resourceId: a list of the variants to scale, each with endpointName and variantName, or of inference \
             components, each with inferenceComponentName alone",
        ),
        rule(
            "!has(self.resourceId) || self.resourceId.all(id, has(id.inferenceComponentName) == \
             (has(self.scalableDimension) && self.scalableDimension.startsWith('sagemaker:inference-component:')))",
            "inference components, and they alone, are scaled with scalableDimension: \
             sagemaker:inference-component:DesiredCopyCount",
        ),
        needs(
            "TargetTrackingScaling",
            "targetTrackingScalingPolicyConfiguration",
            "the metric to watch and the value to keep it near",
        ),
        needs("StepScaling", "stepScalingPolicyConfiguration", "the steps to take when an alarm goes off"),
        needs("PredictiveScaling", "predictiveScalingPolicyConfiguration", "the metrics to forecast by"),
    ]
}
