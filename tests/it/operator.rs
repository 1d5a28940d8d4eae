//! The operator as a process, on a real API server and the AWS simulator: what it promises when things go wrong.
//! Each promise is checked against the simulator's journal, which counts what was done, not what was said.

pub(crate) mod eight;
mod ends;
mod jobs;
mod kills;
mod lead;
mod lives;
mod migration;
mod readers;
mod rights;
mod samples;
mod screens;
mod troubles;
mod tuning;
mod uninstalled;

use serde_json::Value;

use crate::support::Namespace;
use crate::support::operator::hasty;

const JOBS: &str = "trainingjobs";
const JOB: &str = "story";

/// A training of so many seconds, before the simulator's speed is applied. `more` goes into the spec.
fn job(training_seconds: u32, more: &str) -> String {
    format!(
        r#"
apiVersion: sagemaker.aws.amazon.com/v1
kind: TrainingJob
metadata:
  name: {JOB}
spec:
  {more}
  region: us-west-2
  roleArn: arn:aws:iam::123456789012:role/train
  algorithmSpecification:
    trainingImage: 433757028032.dkr.ecr.us-west-2.amazonaws.com/xgboost:1
    trainingInputMode: File
  hyperParameters:
    - name: sandbox_training_seconds
      value: "{training_seconds}"
  outputDataConfig:
    s3OutputPath: s3://my-bucket/xgboost
  resourceConfig:
    instanceCount: 1
    instanceType: ml.m5.xlarge
    volumeSizeInGB: 5
  stoppingCondition:
    maxRuntimeInSeconds: 86400
"#
    )
}

/// Waits until SageMaker runs the job, as the object tells; returns the job's name.
#[track_caller]
fn until_running(home: &Namespace) -> String {
    let object = home.until(JOBS, JOB, "InProgress", |object| {
        object["status"]["trainingJobStatus"] == "InProgress" && reason(object, "Complete") == Some("InProgress")
    });
    object["spec"]["trainingJobName"].as_str().expect("the name is written back").to_owned()
}

/// Waits until the object is stalled for that reason; returns the message.
#[track_caller]
fn until_stalled(home: &Namespace, why: &str) -> String {
    let is_stalled = |object: &Value| {
        condition(object, "Stalled").is_some_and(|stalled| stalled["status"] == "True" && stalled["reason"] == why)
    };
    let object = home.until(JOBS, JOB, &format!("Stalled by {why}"), is_stalled);
    condition(&object, "Stalled").expect("just seen")["message"].as_str().unwrap_or_default().to_owned()
}

fn condition<'a>(object: &'a Value, kind: &str) -> Option<&'a Value> {
    object["status"]["conditions"].as_array()?.iter().find(|condition| condition["type"] == kind)
}

fn reason<'a>(object: &'a Value, kind: &str) -> Option<&'a str> {
    condition(object, kind)?["reason"].as_str()
}

/// Has the operator look at the object, as a person would: by touching it.
#[track_caller]
fn touch(home: &Namespace, mark: &str) {
    let patch = serde_json::json!({ "metadata": { "annotations": { "touched": mark } } });
    home.patch(JOBS, JOB, &patch).expect("an annotation can be written");
}
