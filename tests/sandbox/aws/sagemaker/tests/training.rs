//! Training jobs, and the other jobs that live as they do.

use serde_json::json;

use super::{IMAGE, ROLE, World, training_job};

#[test]
fn a_name_is_taken_until_its_record_is_deleted() {
    let mut world = World::new();
    let name = json!({ "TrainingJobName": "mnist" });
    insta::assert_snapshot!(world.refused("DescribeTrainingJob", name.clone()), @"ValidationException: Requested resource not found.");
    world.ok("CreateTrainingJob", training_job("mnist"));
    insta::assert_snapshot!(world.refused("CreateTrainingJob", training_job("mnist")), @"ResourceInUse: Training job names must be unique within an AWS account and region, and a training job with this name already exists (arn:aws:sagemaker:us-west-2:123456789012:training-job/mnist)");
    insta::assert_snapshot!(world.refused("DeleteTrainingJob", name.clone()), @"ResourceInUse: Training job mnist is in status InProgress and cannot be deleted.");
    world.after(290);
    insta::assert_snapshot!(world.refused("StopTrainingJob", name.clone()), @"ValidationException: The request was rejected because the training job is in status Completed.");
    world.ok("DeleteTrainingJob", name.clone());
    let arn = json!({ "ResourceArn": "arn:aws:sagemaker:us-west-2:123456789012:training-job/mnist" });
    insta::assert_snapshot!(world.refused("ListTags", arn), @"ValidationException: Requested resource not found.");
    world.ok("CreateTrainingJob", training_job("mnist"));
}

#[test]
fn a_job_stopped_while_starting_never_writes_a_line() {
    let mut world = World::new();
    let name = json!({ "TrainingJobName": "mnist" });
    world.ok("CreateTrainingJob", training_job("mnist"));
    world.after(50).ok("StopTrainingJob", name.clone());
    let job = world.ok("DescribeTrainingJob", name.clone());
    assert_eq!((&job["TrainingJobStatus"], &job["SecondaryStatus"]), (&json!("Stopping"), &json!("Stopping")));
    let job = world.after(20).ok("DescribeTrainingJob", name);
    assert_eq!((&job["TrainingJobStatus"], &job["SecondaryStatus"]), (&json!("Stopped"), &json!("Stopped")));
    assert_eq!(job["BillableTimeInSeconds"], json!(null), "no instance was ever ready");
    world.after(1000);
    assert_eq!(world.streams("/aws/sagemaker/TrainingJobs", "mnist/"), Vec::<String>::new());
}

#[test]
fn each_host_writes_a_stream_of_its_own() {
    let mut world = World::new();
    world.ok("CreateTrainingJob", training_job("mnist"));
    world.after(99);
    assert!(world.streams("/aws/sagemaker/TrainingJobs", "mnist/").is_empty(), "training begins after 100 seconds");
    world.after(60);
    let streams = world.streams("/aws/sagemaker/TrainingJobs", "mnist/");
    let starts: Vec<_> = streams.iter().filter_map(|stream| stream.rsplit_once('-')).map(|(start, _)| start).collect();
    assert_eq!(starts, ["mnist/algo-1", "mnist/algo-2"]);
}

#[test]
fn an_interrupted_job_goes_on_in_new_streams_and_a_stop_silences_them() {
    let mut world = World::new();
    for name in ["through", "stopped"] {
        let mut request = training_job(name);
        request["HyperParameters"] = json!({ "sandbox_outcome": "spot-interruption" });
        request["EnableManagedSpotTraining"] = json!(true);
        request["StoppingCondition"]["MaxWaitTimeInSeconds"] = json!(7200);
        world.ok("CreateTrainingJob", request);
    }
    // The first stay in training lasts from second 100 to 172.
    world.after(130).ok("StopTrainingJob", json!({ "TrainingJobName": "stopped" }));
    world.after(500);
    assert_eq!(world.streams("/aws/sagemaker/TrainingJobs", "through/").len(), 4, "two hosts, twice");
    assert_eq!(world.streams("/aws/sagemaker/TrainingJobs", "stopped/").len(), 2, "two hosts, once");
    assert!(
        world.last_line("/aws/sagemaker/TrainingJobs", "stopped/") <= 1_135_000,
        "nothing is written after the stop"
    );
    assert!(
        world.last_line("/aws/sagemaker/TrainingJobs", "through/") > 1_250_000,
        "training goes on after the return"
    );
}

