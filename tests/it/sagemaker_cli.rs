//! `kubectl sagemaker` against a real API server.

use insta::assert_snapshot;
use regex::Regex;
use serde_json::{Value, json};

use crate::smlogs::story::{PLURAL, Story};
use crate::support::process::Program;

/// What both streams said, without what differs from run to run.
fn said(story: &Story, program: Program) -> String {
    let finished = program.run();
    let text = format!("{}---\n{}exit {}", finished.stdout, finished.stderr, finished.code());
    let text = text.replace(story.home.name(), "NAMESPACE");
    Regex::new(r"(us-west-2.*?   )\d+s\b").expect("it is a pattern").replace_all(&text, "${1}AGE").into_owned()
}

fn condition(type_: &str, reason: &str, message: &str) -> Value {
    json!({
        "type": type_, "status": "True", "reason": reason, "message": message,
        "lastTransitionTime": "2026-11-23T12:06:02Z",
    })
}

/// One object of each standing.
fn story() -> Story {
    let story = Story::at_speed("status", 50.0);
    for name in ["bert-large", "failed", "fresh", "new", "running", "xgboost-mnist"] {
        story.object(name, 2);
    }
    let denied = "SageMaker refused it: role operator may not iam:PassRole on arn:aws:iam::123456789012:role/train";
    story.home.report(PLURAL, "bert-large", &json!({ "conditions": [condition("Stalled", "AccessDenied", denied)] }));
    let why = "AlgorithmError: ExecuteUserScriptError, exit code: 1, ValueError: could not convert string to float";
    let failed = json!({
        "trainingJobStatus": "Failed", "secondaryStatus": "Failed", "additional": why,
        "trainingStartTime": "2026-11-23T12:00:00Z", "trainingEndTime": "2026-11-23T12:01:40Z",
        "conditions": [condition("Failed", "Failed", why), condition("Stalled", "Failed", why)],
    });
    story.home.report(PLURAL, "failed", &failed);
    let creating = json!({
        "trainingJobStatus": "SynchronizingK8sJobWithSageMaker",
        "conditions": [condition("Reconciling", "Throttled", "asking again in 8s: Rate exceeded")],
    });
    story.home.report(PLURAL, "new", &creating);
    let running = json!({ "trainingJobStatus": "InProgress", "secondaryStatus": "Training" });
    story.home.report(PLURAL, "running", &running);
    let completed = json!({
        "trainingJobStatus": "Completed", "secondaryStatus": "Completed",
        "sageMakerTrainingJobName": "xgboost-mnist-cf1e",
        "trainingStartTime": "2026-11-23T12:00:00Z", "trainingEndTime": "2026-11-23T12:06:02Z",
        "conditions": [condition("Complete", "Completed", "")],
    });
    story.home.report(PLURAL, "xgboost-mnist", &completed);
    story
}

