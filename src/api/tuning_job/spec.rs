//! What a user asks for: every field of `CreateHyperParameterTuningJob`.
//! Source: <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateHyperParameterTuningJob.html>

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ranges::ParameterRanges;
use super::status::HyperparameterTuningJobStatus;
use crate::api::data::{Channel, CheckpointConfig, OutputDataConfig};
use crate::api::shared::{KeyValuePair, MetricDefinition, Tag, VpcConfig, Whole, compared};
use crate::api::training_job::{ResourceConfig, RetryStrategy, StoppingCondition};

/// The search to run. It cannot be changed once it is submitted, but for `tags`.
#[derive(CustomResource, Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "sagemaker.aws.amazon.com",
    version = "v1",
    kind = "HyperparameterTuningJob",
    plural = "hyperparametertuningjobs",
    namespaced,
    status = "HyperparameterTuningJobStatus",
    derive = "PartialEq",
    category = "sagemaker",
    doc = "A hyperparameter tuning job in Amazon SageMaker, started when the object is made and stopped when it is \
           deleted. Each of its trials appears as a TrainingJob.",
    printcolumn(name = "Status", type_ = "string", json_path = ".status.hyperParameterTuningJobStatus"),
    printcolumn(name = "Creation-Time", type_ = "string", format = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(
        name = "Completed",
        type_ = "number",
        format = "int64",
        json_path = ".status.trainingJobStatusCounters.completed"
    ),
    printcolumn(
        name = "InProgress",
        type_ = "number",
        format = "int64",
        json_path = ".status.trainingJobStatusCounters.inProgress"
    ),
    printcolumn(
        name = "Errors",
        type_ = "number",
        format = "int64",
        json_path = ".status.trainingJobStatusCounters.totalError"
    ),
    printcolumn(
        name = "Stopped",
        type_ = "number",
        format = "int64",
        json_path = ".status.trainingJobStatusCounters.stopped"
    ),
    printcolumn(name = "Best-Training-Job", type_ = "string", json_path = ".status.bestTrainingJob.trainingJobName"),
    printcolumn(
        name = "Sagemaker-Job-Name",
        type_ = "string",
        json_path = ".status.sageMakerHyperParameterTuningJobName"
    )
)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::duplicated_attributes, reason = "each printer column names its type")]
pub struct HyperparameterTuningJobSpec {
    /// Lets SageMaker choose what is left out: ranges, strategy, scaling, the number of trials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub autotune: Option<Autotune>,
    /// How to search, for what, and for how long.
    pub hyper_parameter_tuning_job_config: TuningJobConfig,
    /// The job's name in SageMaker, unique in the account and region. The operator makes one from the object's uid, and
    /// writes it here, if it is left out. Letters, digits and inner hyphens, 32 at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32))]
    pub hyper_parameter_tuning_job_name: Option<String>,
    /// The AWS region to run in, such as `us-west-2`.
    #[schemars(length(min = 1, max = 64))]
    pub region: String,
    /// The address of SageMaker, if it is not the region's own: a VPC endpoint, say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048), regex(pattern = "^(https|http)://.*$"))]
    pub sage_maker_endpoint: Option<String>,
    /// Tags of the tuning job in AWS; its trials get them too. May be changed at any time, for the tuning job alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50))]
    pub tags: Vec<Tag>,
    /// What each trial trains.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub training_job_definition: Option<TrainingJobDefinition>,
    /// What the trials train, if it is more than one algorithm: instead of `trainingJobDefinition`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 10))]
    pub training_job_definitions: Vec<TrainingJobDefinition>,
    /// Earlier tuning jobs to learn from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warm_start_config: Option<WarmStartConfig>,
}

/// Whether SageMaker chooses what is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Autotune {
    /// `Enabled`.
    #[schemars(length(max = 64))]
    pub mode: String,
}

/// How to search, for what, and for how long.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TuningJobConfig {
    /// The metric to make best. With `trainingJobDefinitions`, each has its own in `tuningObjective`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hyper_parameter_tuning_job_objective: Option<TuningObjective>,
    /// The parameters to search. With `trainingJobDefinitions`, each has its own in `hyperParameterRanges`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameter_ranges: Option<ParameterRanges>,
    /// The start of the random numbers: the same one makes the same choices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub random_seed: Option<Whole>,
    /// How many trials, and how many at a time.
    pub resource_limits: ResourceLimits,
    /// `Bayesian` learns from earlier trials, `Hyperband` ends poor ones early, `Random` and `Grid` do neither.
    #[schemars(length(max = 64))]
    pub strategy: String,
    /// The strategy's own settings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strategy_config: Option<StrategyConfig>,
    /// `Auto` ends trials that promise little; `Off` (default) lets all run. Hyperband has a way of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub training_job_early_stopping_type: Option<String>,
    /// When the search is good enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tuning_job_completion_criteria: Option<TuningJobCompletionCriteria>,
}

/// A metric to make best.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TuningObjective {
    /// The metric, as the algorithm or `metricDefinitions` names it.
    #[schemars(length(min = 1, max = 255))]
    pub metric_name: String,
    /// `Maximize` or `Minimize`.
    #[serde(rename = "type")]
    #[schemars(length(max = 64))]
    pub type_: String,
}

/// How many trials, and how many at a time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ResourceLimits {
    /// How many trials at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "compared", range(min = 1))]
    pub max_number_of_training_jobs: Option<Whole>,
    /// How many of them at a time.
    #[schemars(schema_with = "compared", range(min = 1))]
    pub max_parallel_training_jobs: Whole,
    /// How many seconds the whole search may take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub max_runtime_in_seconds: Option<Whole>,
}

