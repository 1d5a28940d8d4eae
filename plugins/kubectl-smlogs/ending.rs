//! How a followed job ended, and why.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sagemaker_operator::aws::TrainingReport;
use sagemaker_operator::cli::{Complaint, Ending, Object, Outcome, Type, span};
use sagemaker_operator::logs::LogError;

/// What following has brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) lines: usize,
    pub(crate) hosts: usize,
}

impl std::fmt::Display for Count {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let plural = |count| if count == 1 { "" } else { "s" };
        let Self { lines, hosts } = *self;
        write!(f, "{} line{} from {hosts} host{}.", grouped(lines), plural(lines), plural(hosts))
    }
}

/// `1,204`.
pub(crate) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).unwrap_or_default()).collect();
    groups.join(",")
}

/// The last words about a job, and the exit code that goes with them.
///
/// # Errors
/// If nobody knows how it ended.
pub(crate) fn tell(
    object: &Object,
    report: Option<&TrainingReport>,
    count: Count,
) -> Result<(Vec<String>, Outcome), Complaint> {
    let Some((ending, at)) = object.ending().or_else(|| report.and_then(reported)) else {
        let unknown = Complaint::new(format!("it is not known how the job of {} ended", object.title()));
        let name = object.sagemaker_name().unwrap_or("NAME");
        return Err(match object.type_ {
            Type::TrainingJob => {
                unknown.hint(format_args!("aws sagemaker describe-training-job --training-job-name {name}"))
            }
            Type::ProcessingJob => {
                unknown.hint(format_args!("aws sagemaker describe-processing-job --processing-job-name {name}"))
            }
            Type::BatchTransformJob => {
                unknown.hint(format_args!("aws sagemaker describe-transform-job --transform-job-name {name}"))
            }
            Type::HyperparameterTuningJob => unknown.hint(format_args!(
                "aws sagemaker describe-hyper-parameter-tuning-job --hyper-parameter-tuning-job-name {name}"
            )),
            Type::HostingDeployment | Type::Model | Type::EndpointConfig | Type::HostingAutoscalingPolicy => unknown,
        });
    };
    let at = object.ran().1.or(at);
    let took = object.created.zip(at).and_then(|(begun, ended)| (ended - begun).to_std().ok());
    let hint = format!("hint: kubectl describe {} {} -n {}", object.type_.singular(), object.name, object.namespace);
    Ok(match ending {
        Ending::Completed => {
            let mut words = vec![format!("Completed{}{}. {count}", within("in", took), billing(object, report))];
            words.extend(object.model_path().map(|path| format!("model: {path}")));
            (words, Outcome::Done)
        }
        Ending::Failed => {
            let why = reason(object, report);
            (vec![format!("Failed{}: {why}", within("after", took)), count.to_string(), hint], Outcome::JobFailed)
        }
        Ending::Stopped => {
            let why = object.secondary_status().filter(|word| *word != "Stopped").map(|word| format!(": {word}"));
            let why = why.unwrap_or_default();
            let billed = billing(object, report);
            (vec![format!("Stopped{}{why}{billed}. {count}", within("after", took))], Outcome::JobStopped)
        }
    })
}

fn within(word: &str, took: Option<Duration>) -> String {
    took.map(|took| format!(" {word} {}", span(took))).unwrap_or_default()
}

fn billing(object: &Object, report: Option<&TrainingReport>) -> String {
    let Some((trained, billed)) = object.billed().or(report.and_then(|report| report.billed)) else {
        return String::new();
    };
    let saved =
        if billed < trained { format!(", spot saved {} %", 100 - billed * 100 / trained) } else { String::new() };
    format!(", billed {}{saved}", span(Duration::from_secs(billed)))
}

