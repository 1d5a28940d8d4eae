//! TrainingJob as the generic core sees it.

use chrono::{DateTime, Utc};

use super::drift::drift;
use super::observed::{RuleEvaluationSeen, TrainingJobObserved, Transition as TransitionSeen, is_moving};
use super::spec::{TrainingJob, TrainingJobSpec};
use super::status::{RuleEvaluation, TrainingJobStatus, Transition};
use crate::api::console;
use crate::api::shared::{V1_NEVER_STARTED, place, whole_second};
use crate::lifecycle::{Common, Drift, InvalidIdent, Kind, Observation, OnDrift, Phase, Place, Sort, Tag};

/// The log group of all training jobs of a region.
const LOG_GROUP: &str = "/aws/sagemaker/TrainingJobs";

impl Kind for TrainingJob {
    type Spec = TrainingJobSpec;
    type Status = TrainingJobStatus;
    type Observed = TrainingJobObserved;

    const KIND: &'static str = "TrainingJob";
    const NAME_FIELD: Option<&'static str> = Some("trainingJobName");
    const NAME_LIMIT: usize = 63;
    const SORT: Sort = Sort::Job;
    const ON_DRIFT: OnDrift = OnDrift::Update;
    const FIRST_STATUS: &'static str = "SynchronizingK8sJobWithSageMaker";
    const ERROR_STATUS: &'static str = "ReconcilingTrainingJob";

    fn place(spec: &TrainingJobSpec) -> Result<Place, InvalidIdent> {
        place(&spec.region, spec.sage_maker_endpoint.as_deref())
    }

    fn given_name(spec: &TrainingJobSpec) -> Option<&str> {
        spec.training_job_name.as_deref().filter(|name| !name.is_empty())
    }

    fn set_name(spec: &mut TrainingJobSpec, name: &str) {
        spec.training_job_name = Some(name.to_owned());
    }

    fn recorded_name(status: &TrainingJobStatus) -> Option<&str> {
        status.sage_maker_training_job_name.as_deref().filter(|name| !name.is_empty())
    }

    fn status_word(status: &TrainingJobStatus) -> Option<&str> {
        status.training_job_status.as_deref().filter(|word| !word.is_empty())
    }

    fn is_ended(status: &TrainingJobStatus) -> bool {
        let never_started = status.common.arn.is_none()
            && status.additional.as_deref().is_some_and(|text| text.starts_with(V1_NEVER_STARTED));
        matches!(Self::status_word(status), Some("Completed" | "Failed" | "Stopped")) && !never_started
    }

    fn has_loose_ends(status: &TrainingJobStatus) -> bool {
        let rules = status.debug_rule_evaluation_statuses.iter().chain(&status.profiler_rule_evaluation_statuses);
        rules.into_iter().any(|rule| is_moving(rule.rule_evaluation_status.as_deref()))
    }

    fn report(status: &mut TrainingJobStatus, place: &Place, name: &str, seen: &TrainingJobObserved) {
        let stopping = seen.phase() == Phase::Stopping;
        status.training_job_status = Some(seen.training_job_status.clone());
        status.secondary_status =
            (!stopping && !seen.secondary_status.is_empty()).then(|| seen.secondary_status.clone());
        status.additional = seen.failure_reason().map(str::to_owned);
        status.sage_maker_training_job_name = Some(name.to_owned());
        status.cloud_watch_log_url = Some(console::log_streams(&place.region, LOG_GROUP, name));
        status.debug_rule_evaluation_statuses = evaluations(&seen.debug_rule_evaluation_statuses);
        status.profiler_rule_evaluation_statuses = evaluations(&seen.profiler_rule_evaluation_statuses);
        status.secondary_status_transitions = seen.secondary_status_transitions.iter().map(Transition::from).collect();
        status.training_start_time = seen.training_start_time.map(whole_second);
        status.training_end_time = seen.training_end_time.map(whole_second);
        status.training_time_in_seconds = seen.training_time_in_seconds;
        status.billable_time_in_seconds = seen.billable_time_in_seconds;
        if seen.phase() == Phase::Completed
            && let Some(path) = seen.model_artifacts.as_ref().and_then(|model| model.s3_model_artifacts.as_ref())
        {
            status.model_path = Some(path.clone());
        }
    }

    fn report_without(status: &mut TrainingJobStatus, place: &Place, name: &str, word: &str, additional: Option<&str>) {
        status.training_job_status = Some(word.to_owned());
        status.secondary_status = None;
        status.additional = additional.map(str::to_owned);
        status.sage_maker_training_job_name = Some(name.to_owned());
        status.cloud_watch_log_url = Some(console::log_streams(&place.region, LOG_GROUP, name));
    }

    fn checked(status: &mut TrainingJobStatus, now: DateTime<Utc>) {
        status.last_check_time = Some(whole_second(now));
    }

    fn common(status: &TrainingJobStatus) -> &Common {
        &status.common
    }

    fn common_mut(status: &mut TrainingJobStatus) -> &mut Common {
        &mut status.common
    }

