//! What a user asks for: every field of `CreateEndpointConfig`.
//! Source: <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html>

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::explainer::ExplainerConfig;
use super::status::EndpointConfigStatus;
use super::traffic::{AsyncInferenceConfig, CrossRegionTrafficConfig, DataCaptureConfig, MetricsConfig};
use super::variant::ProductionVariant;
use crate::api::shared::{Tag, VpcConfig};

/// The configuration to make. SageMaker cannot change a configuration, so an edit of anything but `tags` deletes it and
/// makes it again under the same name, unless an endpoint uses it.
#[derive(CustomResource, Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "sagemaker.aws.amazon.com",
    version = "v1",
    kind = "EndpointConfig",
    plural = "endpointconfigs",
    namespaced,
    status = "EndpointConfigStatus",
    derive = "PartialEq",
    category = "sagemaker",
    doc = "An endpoint configuration in Amazon SageMaker: which models run on which machines.",
    printcolumn(name = "Status", type_ = "string", json_path = ".status.status"),
    printcolumn(
        name = "Sage-Maker-EndpointConfig-Name",
        type_ = "string",
        json_path = ".status.sageMakerEndpointConfigName"
    )
)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::duplicated_attributes, reason = "each printer column names its type")]
pub struct EndpointConfigSpec {
    /// Makes the endpoint asynchronous: requests and answers lie in S3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub async_inference_config: Option<AsyncInferenceConfig>,
    /// How much of the traffic other regions may take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cross_region_traffic_config: Option<CrossRegionTrafficConfig>,
    /// Copies of requests and answers, kept in S3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_capture_config: Option<DataCaptureConfig>,
    /// Cuts the containers of inference components off from any network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enable_network_isolation: Option<bool>,
    /// The IAM role for inference components. The operator's own role needs `iam:PassRole` for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 20, max = 2048))]
    pub execution_role_arn: Option<String>,
    /// Explanations beside the answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explainer_config: Option<ExplainerConfig>,
    /// The KMS key that encrypts the instances' volumes: an id, alias or ARN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048))]
    pub kms_key_id: Option<String>,
    /// How fine and how often metrics are published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metrics_config: Option<MetricsConfig>,
    /// The models that answer, each on machines of its own, with a share of the traffic.
    #[schemars(length(min = 1, max = 10))]
    pub production_variants: Vec<ProductionVariant>,
    /// The AWS region, such as `us-west-2`. It cannot be changed.
    #[schemars(length(max = 64))]
    pub region: String,
    /// The address of SageMaker, if it is not the region's own: a VPC endpoint, say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048))]
    pub sage_maker_endpoint: Option<String>,
    /// Models that get copies of the traffic, and whose answers nobody gets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 10))]
    pub shadow_production_variants: Vec<ProductionVariant>,
    /// Tags of the configuration in AWS. A change of them replaces nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50))]
    pub tags: Vec<Tag>,
    /// Where in your own network inference components get their interfaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc_config: Option<VpcConfig>,
}
