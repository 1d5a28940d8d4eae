//! TrainingJob as the generic core sees it.

use chrono::{DateTime, Utc};

use super::drift::drift;
use super::observed::{RuleEvaluationSeen, TrainingJobObserved, Transition as TransitionSeen, is_moving};
use super::spec::{TrainingJob, TrainingJobSpec};
use super::status::{RuleEvaluation, TrainingJobStatus, Transition};
use crate::api::console;
use crate::api::shared::whole_second;
use crate::lifecycle::{Common, Drift, InvalidIdent, Kind, Observation, OnDrift, Phase, Place, Sort, Tag};

/// The log group of all training jobs of a region.
const LOG_GROUP: &str = "/aws/sagemaker/TrainingJobs";

/// What the first release wrote as the reason of a failure that left nothing in SageMaker.
const V1_NEVER_STARTED: &str = "Unable to initialize operator";

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
        let endpoint = spec.sage_maker_endpoint.as_deref().filter(|text| !text.is_empty());
        Ok(Place { region: spec.region.parse()?, endpoint: endpoint.map(str::parse).transpose()?, role: None })
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
