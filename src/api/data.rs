//! What jobs read and where they write: channels and their sources in S3 or a file system.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::shared::Whole;

/// A named set of input data, found by the container below `/opt/ml/input/data/NAME`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Channel {
    /// The channel's name, such as `train`; letters, digits, `.`, `-` and `_`.
    #[schemars(length(min = 1, max = 64), regex(pattern = r"^[A-Za-z0-9\.\-_]+$"))]
    pub channel_name: String,
    /// `None` (default) or `Gzip`. Compressed data is unpacked only when it is streamed (`Pipe`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub compression_type: Option<String>,
    /// The MIME type of the data, such as `text/csv`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256))]
    pub content_type: Option<String>,
    /// Where the data is.
    pub data_source: DataSource,
    /// How this channel's data comes to the container, if otherwise than `algorithmSpecification.trainingInputMode`:
    /// `File`, `Pipe` or `FastFile`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub input_mode: Option<String>,
    /// `RecordIO` wraps each S3 object into a record (for `Pipe`); `None` (default) leaves the data as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub record_wrapper_type: Option<String>,
    /// Shuffles the order of the S3 objects, anew in each epoch when streamed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shuffle_config: Option<ShuffleConfig>,
}

/// How S3 objects are shuffled.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ShuffleConfig {
    /// Where the order starts from: the same number gives the same order.
    pub seed: Whole,
}

/// Where a channel's data is: in one of these places.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DataSource {
    /// A data set of a SageMaker hub.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataset_source: Option<DatasetSource>,
    /// A folder of an EFS or FSx for Lustre file system; needs `vpcConfig`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_system_data_source: Option<FileSystemDataSource>,
    /// Objects in S3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub s3_data_source: Option<S3DataSource>,
}

/// A data set of a SageMaker hub.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DatasetSource {
    /// The data set: `arn:…:hub-content/HUB/DataSet/NAME/VERSION`.
    #[schemars(length(max = 2048))]
    pub dataset_arn: String,
}

/// A folder of a file system in your VPC.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FileSystemDataSource {
    /// The folder to be mounted.
    #[schemars(length(max = 4096))]
    pub directory_path: String,
    /// `ro` to read only, `rw` to write as well.
    #[schemars(length(max = 64))]
    pub file_system_access_mode: String,
    /// The file system, such as `fs-0123456789abcdef0`.
    #[schemars(length(max = 64))]
    pub file_system_id: String,
    /// `EFS` or `FSxLustre`.
    #[schemars(length(max = 64))]
    pub file_system_type: String,
}

/// Objects in S3.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct S3DataSource {
    /// The attributes to read from an augmented manifest, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16), inner(length(min = 1, max = 256)))]
    pub attribute_names: Vec<String>,
    /// The private hub through which a public model may be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hub_access_config: Option<HubAccessConfig>,
    /// The instance groups of `resourceConfig.instanceGroups` that get this data; all of them if left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 5), inner(length(min = 1, max = 64)))]
    pub instance_group_names: Vec<String>,
    /// The consent that a model needs before it may be downloaded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_access_config: Option<ModelAccessConfig>,
    /// `FullyReplicated` (default) gives all data to every instance, `ShardedByS3Key` a share to each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub s3_data_distribution_type: Option<String>,
    /// What `s3Uri` names: all objects with that prefix (`S3Prefix`), a list of objects (`ManifestFile`), a list with
    /// labels (`AugmentedManifestFile`) or conversations (`Converse`).
    #[schemars(length(max = 64))]
    pub s3_data_type: String,
    /// The prefix or the manifest: `s3://BUCKET/KEY`.
    #[schemars(length(max = 1024), regex(pattern = r"^(https|s3)://([^/]+)/?(.*)$"))]
    pub s3_uri: String,
}

/// Access through a private hub.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HubAccessConfig {
    /// The hub's entry that stands for the model.
    #[schemars(length(max = 255))]
    pub hub_content_arn: String,
}

/// Consent to a licence.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ModelAccessConfig {
    /// `true` says that you have read and accept the model's end-user licence agreement.
    pub accept_eula: bool,
}

/// Where the results go.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OutputDataConfig {
    /// `GZIP` (default) packs the model into `model.tar.gz`; `NONE` uploads its files as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub compression_type: Option<String>,
    /// The KMS key that encrypts the results: an id, alias or ARN. S3's own key if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048))]
    pub kms_key_id: Option<String>,
    /// The prefix below which the results are written: `s3://BUCKET/PREFIX`.
    #[schemars(length(max = 1024), regex(pattern = r"^(https|s3)://([^/]+)/?(.*)$"))]
    pub s3_output_path: String,
}

/// Where checkpoints are kept while the job runs, so that an interrupted one can go on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CheckpointConfig {
    /// The container's folder that is kept in step with S3; `/opt/ml/checkpoints/` by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 4096))]
    pub local_path: Option<String>,
    /// Where in S3: `s3://BUCKET/PREFIX`.
    #[schemars(length(max = 1024), regex(pattern = r"^(https|s3)://([^/]+)/?(.*)$"))]
    pub s3_uri: String,
}