#[test]
fn status_tells_what_is_going_on_and_what_needs_somebody() {
    let story = story();
    let sagemaker = |args: &[&'static str]| story.home.plugin("kubectl-sagemaker", &story.aws, args.iter().copied());
    assert_snapshot!(said(&story, sagemaker(&["status"])), @r"
    NAME                        STATUS                PROGRESS   REASON                                     REGION      AGE
    trainingjob/bert-large      Stalled               -          AccessDenied iam:PassRole                  us-west-2   AGE
    trainingjob/failed          Failed                1m40s      AlgorithmError: ExecuteUserScriptError,…   us-west-2   AGE
    trainingjob/fresh           Pending               -                                                     us-west-2   AGE
    trainingjob/new             Throttled             -          asking again in 8s: Rate exceeded          us-west-2   AGE
    trainingjob/running         InProgress Training   -                                                     us-west-2   AGE
    trainingjob/xgboost-mnist   Completed             6m02s                                                 us-west-2   AGE
    ---
    6 objects: 3 moving, 2 ended, 1 needs you (trainingjob/bert-large). Operator unknown: its Lease cannot be read.
    exit 0
    ");
    assert_snapshot!(said(&story, sagemaker(&["status", "-o", "wide", "--no-headers"])), @r"
    trainingjob/bert-large      Stalled               -       AccessDenied iam:PassRole                                                                             us-west-2   <none>               2 × ml.m5.xlarge   AGE
    trainingjob/failed          Failed                1m40s   AlgorithmError: ExecuteUserScriptError, exit code: 1, ValueError: could not convert string to float   us-west-2   <none>               2 × ml.m5.xlarge   AGE
    trainingjob/fresh           Pending               -                                                                                                             us-west-2   <none>               2 × ml.m5.xlarge   AGE
    trainingjob/new             Throttled             -       asking again in 8s: Rate exceeded                                                                     us-west-2   <none>               2 × ml.m5.xlarge   AGE
    trainingjob/running         InProgress Training   -                                                                                                             us-west-2   <none>               2 × ml.m5.xlarge   AGE
    trainingjob/xgboost-mnist   Completed             6m02s                                                                                                         us-west-2   xgboost-mnist-cf1e   2 × ml.m5.xlarge   AGE
    ---
    6 objects: 3 moving, 2 ended, 1 needs you (trainingjob/bert-large). Operator unknown: its Lease cannot be read.
    exit 0
    ");
    assert_snapshot!(said(&story, sagemaker(&["status", "-o", "name"])), @r"
    trainingjob/bert-large
    trainingjob/failed
    trainingjob/fresh
    trainingjob/new
    trainingjob/running
    trainingjob/xgboost-mnist
    ---
    exit 0
    ");

    let list: Value = serde_json::from_str(&sagemaker(&["status", "-o", "json"]).run().ok()).unwrap();
    assert_eq!(list["items"].as_array().unwrap().len(), 6);
    assert_eq!(list["items"][0]["kind"], "TrainingJob");

    let all = sagemaker(&["status", "-A"]).run().ok();
    assert!(all.starts_with("NAMESPACE "), "{all}");
    assert!(
        all.lines().any(|line| line.starts_with(story.home.name()) && line.contains("trainingjob/running")),
        "{all}"
    );
}

#[test]
fn status_shows_all_kinds_of_jobs() {
    let story = Story::at_speed("all-jobs", 50.0);
    let report = |kind: &str, plural: &str, name: &str, spec: Value, status: &Value| {
        let mut spec = spec;
        spec["region"] = json!("us-west-2");
        let object = json!({
            "apiVersion": "sagemaker.aws.amazon.com/v1", "kind": kind, "metadata": { "name": name }, "spec": spec,
        });
        story.home.apply(object.to_string());
        story.home.report(plural, name, status);
    };
    let cluster = json!({ "instanceCount": 1, "instanceType": "ml.m5.large", "volumeSizeInGB": 5 });
    let processing = json!({
        "appSpecification": { "imageUri": "image" },
        "processingResources": { "clusterConfig": cluster },
        "roleArn": "arn:aws:iam::123456789012:role/process",
    });
    let processed = json!({
        "processingJobStatus": "Completed", "sageMakerProcessingJobName": "prepare-cf1e",
        "processingStartTime": "2026-11-23T12:00:00Z", "processingEndTime": "2026-11-23T12:06:02Z",
        "conditions": [condition("Complete", "Completed", "")],
    });
    report("ProcessingJob", "processingjobs", "prepare", processing, &processed);
    let transform = json!({
        "modelName": "model",
        "transformInput": { "dataSource": { "s3DataSource": { "s3DataType": "S3Prefix", "s3Uri": "s3://b/in" } } },
        "transformOutput": { "s3OutputPath": "s3://b/out" },
        "transformResources": { "instanceCount": 3, "instanceType": "ml.m5.xlarge" },
    });
    let why = "ClientError: See job logs for more information";
    let failed = json!({
        "transformJobStatus": "Failed", "additional": why, "sageMakerTransformJobName": "predict-cf1e",
        "transformStartTime": "2026-11-23T12:00:00Z", "transformEndTime": "2026-11-23T12:01:40Z",
        "conditions": [condition("Failed", "Failed", why)],
    });
    report("BatchTransformJob", "batchtransformjobs", "predict", transform, &failed);
    let tuning = json!({
        "hyperParameterTuningJobConfig": {
            "hyperParameterTuningJobObjective": { "type": "Minimize", "metricName": "error" },
            "resourceLimits": { "maxNumberOfTrainingJobs": 10, "maxParallelTrainingJobs": 2 },
            "strategy": "Random",
        },
        "trainingJobDefinition": {
            "algorithmSpecification": { "trainingImage": "image", "trainingInputMode": "File" },
            "enableManagedSpotTraining": true,
            "outputDataConfig": { "s3OutputPath": "s3://b/out" },
            "resourceConfig": { "instanceCount": 2, "instanceType": "ml.p3.2xlarge", "volumeSizeInGB": 5 },
            "roleArn": "arn:aws:iam::123456789012:role/train",
            "stoppingCondition": { "maxRuntimeInSeconds": 60, "maxWaitTimeInSeconds": 60 },
        },
    });
    let searching = json!({
        "hyperParameterTuningJobStatus": "InProgress", "sageMakerHyperParameterTuningJobName": "cf1e",
        "trainingJobStatusCounters": { "completed": 3, "inProgress": 2, "totalError": 1, "stopped": 0 },
        "arn": "arn:aws:sagemaker:us-west-2:123456789012:hyper-parameter-tuning-job/cf1e",
    });
    report("HyperparameterTuningJob", "hyperparametertuningjobs", "search", tuning, &searching);
    let sagemaker = |args: &[&'static str]| story.home.plugin("kubectl-sagemaker", &story.aws, args.iter().copied());
    assert_snapshot!(said(&story, sagemaker(&["status", "-o", "wide"])), @"
    NAME                             STATUS       PROGRESS         REASON                                           REGION      SAGEMAKER-NAME   INSTANCES                AGE
    batchtransformjob/predict        Failed       1m40s            ClientError: See job logs for more information   us-west-2   predict-cf1e     3 × ml.m5.xlarge         AGE
    hyperparametertuningjob/search   InProgress   4 of 10 trials                                                    us-west-2   cf1e             2 × ml.p3.2xlarge spot   AGE
    processingjob/prepare            Completed    6m02s                                                             us-west-2   prepare-cf1e     1 × ml.m5.large          AGE
    ---
    3 objects: 1 moving, 2 ended. Operator unknown: its Lease cannot be read.
    exit 0
    ");
}

#[test]
fn status_of_an_empty_namespace_and_unknown_commands_are_told() {
    let story = Story::at_speed("empty", 50.0);
    let sagemaker = |args: &[&'static str]| story.home.plugin("kubectl-sagemaker", &story.aws, args.iter().copied());
    assert_snapshot!(said(&story, sagemaker(&["status"])), @r"
    ---
    No jobs in namespace NAMESPACE. Operator unknown: its Lease cannot be read.
    exit 0
    ");
    assert_snapshot!(said(&story, sagemaker(&["staus"])), @r"
    ---
    error: unrecognized subcommand 'staus'

      tip: a similar subcommand exists: 'status'

    Usage: kubectl sagemaker [OPTIONS] <COMMAND>

    For more information, try '--help'.
    exit 2
    ");
    assert_snapshot!(said(&story, sagemaker(&["version"])), @r"
    kubectl sagemaker v2.0.0
    ---
    exit 0
    ");
    assert_snapshot!(said(&story, sagemaker(&["status", "--as", "carol"])), @r#"
    ---
    error: the cluster denies it: trainingjobs.sagemaker.aws.amazon.com is forbidden: User "carol" cannot list resource "trainingjobs" in API group "sagemaker.aws.amazon.com" in the namespace "NAMESPACE"
    hint: kubectl auth can-i list trainingjobs.sagemaker.aws.amazon.com -n NAMESPACE
    exit 1
    "#);
}