/// A strategy's own settings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StrategyConfig {
    /// Those of Hyperband.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hyperband_strategy_config: Option<HyperbandStrategyConfig>,
}

/// How long Hyperband lets a trial train, in the algorithm's own unit: epochs, say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HyperbandStrategyConfig {
    /// The most that a trial gets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub max_resource: Option<Whole>,
    /// The least that a trial gets before it may be ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub min_resource: Option<Whole>,
}

/// When the search is good enough.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TuningJobCompletionCriteria {
    /// When so many trials in a row were no better.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub best_objective_not_improving: Option<BestObjectiveNotImproving>,
    /// When SageMaker expects nothing better.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub convergence_detected: Option<ConvergenceDetected>,
    /// When the metric has reached this value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_objective_metric_value: Option<f64>,
}

/// An end after so many trials that were no better.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BestObjectiveNotImproving {
    /// How many; 3 at least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub max_number_of_training_jobs_not_improving: Option<Whole>,
}

/// An end when SageMaker expects nothing better.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConvergenceDetected {
    /// `Enabled` or `Disabled` (default).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub complete_on_convergence: Option<String>,
}

/// Earlier tuning jobs to learn from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WarmStartConfig {
    /// The earlier tuning jobs: five at most.
    #[schemars(length(min = 1, max = 5))]
    pub parent_hyper_parameter_tuning_jobs: Vec<ParentTuningJob>,
    /// `IdenticalDataAndAlgorithm` if only the ranges or limits are others, `TransferLearning` if data or algorithm are.
    #[schemars(length(max = 64))]
    pub warm_start_type: String,
}

/// An earlier tuning job.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ParentTuningJob {
    /// Its name in SageMaker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 32))]
    pub hyper_parameter_tuning_job_name: Option<String>,
}

/// What a trial trains.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TrainingJobDefinition {
    /// The algorithm: an image of yours or of AWS, or an algorithm resource.
    pub algorithm_specification: TuningAlgorithmSpecification,
    /// Where checkpoints are kept, so that an interrupted trial can go on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoint_config: Option<CheckpointConfig>,
    /// The definition's name, to tell several apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 64))]
    pub definition_name: Option<String>,
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
    #[schemars(length(max = 48))]
    pub environment: Vec<KeyValuePair>,
    /// The parameters to search with this definition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hyper_parameter_ranges: Option<ParameterRanges>,
    /// A choice of machines, instead of `resourceConfig`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hyper_parameter_tuning_resource_config: Option<TuningResourceConfig>,
    /// The data, by channel.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1, max = 20))]
    pub input_data_config: Vec<Channel>,
    /// Where the trained models go.
    pub output_data_config: OutputDataConfig,
    /// The machines of each trial.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_config: Option<ResourceConfig>,
    /// What happens after an internal server error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_strategy: Option<RetryStrategy>,
    /// The IAM role that SageMaker takes on to read the data, write the models and pull the image. The operator's own
    /// role needs `iam:PassRole` for it.
    #[schemars(length(min = 20, max = 2048))]
    pub role_arn: String,
    /// Parameters that are the same in all trials. Values are texts: quote numbers and booleans.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100))]
    pub static_hyper_parameters: Vec<KeyValuePair>,
    /// When SageMaker ends a trial by itself.
    pub stopping_condition: StoppingCondition,
    /// The metric to make best with this definition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tuning_objective: Option<TuningObjective>,
    /// Where in your own network the containers get their interfaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc_config: Option<VpcConfig>,
}

/// The algorithm and how it gets its data.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TuningAlgorithmSpecification {
    /// An algorithm resource's name or ARN, instead of `trainingImage`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 170))]
    pub algorithm_name: Option<String>,
    /// The metrics to read out of the log, the objective among them. AWS's own algorithms bring theirs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 40))]
    pub metric_definitions: Vec<MetricDefinition>,
    /// The image's address in ECR, with tag or digest, instead of `algorithmName`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 255))]
    pub training_image: Option<String>,
    /// How the data comes to the container: copied before the start (`File`), streamed through pipes (`Pipe`) or
    /// streamed as files (`FastFile`).
    #[schemars(length(max = 64))]
    pub training_input_mode: String,
}

/// A choice of machines.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TuningResourceConfig {
    /// `Prioritized`: the first of `instanceConfigs` that can be had is taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub allocation_strategy: Option<String>,
    /// The machines in the order of preference, instead of the one type, count and size below.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 6))]
    pub instance_configs: Vec<InstanceConfig>,
    /// How many instances.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub instance_count: Option<Whole>,
    /// The type of the instances, such as `ml.m5.xlarge`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub instance_type: Option<String>,
    /// The KMS key that encrypts the instances' volumes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048))]
    pub volume_kms_key_id: Option<String>,
    /// The size of each instance's volume, in GB.
    #[serde(default, rename = "volumeSizeInGB", skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub volume_size_in_gb: Option<Whole>,
}

/// One choice among the machines.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InstanceConfig {
    /// How many instances.
    #[schemars(range(min = 0))]
    pub instance_count: Whole,
    /// The type of the instances.
    #[schemars(length(max = 64))]
    pub instance_type: String,
    /// The size of each instance's volume, in GB.
    #[serde(rename = "volumeSizeInGB")]
    #[schemars(range(min = 1))]
    pub volume_size_in_gb: Whole,
}
