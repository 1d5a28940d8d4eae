//! On which machines a training runs, and for how long.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::shared::{Whole, compared};

/// The machines: one type and count, or groups of several types.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ResourceConfig {
    /// How many instances; more than one for distributed training.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub instance_count: Option<Whole>,
    /// Groups of different instance types, instead of `instanceType` and `instanceCount`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 5))]
    pub instance_groups: Vec<InstanceGroup>,
    /// How the instances are spread over the ultra servers of a training plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_placement_config: Option<InstancePlacementConfig>,
    /// Instance types in the order of preference: the first one that can be had is taken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1, max = 5))]
    pub instance_preferences: Vec<InstancePreference>,
    /// The type of the instances, such as `ml.m5.xlarge`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 64))]
    pub instance_type: Option<String>,
    /// How many seconds the instances stay warm after the job for the next one like it. They cost money meanwhile.
    /// May be changed as long as they do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub keep_alive_period_in_seconds: Option<Whole>,
    /// How many instances of the preferred type were taken. SageMaker fills it in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub selected_instance_count: Option<Whole>,
    /// Which of the preferred types was taken. SageMaker fills it in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 64))]
    pub selected_instance_type: Option<String>,
    /// The training plan whose reserved capacity is used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048))]
    pub training_plan_arn: Option<String>,
    /// The KMS key that encrypts the instances' volumes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048))]
    pub volume_kms_key_id: Option<String>,
    /// The size of each instance's volume, in GB: room for the data (in `File` mode) and the model.
    #[serde(default, rename = "volumeSizeInGB", skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub volume_size_in_gb: Option<Whole>,
}

/// Instances of one type under a name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InstanceGroup {
    /// How many instances.
    #[schemars(range(min = 0))]
    pub instance_count: Whole,
    /// The group's name, to which channels refer.
    #[schemars(length(min = 1, max = 64))]
    pub instance_group_name: String,
    /// The type of its instances.
    #[schemars(length(min = 1, max = 64))]
    pub instance_type: String,
}

/// One choice among the instance types.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InstancePreference {
    /// How many instances, if this type is taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub instance_count: Option<Whole>,
    /// The instance type.
    #[schemars(length(min = 1, max = 64))]
    pub instance_type: String,
    /// The training plan for this type: one at most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1, max = 1), inner(length(max = 2048)))]
    pub training_plan_arns: Vec<String>,
}

/// Where in a training plan the instances are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InstancePlacementConfig {
    /// Whether several jobs may share an ultra server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enable_multiple_jobs: Option<bool>,
    /// How many instances on which ultra server.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 10))]
    pub placement_specifications: Vec<PlacementSpecification>,
}

/// A number of instances on one ultra server.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlacementSpecification {
    /// How many instances.
    #[schemars(range(min = 0))]
    pub instance_count: Whole,
    /// The ultra server; any if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256))]
    pub ultra_server_id: Option<String>,
}

/// When SageMaker ends the job by itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StoppingCondition {
    /// How many seconds it may wait for the capacity of a training plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub max_pending_time_in_seconds: Option<Whole>,
    /// How many seconds it may run; a day by default. The container gets SIGTERM and 120 s to save its work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "compared", range(min = 1))]
    pub max_runtime_in_seconds: Option<Whole>,
    /// With managed spot training: how many seconds waiting for capacity and running may take together. At least
    /// `maxRuntimeInSeconds`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "compared", range(min = 1))]
    pub max_wait_time_in_seconds: Option<Whole>,
}

/// What happens after an internal server error.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RetryStrategy {
    /// How often SageMaker starts the job again, 1 to 30 times.
    #[schemars(range(min = 1))]
    pub maximum_retry_attempts: Whole,
}
