//! What the operator reports of a search.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::shared::KeyValuePair;
use crate::lifecycle::Common;

/// How the search stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HyperparameterTuningJobStatus {
    /// What every kind reports.
    #[serde(flatten)]
    pub common: Common,
    /// Why it failed, or what stands in its way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub additional: Option<String>,
    /// The best trial so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub best_training_job: Option<BestTrainingJob>,
    /// When SageMaker came to expect nothing better.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub convergence_detected_time: Option<DateTime<Utc>>,
    /// SageMaker's word for the job's state, or the operator's own before SageMaker has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hyper_parameter_tuning_job_status: Option<String>,
    /// When the search ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hyper_parameter_tuning_end_time: Option<DateTime<Utc>>,
    /// When the operator last looked, as of the last change of this status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_check_time: Option<DateTime<Utc>>,
    /// How many of the last trials in a row were no better than the best.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number_of_training_jobs_objective_not_improving: Option<i64>,
    /// The trials by whether they reported the objective.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objective_status_counters: Option<ObjectiveStatusCounters>,
    /// The best trial of this job and of those it learnt from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overall_best_training_job: Option<BestTrainingJob>,
    /// The seconds that all trials have run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime_in_seconds: Option<i64>,
    /// The job's name in SageMaker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sage_maker_hyper_parameter_tuning_job_name: Option<String>,
    /// The trials by how they stand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub training_job_status_counters: Option<TrainingJobStatusCounters>,
}

/// A trial that is better than the others.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BestTrainingJob {
    /// When it was created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creation_time: Option<DateTime<Utc>>,
    /// Why it failed, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<String>,
    /// How good it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub final_hyper_parameter_tuning_job_objective_metric: Option<ObjectiveMetric>,
    /// `Succeeded`, `Pending` or `Failed`: whether it reported the objective.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objective_status: Option<String>,
    /// When its instances were given back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub training_end_time: Option<DateTime<Utc>>,
    /// The training job's ARN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub training_job_arn: Option<String>,
    /// The definition that it trains, if there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub training_job_definition_name: Option<String>,
    /// The training job's name in SageMaker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub training_job_name: Option<String>,
    /// SageMaker's word for its state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub training_job_status: Option<String>,
    /// When its instances were ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub training_start_time: Option<DateTime<Utc>>,
    /// The values that were searched for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tuned_hyper_parameters: Vec<KeyValuePair>,
    /// The tuning job that it belongs to, if it is an earlier one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tuning_job_name: Option<String>,
}

/// How good a trial is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ObjectiveMetric {
    /// The metric.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric_name: Option<String>,
    /// `Maximize` or `Minimize`.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub type_: Option<String>,
    /// Its value, in decimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// The trials by how they stand.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TrainingJobStatusCounters {
    /// Those that completed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed: Option<i64>,
    /// Those under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_progress: Option<i64>,
    /// Those that failed for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub non_retryable_error: Option<i64>,
    /// Those that failed and may be tried again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retryable_error: Option<i64>,
    /// Those that were stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<i64>,
    /// All that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_error: Option<i64>,
}

/// The trials by whether they reported the objective.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ObjectiveStatusCounters {
    /// Those without a report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<i64>,
    /// Those still to report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending: Option<i64>,
    /// Those that reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub succeeded: Option<i64>,
}