    fn tags(spec: &TrainingJobSpec) -> Vec<Tag> {
        spec.tags.iter().map(Tag::from).collect()
    }

    fn drift(spec: &TrainingJobSpec, seen: &TrainingJobObserved) -> Drift {
        drift(spec, seen)
    }
}

fn evaluations(seen: &[RuleEvaluationSeen]) -> Vec<RuleEvaluation> {
    seen.iter().map(RuleEvaluation::from).collect()
}

impl From<&RuleEvaluationSeen> for RuleEvaluation {
    fn from(seen: &RuleEvaluationSeen) -> Self {
        let RuleEvaluationSeen {
            rule_configuration_name,
            rule_evaluation_job_arn,
            rule_evaluation_status,
            status_details,
            last_modified_time,
        } = seen;
        Self {
            last_modified_time: last_modified_time.map(whole_second),
            rule_configuration_name: rule_configuration_name.clone(),
            rule_evaluation_job_arn: rule_evaluation_job_arn.clone(),
            rule_evaluation_status: rule_evaluation_status.clone(),
            status_detail: status_details.clone(),
        }
    }
}

impl From<&TransitionSeen> for Transition {
    fn from(seen: &TransitionSeen) -> Self {
        let TransitionSeen { status, start_time, end_time, status_message: _ } = seen;
        Self { status: status.clone(), start_time: start_time.map(whole_second), end_time: end_time.map(whole_second) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const NAME: &str = "job-cf1e";

    fn place() -> Place {
        Place { region: "us-west-2".parse().unwrap(), endpoint: None, role: None }
    }

    fn spec(value: Value) -> TrainingJobSpec {
        serde_json::from_value(value).unwrap()
    }

    fn minimal() -> Value {
        json!({
            "region": "us-west-2",
            "roleArn": "arn:aws:iam::123456789012:role/train",
            "outputDataConfig": { "s3OutputPath": "s3://bucket/out" },
        })
    }

    fn report(status: &mut TrainingJobStatus, seen: Value) -> Value {
        TrainingJob::report(status, &place(), NAME, &serde_json::from_value(seen).unwrap());
        serde_json::to_value(status).unwrap()
    }

    #[test]
    fn all_that_sagemaker_says_is_reported() {
        let seen = json!({
            "TrainingJobStatus": "Completed",
            "SecondaryStatus": "Completed",
            "ModelArtifacts": { "S3ModelArtifacts": "s3://bucket/out/job-cf1e/output/model.tar.gz" },
            "TrainingStartTime": 1_700_000_000.25,
            "TrainingEndTime": 1_700_000_251.75,
            "TrainingTimeInSeconds": 251,
            "BillableTimeInSeconds": 96,
            "SecondaryStatusTransitions": [
                { "Status": "Starting", "StartTime": 1_700_000_000.5, "EndTime": 1_700_000_010.0, "StatusMessage": "Starting" },
                { "Status": "Training", "StartTime": 1_700_000_010.0 },
            ],
            "DebugRuleEvaluationStatuses": [{
                "RuleConfigurationName": "LossNotDecreasing",
                "RuleEvaluationJobArn": "arn:aws:sagemaker:us-west-2:123456789012:processing-job/rule",
                "RuleEvaluationStatus": "IssuesFound",
                "StatusDetails": "the loss rises",
                "LastModifiedTime": 1_700_000_252.125,
            }],
        });
        let reported = report(&mut TrainingJobStatus::default(), seen);
        insta::assert_snapshot!(format!("{reported:#}"), @r#"
        {
          "billableTimeInSeconds": 96,
          "cloudWatchLogUrl": "https://us-west-2.console.aws.amazon.com/cloudwatch/home?region=us-west-2#logStream:group=/aws/sagemaker/TrainingJobs;prefix=job-cf1e;streamFilter=typeLogStreamPrefix",
          "debugRuleEvaluationStatuses": [
            {
              "lastModifiedTime": "2023-11-14T22:17:32Z",
              "ruleConfigurationName": "LossNotDecreasing",
              "ruleEvaluationJobArn": "arn:aws:sagemaker:us-west-2:123456789012:processing-job/rule",
              "ruleEvaluationStatus": "IssuesFound",
              "statusDetail": "the loss rises"
            }
          ],
          "modelPath": "s3://bucket/out/job-cf1e/output/model.tar.gz",
          "sageMakerTrainingJobName": "job-cf1e",
          "secondaryStatus": "Completed",
          "secondaryStatusTransitions": [
            {
              "endTime": "2023-11-14T22:13:30Z",
              "startTime": "2023-11-14T22:13:20Z",
              "status": "Starting"
            },
            {
              "startTime": "2023-11-14T22:13:30Z",
              "status": "Training"
            }
          ],
          "trainingEndTime": "2023-11-14T22:17:31Z",
          "trainingJobStatus": "Completed",
          "trainingStartTime": "2023-11-14T22:13:20Z",
          "trainingTimeInSeconds": 251
        }
        "#);
    }

    #[test]
    fn the_words_of_the_first_release_are_kept() {
        for (status, secondary, reason, reported_secondary, additional) in [
            ("InProgress", "Downloading", None, json!("Downloading"), Value::Null),
            ("Stopping", "Stopping", None, Value::Null, Value::Null),
            ("Stopped", "MaxRuntimeExceeded", None, json!("MaxRuntimeExceeded"), Value::Null),
            (
                "Failed",
                "Failed",
                Some("AlgorithmError: exit code 1"),
                json!("Failed"),
                json!("AlgorithmError: exit code 1"),
            ),
            ("Failed", "Failed", Some(""), json!("Failed"), Value::Null),
            ("SomethingNew", "", None, Value::Null, Value::Null),
        ] {
            let seen = json!({ "TrainingJobStatus": status, "SecondaryStatus": secondary, "FailureReason": reason });
            let reported = report(&mut TrainingJobStatus::default(), seen);
            assert_eq!(reported["trainingJobStatus"], status);
            assert_eq!(reported["secondaryStatus"], reported_secondary, "{status}");
            assert_eq!(reported["additional"], additional, "{status}");
        }
    }

    #[test]
    fn the_model_is_named_only_when_it_is_whole() {
        let artifacts = json!({ "S3ModelArtifacts": "s3://bucket/model.tar.gz" });
        for (status, path) in
            [("InProgress", Value::Null), ("Failed", Value::Null), ("Completed", json!("s3://bucket/model.tar.gz"))]
        {
            let seen = json!({ "TrainingJobStatus": status, "ModelArtifacts": artifacts });
            assert_eq!(report(&mut TrainingJobStatus::default(), seen)["modelPath"], path, "{status}");
        }
    }

    #[test]
    fn a_report_of_the_same_is_the_same_after_a_trip_through_the_api_server() {
        let seen = json!({
            "TrainingJobStatus": "InProgress",
            "TrainingStartTime": 1_700_000_000.123,
            "SecondaryStatusTransitions": [{ "Status": "Starting", "StartTime": 1_700_000_000.999 }],
            "DebugRuleEvaluationStatuses": [{ "LastModifiedTime": 1_700_000_252.125 }],
        });
        let mut status = TrainingJobStatus::default();
        TrainingJob::checked(&mut status, "2026-01-02T03:04:05.678Z".parse().unwrap());
        let stored = report(&mut status, seen.clone());
        let mut read: TrainingJobStatus = serde_json::from_value(stored.clone()).unwrap();
        assert_eq!(read, status);
        assert_eq!(report(&mut read, seen), stored);
    }

    #[test]
    fn without_an_answer_the_last_model_and_judgements_stay() {
        let mut status =
            TrainingJobStatus { model_path: Some("s3://bucket/model.tar.gz".to_owned()), ..Default::default() };
        TrainingJob::report_without(&mut status, &place(), NAME, TrainingJob::ERROR_STATUS, Some("denied"));
        let reported = serde_json::to_value(&status).unwrap();
        assert_eq!(reported["trainingJobStatus"], "ReconcilingTrainingJob");
        assert_eq!(reported["additional"], "denied");
        assert_eq!(reported["sageMakerTrainingJobName"], NAME);
        assert_eq!(reported["modelPath"], "s3://bucket/model.tar.gz");
    }

    #[test]
    fn only_a_job_that_ran_has_ended() {
        for (word, additional, arn, ended) in [
            (None, None, None, false),
            (Some(""), None, None, false),
            (Some("SynchronizingK8sJobWithSageMaker"), None, None, false),
            (Some("ReconcilingTrainingJob"), None, None, false),
            (Some("InProgress"), None, None, false),
            (Some("Stopping"), None, None, false),
            (Some("Completed"), None, None, true),
            (Some("Stopped"), None, None, true),
            (Some("Failed"), Some("AlgorithmError"), None, true),
            // The first release called it Failed when it could not even load its credentials.
            (Some("Failed"), Some("Unable to initialize operator: no region"), None, false),
            (Some("Failed"), Some("Unable to initialize operator: no region"), Some("arn:aws:sagemaker:…"), true),
        ] {
            let mut status: TrainingJobStatus = serde_json::from_value(json!({ "additional": additional })).unwrap();
            status.training_job_status = word.map(str::to_owned);
            status.common.arn = arn.map(str::to_owned);
            assert_eq!(TrainingJob::is_ended(&status), ended, "{word:?} {additional:?} {arn:?}");
        }
    }

    #[test]
    fn an_empty_name_or_endpoint_is_none() {
        let mut value = minimal();
        value["trainingJobName"] = json!("");
        value["sageMakerEndpoint"] = json!("");
        let mut spec = spec(value);
        assert_eq!(TrainingJob::given_name(&spec), None);
        assert_eq!(TrainingJob::place(&spec).unwrap(), place());
        TrainingJob::set_name(&mut spec, NAME);
        assert_eq!(TrainingJob::given_name(&spec), Some(NAME));
    }

    #[test]
    fn a_region_that_is_a_placeholder_is_no_place() {
        let mut value = minimal();
        value["region"] = json!("<YOUR REGION>");
        assert!(TrainingJob::place(&spec(value)).is_err());
    }
}
