//! What a user asks for: every field of `CreateProcessingJob`.
//! Source: <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateProcessingJob.html>

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::status::ProcessingJobStatus;
use crate::api::shared::{ExperimentConfig, KeyValuePair, Tag, VpcConfig, Whole};

/// The processing to run. It cannot be changed once it is submitted, but for `tags`.
#[derive(CustomResource, Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "sagemaker.aws.amazon.com",
    version = "v1",
    kind = "ProcessingJob",
    plural = "processingjobs",
    namespaced,
    status = "ProcessingJobStatus",
    derive = "PartialEq",
    category = "sagemaker",
    doc = "A processing job in Amazon SageMaker, started when the object is made and stopped when it is deleted.",
    printcolumn(name = "Status", type_ = "string", json_path = ".status.processingJobStatus"),
    printcolumn(name = "Creation-Time", type_ = "string", format = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(name = "Sagemaker-Job-Name", type_ = "string", json_path = ".status.sageMakerProcessingJobName")
)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::duplicated_attributes, reason = "each printer column names its type")]
pub struct ProcessingJobSpec {
    /// The container to run.
    pub app_specification: AppSpecification,
    /// Environment variables of the container. Do not put secrets here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100))]
    pub environment: Vec<KeyValuePair>,
    /// The experiment that the job belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub experiment_config: Option<ExperimentConfig>,
    /// The network that the containers see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network_config: Option<NetworkConfig>,
    /// The data that is put into the container's folders before it starts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 10))]
    pub processing_inputs: Vec<ProcessingInput>,
    /// The job's name in SageMaker, unique in the account and region. Left out, it is made from the object's name and
    /// uid. Letters, digits and inner hyphens, 63 at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 63))]
    pub processing_job_name: Option<String>,
    /// What becomes of the results.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub processing_output_config: Option<ProcessingOutputConfig>,
    /// The machines.
    pub processing_resources: ProcessingResources,
    /// The AWS region to run in, such as `us-west-2`.
    #[schemars(length(min = 1, max = 64))]
    pub region: String,
    /// The IAM role that SageMaker takes on to read the data, write the results and pull the image. The operator's own
    /// role needs `iam:PassRole` for it.
    #[schemars(length(min = 20, max = 2048))]
    pub role_arn: String,
    /// The address of SageMaker, if it is not the region's own: a VPC endpoint, say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048), regex(pattern = "^(https|http)://.*$"))]
    pub sage_maker_endpoint: Option<String>,
    /// When SageMaker ends the job by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopping_condition: Option<StoppingCondition>,
    /// Tags of the processing job in AWS. May be changed at any time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50))]
    pub tags: Vec<Tag>,
}

/// The container to run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AppSpecification {
    /// The arguments of the container's entry point.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100), inner(length(max = 256)))]
    pub container_arguments: Vec<String>,
    /// The container's entry point, if not the image's own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100), inner(length(max = 256)))]
    pub container_entrypoint: Vec<String>,
    /// The image's address in ECR, with tag or digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 255))]
    pub image_uri: Option<String>,
}

/// The network that the containers see.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NetworkConfig {
    /// Encrypts the traffic between the instances; a job on several takes longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enable_inter_container_traffic_encryption: Option<bool>,
    /// Cuts the containers off from any network; SageMaker itself still brings the data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enable_network_isolation: Option<bool>,
    /// Where in your own network the containers get their interfaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc_config: Option<VpcConfig>,
}

/// Data for the container: from S3, or the result of a query.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProcessingInput {
    /// `true` leaves it to the container to fetch the data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app_managed: Option<bool>,
    /// A query in Athena or Redshift whose result is the data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataset_definition: Option<DatasetDefinition>,
    /// The input's name, unique within the job.
    #[schemars(length(max = 256))]
    pub input_name: String,
    /// Objects in S3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub s3_input: Option<S3Input>,
}

/// Objects in S3 as an input.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct S3Input {
    /// The container's folder for the data, below `/opt/ml/processing/`. Needed unless the container fetches it itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256))]
    pub local_path: Option<String>,
    /// `Gzip` unpacks the data when it is streamed (`Pipe`); `None` (default) leaves it as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub s3_compression_type: Option<String>,
    /// `FullyReplicated` (default) gives all data to every instance, `ShardedByS3Key` a share to each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub s3_data_distribution_type: Option<String>,
    /// What `s3Uri` names: all objects with that prefix (`S3Prefix`), or a list of objects (`ManifestFile`).
    #[schemars(length(max = 64))]
    pub s3_data_type: String,
    /// `File` copies the data before the container starts, `Pipe` streams it through a named pipe. Needed unless the
    /// container fetches it itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub s3_input_mode: Option<String>,
    /// The prefix or the manifest: `s3://BUCKET/KEY`.
    #[schemars(length(max = 1024), regex(pattern = r"^(https|s3)://([^/]+)/?(.*)$"))]
    pub s3_uri: String,
}

/// A query whose result is an input.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DatasetDefinition {
    /// A query in Athena.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub athena_dataset_definition: Option<AthenaDatasetDefinition>,
    /// `FullyReplicated` (default) gives all data to every instance, `ShardedByS3Key` a share to each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub data_distribution_type: Option<String>,
    /// `File` (default) copies the data before the container starts, `Pipe` streams it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub input_mode: Option<String>,
    /// The container's folder for the data, below `/opt/ml/processing/`. Needed unless the container fetches it itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256))]
    pub local_path: Option<String>,
    /// A query in Redshift.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redshift_dataset_definition: Option<RedshiftDatasetDefinition>,
}

