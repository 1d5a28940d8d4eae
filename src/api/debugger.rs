//! SageMaker Debugger: what it records of a training, the rules that judge it, and the profiler.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::shared::{KeyValuePair, Whole};

/// What the debugger's hook records of the model.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DebugHookConfig {
    /// The tensor collections to record.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 20))]
    pub collection_configurations: Vec<CollectionConfiguration>,
    /// The container's folder for tensors; `/opt/ml/output/tensors/` by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 4096))]
    pub local_path: Option<String>,
    /// The hook's parameters, such as `save_interval`. (SageMaker's own name for them is `HookParameters`.)
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 20))]
    pub rule_parameters: Vec<KeyValuePair>,
    /// Where tensors are uploaded to: `s3://BUCKET/PREFIX`.
    #[schemars(length(max = 1024), regex(pattern = r"^(https|s3)://([^/]+)/?(.*)$"))]
    pub s3_output_path: String,
}

/// A tensor collection to record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CollectionConfiguration {
    /// The collection's name, such as `losses`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256))]
    pub collection_name: Option<String>,
    /// The collection's parameters, such as `save_interval`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 20))]
    pub collection_parameters: Vec<KeyValuePair>,
}

/// A rule that watches a training, evaluated by a processing job of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RuleConfiguration {
    /// The instance type on which a rule of your own is evaluated, such as `ml.t3.medium`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub instance_type: Option<String>,
    /// The container's folder for the rule's output; `/opt/ml/processing/output/rule/` by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 4096))]
    pub local_path: Option<String>,
    /// The rule's name, unique within the job.
    #[schemars(length(max = 256))]
    pub rule_configuration_name: String,
    /// The image that evaluates the rule.
    #[schemars(length(max = 255))]
    pub rule_evaluator_image: String,
    /// The rule's parameters, such as `rule_to_invoke`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100))]
    pub rule_parameters: Vec<KeyValuePair>,
    /// Where the rule's output is uploaded to: `s3://BUCKET/PREFIX`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024), regex(pattern = r"^(https|s3)://([^/]+)/?(.*)$"))]
    pub s3_output_path: Option<String>,
    /// The size of the evaluating instance's volume, in GB.
    #[serde(default, rename = "volumeSizeInGB", skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub volume_size_in_gb: Option<Whole>,
}

/// What the profiler measures of the instances and the framework.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProfilerConfig {
    /// `true` switches the profiler off, also in a running job.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disable_profiler: Option<bool>,
    /// How often it measures, in milliseconds: 100, 200, 500, 1000 (default), 5000 or 60000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profiling_interval_in_milliseconds: Option<Whole>,
    /// What it measures of the framework, such as `DetailedProfilingConfig`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 20))]
    pub profiling_parameters: Vec<KeyValuePair>,
    /// Where the measurements are uploaded to: `s3://BUCKET/PREFIX`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024), regex(pattern = r"^(https|s3)://([^/]+)/?(.*)$"))]
    pub s3_output_path: Option<String>,
}

/// Where TensorBoard finds its data.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TensorBoardOutputConfig {
    /// The container's folder for it; `/opt/ml/output/tensorboard` by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 4096))]
    pub local_path: Option<String>,
    /// Where it is uploaded to: `s3://BUCKET/PREFIX`.
    #[schemars(length(max = 1024), regex(pattern = r"^(https|s3)://([^/]+)/?(.*)$"))]
    pub s3_output_path: String,
}