#[test]
fn debug_rules_are_evaluated_beyond_the_end() {
    let mut world = World::new();
    let mut request = training_job("mnist");
    let rule = json!({ "RuleConfigurationName": "LossNotDecreasing", "RuleEvaluatorImage": IMAGE });
    request["DebugRuleConfigurations"] = json!([rule]);
    world.ok("CreateTrainingJob", request.clone());
    request["TrainingJobName"] = "stopped".into();
    world.ok("CreateTrainingJob", request);
    world.ok("StopTrainingJob", json!({ "TrainingJobName": "stopped" }));
    let mut evaluation = |name: &str, seconds: i64| {
        let job = world.after(seconds).ok("DescribeTrainingJob", json!({ "TrainingJobName": name }));
        (job["TrainingJobStatus"].clone(), job["DebugRuleEvaluationStatuses"][0]["RuleEvaluationStatus"].clone())
    };
    assert_eq!(evaluation("stopped", 20), (json!("Stopped"), json!("Stopping")));
    assert_eq!(evaluation("stopped", 30), (json!("Stopped"), json!("Stopped")));
    assert_eq!(evaluation("mnist", 239), (json!("InProgress"), json!("InProgress")));
    assert_eq!(evaluation("mnist", 1), (json!("Completed"), json!("InProgress")));
    assert_eq!(evaluation("mnist", 30), (json!("Completed"), json!("NoIssuesFound")));
}

