//! BatchTransformJob as the generic core sees it.

use chrono::{DateTime, Utc};

use super::observed::BatchTransformJobObserved;
use super::spec::{BatchTransformJob, BatchTransformJobSpec};
use super::status::BatchTransformJobStatus;
use crate::api::console;
use crate::api::shared::{place, whole_second, words};
use crate::lifecycle::{Common, Drift, InvalidIdent, Kind, Observation as _, OnDrift, Place, Sort, Tag};

/// The log group of all transform jobs of a region.
const LOG_GROUP: &str = "/aws/sagemaker/TransformJobs";

/// What the first release wrote of a job whose object had been edited.
const V1_EDITED: &str = "Updates to v1.BatchTransformJob are not supported";

impl Kind for BatchTransformJob {
    type Spec = BatchTransformJobSpec;
    type Status = BatchTransformJobStatus;
    type Observed = BatchTransformJobObserved;

    const KIND: &'static str = "BatchTransformJob";
    const NAME_FIELD: Option<&'static str> = Some("transformJobName");
    const NAME_LIMIT: usize = 63;
    const SORT: Sort = Sort::Job;
    const ON_DRIFT: OnDrift = OnDrift::Ignore;
    const FIRST_STATUS: &'static str = "SynchronizingK8sJobWithSageMaker";
    // The first release wrote `Failed` for any trouble, also for one that passed; this word is the other kinds'.
    const ERROR_STATUS: &'static str = "Reconciling";

    fn place(spec: &BatchTransformJobSpec) -> Result<Place, InvalidIdent> {
        place(&spec.region, spec.sage_maker_endpoint.as_deref())
    }

    fn given_name(spec: &BatchTransformJobSpec) -> Option<&str> {
        words(spec.transform_job_name.as_ref())
    }

    fn set_name(spec: &mut BatchTransformJobSpec, name: &str) {
        spec.transform_job_name = Some(name.to_owned());
    }

    fn recorded_name(status: &BatchTransformJobStatus) -> Option<&str> {
        words(status.sage_maker_transform_job_name.as_ref())
    }

    fn status_word(status: &BatchTransformJobStatus) -> Option<&str> {
        words(status.transform_job_status.as_ref())
    }

    /// The first release never said why SageMaker failed a job: its `Failed` with words was trouble of its own. But for
    /// one sort of trouble the job had been started, and must not be again.
    fn is_ended(status: &BatchTransformJobStatus) -> bool {
        let v1_trouble = status.common.arn.is_none()
            && words(status.additional.as_ref()).is_some_and(|text| !text.starts_with(V1_EDITED));
        match Self::status_word(status) {
            Some("Completed" | "Stopped") => true,
            Some("Failed") => !v1_trouble,
            Some(_) | None => false,
        }
    }

    fn report(status: &mut BatchTransformJobStatus, place: &Place, name: &str, seen: &BatchTransformJobObserved) {
        let BatchTransformJobObserved {
            transform_job_arn: _,
            transform_job_status,
            failure_reason: _,
            transform_start_time,
            transform_end_time,
        } = seen;
        status.transform_job_status = Some(transform_job_status.clone());
        status.additional = seen.failure_reason().map(str::to_owned);
        status.transform_start_time = transform_start_time.map(whole_second);
        status.transform_end_time = transform_end_time.map(whole_second);
        report_name(status, place, name);
    }

    fn report_without(
        status: &mut BatchTransformJobStatus,
        place: &Place,
        name: &str,
        word: &str,
        additional: Option<&str>,
    ) {
        status.transform_job_status = Some(word.to_owned());
        status.additional = additional.map(str::to_owned);
        report_name(status, place, name);
    }

    fn checked(status: &mut BatchTransformJobStatus, now: DateTime<Utc>) {
        status.last_check_time = Some(whole_second(now));
    }

    fn common(status: &BatchTransformJobStatus) -> &Common {
        &status.common
    }

    fn common_mut(status: &mut BatchTransformJobStatus) -> &mut Common {
        &mut status.common
    }

    fn tags(spec: &BatchTransformJobSpec) -> Vec<Tag> {
        spec.tags.iter().map(Tag::from).collect()
    }

    fn drift(_: &BatchTransformJobSpec, _: &BatchTransformJobObserved) -> Drift {
        Drift::default()
    }
}

fn report_name(status: &mut BatchTransformJobStatus, place: &Place, name: &str) {
    status.sage_maker_transform_job_name = Some(name.to_owned());
    status.cloud_watch_log_url = Some(console::log_streams(&place.region, LOG_GROUP, name));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_failed_in_version_1_without_having_run_may_be_started() {
        let arn = Some("arn:aws:sagemaker:us-west-2:123456789012:transform-job/j");
        for (word, additional, arn, ended) in [
            ("InProgress", None, None, false),
            ("Reconciling", Some("denied"), None, false),
            ("Completed", None, None, true),
            ("Stopped", None, None, true),
            ("Failed", None, None, true),
            ("Failed", Some("ThrottlingException: Rate exceeded"), None, false),
            ("Failed", Some("Updates to v1.BatchTransformJob are not supported; …"), None, true),
            ("Failed", Some("ClientError: no such file"), arn, true),
        ] {
            let mut status: BatchTransformJobStatus =
                serde_json::from_value(json!({ "transformJobStatus": word, "additional": additional })).unwrap();
            status.common.arn = arn.map(str::to_owned);
            assert_eq!(BatchTransformJob::is_ended(&status), ended, "{word} {additional:?}");
        }
    }

    #[test]
    fn all_that_sagemaker_says_is_reported() {
        let seen = serde_json::from_value(json!({
            "TransformJobStatus": "Failed",
            "FailureReason": "ClientError: See job logs for more information",
            "TransformStartTime": 1_700_000_000.25,
            "TransformEndTime": 1_700_000_251.75,
        }))
        .unwrap();
        let place = Place { region: "us-west-2".parse().unwrap(), endpoint: None, role: None };
        let mut status = BatchTransformJobStatus::default();
        BatchTransformJob::report(&mut status, &place, "job-cf1e", &seen);
        insta::assert_snapshot!(format!("{:#}", serde_json::to_value(&status).unwrap()), @r#"
        {
          "additional": "ClientError: See job logs for more information",
          "cloudWatchLogUrl": "https://us-west-2.console.aws.amazon.com/cloudwatch/home?region=us-west-2#logStream:group=/aws/sagemaker/TransformJobs;prefix=job-cf1e;streamFilter=typeLogStreamPrefix",
          "sageMakerTransformJobName": "job-cf1e",
          "transformEndTime": "2023-11-14T22:17:31Z",
          "transformJobStatus": "Failed",
          "transformStartTime": "2023-11-14T22:13:20Z"
        }
        "#);
    }
}
