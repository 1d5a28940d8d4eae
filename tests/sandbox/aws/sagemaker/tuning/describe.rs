//! What is told about a tuning job: its counters, and the best of its trials.

use serde_json::{Value, json};

use super::super::super::place::Context;
use super::super::life::Status;
use super::super::training::TrainingJobs;
use super::{TuningJob, times};

/// `DescribeHyperParameterTuningJob`.
pub(super) fn answer(context: &Context<'_>, job: &TuningJob, training: &TrainingJobs) -> Value {
    let (status, modified) = job.status(context, training);
    let mut answer = times(job, status, modified);
    for member in [
        "Autotune",
        "HyperParameterTuningJobConfig",
        "TrainingJobDefinition",
        "TrainingJobDefinitions",
        "WarmStartConfig",
    ] {
        if !job.request[member].is_null() {
            answer[member] = job.request[member].clone();
        }
    }
    let (by_status, by_objective) = counters(context, job, training);
    answer["TrainingJobStatusCounters"] = by_status;
    answer["ObjectiveStatusCounters"] = by_objective;
    if status == Status::Failed {
        answer["FailureReason"] =
            "All training jobs failed. Please take a look at the training jobs failures to get more details.".into();
    }
    let completed = job.trials.iter().filter(|trial| trial.status(context, training) == Some(Status::Completed));
    let best = completed.reduce(|best, trial| if trial.beats(best) { trial } else { best });
    if let Some(best) = best {
        answer["BestTrainingJob"] = best.summary(context, job, training);
    }
    answer
}

/// One line of `ListHyperParameterTuningJobs`.
pub(super) fn summary(context: &Context<'_>, job: &TuningJob, training: &TrainingJobs) -> Value {
    let (status, modified) = job.status(context, training);
    let mut summary = times(job, status, modified);
    let config = &job.request["HyperParameterTuningJobConfig"];
    summary["Strategy"] = config["Strategy"].clone();
    summary["ResourceLimits"] = config["ResourceLimits"].clone();
    let (by_status, by_objective) = counters(context, job, training);
    summary["TrainingJobStatusCounters"] = by_status;
    summary["ObjectiveStatusCounters"] = by_objective;
    summary
}

fn counters(context: &Context<'_>, job: &TuningJob, training: &TrainingJobs) -> (Value, Value) {
    let [mut completed, mut running, mut failed, mut stopped] = [0; 4];
    for trial in &job.trials {
        match trial.status(context, training) {
            Some(Status::Completed) => completed += 1,
            Some(Status::InProgress | Status::Stopping) => running += 1,
            Some(Status::Stopped) => stopped += 1,
            Some(Status::Failed) | None => failed += 1,
        }
    }
    let by_status = json!({
        "Completed": completed,
        "InProgress": running,
        "RetryableError": 0,
        "NonRetryableError": failed,
        "Stopped": stopped,
    });
    let by_objective = json!({ "Succeeded": completed, "Pending": running, "Failed": failed + stopped });
    (by_status, by_objective)
}
