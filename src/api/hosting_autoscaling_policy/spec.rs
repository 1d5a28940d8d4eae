//! What a user asks for: every field of `RegisterScalableTarget` and `PutScalingPolicy`.
//! Sources: <https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html>,
//! <https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScalingPolicy.html>

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::scaling::{
    PredictiveScalingPolicyConfiguration, StepScalingPolicyConfiguration, TargetTrackingScalingPolicyConfiguration,
};
use super::status::HostingAutoscalingPolicyStatus;
use crate::api::shared::{Tag, Whole};

/// The name of a policy whose object gives none, as in the first release.
pub(super) const DEFAULT_NAME: &str = "SageMakerEndpointInvocationScalingPolicy";
/// The only service whose resources a policy of ours scales.
const DEFAULT_NAMESPACE: &str = "sagemaker";
/// What of a variant is scaled unless the object says otherwise.
const DEFAULT_DIMENSION: &str = "sagemaker:variant:DesiredInstanceCount";
/// How it is scaled unless the object says otherwise.
pub(super) const DEFAULT_TYPE: &str = "TargetTrackingScaling";

/// How the variants scale. All of it may be changed but `region`, `serviceNamespace` and `scalableDimension`.
#[derive(CustomResource, Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "sagemaker.aws.amazon.com",
    version = "v1",
    kind = "HostingAutoscalingPolicy",
    plural = "hostingautoscalingpolicies",
    shortname = "hap",
    namespaced,
    status = "HostingAutoscalingPolicyStatus",
    derive = "PartialEq",
    category = "sagemaker",
    doc = "A scaling policy for variants of endpoints in Amazon SageMaker, put in force when the object is made and taken \
           away when it is deleted.",
    printcolumn(name = "Status", type_ = "string", json_path = ".status.hostingAutoscalingPolicyStatus"),
    printcolumn(name = "Creation-Time", type_ = "string", format = "date", json_path = ".metadata.creationTimestamp")
)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::duplicated_attributes, reason = "each printer column names its type")]
pub struct HostingAutoscalingPolicySpec {
    /// The largest number of instances that scaling may bring a variant to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_capacity: Option<Whole>,
    /// The smallest number of instances that scaling may bring a variant to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_capacity: Option<Whole>,
    /// The policy's name, the same for each variant. `SageMakerEndpointInvocationScalingPolicy`, and written here, if it
    /// is left out. A policy that is renamed is deleted and made again under the new name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256))]
    pub policy_name: Option<String>,
    /// `TargetTrackingScaling` (what is meant if it is left out), `StepScaling` or `PredictiveScaling`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub policy_type: Option<String>,
    /// With `policyType: PredictiveScaling`: scales by a forecast.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub predictive_scaling_policy_configuration: Option<PredictiveScalingPolicyConfiguration>,
    /// The AWS region of the endpoints, such as `us-west-2`.
    #[schemars(length(max = 64))]
    pub region: String,
    /// The variants to scale, one or more; or inference components.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1, max = 200))]
    pub resource_id: Vec<VariantId>,
    /// The role with which the variants are scaled. SageMaker has a service-linked role for that, which is made and used
    /// by itself: leave this out.
    #[serde(default, rename = "roleARN", skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1600))]
    pub role_arn: Option<String>,
    /// Without effect: scaling is not reached at SageMaker's own address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048), regex(pattern = "^(https|http)://.*$"))]
    pub sage_maker_endpoint: Option<String>,
    /// What is scaled: `sagemaker:variant:DesiredInstanceCount` if it is left out,
    /// `sagemaker:variant:DesiredProvisionedConcurrency` for a serverless variant, or
    /// `sagemaker:inference-component:DesiredCopyCount` for inference components.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 128))]
    pub scalable_dimension: Option<String>,
    /// The service that is scaled: `sagemaker`, also if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub service_namespace: Option<String>,
    /// With `policyType: StepScaling`: scales by steps when an alarm of yours goes off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step_scaling_policy_configuration: Option<StepScalingPolicyConfiguration>,
    /// What is not to happen for now. Nothing is suspended if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspended_state: Option<SuspendedState>,
    /// Tags of the scalable targets in AWS. May be changed at any time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50))]
    pub tags: Vec<Tag>,
    /// With `policyType: TargetTrackingScaling`: keeps a metric near a value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_tracking_scaling_policy_configuration: Option<TargetTrackingScalingPolicyConfiguration>,
}

/// A variant of an endpoint, by the endpoint's name and its own; or an inference component.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VariantId {
    /// The endpoint's name in SageMaker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    pub endpoint_name: Option<String>,
    /// The name of an inference component, in place of the other two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    pub inference_component_name: Option<String>,
    /// The variant's name in the endpoint's configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    pub variant_name: Option<String>,
}

/// What scaling is not to do for now. Alarms go on being watched.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SuspendedState {
    /// Whether no policy takes instances away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dynamic_scaling_in_suspended: Option<bool>,
    /// Whether no policy adds instances.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dynamic_scaling_out_suspended: Option<bool>,
    /// Whether scheduled actions do nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheduled_scaling_suspended: Option<bool>,
}

fn said<'a>(text: Option<&'a String>, default: &'a str) -> &'a str {
    text.map(String::as_str).filter(|text| !text.is_empty()).unwrap_or(default)
}

impl HostingAutoscalingPolicySpec {
    /// The service, in words of the API.
    pub fn namespace_in_use(&self) -> &str {
        said(self.service_namespace.as_ref(), DEFAULT_NAMESPACE)
    }

    /// What is scaled, in words of the API.
    pub fn dimension_in_use(&self) -> &str {
        said(self.scalable_dimension.as_ref(), DEFAULT_DIMENSION)
    }

    /// How it is scaled, in words of the API.
    pub fn type_in_use(&self) -> &str {
        said(self.policy_type.as_ref(), DEFAULT_TYPE)
    }

    /// The resource ids of the variants or inference components, each once, in the order of the spec.
    pub fn resource_ids(&self) -> Vec<String> {
        let mut ids = Vec::new();
        for VariantId { endpoint_name, inference_component_name, variant_name } in &self.resource_id {
            let part = |name: &Option<String>| name.clone().unwrap_or_default();
            let id = match inference_component_name {
                Some(component) => format!("inference-component/{component}"),
                None => format!("endpoint/{}/variant/{}", part(endpoint_name), part(variant_name)),
            };
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        ids
    }
}

impl SuspendedState {
    /// With its flags spelled out: what is not suspended is said to be so, for what a request leaves out stays as it is.
    #[must_use]
    pub fn whole(&self) -> Self {
        let flag = |flag: Option<bool>| Some(flag.unwrap_or(false));
        Self {
            dynamic_scaling_in_suspended: flag(self.dynamic_scaling_in_suspended),
            dynamic_scaling_out_suspended: flag(self.dynamic_scaling_out_suspended),
            scheduled_scaling_suspended: flag(self.scheduled_scaling_suspended),
        }
    }
}
