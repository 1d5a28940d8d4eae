//! What `DescribeHyperParameterTuningJob` answers, as far as the operator looks at it.
//! Source: <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeHyperParameterTuningJob.html>

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::status::{BestTrainingJob, ObjectiveMetric, ObjectiveStatusCounters, TrainingJobStatusCounters};
use crate::api::shared::{KeyValuePair, epoch, job_phase, whole_second, words};
use crate::lifecycle::{Arn, InvalidIdent, Observation, Phase};

/// A tuning job as SageMaker describes it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct HyperparameterTuningJobObserved {
    /// The name.
    pub hyper_parameter_tuning_job_name: String,
    /// The ARN.
    pub hyper_parameter_tuning_job_arn: String,
    /// `InProgress`, `Completed`, `Failed`, `Stopping`, `Stopped`, or a word SageMaker has learnt since.
    pub hyper_parameter_tuning_job_status: String,
    /// Why it failed.
    pub failure_reason: Option<String>,
    /// When it last changed.
    #[serde(with = "epoch")]
    pub last_modified_time: Option<DateTime<Utc>>,
    /// When the search ended.
    #[serde(with = "epoch")]
    pub hyper_parameter_tuning_end_time: Option<DateTime<Utc>>,
    /// The best trial so far.
    pub best_training_job: Option<TrialSeen>,
    /// The best trial of this job and of those it learnt from.
    pub overall_best_training_job: Option<TrialSeen>,
    pub(super) training_job_status_counters: Option<CountersSeen>,
    pub(super) objective_status_counters: Option<ObjectiveCountersSeen>,
    pub(super) tuning_job_completion_details: Option<CompletionSeen>,
    pub(super) consumed_resources: Option<ConsumedSeen>,
}

/// A trial, as Describe and List tell of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct TrialSeen {
    /// The training job's name.
    pub training_job_name: Option<String>,
    /// Its ARN.
    pub training_job_arn: Option<String>,
    /// The definition that it trains.
    pub training_job_definition_name: Option<String>,
    /// SageMaker's word for its state.
    pub training_job_status: Option<String>,
    /// The tuning job that it belongs to.
    pub tuning_job_name: Option<String>,
    /// Why it failed.
    pub failure_reason: Option<String>,
    /// Whether it reported the objective.
    pub objective_status: Option<String>,
    /// How good it is.
    pub final_hyper_parameter_tuning_job_objective_metric: Option<ObjectiveSeen>,
    /// The values that were searched for.
    pub tuned_hyper_parameters: BTreeMap<String, String>,
    /// When it was created.
    #[serde(with = "epoch")]
    pub creation_time: Option<DateTime<Utc>>,
    /// When its instances were ready.
    #[serde(with = "epoch")]
    pub training_start_time: Option<DateTime<Utc>>,
    /// When its instances were given back.
    #[serde(with = "epoch")]
    pub training_end_time: Option<DateTime<Utc>>,
}

/// How good a trial is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ObjectiveSeen {
    /// The metric.
    pub metric_name: Option<String>,
    /// `Maximize` or `Minimize`.
    #[serde(rename = "Type")]
    pub type_: Option<String>,
    /// Its value in decimal digits.
    #[serde(deserialize_with = "decimal")]
    pub value: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct CountersSeen {
    completed: Option<i64>,
    in_progress: Option<i64>,
    non_retryable_error: Option<i64>,
    retryable_error: Option<i64>,
    stopped: Option<i64>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct ObjectiveCountersSeen {
    failed: Option<i64>,
    pending: Option<i64>,
    succeeded: Option<i64>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct CompletionSeen {
    #[serde(with = "epoch")]
    pub(super) convergence_detected_time: Option<DateTime<Utc>>,
    pub(super) number_of_training_jobs_objective_not_improving: Option<i64>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct ConsumedSeen {
    pub(super) runtime_in_seconds: Option<i64>,
}

/// A metric is a number of 32 bits: written with more digits than those, it would pretend to know more. AWS writes what
/// is no number (`NaN`) as a text.
fn decimal<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Number(number) => number.as_f64().map(|value| {
            #[expect(clippy::cast_possible_truncation, reason = "it was a number of 32 bits before it was written")]
            let value = value as f32;
            value.to_string()
        }),
        Value::String(text) => Some(text),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    })
}

