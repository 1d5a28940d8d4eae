//! What a user asks for: every field of `CreateTransformJob`.
//! Source: <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTransformJob.html>

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::status::BatchTransformJobStatus;
use crate::api::shared::{ExperimentConfig, KeyValuePair, Tag, Whole, compared};

/// The predictions to make. It cannot be changed once it is submitted, but for `tags`.
#[derive(CustomResource, Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "sagemaker.aws.amazon.com",
    version = "v1",
    kind = "BatchTransformJob",
    plural = "batchtransformjobs",
    namespaced,
    status = "BatchTransformJobStatus",
    derive = "PartialEq",
    category = "sagemaker",
    doc = "A batch transform job in Amazon SageMaker, started when the object is made and stopped when it is deleted.",
    printcolumn(name = "Status", type_ = "string", json_path = ".status.transformJobStatus"),
    printcolumn(name = "Creation-Time", type_ = "string", format = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(name = "Sagemaker-Job-Name", type_ = "string", json_path = ".status.sageMakerTransformJobName")
)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::duplicated_attributes, reason = "each printer column names its type")]
pub struct BatchTransformJobSpec {
    /// `MultiRecord` fills each request with as many records as fit, `SingleRecord` sends one at a time. Needs
    /// `transformInput.splitType`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub batch_strategy: Option<String>,
    /// Keeps what was sent to the model and what it answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_capture_config: Option<DataCaptureConfig>,
    /// Which part of each record the model gets, and what is written beside its answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_processing: Option<DataProcessing>,
    /// Environment variables of the model's container. Do not put secrets here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub environment: Vec<KeyValuePair>,
    /// The experiment that the job belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub experiment_config: Option<ExperimentConfig>,
    /// How many requests each instance gets at a time. The container's own word counts if it is 0 or left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "compared")]
    pub max_concurrent_transforms: Option<Whole>,
    /// The largest request, in MB; 6 by default. 0 sends each object whole, streamed.
    #[serde(default, rename = "maxPayloadInMB", skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "compared")]
    pub max_payload_in_mb: Option<Whole>,
    /// How long to wait for the model's answers, and how often to ask again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_client_config: Option<ModelClientConfig>,
    /// The model, by its name in SageMaker.
    #[schemars(length(max = 63))]
    pub model_name: String,
    /// The AWS region to run in, such as `us-west-2`.
    #[schemars(length(min = 1, max = 64))]
    pub region: String,
    /// The address of SageMaker, if it is not the region's own: a VPC endpoint, say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048), regex(pattern = "^(https|http)://.*$"))]
    pub sage_maker_endpoint: Option<String>,
    /// Tags of the transform job in AWS. May be changed at any time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50))]
    pub tags: Vec<Tag>,
    /// The data.
    pub transform_input: TransformInput,
    /// The job's name in SageMaker, unique in the account and region. The operator makes one from the object's name
    /// and uid, and writes it here, if it is left out. Letters, digits and inner hyphens, 63 at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 63))]
    pub transform_job_name: Option<String>,
    /// Where the predictions go.
    pub transform_output: TransformOutput,
    /// The machines.
    pub transform_resources: TransformResources,
}

/// What is kept of requests and answers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "BatchDataCaptureConfig")]
pub struct DataCaptureConfig {
    /// Where it is kept: `s3://BUCKET/PREFIX`.
    #[schemars(length(max = 1024), regex(pattern = r"^(https|s3)://([^/]+)/?(.*)$"))]
    pub destination_s3_uri: String,
    /// Gives each record an id, to join predictions with what really happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generate_inference_id: Option<bool>,
    /// The KMS key that encrypts it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048))]
    pub kms_key_id: Option<String>,
}

/// What of each record goes in, and what comes out. Mind the capitals of two of the names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DataProcessing {
    /// The path (in JSON) of what the model gets of each record; `$` (default) is all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 63))]
    pub input_filter: Option<String>,
    /// `Input` writes each record beside its prediction; `None` (default) the prediction alone.
    #[serde(default, rename = "JoinSource", skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub join_source: Option<String>,
    /// The path (in JSON) of what is written; `$` (default) is all of it.
    #[serde(default, rename = "OutputFilter", skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 63))]
    pub output_filter: Option<String>,
}

/// How patient SageMaker is with the model.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ModelClientConfig {
    /// How often a failed request is repeated, 0 to 3 times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub invocations_max_retries: Option<Whole>,
    /// How many seconds an answer may take, 1 to 3600.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub invocations_timeout_in_seconds: Option<Whole>,
}

/// The data.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TransformInput {
    /// `Gzip` unpacks the data; `None` (default) takes it as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub compression_type: Option<String>,
    /// The MIME type of the data, such as `text/csv`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256))]
    pub content_type: Option<String>,
    /// Where the data is.
    pub data_source: TransformDataSource,
    /// How an object is split into records: `Line`, `RecordIO` or `TFRecord`; `None` (default) sends it whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub split_type: Option<String>,
}

/// Where the data is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TransformDataSource {
    /// Objects in S3.
    pub s3_data_source: TransformS3DataSource,
}

/// Objects in S3.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TransformS3DataSource {
    /// What `s3Uri` names: all objects with that prefix (`S3Prefix`), or a list of objects (`ManifestFile`).
    #[schemars(length(max = 64))]
    pub s3_data_type: String,
    /// The prefix or the manifest: `s3://BUCKET/KEY`.
    #[schemars(length(max = 1024), regex(pattern = r"^(https|s3)://([^/]+)/?(.*)$"))]
    pub s3_uri: String,
}

/// Where the predictions go.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TransformOutput {
    /// The MIME type that the model is asked to answer with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256))]
    pub accept: Option<String>,
    /// `Line` puts a line break after each prediction; `None` (default) writes them one after the other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub assemble_with: Option<String>,
    /// The KMS key that encrypts the predictions: an id, alias or ARN. S3's own key if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048))]
    pub kms_key_id: Option<String>,
    /// The prefix below which they are written: `s3://BUCKET/PREFIX`. Each object's name gets `.out` at its end.
    #[schemars(length(max = 1024), regex(pattern = r"^(https|s3)://([^/]+)/?(.*)$"))]
    pub s3_output_path: String,
}

/// The machines.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TransformResources {
    /// How many instances share the objects.
    #[schemars(range(min = 1))]
    pub instance_count: Whole,
    /// The type of the instances, such as `ml.m5.xlarge`.
    #[schemars(length(min = 1, max = 64))]
    pub instance_type: String,
    /// The machine image, such as `al2-ami-sagemaker-batch-gpu-470`, which brings the GPU's driver.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 63))]
    pub transform_ami_version: Option<String>,
    /// The KMS key that encrypts the instances' volumes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048))]
    pub volume_kms_key_id: Option<String>,
}
