//! Tuning jobs and their trials.

use serde_json::{Value, json};

use super::{IMAGE, ROLE, World};

fn tuning_job(most: u64, parallel: u64, parameters: &Value) -> Value {
    json!({
        "HyperParameterTuningJobName": "search",
        "Tags": [{ "Key": "team", "Value": "forecast" }],
        "HyperParameterTuningJobConfig": {
            "Strategy": "Bayesian",
            "HyperParameterTuningJobObjective": { "Type": "Minimize", "MetricName": "validation:error" },
            "ResourceLimits": { "MaxNumberOfTrainingJobs": most, "MaxParallelTrainingJobs": parallel },
            "ParameterRanges": {
                "IntegerParameterRanges": [{ "Name": "depth", "MinValue": "3", "MaxValue": "5" }],
                "ContinuousParameterRanges": [{ "Name": "eta", "MinValue": "0.1", "MaxValue": "0.2" }],
                "CategoricalParameterRanges": [{ "Name": "booster", "Values": ["gbtree", "dart"] }],
            },
        },
        "TrainingJobDefinition": {
            "RoleArn": ROLE,
            "AlgorithmSpecification": { "TrainingImage": IMAGE, "TrainingInputMode": "File" },
            "OutputDataConfig": { "S3OutputPath": "s3://bucket/output" },
            "ResourceConfig": { "InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 5 },
            "StoppingCondition": { "MaxRuntimeInSeconds": 3600 },
            "StaticHyperParameters": parameters,
        },
    })
}

fn name() -> Value {
    json!({ "HyperParameterTuningJobName": "search" })
}

fn trials(world: &mut World, more: &Value) -> Vec<Value> {
    let mut request = name();
    for (key, value) in more.as_object().into_iter().flatten() {
        request[key] = value.clone();
    }
    let answer = world.ok("ListTrainingJobsForHyperParameterTuningJob", request);
    answer["TrainingJobSummaries"].as_array().expect("a list").clone()
}

#[test]
fn trials_run_as_many_at_a_time_as_allowed_until_all_have_run() {
    let mut world = World::new();
    world.ok("CreateHyperParameterTuningJob", tuning_job(7, 3, &json!({})));
    let mut most = 0;
    let status = loop {
        let job = world.after(5).ok("DescribeHyperParameterTuningJob", name());
        let counters = &job["TrainingJobStatusCounters"];
        most = most.max(counters["InProgress"].as_u64().unwrap_or_default());
        if job["HyperParameterTuningJobStatus"] != "InProgress" {
            break job;
        }
        assert!(world.now < 3_000_000, "seven trials in threes are done within the hour");
    };
    assert_eq!((most, &status["HyperParameterTuningJobStatus"]), (3, &json!("Completed")));
    insta::assert_snapshot!(status["TrainingJobStatusCounters"], @r#"{"Completed":7,"InProgress":0,"NonRetryableError":0,"RetryableError":0,"Stopped":0}"#);
    // Three rounds of 290 seconds, the first of them five seconds late.
    assert_eq!(status["HyperParameterTuningEndTime"], json!(1000.0 + 5.0 + 3.0 * 290.0));

    let by_value = trials(&mut world, &json!({ "SortBy": "FinalObjectiveMetricValue", "SortOrder": "Ascending" }));
    let value = |trial: &Value| trial["FinalHyperParameterTuningJobObjectiveMetric"]["Value"].as_f64();
    assert!(by_value.is_sorted_by_key(|trial| value(trial).expect("a completed trial reports")));
    assert_eq!(status["BestTrainingJob"]["TrainingJobName"], by_value[0]["TrainingJobName"], "the least error is best");
}

#[test]
fn a_trial_is_a_training_job_with_values_from_the_ranges() {
    let mut world = World::new();
    world.ok("CreateHyperParameterTuningJob", tuning_job(2, 2, &json!({ "num_round": "9" })));
    world.after(300);
    for trial in trials(&mut world, &json!({})) {
        let job = world.ok("DescribeTrainingJob", json!({ "TrainingJobName": trial["TrainingJobName"] }));
        assert_eq!(
            job["TuningJobArn"],
            json!("arn:aws:sagemaker:us-west-2:123456789012:hyper-parameter-tuning-job/search")
        );
        let number = |name: &str| job["HyperParameters"][name].as_str().and_then(|text| text.parse::<f64>().ok());
        assert!(number("depth").is_some_and(|depth| [3.0, 4.0, 5.0].contains(&depth)));
        assert!(number("eta").is_some_and(|eta| (0.1..=0.2).contains(&eta)));
        assert_eq!(number("num_round"), Some(9.0));
        assert!(["\"gbtree\"", "\"dart\""].contains(&job["HyperParameters"]["booster"].as_str().unwrap()));
        let reported = &trial["FinalHyperParameterTuningJobObjectiveMetric"]["Value"];
        assert_eq!(&job["FinalMetricDataList"][0]["Value"], reported);
        let tags = world.ok("ListTags", json!({ "ResourceArn": job["TrainingJobArn"] }));
        assert_eq!(tags["Tags"], json!([{ "Key": "team", "Value": "forecast" }]));
        assert_eq!(world.streams("/aws/sagemaker/TrainingJobs", trial["TrainingJobName"].as_str().unwrap()).len(), 1);
    }
}

#[test]
fn a_stop_ends_the_trials_under_way_and_starts_no_more() {
    let mut world = World::new();
    world.ok("CreateHyperParameterTuningJob", tuning_job(9, 2, &json!({})));
    world.after(350).ok("DescribeHyperParameterTuningJob", name());
    world.ok("StopHyperParameterTuningJob", name());
    let course = world.course("DescribeHyperParameterTuningJob", &name(), "HyperParameterTuningJobStatus", 60);
    assert_eq!(course, ["Stopping", "Stopped"]);
    let statuses: Vec<_> =
        trials(&mut world, &json!({})).iter().map(|trial| trial["TrainingJobStatus"].clone()).collect();
    assert_eq!(statuses, ["Completed", "Completed", "Stopped", "Stopped"]);
    insta::assert_snapshot!(world.refused("StopHyperParameterTuningJob", name()), @"ValidationException: The request was rejected because the hyperparameter tuning job is in status Stopped.");
}

#[test]
fn a_tuning_job_fails_if_all_its_trials_do() {
    let mut world = World::new();
    world.ok("CreateHyperParameterTuningJob", tuning_job(2, 2, &json!({ "sandbox_outcome": "fail" })));
    let job = world.after(400).ok("DescribeHyperParameterTuningJob", name());
    insta::assert_snapshot!(job["FailureReason"], @r#""All training jobs failed. Please take a look at the training jobs failures to get more details.""#);
    assert_eq!(job["HyperParameterTuningJobStatus"], json!("Failed"));
    assert_eq!(job.get("BestTrainingJob"), None);
}

#[test]
fn names_are_refused_as_the_service_words_it() {
    let mut world = World::new();
    insta::assert_snapshot!(world.refused("DescribeHyperParameterTuningJob", name()), @"ResourceNotFound: Amazon SageMaker can't find a tuning job called search. Type another name.");
    world.ok("CreateHyperParameterTuningJob", tuning_job(2, 2, &json!({})));
    insta::assert_snapshot!(world.refused("CreateHyperParameterTuningJob", tuning_job(2, 2, &json!({}))), @"ResourceInUse: A hyperparameter tuning job with the name, search, already exists. Choose a different name.");
}
