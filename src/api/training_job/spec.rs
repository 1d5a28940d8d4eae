//! What a user asks for: every field of `CreateTrainingJob`.
//! Source: <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html>

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::resources::{ResourceConfig, RetryStrategy, StoppingCondition};
use super::status::TrainingJobStatus;
use crate::api::data::{Channel, CheckpointConfig, OutputDataConfig};
use crate::api::debugger::{DebugHookConfig, ProfilerConfig, RuleConfiguration, TensorBoardOutputConfig};
use crate::api::shared::{ExperimentConfig, KeyValuePair, MetricDefinition, Tag, VpcConfig};

/// The training to run. It cannot be changed once it is submitted, but for `tags`, `profilerConfig`,
/// `profilerRuleConfigurations`, `remoteDebugConfig` and `resourceConfig.keepAlivePeriodInSeconds`.
#[derive(CustomResource, Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "sagemaker.aws.amazon.com",
    version = "v1",
    kind = "TrainingJob",
    plural = "trainingjobs",
    namespaced,
    status = "TrainingJobStatus",
    derive = "PartialEq",
    category = "sagemaker",
    doc = "A training job in Amazon SageMaker, started when the object is made and stopped when it is deleted.",
    printcolumn(name = "Status", type_ = "string", json_path = ".status.trainingJobStatus"),
    printcolumn(name = "Secondary-Status", type_ = "string", json_path = ".status.secondaryStatus"),
    printcolumn(name = "Creation-Time", type_ = "string", format = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(name = "Sagemaker-Job-Name", type_ = "string", json_path = ".status.sageMakerTrainingJobName")
)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::duplicated_attributes, reason = "each printer column names its type")]
pub struct TrainingJobSpec {
    /// The algorithm: an image of yours or of AWS, or an algorithm resource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub algorithm_specification: Option<AlgorithmSpecification>,
    /// Where checkpoints are kept, so that an interrupted job can go on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoint_config: Option<CheckpointConfig>,
    /// What SageMaker Debugger records of the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub debug_hook_config: Option<DebugHookConfig>,
    /// The rules that judge the recorded tensors.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 20))]
    pub debug_rule_configurations: Vec<RuleConfiguration>,
    /// Encrypts the traffic between the instances; distributed training takes longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enable_inter_container_traffic_encryption: Option<bool>,
    /// Runs on spare capacity, cheaper but interruptible. Needs `stoppingCondition.maxWaitTimeInSeconds`, and
    /// `checkpointConfig` if an interruption shall not cost all progress.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enable_managed_spot_training: Option<bool>,
    /// Cuts the containers off from any network; SageMaker itself still brings the data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enable_network_isolation: Option<bool>,
    /// Environment variables of the training container. Do not put secrets here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100))]
    pub environment: Vec<KeyValuePair>,
    /// The experiment that the job belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub experiment_config: Option<ExperimentConfig>,
    /// The algorithm's parameters. Values are texts: quote numbers and booleans. Do not put secrets here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100))]
    pub hyper_parameters: Vec<KeyValuePair>,
    /// A check of the GPUs and their network before the training starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub infra_check_config: Option<InfraCheckConfig>,
    /// The data, by channel.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1, max = 20))]
    pub input_data_config: Vec<Channel>,
    /// The MLflow run that the job reports to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mlflow_config: Option<MlflowConfig>,
    /// The model package that the trained model becomes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_package_config: Option<ModelPackageConfig>,
    /// Where the trained model goes.
    pub output_data_config: OutputDataConfig,
    /// What the profiler measures. May be changed while the job runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profiler_config: Option<ProfilerConfig>,
    /// The rules that judge the profiler's measurements. May be changed while the job runs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 20))]
    pub profiler_rule_configurations: Vec<RuleConfiguration>,
    /// The AWS region to run in, such as `us-west-2`.
    #[schemars(length(min = 1, max = 64))]
    pub region: String,
    /// Access to the running container through Systems Manager. May be changed while the job runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remote_debug_config: Option<RemoteDebugConfig>,
    /// The machines. Needed unless `serverlessJobConfig` is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_config: Option<ResourceConfig>,
    /// What happens after an internal server error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_strategy: Option<RetryStrategy>,
    /// The IAM role that SageMaker takes on to read the data, write the model and pull the image. The operator's own
    /// role needs `iam:PassRole` for it.
    #[schemars(length(min = 20, max = 2048))]
    pub role_arn: String,
    /// The address of SageMaker, if it is not the region's own: a VPC endpoint, say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048), regex(pattern = "^(https|http)://.*$"))]
    pub sage_maker_endpoint: Option<String>,
    /// A model customisation on machines that SageMaker chooses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serverless_job_config: Option<ServerlessJobConfig>,
    /// What the job's session passes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_chaining_config: Option<SessionChainingConfig>,
    /// When SageMaker ends the job by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopping_condition: Option<StoppingCondition>,
    /// Tags of the training job in AWS. May be changed at any time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50))]
    pub tags: Vec<Tag>,
    /// Where TensorBoard finds its data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tensor_board_output_config: Option<TensorBoardOutputConfig>,
    /// The job's name in SageMaker, unique in the account and region. The operator makes one from the object's name
    /// and uid, and writes it here, if it is left out. Letters, digits and inner hyphens, 63 at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 63))]
    pub training_job_name: Option<String>,
    /// Where in your own network the containers get their interfaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc_config: Option<VpcConfig>,
}

