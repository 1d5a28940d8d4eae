//! `DescribeTrainingJob`: the request as SageMaker fills it in, and what has become of it.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::super::super::clock;
use super::super::super::model::Service;
use super::super::super::place::Context;
use super::super::super::signature::hex;
use super::super::life::{Moment, Status, Step};
use super::TrainingJob;

/// How long the evaluation of debug rules goes on after the job, unscaled.
const RULES_SECONDS: f64 = 30.0;

/// The whole answer.
pub(super) fn answer(context: &Context<'_>, job: &TrainingJob, trial: Option<(&str, Value)>) -> Value {
    let moment = job.life.at(context.now);
    let mut answer = configured(&job.request);
    let mut set = |name: &str, value: Value| answer.insert(name.to_owned(), value);
    set("TrainingJobArn", job.arn.clone().into());
    set("TrainingJobStatus", moment.status.word().into());
    set("SecondaryStatus", moment.secondary().word().into());
    set("SecondaryStatusTransitions", transitions(&moment));
    set("CreationTime", clock::seconds(job.created));
    set("LastModifiedTime", clock::seconds(job.modified(&moment)));
    set("ModelArtifacts", json!({ "S3ModelArtifacts": artifacts(job) }));
    if let Some(started) = moment.started() {
        set("TrainingStartTime", clock::seconds(started));
        set("TrainingTimeInSeconds", whole_seconds(moment.ended().unwrap_or(context.now) - started).max(1).into());
    }
    if let Some(ended) = moment.ended() {
        set("TrainingEndTime", clock::seconds(ended));
    }
    if let Some(billable) = moment.billable() {
        set("BillableTimeInSeconds", whole_seconds(billable).max(1).into());
    }
    if let Some(reason) = moment.failure {
        set("FailureReason", reason.into());
    }
    if let Some(pool) = warm_pool(context, job, &moment) {
        set("WarmPoolStatus", pool);
    }
    if let Some((tuning_job, mut metric)) = trial {
        set("TuningJobArn", tuning_job.into());
        if moment.status == Status::Completed {
            metric["Timestamp"] = clock::seconds(moment.changed());
            set("FinalMetricDataList", json!([metric]));
        }
    }
    for (rules, statuses) in [
        ("DebugRuleConfigurations", "DebugRuleEvaluationStatuses"),
        ("ProfilerRuleConfigurations", "ProfilerRuleEvaluationStatuses"),
    ] {
        if let Some(rules) = job.request[rules].as_array() {
            set(statuses, rules.iter().map(|rule| evaluation(context, job, &moment, rule)).collect());
        }
    }
    Value::Object(answer)
}

/// One line of `ListTrainingJobs`.
pub(super) fn summary(context: &Context<'_>, job: &TrainingJob) -> Value {
    let moment = job.life.at(context.now);
    let mut summary = json!({
        "TrainingJobName": job.name,
        "TrainingJobArn": job.arn,
        "CreationTime": clock::seconds(job.created),
        "LastModifiedTime": clock::seconds(job.modified(&moment)),
        "TrainingJobStatus": moment.status.word(),
        "SecondaryStatus": moment.secondary().word(),
    });
    if let Some(ended) = moment.ended() {
        summary["TrainingEndTime"] = clock::seconds(ended);
    }
    if let Some(pool) = warm_pool(context, job, &moment) {
        summary["WarmPoolStatus"] = pool;
    }
    summary
}

