//! What becomes of the traffic beside being answered: asynchronous answers, captured copies, metrics, other regions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::shared::Whole;

/// Makes the endpoint asynchronous: requests and answers lie in S3.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AsyncInferenceConfig {
    /// How SageMaker calls the container.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_config: Option<AsyncInferenceClientConfig>,
    /// Where the answers go.
    pub output_config: AsyncInferenceOutputConfig,
}

/// How SageMaker calls the container of an asynchronous endpoint.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AsyncInferenceClientConfig {
    /// How many requests an instance works on at a time; SageMaker finds a good number if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub max_concurrent_invocations_per_instance: Option<Whole>,
}

/// Where the answers of an asynchronous endpoint go.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AsyncInferenceOutputConfig {
    /// The KMS key that encrypts them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048))]
    pub kms_key_id: Option<String>,
    /// Who is told of an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notification_config: Option<AsyncInferenceNotificationConfig>,
    /// Where failures are written: `s3://BUCKET/PREFIX`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 512))]
    pub s3_failure_path: Option<String>,
    /// Where answers are written: `s3://BUCKET/PREFIX`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 512))]
    pub s3_output_path: Option<String>,
}

/// The SNS topics that are told of answers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AsyncInferenceNotificationConfig {
    /// The SNS topic that is told of failures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048))]
    pub error_topic: Option<String>,
    /// The notifications that carry the answer itself: `SUCCESS_NOTIFICATION_TOPIC`, `ERROR_NOTIFICATION_TOPIC`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 2), inner(length(max = 64)))]
    pub include_inference_response_in: Vec<String>,
    /// The SNS topic that is told of answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048))]
    pub success_topic: Option<String>,
}

/// How much of the traffic other regions may take.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CrossRegionTrafficConfig {
    /// The most that may go to other regions, in percent.
    #[schemars(range(min = 1))]
    pub max_cross_region_percent_per_endpoint: Whole,
    /// How many requests a second an instance takes before others are asked.
    #[schemars(range(min = 1))]
    pub max_invocations_per_second_per_instance: Whole,
}

/// Copies of requests and answers, kept in S3.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DataCaptureConfig {
    /// Which content types are kept as text instead of Base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capture_content_type_header: Option<CaptureContentTypeHeader>,
    /// What is kept.
    #[schemars(length(min = 1, max = 32))]
    pub capture_options: Vec<CaptureOption>,
    /// Where the copies are kept: `s3://BUCKET/PREFIX`.
    #[schemars(length(max = 512))]
    pub destination_s3_uri: String,
    /// Whether copies are made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enable_capture: Option<bool>,
    /// How much of the traffic is kept, in percent.
    #[schemars(range(min = 0))]
    pub initial_sampling_percentage: Whole,
    /// The KMS key that encrypts the copies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048))]
    pub kms_key_id: Option<String>,
}

/// Which content types are kept as text instead of Base64.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CaptureContentTypeHeader {
    /// Content types that are CSV.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 10), inner(length(min = 1, max = 256)))]
    pub csv_content_types: Vec<String>,
    /// Content types that are JSON.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 10), inner(length(min = 1, max = 256)))]
    pub json_content_types: Vec<String>,
}

/// A part of the traffic that is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CaptureOption {
    /// `Input`, `Output` or `InputAndOutput`.
    #[schemars(length(max = 64))]
    pub capture_mode: String,
}

/// How fine and how often metrics are published.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MetricsConfig {
    /// Metrics of each container and accelerator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enable_detailed_observability: Option<bool>,
    /// Metrics of each instance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enable_enhanced_metrics: Option<bool>,
    /// How often they are published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric_publish_frequency_in_seconds: Option<Whole>,
}
