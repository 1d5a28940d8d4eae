//! How a followed job ended, and why.

use std::time::Duration;

use chrono::{DateTime, Utc};
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

/// The last words about a job, and the exit code that goes with them. `report` is what SageMaker itself has said of it,
/// `log` the console's page of its log.
///
/// # Errors
/// If nobody knows how it ended.
pub(crate) fn tell(
    object: &Object,
    report: Option<&Object>,
    count: Count,
    log: &str,
) -> Result<(Vec<String>, Outcome), Complaint> {
    let Some((ending, at)) = object.ending().or_else(|| report.and_then(Object::ending)) else {
        let unknown = Complaint::new(format!("it is not known how the job of {} ended", object.title()));
        return Err(unknown.hint(ask_aws(object)));
    };
    let at = object.ran().1.or(at);
    let took = object.created.zip(at).and_then(|(begun, ended)| (ended - begun).to_std().ok());
    let billed = billing(object, report);
    let log = format!("log: {log}");
    Ok(match ending {
        Ending::Completed => {
            let mut words = vec![format!("Completed{}{billed}. {count}", within("in", took))];
            let model = object.model_path().or(report.and_then(Object::model_path));
            words.extend(model.map(|path| format!("model: {path}")));
            words.push(log);
            (words, Outcome::Done)
        }
        Ending::Failed => {
            let failed = format!("Failed{}{billed}: {}", within("after", took), reason(object, report));
            (vec![failed, count.to_string(), log, format!("hint: {}", look_closer(object))], Outcome::JobFailed)
        }
        Ending::Stopped => {
            let told = if object.ending().is_some() { Some(object) } else { report };
            let why = told.and_then(Object::secondary_status).filter(|word| *word != "Stopped");
            let why = why.map(|word| format!(": {word}"));
            let why = why.unwrap_or_default();
            (vec![format!("Stopped{}{why}{billed}. {count}", within("after", took)), log], Outcome::JobStopped)
        }
    })
}

/// What shows more of it.
pub(crate) fn look_closer(object: &Object) -> String {
    if object.is_in_cluster() {
        format!("kubectl describe {} {} -n {}", object.type_.singular(), object.name, object.namespace)
    } else {
        ask_aws(object)
    }
}

fn ask_aws(object: &Object) -> String {
    let name = object.sagemaker_name().unwrap_or("NAME");
    let (operation, option) = match object.type_ {
        Type::TrainingJob => ("describe-training-job", "training-job-name"),
        Type::ProcessingJob => ("describe-processing-job", "processing-job-name"),
        Type::BatchTransformJob => ("describe-transform-job", "transform-job-name"),
        Type::HyperparameterTuningJob => ("describe-hyper-parameter-tuning-job", "hyper-parameter-tuning-job-name"),
        Type::Model => ("describe-model", "model-name"),
        Type::EndpointConfig => ("describe-endpoint-config", "endpoint-config-name"),
        Type::HostingDeployment | Type::HostingAutoscalingPolicy => ("describe-endpoint", "endpoint-name"),
    };
    format!("aws sagemaker {operation} --{option} {name}")
}

fn within(word: &str, took: Option<Duration>) -> String {
    took.map(|took| format!(" {word} {}", span(took))).unwrap_or_default()
}

fn billing(object: &Object, report: Option<&Object>) -> String {
    let Some((trained, billed)) = object.billed().or(report.and_then(Object::billed)) else {
        return String::new();
    };
    let saved =
        if billed < trained { format!(", spot saved {} %", 100 - billed * 100 / trained) } else { String::new() };
    format!(", billed {}{saved}", span(Duration::from_secs(billed)))
}

fn reason(object: &Object, report: Option<&Object>) -> String {
    let condition = object.holds("Failed").map(|condition| condition.message.as_str()).filter(|text| !text.is_empty());
    let reported = report.and_then(Object::additional);
    let reason = object.additional().or(reported).or(condition).unwrap_or("SageMaker gives no reason");
    reason.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The last words about a job whose log cannot be read to its end.
pub(crate) fn unread(object: &Object, report: Option<&Object>, error: &LogError) -> Complaint {
    let word = report.and_then(Object::status_word).or(object.status_word()).unwrap_or("deleted");
    let again = if object.is_in_cluster() { "" } else { "--job " };
    Complaint::new(format!("the job has ended ({word}), but its last lines could not be read: {error}")).hint(
        format_args!("run it again without -f: kubectl smlogs {} {again}{}", object.type_.singular(), object.name),
    )
}

/// An endpoint has no end of its own: it is there until it is deleted.
pub(crate) fn is_lasting(object: &Object) -> bool {
    object.type_ == Type::HostingDeployment
}

/// Whether the job of the wanted name is known to be somebody else's.
pub(crate) fn is_foreign(object: &Object) -> bool {
    object.holds("Stalled").is_some_and(|stalled| stalled.reason == "NameTaken")
}

/// Whether a report by the job's name is about this object's job: somebody else's may have that name, in this account
/// or in another one.
pub(crate) fn is_about(object: &Object, report: &Object) -> bool {
    if object.holds("Stalled").is_some_and(|stalled| matches!(stalled.reason.as_str(), "NameTaken" | "WrongAccount")) {
        return false;
    }
    object.is_accepted() || object.created.zip(report.created).is_some_and(|(wanted, made)| made >= wanted)
}

/// Whether the object or SageMaker says that the job has ended.
pub(crate) fn has_ended(object: &Object, report: Option<&Object>) -> bool {
    object.ending().is_some() || report.and_then(Object::ending).is_some()
}

/// When the job ended: best by SageMaker's own clock, else when the operator noticed.
pub(crate) fn ended_at(object: &Object, report: Option<&Object>) -> Option<DateTime<Utc>> {
    match object.ending() {
        Some((_, at)) => object.ran().1.or(at),
        None => report.and_then(Object::ending).and_then(|(_, at)| at),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn object(status: &Value) -> Object {
        let object = json!({
            "apiVersion": "sagemaker.aws.amazon.com/v1",
            "kind": "TrainingJob",
            "metadata": { "name": "xgboost", "namespace": "default", "uid": "1", "creationTimestamp": "2026-11-23T12:00:00Z" },
            "spec": { "trainingJobName": "xgboost" },
            "status": status,
        });
        Object::new(Type::TrainingJob, serde_json::from_value(object).unwrap())
    }

    fn report(created: &str) -> Object {
        let said = json!({ "trainingJobStatus": "Completed", "creationTime": created });
        Object::described(Type::TrainingJob, "xgboost", said)
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