#[test]
fn describe_fills_in_what_the_request_left_out() {
    let mut world = World::new();
    let mut request = training_job("mnist");
    let source = |kind: &str| json!({ "S3DataSource": { "S3DataType": kind, "S3Uri": "s3://bucket/train" } });
    request["InputDataConfig"] = json!([{ "ChannelName": "train", "DataSource": source("S3Prefix") }]);
    world.ok("CreateTrainingJob", request);
    let job = world.ok("DescribeTrainingJob", json!({ "TrainingJobName": "mnist" }));
    insta::assert_snapshot!(job["InputDataConfig"], @r#"[{"ChannelName":"train","CompressionType":"None","DataSource":{"S3DataSource":{"S3DataDistributionType":"FullyReplicated","S3DataType":"S3Prefix","S3Uri":"s3://bucket/train"}},"RecordWrapperType":"None"}]"#);
    insta::assert_snapshot!(job["OutputDataConfig"], @r#"{"CompressionType":"GZIP","KmsKeyId":"","S3OutputPath":"s3://bucket/output/"}"#);
    insta::assert_snapshot!(job["ModelArtifacts"], @r#"{"S3ModelArtifacts":"s3://bucket/output/mnist/output/model.tar.gz"}"#);
    assert_eq!(job.get("Tags"), None, "tags are asked for by ListTags");
}

#[test]
fn requests_that_no_shape_forbids_are_refused_all_the_same() {
    let mut world = World::new();
    let mut refused = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut request = training_job("mnist");
        change(&mut request);
        world.refused("CreateTrainingJob", request)
    };
    insta::assert_snapshot!(refused(&|it| it["RoleArn"] = json!("arn:aws:iam::210987654321:role/execution")), @"ValidationException: RoleArn: Cross-account pass role is not allowed.");
    insta::assert_snapshot!(refused(&|it| it["EnableManagedSpotTraining"] = json!(true)), @"ValidationException: Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to MaxRuntimeInSeconds");
    insta::assert_snapshot!(refused(&|it| it["StoppingCondition"]["MaxWaitTimeInSeconds"] = json!(7200)), @"ValidationException: MaxWaitTimeInSeconds is only supported when EnableManagedSpotTraining is set to true");
    insta::assert_snapshot!(refused(&|it| it["ResourceConfig"] = json!(null)), @"ValidationException: 1 validation error detected: Value null at 'resourceConfig' failed to satisfy constraint: Member must not be null");
    insta::assert_snapshot!(refused(&|it| it["AlgorithmSpecification"]["AlgorithmName"] = json!("x")), @"ValidationException: Both training image and algorithm name cannot be specified.");
    insta::assert_snapshot!(refused(&|it| it["Tags"] = json!([{ "Key": "AWS:x", "Value": "" }])), @"ValidationException: aws: prefixed tag key names are not allowed for external use.");
    insta::assert_snapshot!(refused(&|it| it["HyperParameters"] = json!({ "sandbox_outcome": "win" })), @"ValidationException: The sandbox does not understand the value 'win' of hyperparameter sandbox_outcome.");
}

#[test]
fn a_new_job_can_stay_unseen_for_a_while() {
    let mut world = World::new();
    world.blind = 2000;
    world.ok("CreateTrainingJob", training_job("mnist"));
    world.blind = 0;
    let seen = |world: &mut World| {
        let described = world.call("DescribeTrainingJob", json!({ "TrainingJobName": "mnist" })).is_ok();
        let listed = world.ok("ListTrainingJobs", json!({}))["TrainingJobSummaries"].as_array().map_or(0, Vec::len);
        (described, listed)
    };
    assert_eq!(seen(world.after(1)), (false, 0));
    insta::assert_snapshot!(world.refused("CreateTrainingJob", training_job("mnist")).split(':').next().unwrap(), @"ResourceInUse");
    assert_eq!(seen(world.after(1)), (true, 1));
}

#[test]
fn what_may_be_updated_is_updated() {
    let mut world = World::new();
    world.ok("CreateTrainingJob", training_job("mnist"));
    let update = |member: &str, value: serde_json::Value| json!({ "TrainingJobName": "mnist", member: value });
    world.after(5).ok("UpdateTrainingJob", update("RemoteDebugConfig", json!({ "EnableRemoteDebug": true })));
    let job = world.ok("DescribeTrainingJob", json!({ "TrainingJobName": "mnist" }));
    assert_eq!(job["RemoteDebugConfig"]["EnableRemoteDebug"], json!(true));
    assert_eq!(job["LastModifiedTime"], json!(1005.0));
    world.after(400);
    let late = world.refused("UpdateTrainingJob", update("RemoteDebugConfig", json!({ "EnableRemoteDebug": false })));
    insta::assert_snapshot!(late, @"ValidationException: The request was rejected because the training job is in status Completed.");
    world.ok("UpdateTrainingJob", update("ResourceConfig", json!({ "KeepAlivePeriodInSeconds": 3600 })));
    let job = world.ok("DescribeTrainingJob", json!({ "TrainingJobName": "mnist" }));
    assert_eq!(job["WarmPoolStatus"]["Status"], json!("Available"));
}

#[test]
fn processing_and_transform_jobs_end_stop_and_fail() {
    let mut world = World::new();
    let cluster = json!({ "InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 5 });
    for (name, image) in [("good", "image"), ("bad", "image-that-fails"), ("stopped", "image")] {
        world.ok(
            "CreateProcessingJob",
            json!({ "ProcessingJobName": name, "RoleArn": ROLE,
            "AppSpecification": { "ImageUri": image }, "ProcessingResources": { "ClusterConfig": cluster } }),
        );
    }
    world.after(110).ok("StopProcessingJob", json!({ "ProcessingJobName": "stopped" }));
    world.after(100);
    for (name, expected) in [("good", "Completed"), ("bad", "Failed"), ("stopped", "Stopped")] {
        let job = world.ok("DescribeProcessingJob", json!({ "ProcessingJobName": name }));
        assert_eq!(job["ProcessingJobStatus"], json!(expected));
        assert_eq!(job["FailureReason"].is_string(), name == "bad");
    }
    insta::assert_snapshot!(world.refused("StopTransformJob", json!({ "TransformJobName": "none" })), @"ValidationException: Could not find job to update with name: none");
    insta::assert_snapshot!(world.refused("DescribeTransformJob", json!({ "TransformJobName": "none" })), @"ValidationException: Could not find requested job with name: none");
}
