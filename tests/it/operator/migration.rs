//! What the original operator leaves behind is taken over as it is: nothing is created, started again, stopped or deleted
//! in AWS, whatever its last word was.

use http::Method;
use serde_json::{Value, json};

use super::{condition, hasty, reason};
use crate::support::eventually::{PATIENCE, eventually};
use crate::support::{Namespace, Simulator};

const FINALIZER: &str = "sagemaker-operator-finalizer";
const ACCOUNT: &str = "123456789012";

/// Puts an object into the cluster as version 1 left it, its status made from the bare uid; returns that.
#[track_caller]
fn leave(
    home: &Namespace,
    (kind, plural, name): (&str, &str, &str),
    spec: &Value,
    status: impl Fn(&str) -> Value,
) -> String {
    let path = format!("/apis/sagemaker.aws.amazon.com/v1/namespaces/{}/{plural}", home.name());
    let object = json!({
        "kind": kind,
        "apiVersion": "sagemaker.aws.amazon.com/v1",
        "metadata": { "name": name, "namespace": home.name(), "finalizers": [FINALIZER] },
        "spec": spec,
    });
    let mut object = home.cluster().request(Method::POST, &path, Some(&object)).expect("it is taken");
    let uid = object["metadata"]["uid"].as_str().expect("it has a uid").replace('-', "");
    object["status"] = status(&uid);
    home.cluster().request(Method::PUT, &format!("{path}/{name}/status"), Some(&object)).expect("so is its status");
    uid
}

fn training(name: &str) -> Value {
    json!({
        "trainingJobName": name,
        "algorithmSpecification": { "trainingImage": "image:1", "trainingInputMode": "File" },
        "outputDataConfig": { "s3OutputPath": "s3://bucket/out" },
        "hyperParameters": [{ "name": "num_round", "value": "10" }, { "name": "eta", "value": "0.2" }],
        "resourceConfig": { "instanceCount": 1, "instanceType": "ml.m5.xlarge", "volumeSizeInGB": 5 },
        "roleArn": "arn:aws:iam::123456789012:role/train",
        "region": "us-west-2",
        "stoppingCondition": { "maxRuntimeInSeconds": 86400 },
    })
}

/// A training as version 1 left it, with that word and those last words.
fn leave_training(home: &Namespace, name: &str, word: &str, additional: &str) {
    leave(home, ("TrainingJob", "trainingjobs", name), &training(name), |_| {
        let mut status = json!({
            "trainingJobStatus": word,
            "sageMakerTrainingJobName": name,
            "cloudWatchLogUrl": "https://us-west-2.console.aws.amazon.com/cloudwatch/home",
        });
        if !additional.is_empty() {
            status["additional"] = json!(additional);
        }
        status
    });
}

fn is(object: &Value, type_: &str, status: &str) -> bool {
    condition(object, type_).is_some_and(|it| it["status"] == status)
}

/// Trainings, each as it was left and with what its object is to say then.
fn leave_trainings(home: &Namespace, aws: &Simulator) -> Vec<(&'static str, &'static str, &'static str)> {
    for running in ["runs", "unseen"] {
        aws.start_job(running, 1, &json!({ "sandbox_training_seconds": "360000" }));
    }
    leave_training(home, "runs", "InProgress", "");
    leave_training(home, "unseen", "ReconcilingTrainingJob", "Unable to describe SageMaker training job: Throttling");
    leave_training(home, "forgotten", "Completed", "");
    leave_training(home, "failed", "Failed", "AlgorithmError: exit code 1");
    leave_training(home, "lost", "InProgress", "");
    leave_training(home, "doubtful", "ReconcilingTrainingJob", "Unable to describe SageMaker training job: timeout");
    leave_training(home, "begun", "SynchronizingK8sJobWithSageMaker", "");
    vec![
        ("runs", "Complete", "InProgress"),
        ("unseen", "Complete", "InProgress"),
        ("forgotten", "Complete", "Completed"),
        ("failed", "Failed", "Failed"),
        ("lost", "Stalled", "WrongAccount"),
        ("doubtful", "Stalled", "WrongAccount"),
        ("begun", "Stalled", "WrongAccount"),
    ]
}

