//! HyperparameterTuningJob as the generic core sees it.

use chrono::{DateTime, Utc};

use super::observed::HyperparameterTuningJobObserved;
use super::spec::{HyperparameterTuningJob, HyperparameterTuningJobSpec};
use super::status::{HyperparameterTuningJobStatus, TrainingJobStatusCounters};
use crate::api::shared::{V1_NEVER_STARTED, place, whole_second, words};
use crate::lifecycle::{Common, Drift, InvalidIdent, Kind, Observation as _, OnDrift, Place, Sort, Tag};

impl Kind for HyperparameterTuningJob {
    type Spec = HyperparameterTuningJobSpec;
    type Status = HyperparameterTuningJobStatus;
    type Observed = HyperparameterTuningJobObserved;

    const KIND: &'static str = "HyperparameterTuningJob";
    const NAME_FIELD: Option<&'static str> = Some("hyperParameterTuningJobName");
    const NAME_LIMIT: usize = 32;
    const SORT: Sort = Sort::Job;
    const ON_DRIFT: OnDrift = OnDrift::Ignore;
    const FIRST_STATUS: &'static str = "SynchronizingK8sJobWithSageMaker";
    const ERROR_STATUS: &'static str = "ReconcilingTuningJob";
    const CHANGES_UNSEEN: bool = true;

    fn place(spec: &HyperparameterTuningJobSpec) -> Result<Place, InvalidIdent> {
        place(&spec.region, spec.sage_maker_endpoint.as_deref())
    }

    fn given_name(spec: &HyperparameterTuningJobSpec) -> Option<&str> {
        words(spec.hyper_parameter_tuning_job_name.as_ref())
    }

    fn set_name(spec: &mut HyperparameterTuningJobSpec, name: &str) {
        spec.hyper_parameter_tuning_job_name = Some(name.to_owned());
    }

    fn recorded_name(status: &HyperparameterTuningJobStatus) -> Option<&str> {
        words(status.sage_maker_hyper_parameter_tuning_job_name.as_ref())
    }

    fn status_word(status: &HyperparameterTuningJobStatus) -> Option<&str> {
        words(status.hyper_parameter_tuning_job_status.as_ref())
    }

    fn is_ended(status: &HyperparameterTuningJobStatus) -> bool {
        let never_started = status.common.arn.is_none()
            && status.additional.as_deref().is_some_and(|text| text.starts_with(V1_NEVER_STARTED));
        matches!(Self::status_word(status), Some("Completed" | "Failed" | "Stopped" | "DeleteFailed")) && !never_started
    }

    fn report(
        status: &mut HyperparameterTuningJobStatus,
        _: &Place,
        name: &str,
        seen: &HyperparameterTuningJobObserved,
    ) {
        let HyperparameterTuningJobObserved {
            hyper_parameter_tuning_job_name: _,
            hyper_parameter_tuning_job_arn: _,
            hyper_parameter_tuning_job_status,
            failure_reason: _,
            last_modified_time: _,
            hyper_parameter_tuning_end_time,
            best_training_job,
            overall_best_training_job,
            training_job_status_counters,
            objective_status_counters,
            tuning_job_completion_details,
            consumed_resources,
        } = seen;
        status.hyper_parameter_tuning_job_status = Some(hyper_parameter_tuning_job_status.clone());
        status.additional = seen.failure_reason().map(str::to_owned);
        status.sage_maker_hyper_parameter_tuning_job_name = Some(name.to_owned());
        status.hyper_parameter_tuning_end_time = hyper_parameter_tuning_end_time.map(whole_second);
        status.training_job_status_counters = training_job_status_counters.as_ref().map(Into::into);
        status.objective_status_counters = objective_status_counters.as_ref().map(Into::into);
        // A trial that was best stays so until SageMaker names a better one.
        if let Some(best) = best_training_job {
            status.best_training_job = Some(best.into());
        }
        if let Some(best) = overall_best_training_job {
            status.overall_best_training_job = Some(best.into());
        }
        if let Some(details) = tuning_job_completion_details {
            status.convergence_detected_time = details.convergence_detected_time.map(whole_second);
            status.number_of_training_jobs_objective_not_improving =
                details.number_of_training_jobs_objective_not_improving;
        }
        if let Some(consumed) = consumed_resources {
            status.runtime_in_seconds = consumed.runtime_in_seconds;
        }
    }

    fn report_without(
        status: &mut HyperparameterTuningJobStatus,
        _: &Place,
        name: &str,
        word: &str,
        additional: Option<&str>,
    ) {
        status.hyper_parameter_tuning_job_status = Some(word.to_owned());
        status.additional = additional.map(str::to_owned);
        status.sage_maker_hyper_parameter_tuning_job_name = Some(name.to_owned());
        status.training_job_status_counters.get_or_insert_with(TrainingJobStatusCounters::default);
    }