/// The algorithm and how it gets its data.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AlgorithmSpecification {
    /// An algorithm resource's name or ARN, instead of `trainingImage`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 170))]
    pub algorithm_name: Option<String>,
    /// The arguments of the container's entry point.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1, max = 100), inner(length(max = 256)))]
    pub container_arguments: Vec<String>,
    /// The container's entry point, if not the image's own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1, max = 100), inner(length(max = 256)))]
    pub container_entrypoint: Vec<String>,
    /// Keeps the metrics as a time series, for charts in SageMaker Studio.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enable_sage_maker_metrics_time_series: Option<bool>,
    /// The metrics to read out of the log. AWS's own algorithms bring theirs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 40))]
    pub metric_definitions: Vec<MetricDefinition>,
    /// The image's address in ECR, with tag or digest, instead of `algorithmName`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 255))]
    pub training_image: Option<String>,
    /// How an image of a private registry in your VPC is pulled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub training_image_config: Option<TrainingImageConfig>,
    /// How the data comes to the container: copied before the start (`File`), streamed through pipes (`Pipe`) or
    /// streamed as files (`FastFile`).
    #[schemars(length(max = 64))]
    pub training_input_mode: String,
}

/// How the training image is pulled.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TrainingImageConfig {
    /// `Platform` for ECR, `Vpc` for a registry in your VPC.
    #[schemars(length(max = 64))]
    pub training_repository_access_mode: String,
    /// How SageMaker signs in to that registry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub training_repository_auth_config: Option<TrainingRepositoryAuthConfig>,
}

/// The credentials of a private registry.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TrainingRepositoryAuthConfig {
    /// The Lambda function that hands them out.
    #[schemars(length(min = 1, max = 2048))]
    pub training_repository_credentials_provider_arn: String,
}

/// A check of the machines before the start.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InfraCheckConfig {
    /// Whether to check.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enable_infra_check: Option<bool>,
}

/// The MLflow run that a job reports to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MlflowConfig {
    /// The experiment's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 256))]
    pub mlflow_experiment_name: Option<String>,
    /// The tracking server or app.
    #[schemars(length(max = 2048))]
    pub mlflow_resource_arn: String,
    /// The run's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 256))]
    pub mlflow_run_name: Option<String>,
}

/// The model package that a trained model becomes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ModelPackageConfig {
    /// The group that the package is put into.
    #[schemars(length(min = 1, max = 2048))]
    pub model_package_group_arn: String,
    /// The package that the training starts from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 2048))]
    pub source_model_package_arn: Option<String>,
}

/// Access to the running container.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RemoteDebugConfig {
    /// Whether a shell may be opened in the container.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enable_remote_debug: Option<bool>,
}

/// A model customisation on machines that SageMaker chooses.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ServerlessJobConfig {
    /// `true` says that you have read and accept the model's end-user licence agreement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accept_eula: Option<bool>,
    /// The model to start from: `arn:…:hub-content/HUB/Model/NAME/VERSION`.
    #[schemars(length(min = 1, max = 2048))]
    pub base_model_arn: String,
    /// How it is customised: `SFT`, `DPO`, `RLVR` or `RLAIF`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub customization_technique: Option<String>,
    /// How it is evaluated: `LLMAJEvaluation`, `CustomScorerEvaluation` or `BenchmarkEvaluation`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub evaluation_type: Option<String>,
    /// The evaluator: a hub's entry or a Lambda function.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048))]
    pub evaluator_arn: Option<String>,
    /// `FineTuning` or `Evaluation`.
    #[schemars(length(max = 64))]
    pub job_type: String,
    /// The way to fine-tune with few parameters: `LORA`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub peft: Option<String>,
    /// The longest sequence, such as `8K`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 50))]
    pub sequence_length: Option<String>,
}

/// What a job's session passes on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SessionChainingConfig {
    /// Whether the tags of the calling session reach the job's own session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enable_session_tag_chaining: Option<bool>,
}
