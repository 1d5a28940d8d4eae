//! What `DescribeTrainingJob` answers, as far as the operator looks at it.
//! Source: <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeTrainingJob.html>

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::drift::{ProfilerConfigWire, RemoteDebugConfigWire, RuleConfigurationWire};
use crate::api::shared::epoch;
use crate::lifecycle::{Arn, InvalidIdent, Observation, Phase};

/// A training job as SageMaker describes it.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct TrainingJobObserved {
    /// The name.
    pub training_job_name: String,
    /// The ARN.
    pub training_job_arn: String,
    /// `InProgress`, `Completed`, `Failed`, `Stopping`, `Stopped`, or a word SageMaker has learnt since.
    pub training_job_status: String,
    /// What exactly it is doing, such as `Downloading`.
    pub secondary_status: String,
    /// What it has done so far.
    pub secondary_status_transitions: Vec<Transition>,
    /// Why it failed.
    pub failure_reason: Option<String>,
    /// Where the model is.
    pub model_artifacts: Option<ModelArtifacts>,
    /// When it was created.
    #[serde(with = "epoch")]
    pub creation_time: Option<DateTime<Utc>>,
    /// When it last changed.
    #[serde(with = "epoch")]
    pub last_modified_time: Option<DateTime<Utc>>,
    /// When the instances were ready and billing began.
    #[serde(with = "epoch")]
    pub training_start_time: Option<DateTime<Utc>>,
    /// When the instances were given back.
    #[serde(with = "epoch")]
    pub training_end_time: Option<DateTime<Utc>>,
    /// The seconds that are billed, for each instance.
    pub billable_time_in_seconds: Option<i64>,
    /// The seconds of training, for each instance.
    pub training_time_in_seconds: Option<i64>,
    /// How the debugger's rules judge it.
    pub debug_rule_evaluation_statuses: Vec<RuleEvaluationSeen>,
    /// How the profiler's rules judge it.
    pub profiler_rule_evaluation_statuses: Vec<RuleEvaluationSeen>,
    /// What becomes of the instances after the job.
    pub warm_pool_status: Option<WarmPoolStatus>,
    pub(super) profiler_config: Option<ProfilerConfigWire>,
    pub(super) profiler_rule_configurations: Vec<RuleConfigurationWire>,
    pub(super) remote_debug_config: Option<RemoteDebugConfigWire>,
    pub(super) resource_config: Option<KeptResources>,
}

/// One step of a job's life.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Transition {
    /// The secondary status.
    pub status: String,
    /// When it began.
    #[serde(with = "epoch")]
    pub start_time: Option<DateTime<Utc>>,
    /// When it ended; not yet, if there is none.
    #[serde(with = "epoch")]
    pub end_time: Option<DateTime<Utc>>,
    /// What SageMaker says of it.
    pub status_message: Option<String>,
}

/// Where the trained model is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ModelArtifacts {
    /// Its address in S3.
    #[serde(rename = "S3ModelArtifacts")]
    pub s3_model_artifacts: Option<String>,
}

/// How a rule judges the job.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct RuleEvaluationSeen {
    /// The rule.
    pub rule_configuration_name: Option<String>,
    /// The processing job that evaluates it.
    pub rule_evaluation_job_arn: Option<String>,
    /// `InProgress`, `NoIssuesFound`, `IssuesFound`, `Error`, `Stopping` or `Stopped`.
    pub rule_evaluation_status: Option<String>,
    /// More about it.
    pub status_details: Option<String>,
    /// When it last changed.
    #[serde(with = "epoch")]
    pub last_modified_time: Option<DateTime<Utc>>,
}

impl RuleEvaluationSeen {
    fn moves(&self) -> bool {
        is_moving(self.rule_evaluation_status.as_deref())
    }
}

/// Whether a rule's evaluation is still going on.
pub(super) fn is_moving(rule_evaluation_status: Option<&str>) -> bool {
    matches!(rule_evaluation_status, Some("InProgress" | "Stopping"))
}

