//! How an update of an endpoint is rolled out.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::shared::Whole;

/// How an update is rolled out, and when it is taken back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeploymentConfig {
    /// What takes an update back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auto_rollback_configuration: Option<AutoRollbackConfig>,
    /// New machines beside the old ones, to which the traffic is moved. SageMaker does so if nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blue_green_update_policy: Option<BlueGreenUpdatePolicy>,
    /// Machines are exchanged batch by batch, with fewer machines to pay for than blue/green.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rolling_update_policy: Option<RollingUpdatePolicy>,
}

/// What takes an update back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AutoRollbackConfig {
    /// The CloudWatch alarms that take an update back when they go off.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 10))]
    pub alarms: Vec<Alarm>,
}

/// A CloudWatch alarm.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Alarm {
    /// The alarm's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 255))]
    pub alarm_name: Option<String>,
}

/// How traffic moves from old to new machines.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BlueGreenUpdatePolicy {
    /// How long the update may take before it is taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 600))]
    pub maximum_execution_timeout_in_seconds: Option<Whole>,
    /// How long the old machines stay after the traffic has moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub termination_wait_in_seconds: Option<Whole>,
    /// How the traffic moves.
    pub traffic_routing_configuration: TrafficRoutingConfig,
}

/// How the traffic moves.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TrafficRoutingConfig {
    /// The first share, with `CANARY`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canary_size: Option<CapacitySize>,
    /// The share of each step, with `LINEAR`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub linear_step_size: Option<CapacitySize>,
    /// `ALL_AT_ONCE`, `CANARY` or `LINEAR`.
    #[serde(rename = "type")]
    #[schemars(length(max = 64))]
    pub type_: String,
    /// How long to watch the alarms after each step.
    #[schemars(range(min = 0))]
    pub wait_interval_in_seconds: Whole,
}

/// A share of the machines.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CapacitySize {
    /// `INSTANCE_COUNT` or `CAPACITY_PERCENT`.
    #[serde(rename = "type")]
    #[schemars(length(max = 64))]
    pub type_: String,
    /// How many machines, or how many percent.
    #[schemars(range(min = 1))]
    pub value: Whole,
}

/// How machines are exchanged batch by batch.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RollingUpdatePolicy {
    /// The most machines at a time.
    pub maximum_batch_size: CapacitySize,
    /// How long the update may take before it is taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 600))]
    pub maximum_execution_timeout_in_seconds: Option<Whole>,
    /// The most machines at a time when the update is taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollback_maximum_batch_size: Option<CapacitySize>,
    /// How long to watch the alarms after each step.
    #[schemars(range(min = 0))]
    pub wait_interval_in_seconds: Whole,
}
