//! ProcessingJob as the generic core sees it.

use chrono::{DateTime, Utc};

use super::observed::ProcessingJobObserved;
use super::spec::{ProcessingJob, ProcessingJobSpec};
use super::status::ProcessingJobStatus;
use crate::api::console;
use crate::api::shared::{place, whole_second, words};
use crate::lifecycle::{Common, Drift, InvalidIdent, Kind, Observation as _, OnDrift, Place, Sort, Tag};

/// The log group of all processing jobs of a region.
const LOG_GROUP: &str = "/aws/sagemaker/ProcessingJobs";

/// What the first release wrote where it did not expect to get over the trouble by itself.
const V1_ERROR: &str = "Error";

impl Kind for ProcessingJob {
    type Spec = ProcessingJobSpec;
    type Status = ProcessingJobStatus;
    type Observed = ProcessingJobObserved;

    const KIND: &'static str = "ProcessingJob";
    // The first release had no such field, and wrote the name into the status alone.
    const NAME_FIELD: Option<&'static str> = None;
    const NAME_LIMIT: usize = 63;
    const SORT: Sort = Sort::Job;
    const ON_DRIFT: OnDrift = OnDrift::Ignore;
    const FIRST_STATUS: &'static str = "SynchronizingK8sJobWithSageMaker";
    const ERROR_STATUS: &'static str = "Reconciling";

    fn is_own_word(word: &str) -> bool {
        [Self::FIRST_STATUS, Self::ERROR_STATUS, V1_ERROR].contains(&word)
    }

    fn place(spec: &ProcessingJobSpec) -> Result<Place, InvalidIdent> {
        place(&spec.region, spec.sage_maker_endpoint.as_deref())
    }

    fn given_name(spec: &ProcessingJobSpec) -> Option<&str> {
        words(spec.processing_job_name.as_ref())
    }

    fn set_name(spec: &mut ProcessingJobSpec, name: &str) {
        spec.processing_job_name = Some(name.to_owned());
    }

    fn recorded_name(status: &ProcessingJobStatus) -> Option<&str> {
        words(status.sage_maker_processing_job_name.as_ref())
    }

    fn status_word(status: &ProcessingJobStatus) -> Option<&str> {
        words(status.processing_job_status.as_ref())
    }

    fn is_ended(status: &ProcessingJobStatus) -> bool {
        matches!(Self::status_word(status), Some("Completed" | "Failed" | "Stopped"))
    }

    fn report(status: &mut ProcessingJobStatus, place: &Place, name: &str, seen: &ProcessingJobObserved) {
        let ProcessingJobObserved {
            processing_job_arn: _,
            processing_job_status,
            failure_reason: _,
            exit_message,
            last_modified_time: _,
            processing_start_time,
            processing_end_time,
        } = seen;
        status.processing_job_status = Some(processing_job_status.clone());
        status.additional = seen.failure_reason().map(str::to_owned);
        status.exit_message = words(exit_message.as_ref()).map(str::to_owned);
        status.processing_start_time = processing_start_time.map(whole_second);
        status.processing_end_time = processing_end_time.map(whole_second);
        report_name(status, place, name);
    }

    fn report_without(
        status: &mut ProcessingJobStatus,
        place: &Place,
        name: &str,
        word: &str,
        additional: Option<&str>,
    ) {
        status.processing_job_status = Some(word.to_owned());
        status.additional = additional.map(str::to_owned);
        report_name(status, place, name);
    }

    fn checked(status: &mut ProcessingJobStatus, now: DateTime<Utc>) {
        status.last_check_time = Some(whole_second(now));
    }

    fn common(status: &ProcessingJobStatus) -> &Common {
        &status.common
    }

    fn common_mut(status: &mut ProcessingJobStatus) -> &mut Common {
        &mut status.common
    }

    fn tags(spec: &ProcessingJobSpec) -> Vec<Tag> {
        spec.tags.iter().map(Tag::from).collect()
    }

    fn drift(_: &ProcessingJobSpec, _: &ProcessingJobObserved) -> Drift {
        Drift::default()
    }
}

fn report_name(status: &mut ProcessingJobStatus, place: &Place, name: &str) {
    status.sage_maker_processing_job_name = Some(name.to_owned());
    status.cloud_watch_log_url = Some(console::log_streams(&place.region, LOG_GROUP, name));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::lifecycle::Phase;

    #[test]
    fn all_that_sagemaker_says_is_reported() {
        let seen: ProcessingJobObserved = serde_json::from_value(json!({
            "ProcessingJobStatus": "Failed",
            "FailureReason": "AlgorithmError: See job logs for more information",
            "ExitMessage": "no such file: train.csv",
            "ProcessingStartTime": 1_700_000_000.25,
            "ProcessingEndTime": 1_700_000_251.75,
        }))
        .unwrap();
        let place = Place { region: "us-west-2".parse().unwrap(), endpoint: None, role: None };
        let mut status = ProcessingJobStatus::default();
        ProcessingJob::report(&mut status, &place, "job-cf1e", &seen);
        insta::assert_snapshot!(format!("{:#}", serde_json::to_value(&status).unwrap()), @r#"
        {
          "additional": "AlgorithmError: See job logs for more information",
          "cloudWatchLogUrl": "https://us-west-2.console.aws.amazon.com/cloudwatch/home?region=us-west-2#logStream:group=/aws/sagemaker/ProcessingJobs;prefix=job-cf1e;streamFilter=typeLogStreamPrefix",
          "exitMessage": "no such file: train.csv",
          "processingEndTime": "2023-11-14T22:17:31Z",
          "processingJobStatus": "Failed",
          "processingStartTime": "2023-11-14T22:13:20Z",
          "sageMakerProcessingJobName": "job-cf1e"
        }
        "#);
        assert_eq!(seen.phase(), Phase::Failed { reason: "Failed" });
    }

    #[test]
    fn the_words_of_the_first_release_for_trouble_are_none_of_sagemakers() {
        for (word, own) in [
            ("SynchronizingK8sJobWithSageMaker", true),
            ("Reconciling", true),
            ("Error", true),
            ("InProgress", false),
            ("Failed", false),
        ] {
            assert_eq!(ProcessingJob::is_own_word(word), own, "{word}");
        }
    }
}