/// What becomes of the instances after the job.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct WarmPoolStatus {
    /// `Available`, `InUse`, `Reused` or `Terminated`.
    pub status: String,
}

/// The one part of the resources that may change.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct KeptResources {
    pub(super) keep_alive_period_in_seconds: Option<i64>,
}

impl Observation for TrainingJobObserved {
    fn phase(&self) -> Phase {
        match self.training_job_status.as_str() {
            "InProgress" => Phase::Active,
            "Stopping" => Phase::Stopping,
            "Completed" => Phase::Completed,
            ended @ ("Failed" | "Stopped") => Phase::Failed { reason: self.reason_of_end(ended == "Failed") },
            // `Deleting`, and whatever SageMaker learns next.
            _ => Phase::Changing,
        }
    }

    fn arn(&self) -> Result<Arn, InvalidIdent> {
        self.training_job_arn.parse()
    }

    fn failure_reason(&self) -> Option<&str> {
        self.failure_reason.as_deref().filter(|reason| !reason.is_empty())
    }

    fn last_modified(&self) -> Option<DateTime<Utc>> {
        self.last_modified_time
    }

    fn has_loose_ends(&self) -> bool {
        self.debug_rule_evaluation_statuses
            .iter()
            .chain(&self.profiler_rule_evaluation_statuses)
            .any(RuleEvaluationSeen::moves)
    }
}

impl TrainingJobObserved {
    fn reason_of_end(&self, failed: bool) -> &'static str {
        match self.secondary_status.as_str() {
            "MaxRuntimeExceeded" => "MaxRuntimeExceeded",
            "MaxWaitTimeExceeded" => "MaxWaitTimeExceeded",
            _ if failed => "Failed",
            _ => "Stopped",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(status: &str, secondary: &str) -> TrainingJobObserved {
        serde_json::from_value(serde_json::json!({
            "TrainingJobStatus": status,
            "SecondaryStatus": secondary,
            "SomethingNew": { "Since": "tomorrow" },
        }))
        .unwrap()
    }

    #[test]
    fn each_status_is_a_phase() {
        let failed = |reason| Phase::Failed { reason };
        for (status, secondary, phase) in [
            ("InProgress", "Starting", Phase::Active),
            ("InProgress", "Training", Phase::Active),
            ("InProgress", "Interrupted", Phase::Active),
            ("InProgress", "Restarting", Phase::Active),
            ("InProgress", "SomethingNew", Phase::Active),
            ("Stopping", "Stopping", Phase::Stopping),
            ("Stopped", "Stopped", failed("Stopped")),
            ("Stopped", "MaxRuntimeExceeded", failed("MaxRuntimeExceeded")),
            ("Stopped", "MaxWaitTimeExceeded", failed("MaxWaitTimeExceeded")),
            ("Failed", "Failed", failed("Failed")),
            ("Completed", "Completed", Phase::Completed),
            ("Deleting", "", Phase::Changing),
            ("SomethingNew", "Starting", Phase::Changing),
        ] {
            assert_eq!(seen(status, secondary).phase(), phase, "{status} {secondary}");
        }
    }

    #[test]
    fn a_rule_that_is_still_evaluated_is_a_loose_end() {
        for (rule, loose) in [
            ("InProgress", true),
            ("Stopping", true),
            ("NoIssuesFound", false),
            ("IssuesFound", false),
            ("Error", false),
            ("Stopped", false),
        ] {
            for list in ["DebugRuleEvaluationStatuses", "ProfilerRuleEvaluationStatuses"] {
                let seen: TrainingJobObserved = serde_json::from_value(serde_json::json!({
                    "TrainingJobStatus": "Completed",
                    list: [{ "RuleEvaluationStatus": "Stopped" }, { "RuleEvaluationStatus": rule }],
                }))
                .unwrap();
                assert_eq!(seen.has_loose_ends(), loose, "{rule} in {list}");
            }
        }
    }
}