fn leave_processing(home: &Namespace, aws: &Simulator) {
    let role = "arn:aws:iam::123456789012:role/process";
    let cluster = json!({ "instanceCount": 1, "instanceType": "ml.m5.xlarge", "volumeSizeInGB": 5 });
    let spec = json!({
        "appSpecification": { "imageUri": "image:1" },
        "environment": [{ "name": "sandbox_training_seconds", "value": "360000" }],
        "processingResources": { "clusterConfig": cluster },
        "roleArn": role,
        "region": "us-west-2",
        "stoppingCondition": { "maxRuntimeInSeconds": 86400 },
    });
    let name = |uid: &str| format!("process-{uid}");
    let uid = leave(home, ("ProcessingJob", "processingjobs", "process"), &spec, |uid| {
        json!({
            "processingJobStatus": "InProgress",
            "lastCheckTime": "2022-11-23T12:00:00Z",
            "sageMakerProcessingJobName": name(uid),
            "cloudWatchLogUrl": "https://us-west-2.console.aws.amazon.com/cloudwatch/home",
        })
    });
    let cluster = json!({ "InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 5 });
    let request = json!({
        "ProcessingJobName": name(&uid),
        "AppSpecification": { "ImageUri": "image:1" },
        "Environment": { "sandbox_training_seconds": "360000" },
        "ProcessingResources": { "ClusterConfig": cluster },
        "RoleArn": role,
    });
    aws.ask("CreateProcessingJob", &request);
}

/// Transform jobs, each as it was left and with what its object is to say then. To version 1 `Failed` was also what a
/// throttled poll or an edit made of a job that runs.
fn leave_transforms(home: &Namespace, aws: &Simulator) -> Vec<(&'static str, &'static str, &'static str)> {
    aws.make_model("served", "image:1");
    let input = json!({ "dataSource": { "s3DataSource": { "s3DataType": "S3Prefix", "s3Uri": "s3://b/in" } } });
    for (name, word, additional) in [
        ("batch-runs", "InProgress", None),
        ("batch-edited", "Failed", Some("Updates to v1.BatchTransformJob are not supported; the job is left alone: -")),
        ("batch-throttled", "Failed", Some("ThrottlingException: Rate exceeded\n\tstatus code: 400, request id: 1")),
        ("batch-forgotten", "Completed", None),
    ] {
        let spec = json!({
            "transformJobName": name,
            "modelName": "served",
            "transformInput": input,
            "transformOutput": { "s3OutputPath": "s3://b/out" },
            "transformResources": { "instanceCount": 1, "instanceType": "ml.m5.xlarge" },
            "region": "us-west-2",
        });
        leave(home, ("BatchTransformJob", "batchtransformjobs", name), &spec, |_| {
            let mut status = json!({
                "transformJobStatus": word,
                "lastCheckTime": "2022-11-23T12:00:00Z",
                "sageMakerTransformJobName": name,
            });
            if let Some(additional) = additional {
                status["additional"] = json!(additional);
            }
            status
        });
        if name != "batch-forgotten" {
            let source = json!({ "S3DataSource": { "S3DataType": "S3Prefix", "S3Uri": "s3://b/in" } });
            let request = json!({
                "TransformJobName": name,
                "ModelName": "served",
                "Environment": { "sandbox_training_seconds": "360000" },
                "TransformInput": { "DataSource": source },
                "TransformOutput": { "S3OutputPath": "s3://b/out" },
                "TransformResources": { "InstanceCount": 1, "InstanceType": "ml.m5.xlarge" },
            });
            aws.ask("CreateTransformJob", &request);
        }
    }
    vec![
        ("batch-runs", "Complete", "InProgress"),
        ("batch-edited", "Complete", "InProgress"),
        ("batch-throttled", "Complete", "InProgress"),
        ("batch-forgotten", "Complete", "Completed"),
    ]
}

/// A model and the configuration that serves it.
fn leave_hosting(home: &Namespace, aws: &Simulator) {
    let arn = |kind: &str, name: &str| format!("arn:aws:sagemaker:us-west-2:{ACCOUNT}:{kind}/{name}");
    let role = format!("arn:aws:iam::{ACCOUNT}:role/serve");
    let name = |uid: &str| format!("model-{uid}");
    let spec = json!({
        "executionRoleArn": role,
        "primaryContainer": { "image": "image:1", "mode": "SingleModel" },
        "region": "us-west-2",
    });
    let uid = leave(home, ("Model", "models", "model"), &spec, |uid| {
        json!({
            "status": "Created",
            "sageMakerModelName": name(uid),
            "modelArn": arn("model", &name(uid)),
            "lastUpdateTime": "2022-11-23T12:00:00Z",
        })
    });
    let model = name(&uid);
    aws.make_model(&model, "image:1");
    let spec = json!({
        "productionVariants": [{
            "initialInstanceCount": 1, "instanceType": "ml.m5.xlarge", "modelName": model, "variantName": "all",
        }],
        "region": "us-west-2",
    });
    let name = |uid: &str| format!("config-{uid}");
    let uid = leave(home, ("EndpointConfig", "endpointconfigs", "config"), &spec, |uid| {
        json!({
            "status": "Created",
            "sageMakerEndpointConfigName": name(uid),
            "endpointConfigArn": arn("endpoint-config", &name(uid)),
            "lastUpdateTime": "2022-11-23T12:00:00Z",
        })
    });
    let variant = json!({
        "VariantName": "all", "ModelName": model, "InitialInstanceCount": 1, "InstanceType": "ml.m5.xlarge",
    });
    aws.ask("CreateEndpointConfig", &json!({ "EndpointConfigName": name(&uid), "ProductionVariants": [variant] }));
}

#[test]
fn what_version_1_left_is_taken_over_without_a_write_to_aws() {
    let aws = Simulator::at_speed(5.0);
    let home = Namespace::new("migration");
    let trainings = leave_trainings(&home, &aws);
    leave_processing(&home, &aws);
    let transforms = leave_transforms(&home, &aws);
    leave_hosting(&home, &aws);
    leave_training(&home, "going", "Completed", "");
    home.delete("trainingjobs", "going");
    let before = aws.journal().last().map_or(0, |call| call.seq);

    let _operator = hasty(&home, &aws).args(["--sweep-interval=1s"]).start();
    for (name, type_, why) in &trainings {
        home.until("trainingjobs", name, why, |object| reason(object, type_) == Some(why));
    }
    for (name, type_, why) in &transforms {
        home.until("batchtransformjobs", name, why, |object| reason(object, type_) == Some(why));
    }
    home.until("processingjobs", "process", "InProgress", |object| reason(object, "Complete") == Some("InProgress"));
    for (plural, name) in [("models", "model"), ("endpointconfigs", "config")] {
        let object = home.until(plural, name, "Ready", |object| is(object, "Ready", "True"));
        assert_eq!(reason(&object, "Ready"), Some("AsWanted"), "{object:#}");
    }
    home.until_gone("trainingjobs", "going");
    // Another look at each: what a second pass would do counts too.
    let looks = aws.calls("DescribeModel").len();
    eventually("more looks", PATIENCE, || {
        let now = aws.calls("DescribeModel").len();
        if now >= looks + 2 { Ok(()) } else { Err(format!("{now} looks")) }
    });

    let written: Vec<_> = aws.journal().into_iter().filter(|call| call.seq > before && call.applied).collect();
    assert!(written.is_empty(), "{written:#?}");
    for name in ["lost", "doubtful", "begun"] {
        let object = home.get("trainingjobs", name).expect("it is kept");
        let said = condition(&object, "Stalled").expect("just seen")["message"].to_string();
        assert!(said.contains("v1-account=123456789012"), "{name}: {said}");
        assert_eq!(object["status"]["createRequest"]["byVersion1"], true, "{name}");
    }
}

#[test]
fn with_the_account_of_version_1_what_it_never_started_is_started_and_what_is_gone_can_go() {
    let aws = Simulator::at_speed(30.0);
    let home = Namespace::new("account-said");
    leave_training(&home, "doubtful", "ReconcilingTrainingJob", "Unable to describe SageMaker training job: timeout");
    leave_training(&home, "lost", "InProgress", "");
    let _operator = hasty(&home, &aws).args(["--v1-account", ACCOUNT]).start();
    home.until_condition("trainingjobs", "doubtful", "Complete");
    let lost = home.until_condition("trainingjobs", "lost", "Failed");
    assert_eq!(lost["reason"], "RecordGone");
    assert_eq!(aws.applied("CreateTrainingJob").len(), 1);
    for name in ["doubtful", "lost"] {
        home.delete("trainingjobs", name);
        home.until_gone("trainingjobs", name);
    }
}