/// The members of the request that Describe repeats, with the values that SageMaker puts where none was given.
fn configured(request: &Value) -> Map<String, Value> {
    let service = Service::by_target("SageMaker").expect("SageMaker is in the model");
    let known = &service.shape("DescribeTrainingJobResponse").members;
    let members = request.as_object().into_iter().flatten().filter(|(name, _)| known.contains_key(*name));
    let mut answer: Map<_, _> = members.map(|(name, value)| (name.clone(), value.clone())).collect();
    for flag in ["EnableNetworkIsolation", "EnableInterContainerTrafficEncryption", "EnableManagedSpotTraining"] {
        answer.entry(flag).or_insert(false.into());
    }
    answer.entry("StoppingCondition").or_insert(json!({ "MaxRuntimeInSeconds": 86_400 }));
    if let Some(algorithm) = answer.get_mut("AlgorithmSpecification").and_then(Value::as_object_mut) {
        algorithm.entry("EnableSageMakerMetricsTimeSeries").or_insert(false.into());
    }
    default_to(&mut answer["OutputDataConfig"], &[("KmsKeyId", ""), ("CompressionType", "GZIP")]);
    for channel in answer.get_mut("InputDataConfig").and_then(Value::as_array_mut).into_iter().flatten() {
        default_to(channel, &[("CompressionType", "None"), ("RecordWrapperType", "None")]);
        if let Some(source) = channel.pointer_mut("/DataSource/S3DataSource") {
            default_to(source, &[("S3DataDistributionType", "FullyReplicated")]);
        }
    }
    answer
}

fn default_to(members: &mut Value, defaults: &[(&str, &str)]) {
    let Some(members) = members.as_object_mut() else { return };
    for (name, value) in defaults {
        members.entry(*name).or_insert(Value::from(*value));
    }
}

fn artifacts(job: &TrainingJob) -> String {
    let output = job.request["OutputDataConfig"]["S3OutputPath"].as_str().unwrap_or_default();
    format!("{}/{}/output/model.tar.gz", output.trim_end_matches('/'), job.name)
}

fn transitions(moment: &Moment<'_>) -> Value {
    let ends = moment.past.iter().skip(1).map(|step| Some(step.from)).chain([moment.ended()]);
    let one = |(step, end): (&Step, Option<i64>)| {
        let (word, message) = step.status.words();
        let mut transition =
            json!({ "Status": word, "StartTime": clock::seconds(step.from), "StatusMessage": message });
        if let Some(end) = end {
            transition["EndTime"] = clock::seconds(end);
        }
        transition
    };
    moment.past.iter().zip(ends).map(one).collect()
}

/// The state of the instances that are kept for the next job; none if none were asked for.
pub(super) fn warm_pool(context: &Context<'_>, job: &TrainingJob, moment: &Moment<'_>) -> Option<Value> {
    let kept = job.request["ResourceConfig"]["KeepAlivePeriodInSeconds"].as_f64().filter(|seconds| *seconds > 0.0)?;
    let Some(ended) = moment.ended() else { return Some(json!({ "Status": "InUse" })) };
    let until = ended + context.pace.seconds(kept);
    if moment.status == Status::Completed && context.now < until {
        return Some(json!({ "Status": "Available" }));
    }
    let billed = if moment.status == Status::Completed { whole_seconds(until - ended) } else { 0 };
    Some(json!({ "Status": "Terminated", "ResourceRetainedBillableTimeInSeconds": billed }))
}

/// A rule is evaluated by a processing job of its own, which ends a little after the training.
fn evaluation(context: &Context<'_>, job: &TrainingJob, moment: &Moment<'_>, rule: &Value) -> Value {
    let name = rule["RuleConfigurationName"].as_str().unwrap_or_default();
    let done = moment.ended().map(|ended| ended + context.pace.seconds(RULES_SECONDS));
    let (status, at) = match done {
        Some(done) if done <= context.now && moment.status == Status::Stopped => ("Stopped", done),
        Some(done) if done <= context.now => ("NoIssuesFound", done),
        Some(done) if moment.status == Status::Stopped => ("Stopping", done - context.pace.seconds(RULES_SECONDS)),
        Some(_) | None => ("InProgress", job.created),
    };
    let prefix: String = job.name.chars().take(26).collect::<String>().to_lowercase();
    let short: String = name.chars().filter(char::is_ascii_alphanumeric).take(26).collect::<String>().to_lowercase();
    let suffix = hex(&Sha256::digest(format!("{} {name}", job.arn))[..4]);
    let evaluator = format!("{}-{short}-{suffix}", prefix.trim_end_matches('-'));
    json!({
        "RuleConfigurationName": name,
        "RuleEvaluationJobArn": context.arn("processing-job", &evaluator),
        "RuleEvaluationStatus": status,
        "LastModifiedTime": clock::seconds(at),
    })
}

fn whole_seconds(millis: i64) -> i64 {
    millis.div_euclid(1000)
}