fn reason(object: &Object, report: Option<&TrainingReport>) -> String {
    let condition = object.holds("Failed").map(|condition| condition.message.as_str()).filter(|text| !text.is_empty());
    let reported = report.and_then(|report| report.failure_reason.as_deref());
    let reason = object.additional().or(reported).or(condition).unwrap_or("SageMaker gives no reason");
    reason.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The last words about a job whose log cannot be read to its end.
pub(crate) fn unread(object: &Object, report: Option<&TrainingReport>, error: &LogError) -> Complaint {
    let word = report.map(|report| report.status.as_str()).or(object.status_word()).unwrap_or("deleted");
    Complaint::new(format!("the job has ended ({word}), but its last lines could not be read: {error}"))
        .hint(format_args!("run it again without -f: kubectl smlogs {} {}", object.type_.singular(), object.name))
}

/// Whether the job of the wanted name is known to be somebody else's.
pub(crate) fn is_foreign(object: &Object) -> bool {
    object.holds("Stalled").is_some_and(|stalled| stalled.reason == "NameTaken")
}

/// Whether a report by the job's name is about this object's job: somebody else's may have that name, in this account
/// or in another one.
pub(crate) fn is_about(object: &Object, report: &TrainingReport) -> bool {
    if object.holds("Stalled").is_some_and(|stalled| matches!(stalled.reason.as_str(), "NameTaken" | "WrongAccount")) {
        return false;
    }
    object.is_accepted() || object.created.zip(report.created).is_some_and(|(wanted, made)| made >= wanted)
}

/// Whether the object or SageMaker says that the job has ended.
pub(crate) fn has_ended(object: &Object, report: Option<&TrainingReport>) -> bool {
    object.ending().is_some() || report.and_then(reported).is_some()
}

/// When the job ended: best by SageMaker's own clock, else when the operator noticed.
pub(crate) fn ended_at(object: &Object, report: Option<&TrainingReport>) -> Option<DateTime<Utc>> {
    match object.ending() {
        Some((_, at)) => object.ran().1.or(at),
        None => report.and_then(reported).and_then(|(_, at)| at),
    }
}

fn reported(report: &TrainingReport) -> Option<(Ending, Option<DateTime<Utc>>)> {
    let ending = match report.status.as_str() {
        "Completed" => Ending::Completed,
        "Failed" => Ending::Failed,
        "Stopped" => Ending::Stopped,
        _ => return None,
    };
    Some((ending, report.ended))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn object(status: &Value) -> Object {
        let object = json!({
            "apiVersion": "sagemaker.aws.amazon.com/v1",
            "kind": "TrainingJob",
            "metadata": { "name": "xgboost", "namespace": "default", "creationTimestamp": "2026-11-23T12:00:00Z" },
            "spec": { "trainingJobName": "xgboost" },
            "status": status,
        });
        Object::new(Type::TrainingJob, serde_json::from_value(object).unwrap())
    }

    fn report(created: &str) -> TrainingReport {
        TrainingReport {
            status: "Completed".to_owned(),
            secondary_status: "Completed".to_owned(),
            failure_reason: None,
            created: created.parse().ok(),
            ended: None,
            billed: None,
        }
    }

    fn stalled(reason: &str) -> Value {
        json!([{
            "type": "Stalled", "status": "True", "reason": reason, "message": "",
            "lastTransitionTime": "2026-11-23T12:06:00Z",
        }])
    }

    #[test]
    fn a_report_counts_only_if_it_is_about_the_job_of_this_object() {
        let (older, younger) = ("2026-11-23T11:59:59Z", "2026-11-23T12:00:00Z");
        let arn = "arn:aws:sagemaker:us-west-2:123456789012:training-job/xgboost";
        for (status, created, is_ours) in [
            (json!({}), older, false),
            (json!({}), younger, true),
            (json!({ "trainingJobStatus": "ReconcilingTrainingJob" }), older, false),
            (json!({ "arn": arn }), older, true),
            (json!({ "trainingJobStatus": "InProgress" }), older, true),
            (json!({ "conditions": stalled("NameTaken") }), younger, false),
            (json!({ "conditions": stalled("WrongAccount"), "arn": arn }), younger, false),
            (json!({ "conditions": stalled("AccessDenied"), "arn": arn }), older, true),
        ] {
            assert_eq!(is_about(&object(&status), &report(created)), is_ours, "{status} {created}");
        }
    }

    #[test]
    fn an_end_without_its_last_lines_is_told() {
        let error = LogError {
            operation: "FilterLogEvents",
            trouble: sagemaker_operator::logs::Trouble::Credentials,
            message: "ExpiredTokenException: the token has expired".to_owned(),
        };
        insta::assert_snapshot!(unread(&object(&json!({ "trainingJobStatus": "Completed" })), None, &error), @r"
        error: the job has ended (Completed), but its last lines could not be read: FilterLogEvents: ExpiredTokenException: the token has expired
        hint: run it again without -f: kubectl smlogs trainingjob xgboost
        ");
    }
}
