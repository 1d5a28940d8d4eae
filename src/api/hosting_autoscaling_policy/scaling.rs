//! The three ways to scale.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::metrics::{CustomizedMetricSpecification, MetricDataQuery, PredefinedMetricSpecification};
use crate::api::shared::Whole;

/// Keeps a metric near a value.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TargetTrackingScalingPolicyConfiguration {
    /// A metric of your own, instead of `predefinedMetricSpecification`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customized_metric_specification: Option<CustomizedMetricSpecification>,
    /// Whether this policy only ever adds instances.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disable_scale_in: Option<bool>,
    /// A metric that Application Auto Scaling knows by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub predefined_metric_specification: Option<PredefinedMetricSpecification>,
    /// The seconds from one taking away of instances to the next; 300 if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale_in_cooldown: Option<Whole>,
    /// The seconds from one adding of instances to the next; 300 if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale_out_cooldown: Option<Whole>,
    /// The value to keep the metric near. May have a fraction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_value: Option<f64>,
}

/// Scales by steps when an alarm goes off. The alarm is yours to make: it names the policy as its action.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StepScalingPolicyConfiguration {
    /// What the steps count: `ChangeInCapacity`, `PercentChangeInCapacity` or `ExactCapacity`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub adjustment_type: Option<String>,
    /// The seconds that a step has to take effect before the next; 300 if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cooldown: Option<Whole>,
    /// How the alarm's metric is summed up: `Average` (if it is left out), `Minimum` or `Maximum`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub metric_aggregation_type: Option<String>,
    /// The least number of instances of a step by `PercentChangeInCapacity`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_adjustment_magnitude: Option<Whole>,
    /// The steps, by how far the metric is from the alarm's threshold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 20))]
    pub step_adjustments: Vec<StepAdjustment>,
}

/// What happens between two distances from the alarm's threshold.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StepAdjustment {
    /// The lower distance, included above the threshold; endless if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric_interval_lower_bound: Option<f64>,
    /// The upper distance, excluded above the threshold; endless if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric_interval_upper_bound: Option<f64>,
    /// By how much to scale; a negative number takes away.
    pub scaling_adjustment: Whole,
}

/// Scales by a forecast. AWS offers it for other services today, and may for SageMaker tomorrow.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PredictiveScalingPolicyConfiguration {
    /// What happens when the forecast comes near `maxCapacity`: `HonorMaxCapacity` (if it is left out) or
    /// `IncreaseMaxCapacity`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub max_capacity_breach_behavior: Option<String>,
    /// With `IncreaseMaxCapacity`: the percentage of the forecast to keep above it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_capacity_buffer: Option<Whole>,
    /// The metrics to forecast by.
    #[schemars(length(max = 10))]
    pub metric_specifications: Vec<PredictiveMetricSpecification>,
    /// `ForecastOnly` (if it is left out) or `ForecastAndScale`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub mode: Option<String>,
    /// By how many seconds instances may start early; 300 if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheduling_buffer_time: Option<Whole>,
}

/// The metrics to forecast by, and the value to keep.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PredictiveMetricSpecification {
    /// The capacity, by a metric of your own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customized_capacity_metric_specification: Option<CustomizedLoadOrCapacity>,
    /// The load, by a metric of your own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customized_load_metric_specification: Option<CustomizedLoadOrCapacity>,
    /// The utilisation to keep, by a metric of your own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customized_scaling_metric_specification: Option<CustomizedLoadOrCapacity>,
    /// The load, by a metric that Application Auto Scaling knows by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub predefined_load_metric_specification: Option<PredefinedMetricSpecification>,
    /// Load and utilisation, by a pair of metrics that Application Auto Scaling knows by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub predefined_metric_pair_specification: Option<PredefinedMetricSpecification>,
    /// The utilisation to keep, by a metric that Application Auto Scaling knows by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub predefined_scaling_metric_specification: Option<PredefinedMetricSpecification>,
    /// The utilisation to keep. May have a fraction.
    pub target_value: f64,
}

/// A metric of your own to forecast by.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CustomizedLoadOrCapacity {
    /// The metrics to get, and how to compute with them.
    #[schemars(length(max = 10))]
    pub metric_data_queries: Vec<MetricDataQuery>,
}