    fn checked(status: &mut HyperparameterTuningJobStatus, now: DateTime<Utc>) {
        status.last_check_time = Some(whole_second(now));
    }

    fn common(status: &HyperparameterTuningJobStatus) -> &Common {
        &status.common
    }

    fn common_mut(status: &mut HyperparameterTuningJobStatus) -> &mut Common {
        &mut status.common
    }

    fn tags(spec: &HyperparameterTuningJobSpec) -> Vec<Tag> {
        spec.tags.iter().map(Tag::from).collect()
    }

    fn drift(_: &HyperparameterTuningJobSpec, _: &HyperparameterTuningJobObserved) -> Drift {
        Drift::default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn place() -> Place {
        Place { region: "us-west-2".parse().unwrap(), endpoint: None, role: None }
    }

    #[test]
    fn all_that_sagemaker_says_is_reported() {
        let seen = serde_json::from_value(json!({
            "HyperParameterTuningJobStatus": "InProgress",
            "TrainingJobStatusCounters":
                { "Completed": 3, "InProgress": 2, "RetryableError": 1, "NonRetryableError": 4, "Stopped": 0 },
            "ObjectiveStatusCounters": { "Succeeded": 3, "Pending": 2, "Failed": 5 },
            "BestTrainingJob": {
                "TrainingJobName": "search-007-1a2b",
                "TrainingJobStatus": "Completed",
                "CreationTime": 1_700_000_000.25,
                "TunedHyperParameters": { "eta": "0.2", "booster": "\"dart\"" },
                "FinalHyperParameterTuningJobObjectiveMetric":
                    { "Type": "Minimize", "MetricName": "validation:error", "Value": 0.117_779_999_971_389_77 },
                "ObjectiveStatus": "Succeeded",
            },
            "ConsumedResources": { "RuntimeInSeconds": 840 },
        }))
        .unwrap();
        let mut status = HyperparameterTuningJobStatus::default();
        HyperparameterTuningJob::report(&mut status, &place(), "search", &seen);
        insta::assert_snapshot!(format!("{:#}", serde_json::to_value(&status).unwrap()), @r#"
        {
          "bestTrainingJob": {
            "creationTime": "2023-11-14T22:13:20Z",
            "finalHyperParameterTuningJobObjectiveMetric": {
              "metricName": "validation:error",
              "type": "Minimize",
              "value": "0.11778"
            },
            "objectiveStatus": "Succeeded",
            "trainingJobName": "search-007-1a2b",
            "trainingJobStatus": "Completed",
            "tunedHyperParameters": [
              {
                "name": "booster",
                "value": "\"dart\""
              },
              {
                "name": "eta",
                "value": "0.2"
              }
            ]
          },
          "hyperParameterTuningJobStatus": "InProgress",
          "objectiveStatusCounters": {
            "failed": 5,
            "pending": 2,
            "succeeded": 3
          },
          "runtimeInSeconds": 840,
          "sageMakerHyperParameterTuningJobName": "search",
          "trainingJobStatusCounters": {
            "completed": 3,
            "inProgress": 2,
            "nonRetryableError": 4,
            "retryableError": 1,
            "stopped": 0,
            "totalError": 5
          }
        }
        "#);
    }

    #[test]
    fn the_best_trial_stays_until_there_is_a_better_one() {
        let best =
            json!({ "HyperParameterTuningJobStatus": "InProgress", "BestTrainingJob": { "TrainingJobName": "a" } });
        let none = json!({ "HyperParameterTuningJobStatus": "Stopping" });
        let mut status = HyperparameterTuningJobStatus::default();
        for seen in [best, none] {
            HyperparameterTuningJob::report(&mut status, &place(), "search", &serde_json::from_value(seen).unwrap());
        }
        assert_eq!(status.best_training_job.unwrap().training_job_name.as_deref(), Some("a"));
    }

    #[test]
    fn only_a_search_that_ran_has_ended() {
        for (word, additional, ended) in [
            ("InProgress", None, false),
            ("ReconcilingTuningJob", Some("denied"), false),
            ("Failed", Some("Unable to initialize operator: no region"), false),
            ("Failed", Some("All training jobs failed"), true),
            ("Completed", None, true),
        ] {
            let status =
                serde_json::from_value(json!({ "hyperParameterTuningJobStatus": word, "additional": additional }))
                    .unwrap();
            assert_eq!(HyperparameterTuningJob::is_ended(&status), ended, "{word} {additional:?}");
        }
    }
}