impl Observation for HyperparameterTuningJobObserved {
    fn phase(&self) -> Phase {
        match self.hyper_parameter_tuning_job_status.as_str() {
            // Its record could not be deleted; the search itself is over.
            "DeleteFailed" => Phase::Failed { reason: "DeleteFailed" },
            word => job_phase(word),
        }
    }

    fn arn(&self) -> Result<Arn, InvalidIdent> {
        self.hyper_parameter_tuning_job_arn.parse()
    }

    fn failure_reason(&self) -> Option<&str> {
        words(self.failure_reason.as_ref())
    }

    fn last_modified(&self) -> Option<DateTime<Utc>> {
        self.last_modified_time
    }
}

impl From<&TrialSeen> for BestTrainingJob {
    fn from(seen: &TrialSeen) -> Self {
        let TrialSeen {
            training_job_name,
            training_job_arn,
            training_job_definition_name,
            training_job_status,
            tuning_job_name,
            failure_reason,
            objective_status,
            final_hyper_parameter_tuning_job_objective_metric,
            tuned_hyper_parameters,
            creation_time,
            training_start_time,
            training_end_time,
        } = seen;
        let parameters = tuned_hyper_parameters.iter().map(|(name, value)| KeyValuePair::new(name, value));
        Self {
            creation_time: creation_time.map(whole_second),
            failure_reason: failure_reason.clone(),
            final_hyper_parameter_tuning_job_objective_metric: final_hyper_parameter_tuning_job_objective_metric
                .as_ref()
                .map(ObjectiveMetric::from),
            objective_status: objective_status.clone(),
            training_end_time: training_end_time.map(whole_second),
            training_job_arn: training_job_arn.clone(),
            training_job_definition_name: training_job_definition_name.clone(),
            training_job_name: training_job_name.clone(),
            training_job_status: training_job_status.clone(),
            training_start_time: training_start_time.map(whole_second),
            tuned_hyper_parameters: parameters.collect(),
            tuning_job_name: tuning_job_name.clone(),
        }
    }
}

impl From<&ObjectiveSeen> for ObjectiveMetric {
    fn from(seen: &ObjectiveSeen) -> Self {
        let ObjectiveSeen { metric_name, type_, value } = seen;
        Self { metric_name: metric_name.clone(), type_: type_.clone(), value: value.clone() }
    }
}

impl From<&CountersSeen> for TrainingJobStatusCounters {
    fn from(seen: &CountersSeen) -> Self {
        let CountersSeen { completed, in_progress, non_retryable_error, retryable_error, stopped } = *seen;
        let total_error = non_retryable_error.zip(retryable_error).map(|(one, other)| one + other);
        Self { completed, in_progress, non_retryable_error, retryable_error, stopped, total_error }
    }
}

impl From<&ObjectiveCountersSeen> for ObjectiveStatusCounters {
    fn from(seen: &ObjectiveCountersSeen) -> Self {
        let ObjectiveCountersSeen { failed, pending, succeeded } = *seen;
        Self { failed, pending, succeeded }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_has_the_digits_that_it_was_reported_with() {
        for (wire, text) in [
            (json!(0.117_779_999_971_389_77), Some("0.11778")),
            (json!(0.5), Some("0.5")),
            (json!(3), Some("3")),
            (json!(-1e-7), Some("-0.0000001")),
            (json!("NaN"), Some("NaN")),
            (Value::Null, None),
        ] {
            let seen: ObjectiveSeen = serde_json::from_value(json!({ "Value": wire })).unwrap();
            assert_eq!(seen.value.as_deref(), text, "{wire}");
        }
    }

    #[test]
    fn words_that_came_later_are_phases_too() {
        for (word, phase) in [
            ("InProgress", Phase::Active),
            ("Deleting", Phase::Changing),
            ("DeleteFailed", Phase::Failed { reason: "DeleteFailed" }),
            ("Stopped", Phase::Failed { reason: "Stopped" }),
        ] {
            let seen = HyperparameterTuningJobObserved {
                hyper_parameter_tuning_job_status: word.to_owned(),
                ..Default::default()
            };
            assert_eq!(seen.phase(), phase, "{word}");
        }
    }
}
