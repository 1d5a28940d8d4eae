//! What the operator reports of an endpoint.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::shared::KeyValuePair;
use crate::lifecycle::Common;

/// How the endpoint stands.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HostingDeploymentStatus {
    /// What every kind reports.
    #[serde(flatten)]
    pub common: Common,
    /// What stands in the way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub additional: Option<String>,
    /// When the endpoint was created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creation_time: Option<DateTime<Utc>>,
    /// The endpoint in AWS, as the first release reports it; the same as `arn`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint_arn: Option<String>,
    /// The configuration that serves, by its name in SageMaker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint_config_name: Option<String>,
    /// The endpoint's name in SageMaker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint_name: Option<String>,
    /// SageMaker's word for the endpoint's state, or the operator's own before SageMaker has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint_status: Option<String>,
    /// Where the endpoint is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint_url: Option<String>,
    /// Why the endpoint, or its last update, failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<String>,
    /// When the operator last looked, as of the last change of this status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_check_time: Option<DateTime<Utc>>,
    /// When SageMaker last changed the endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified_time: Option<DateTime<Utc>>,
    /// The models that serve by their names in the spec, with their names in SageMaker.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub model_names: Vec<KeyValuePair>,
    /// How the variants stand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub production_variants: Vec<VariantStatus>,
    /// The configuration that the last roll-out went for, by its name in SageMaker. It serves if it is also
    /// `endpointConfigName`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollout_config_name: Option<String>,
    /// A digest of the request for the last roll-out, until it has succeeded: what SageMaker has taken back is not asked for
    /// again as it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollout_digest: Option<String>,
    /// When SageMaker accepted the last roll-out, until the endpoint shows an effect of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollout_time: Option<DateTime<Utc>>,
    /// How the shadow variants stand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shadow_production_variants: Vec<VariantStatus>,
}

/// How a variant stands.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VariantStatus {
    /// How many machines it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_instance_count: Option<i64>,
    /// Its share of the traffic, in proportion to the sum of all weights.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_weight: Option<f64>,
    /// Its images.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deployed_images: Vec<DeployedImage>,
    /// How many machines it is to have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub desired_instance_count: Option<i64>,
    /// The share that it is to have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub desired_weight: Option<f64>,
    /// The variant.
    pub variant_name: String,
}

/// An image of a variant.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeployedImage {
    /// When its tag was resolved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution_time: Option<DateTime<Utc>>,
    /// The image by its digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved_image: Option<String>,
    /// The image as the model has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub specified_image: Option<String>,
}
