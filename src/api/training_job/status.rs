//! What the operator reports of a training.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::lifecycle::Common;

/// How the training stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TrainingJobStatus {
    /// What every kind reports.
    #[serde(flatten)]
    pub common: Common,
    /// Why it failed, or what stands in its way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub additional: Option<String>,
    /// The seconds that AWS bills for each instance. Less than `trainingTimeInSeconds` with managed spot training.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub billable_time_in_seconds: Option<i64>,
    /// The job's log in the AWS console.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cloud_watch_log_url: Option<String>,
    /// How the debugger's rules judge the training.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub debug_rule_evaluation_statuses: Vec<RuleEvaluation>,
    /// When the operator last looked, as of the last change of this status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_check_time: Option<DateTime<Utc>>,
    /// Where the trained model is in S3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_path: Option<String>,
    /// How the profiler's rules judge the training.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub profiler_rule_evaluation_statuses: Vec<RuleEvaluation>,
    /// The job's name in SageMaker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sage_maker_training_job_name: Option<String>,
    /// What exactly it is doing, such as `Downloading`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secondary_status: Option<String>,
    /// What it has done so far, and how long each step took.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secondary_status_transitions: Vec<Transition>,
    /// When the instances were given back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub training_end_time: Option<DateTime<Utc>>,
    /// SageMaker's word for the job's state, or the operator's own before SageMaker has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub training_job_status: Option<String>,
    /// When the instances were ready and billing began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub training_start_time: Option<DateTime<Utc>>,
    /// The seconds of training, for each instance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub training_time_in_seconds: Option<i64>,
}

/// How a rule judges a training.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RuleEvaluation {
    /// When the judgement last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified_time: Option<DateTime<Utc>>,
    /// The rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule_configuration_name: Option<String>,
    /// The processing job that evaluates it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule_evaluation_job_arn: Option<String>,
    /// `InProgress`, `NoIssuesFound`, `IssuesFound`, `Error`, `Stopping` or `Stopped`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule_evaluation_status: Option<String>,
    /// More about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_detail: Option<String>,
}

/// A step of the training.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Transition {
    /// The secondary status.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub status: String,
    /// When it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_time: Option<DateTime<Utc>>,
    /// When it ended; left out while it lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_time: Option<DateTime<Utc>>,
}
