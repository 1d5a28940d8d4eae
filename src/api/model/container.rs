//! The containers of a model, in a Model as in a HostingDeployment.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::data::{HubAccessConfig, ModelAccessConfig};
use crate::api::shared::{KeyValuePair, Whole};

/// One container of a model: an image with its data, or a model package.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Container {
    /// More data beside the model, such as adapters, each found below `/opt/ml/additional-model-data-sources/NAME`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 5))]
    pub additional_model_data_sources: Vec<AdditionalModelDataSource>,
    /// The host name under which the containers of a model find each other. Needed with several containers, and in a
    /// HostingDeployment always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 63))]
    pub container_hostname: Option<String>,
    /// Metrics that SageMaker reads from the container.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container_metrics_config: Option<ContainerMetricsConfig>,
    /// Environment variables of the container. Do not put secrets here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100))]
    pub environment: Vec<KeyValuePair>,
    /// The image's address in ECR, or in your own registry with `imageConfig`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 255))]
    pub image: Option<String>,
    /// How an image of a private registry in your VPC is pulled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_config: Option<ImageConfig>,
    /// Which of the inference specifications of `modelPackageName` to use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 63))]
    pub inference_specification_name: Option<String>,
    /// `SingleModel` (default), or `MultiModel` to serve all models below `modelDataUrl`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub mode: Option<String>,
    /// Where the model is in S3, packed or not. Instead of `modelDataUrl`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_data_source: Option<ModelDataSource>,
    /// The packed model in S3, `s3://BUCKET/KEY/model.tar.gz`; with `MultiModel` the prefix of all models.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    pub model_data_url: Option<String>,
    /// A model package, by name or ARN, that brings image and data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 176))]
    pub model_package_name: Option<String>,
    /// How a container with `mode: MultiModel` deals with its models.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub multi_model_config: Option<MultiModelConfig>,
}

/// Data beside the model.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AdditionalModelDataSource {
    /// The name of the folder that the container finds it in.
    #[schemars(length(min = 1, max = 64))]
    pub channel_name: String,
    /// Where it is in S3.
    pub s3_data_source: S3ModelDataSource,
}

/// Where a model is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ModelDataSource {
    /// Where it is in S3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub s3_data_source: Option<S3ModelDataSource>,
}

/// A model, or data beside it, in S3.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct S3ModelDataSource {
    /// `None` for files as they are, `Gzip` for a packed archive.
    #[schemars(length(max = 64))]
    pub compression_type: String,
    /// The ETag that the data must have, so that nobody exchanges it unseen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    pub e_tag: Option<String>,
    /// The private hub through which a public model may be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hub_access_config: Option<HubAccessConfig>,
    /// The ETag that the manifest must have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    pub manifest_etag: Option<String>,
    /// A manifest that lists the files: `s3://BUCKET/KEY`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    pub manifest_s3_uri: Option<String>,
    /// The consent that a model needs before it may be downloaded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_access_config: Option<ModelAccessConfig>,
    /// What `s3Uri` names: all objects with that prefix (`S3Prefix`) or one object (`S3Object`).
    #[schemars(length(max = 64))]
    pub s3_data_type: String,
    /// The prefix, which ends with `/`, or the object: `s3://BUCKET/KEY`.
    #[schemars(length(max = 1024))]
    pub s3_uri: String,
}

/// How a container with `mode: MultiModel` deals with its models.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MultiModelConfig {
    /// `Enabled` (default) keeps models in memory; `Disabled` is better for many models that are seldom asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub model_cache_setting: Option<String>,
}

/// How an image of a private registry in your VPC is pulled.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ImageConfig {
    /// `Platform` for ECR, `Vpc` for a registry in your VPC.
    #[schemars(length(max = 64))]
    pub repository_access_mode: String,
    /// How SageMaker signs in to that registry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository_auth_config: Option<RepositoryAuthConfig>,
}

/// How SageMaker signs in to that registry.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RepositoryAuthConfig {
    /// The Lambda function that hands out the credentials.
    #[schemars(length(min = 1, max = 2048))]
    pub repository_credentials_provider_arn: String,
}

/// Metrics that SageMaker reads from a container.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ContainerMetricsConfig {
    /// Where the container shows them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 1))]
    pub metrics_endpoints: Vec<MetricsEndpoint>,
}

/// A page of the container with its metrics.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MetricsEndpoint {
    /// How often they are published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric_publish_frequency_in_seconds: Option<Whole>,
    /// The page's path, such as `/metrics`.
    #[schemars(length(max = 256))]
    pub metrics_endpoint_path: String,
}

/// How the containers of a model are called.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InferenceExecutionConfig {
    /// `Serial` (default) calls them one after the other, each with the answer of the one before; `Direct` calls the
    /// one that the caller names.
    #[schemars(length(max = 64))]
    pub mode: String,
}