/// A query in Athena.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AthenaDatasetDefinition {
    /// The data catalog, such as `AwsDataCatalog`.
    #[schemars(length(min = 1, max = 256))]
    pub catalog: String,
    /// The database.
    #[schemars(length(min = 1, max = 255))]
    pub database: String,
    /// The KMS key that encrypts the query's result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048))]
    pub kms_key_id: Option<String>,
    /// `GZIP`, `SNAPPY` or `ZLIB`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub output_compression: Option<String>,
    /// `PARQUET`, `ORC`, `AVRO`, `JSON` or `TEXTFILE`.
    #[schemars(length(max = 64))]
    pub output_format: String,
    /// Where Athena writes the query's result: `s3://BUCKET/PREFIX`.
    #[schemars(length(max = 1024), regex(pattern = r"^(https|s3)://([^/]+)/?(.*)$"))]
    pub output_s3_uri: String,
    /// The query in SQL.
    #[schemars(length(min = 1, max = 4096))]
    pub query_string: String,
    /// The workgroup that the query runs in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 128))]
    pub work_group: Option<String>,
}

/// A query in Redshift.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RedshiftDatasetDefinition {
    /// The cluster.
    #[schemars(length(min = 1, max = 63))]
    pub cluster_id: String,
    /// The role that the cluster takes on to write the result.
    #[schemars(length(min = 20, max = 2048))]
    pub cluster_role_arn: String,
    /// The database.
    #[schemars(length(min = 1, max = 64))]
    pub database: String,
    /// The database user that runs the query.
    #[schemars(length(min = 1, max = 128))]
    pub db_user: String,
    /// The KMS key that encrypts the query's result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048))]
    pub kms_key_id: Option<String>,
    /// `None`, `GZIP`, `BZIP2`, `ZSTD` or `SNAPPY`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub output_compression: Option<String>,
    /// `PARQUET` or `CSV`.
    #[schemars(length(max = 64))]
    pub output_format: String,
    /// Where Redshift writes the query's result: `s3://BUCKET/PREFIX`.
    #[schemars(length(max = 1024), regex(pattern = r"^(https|s3)://([^/]+)/?(.*)$"))]
    pub output_s3_uri: String,
    /// The query in SQL.
    #[schemars(length(min = 1, max = 4096))]
    pub query_string: String,
}

/// What becomes of the results.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProcessingOutputConfig {
    /// The KMS key that encrypts the results: an id, alias or ARN. S3's own key if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048))]
    pub kms_key_id: Option<String>,
    /// The results, by folder.
    #[schemars(length(max = 10))]
    pub outputs: Vec<ProcessingOutput>,
}

/// A result: a folder for S3, or records for a feature store.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProcessingOutput {
    /// `true` leaves it to the container to hand the result over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app_managed: Option<bool>,
    /// The feature group that the container writes to; needs `appManaged: true`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feature_store_output: Option<FeatureStoreOutput>,
    /// The output's name, unique within the job.
    #[schemars(length(max = 256))]
    pub output_name: String,
    /// The folder that is uploaded to S3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub s3_output: Option<S3Output>,
}

/// A feature group as an output.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FeatureStoreOutput {
    /// The feature group.
    #[schemars(length(min = 1, max = 64))]
    pub feature_group_name: String,
}

/// A folder that is uploaded to S3.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct S3Output {
    /// The container's folder, below `/opt/ml/processing/`. Needed unless the container uploads by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256))]
    pub local_path: Option<String>,
    /// `EndOfJob` uploads when the container has ended, `Continuous` while it runs.
    #[schemars(length(max = 64))]
    pub s3_upload_mode: String,
    /// Where to: `s3://BUCKET/PREFIX`.
    #[schemars(length(max = 1024), regex(pattern = r"^(https|s3)://([^/]+)/?(.*)$"))]
    pub s3_uri: String,
}

/// The machines.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProcessingResources {
    /// How many of which type.
    pub cluster_config: ClusterConfig,
}

/// How many machines of which type.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClusterConfig {
    /// How many instances; more than one for distributed processing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub instance_count: Option<Whole>,
    /// Instance types in the order of preference, instead of `instanceType`: the first one that can be had is taken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 5))]
    pub instance_preferences: Vec<InstancePreference>,
    /// The type of the instances, such as `ml.m5.xlarge`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 64))]
    pub instance_type: Option<String>,
    /// How many instances of the preferred type were taken. SageMaker fills it in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub selected_instance_count: Option<Whole>,
    /// Which of the preferred types was taken. SageMaker fills it in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub selected_instance_type: Option<String>,
    /// The KMS key that encrypts the instances' volumes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048))]
    pub volume_kms_key_id: Option<String>,
    /// The size of each instance's volume, in GB: room for inputs (in `File` mode) and results.
    #[serde(rename = "volumeSizeInGB")]
    #[schemars(range(min = 1))]
    pub volume_size_in_gb: Whole,
}

/// One choice among the instance types.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ProcessingInstancePreference")]
pub struct InstancePreference {
    /// How many instances, if this type is taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub instance_count: Option<Whole>,
    /// The instance type.
    #[schemars(length(max = 64))]
    pub instance_type: String,
}

/// When SageMaker ends the job by itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ProcessingStoppingCondition")]
pub struct StoppingCondition {
    /// How many seconds it may run; nine days at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub max_runtime_in_seconds: Option<Whole>,
}
