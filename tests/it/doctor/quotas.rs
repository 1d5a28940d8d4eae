//! What counts against which quota, whoever started it.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::ground::Ground;

/// One of each that runs, in an account that may have no more of any.
fn busy(about: &str) -> Ground {
    let ground = Ground::new(about);
    let aws = &ground.aws;
    let role = "arn:aws:iam::123456789012:role/sagemaker";
    let knobs = json!({ "sandbox_training_seconds": "360000" });
    let many = |count: u32| json!({ "InstanceCount": count, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 5 });
    let spot = json!({
        "TrainingJobName": "spot",
        "AlgorithmSpecification": { "TrainingImage": "image:1", "TrainingInputMode": "File" },
        "HyperParameters": knobs,
        "RoleArn": role,
        "OutputDataConfig": { "S3OutputPath": "s3://b/out" },
        "ResourceConfig": many(3),
        "EnableManagedSpotTraining": true,
        "StoppingCondition": { "MaxRuntimeInSeconds": 3600, "MaxWaitTimeInSeconds": 7200 },
    });
    let process = json!({
        "ProcessingJobName": "process",
        "AppSpecification": { "ImageUri": "image:1" },
        "Environment": knobs,
        "ProcessingResources": { "ClusterConfig": many(2) },
        "RoleArn": role,
    });
    let source = json!({ "S3DataSource": { "S3DataType": "S3Prefix", "S3Uri": "s3://b/in" } });
    let transform = json!({
        "TransformJobName": "transform",
        "ModelName": "m",
        "Environment": knobs,
        "TransformInput": { "DataSource": source },
        "TransformOutput": { "S3OutputPath": "s3://b/out" },
        "TransformResources": { "InstanceCount": 1, "InstanceType": "ml.m5.large" },
    });
    let variant =
        json!({ "VariantName": "v", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 2 });
    aws.make_model("m", "image:1");
    aws.ask("CreateTrainingJob", &spot);
    aws.ask("CreateProcessingJob", &process);
    aws.ask("CreateTransformJob", &transform);
    aws.ask("CreateEndpointConfig", &json!({ "EndpointConfigName": "shop", "ProductionVariants": [variant] }));
    aws.ask("CreateEndpoint", &json!({ "EndpointName": "shop", "EndpointConfigName": "shop" }));
    for (purpose, count) in [("spot training job", 3), ("processing job", 2), ("transform job", 1), ("endpoint", 2)] {
        aws.set_service_quota(&format!("ml.m5.large for {purpose} usage"), count);
    }
    ground
}

fn quotas(ground: &Ground) -> String {
    let document: Value = serde_json::from_str(&ground.doctor(&["-o", "json"]).run().ok()).expect("it is JSON");
    let checks = document["checks"].as_array().expect("it has checks");
    let quotas = checks.iter().find(|check| check["check"] == "quotas").expect("one is of the quotas");
    format!("{quotas:#}")
}

#[test]
fn every_use_of_a_type_is_counted_against_a_quota_of_its_own() {
    let ground = busy("doctor-quotas");
    assert_snapshot!(quotas(&ground), @r#"
    {
      "check": "quotas",
      "detail": "3 of 3 ml.m5.large for spot training job usage; 2 of 2 ml.m5.large for processing job usage; 1 of 1 ml.m5.large for transform job usage; 2 of 2 ml.m5.large for endpoint usage",
      "next": [
        "to ask for more: aws service-quotas request-service-quota-increase --service-code sagemaker --quota-code L-9178DEBE --desired-value 6 --region us-west-2",
        "to ask for more: aws service-quotas request-service-quota-increase --service-code sagemaker --quota-code L-CE4FAB44 --desired-value 4 --region us-west-2",
        "to ask for more: aws service-quotas request-service-quota-increase --service-code sagemaker --quota-code L-3F44DC38 --desired-value 2 --region us-west-2",
        "to ask for more: aws service-quotas request-service-quota-increase --service-code sagemaker --quota-code L-735C41FD --desired-value 4 --region us-west-2"
      ],
      "verdict": "warning"
    }
    "#);
}

#[test]
fn what_has_ended_counts_no_more() {
    let ground = busy("doctor-quotas-ended");
    ground.aws.ask("StopTrainingJob", &json!({ "TrainingJobName": "spot" }));
    ground.aws.ask("StopTransformJob", &json!({ "TransformJobName": "transform" }));
    for (purpose, count) in [("processing job", 10), ("endpoint", 8)] {
        ground.aws.set_service_quota(&format!("ml.m5.large for {purpose} usage"), count);
    }
    assert_snapshot!(quotas(&ground), @r#"
    {
      "check": "quotas",
      "detail": "in us-west-2 none is nearly used up; most of all 2 of 8 ml.m5.large for endpoint usage",
      "next": [],
      "verdict": "passed"
    }
    "#);
}

#[test]
fn a_throttled_count_is_asked_for_again() {
    let ground = busy("doctor-quotas-throttled");
    let throttled =
        json!({ "error": { "code": "TooManyRequestsException", "message": "Rate exceeded", "status": 400 } });
    ground.aws.fault(&json!({ "operation": "ListServiceQuotas", "count": 2, "action": throttled }));
    let text = quotas(&ground);
    assert!(text.contains("\"warning\"") && text.contains("3 of 3 ml.m5.large for spot training job usage"), "{text}");
}
