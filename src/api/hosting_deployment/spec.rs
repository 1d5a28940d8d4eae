//! What a user asks for: models, a configuration and an endpoint in one.
//! Source: <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpoint.html>

use chrono::{DateTime, Utc};
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::deployment::DeploymentConfig;
use super::parts::Names;
use super::status::HostingDeploymentStatus;
use crate::api::endpoint_config::{
    AsyncInferenceConfig, CrossRegionTrafficConfig, DataCaptureConfig, ExplainerConfig, MetricsConfig,
    ProductionVariant,
};
use crate::api::model::{Container, InferenceExecutionConfig};
use crate::api::shared::{Tag, VpcConfig};

/// The endpoint to run. An edit of what it consists of is rolled out without downtime: new models and a new configuration
/// are made, the endpoint is updated to them, and the old ones go when that has succeeded.
#[derive(CustomResource, Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "sagemaker.aws.amazon.com",
    version = "v1",
    kind = "HostingDeployment",
    plural = "hostingdeployments",
    namespaced,
    status = "HostingDeploymentStatus",
    derive = "PartialEq",
    category = "sagemaker",
    doc = "An endpoint in Amazon SageMaker with its configuration and its models.",
    printcolumn(name = "Status", type_ = "string", json_path = ".status.endpointStatus"),
    printcolumn(name = "Sagemaker-endpoint-name", type_ = "string", json_path = ".status.endpointName")
)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::duplicated_attributes, reason = "each printer column names its type")]
pub struct HostingDeploymentSpec {
    /// Makes the endpoint asynchronous: requests and answers lie in S3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub async_inference_config: Option<AsyncInferenceConfig>,
    /// How much of the traffic other regions may take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cross_region_traffic_config: Option<CrossRegionTrafficConfig>,
    /// Copies of requests and answers, kept in S3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_capture_config: Option<DataCaptureConfig>,
    /// How updates of the endpoint are rolled out, and when they are taken back. A change of it alone rolls nothing out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deployment_config: Option<DeploymentConfig>,
    /// Cuts the containers of inference components off from any network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enable_network_isolation: Option<bool>,
    /// The endpoint's name in SageMaker, unique in the account and region; made from the object's name and uid if it is
    /// left out. It cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 63))]
    pub endpoint_name: Option<String>,
    /// With `retainAllVariantProperties`: what is taken from the spec all the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 3))]
    pub exclude_retained_variant_properties: Vec<VariantProperty>,
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
    /// The models that the variants deploy.
    #[schemars(length(max = 50))]
    pub models: Vec<HostedModel>,
    /// The models that answer, each on machines of its own, with a share of the traffic.
    #[schemars(length(min = 1, max = 10))]
    pub production_variants: Vec<ProductionVariant>,
    /// The AWS region, such as `us-west-2`. It cannot be changed.
    #[schemars(length(min = 1, max = 64))]
    pub region: String,
    /// What the operator has found out about the children; never written.
    #[serde(skip)]
    pub resolved: Resolved,
    /// `true` keeps the weights and machine counts that the endpoint has at the time of an update, as auto scaling may
    /// have set them, instead of those of `productionVariants`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retain_all_variant_properties: Option<bool>,
    /// `true` rolls updates out as the one before, whatever `deploymentConfig` says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retain_deployment_config: Option<bool>,
    /// The address of SageMaker, if it is not the region's own: a VPC endpoint, say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048), regex(pattern = "^(https|http)://.*$"))]
    pub sage_maker_endpoint: Option<String>,
    /// Models that get copies of the traffic, and whose answers nobody gets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 10))]
    pub shadow_production_variants: Vec<ProductionVariant>,
    /// Tags of the endpoint, its models and its configuration in AWS. A change of them replaces nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50))]
    pub tags: Vec<Tag>,
    /// Where in your own network inference components get their interfaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc_config: Option<VpcConfig>,
}

/// A model of an endpoint.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HostedModel {
    /// The model's containers. One alone is the primary container; several are a pipeline, and each needs a
    /// `containerHostname`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1, max = 15))]
    pub containers: Vec<Container>,
    /// Cuts the containers off from any network; SageMaker itself still brings the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enable_network_isolation: Option<bool>,
    /// The IAM role that SageMaker takes on to read the model and pull the image. The operator's own role needs
    /// `iam:PassRole` for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 20, max = 2048))]
    pub execution_role_arn: Option<String>,
    /// How the containers are called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inference_execution_config: Option<InferenceExecutionConfig>,
    /// The name by which the variants know the model.
    #[schemars(length(max = 253))]
    pub name: String,
    /// The `containerHostname` of the primary container, where there is but one; it may be left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 63))]
    pub primary_container: Option<String>,
    /// Where in your own network the containers get their interfaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc_config: Option<VpcConfig>,
}

/// Something that an update may keep of the variants.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VariantProperty {
    /// `DesiredInstanceCount`, `DesiredWeight` or `DataCaptureConfig`.
    #[schemars(length(max = 64))]
    pub variant_property_type: String,
}

/// What only the children know.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resolved {
    /// The name in SageMaker of the configuration that the endpoint is to have; none while it is not there yet.
    pub config: Option<String>,
    /// The object of that configuration, by its name in Kubernetes; empty as long as there is none.
    pub config_object: String,
    /// Whether it is known which objects the spec needs: then those of `config_object` and `models` are all.
    pub knows_children: bool,
    /// What the last roll-out asked for, if it is not known to have succeeded: see `rolloutDigest` in the status.
    pub tried: Option<String>,
    /// When the endpoint had last changed before SageMaker accepted a roll-out, if it may not show the effect yet.
    pub unseen_since: Option<DateTime<Utc>>,
    /// Its models by their names in the spec, with their names in SageMaker.
    pub names: Names,
    /// The objects of its models, also of those that are waited for, by their names in Kubernetes.
    pub models: Vec<String>,
}
