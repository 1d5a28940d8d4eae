//! A tuning job and its trials, each of which appears as a TrainingJob.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{condition, hasty, reason};
use crate::support::eventually::{PATIENCE, eventually};
use crate::support::{Namespace, Simulator};

const SEARCHES: &str = "hyperparametertuningjobs";
const TRIALS: &str = "trainingjobs";
const SEARCH: &str = "search";
const HOLD: &str = "sagemaker-operator-hpo-trainingjob";

/// A search with three trials, two at a time, each of which trains so long.
pub(super) fn spec(seconds: u32, image: &str) -> Value {
    json!({
        "hyperParameterTuningJobConfig": {
            "hyperParameterTuningJobObjective": { "type": "Minimize", "metricName": "validation:error" },
            "parameterRanges": {
                "integerParameterRanges": [{ "name": "num_round", "minValue": "10", "maxValue": "20" }],
            },
            "resourceLimits": { "maxNumberOfTrainingJobs": 3, "maxParallelTrainingJobs": 2 },
            "strategy": "Bayesian",
        },
        "region": "us-west-2",
        "trainingJobDefinition": {
            "algorithmSpecification": { "trainingImage": image, "trainingInputMode": "File" },
            "outputDataConfig": { "s3OutputPath": "s3://bucket/out" },
            "resourceConfig": { "instanceCount": 1, "instanceType": "ml.m5.xlarge", "volumeSizeInGB": 5 },
            "roleArn": "arn:aws:iam::123456789012:role/train",
            "staticHyperParameters": [{ "name": "sandbox_training_seconds", "value": seconds.to_string() }],
            "stoppingCondition": { "maxRuntimeInSeconds": 86400 },
        },
    })
}

fn search(seconds: u32, name: Option<&str>) -> Value {
    let mut spec = spec(seconds, "image:1");
    if let Some(name) = name {
        spec["hyperParameterTuningJobName"] = json!(name);
    }
    json!({
        "apiVersion": "sagemaker.aws.amazon.com/v1",
        "kind": "HyperparameterTuningJob",
        "metadata": { "name": SEARCH },
        "spec": spec,
    })
}

fn trials(home: &Namespace) -> Vec<Value> {
    let path = format!("/apis/sagemaker.aws.amazon.com/v1/namespaces/{}/{TRIALS}", home.name());
    let list = home.cluster().get(&path).expect("a kind can be listed");
    list["items"].as_array().expect("a list").clone()
}

/// Waits for so many trials that are as wanted.
#[track_caller]
fn until_trials(home: &Namespace, count: usize, wanted: impl Fn(&Value) -> bool) -> Vec<Value> {
    eventually(&format!("{count} trials"), PATIENCE, || {
        let mut all = trials(home);
        all.retain(|trial| wanted(trial));
        if all.len() == count { Ok(all) } else { Err(format!("{:#?}", trials(home))) }
    })
}

fn name_of(object: &Value) -> &str {
    object["metadata"]["name"].as_str().expect("an object has a name")
}

fn is_true(object: &Value, type_: &str) -> bool {
    condition(object, type_).is_some_and(|it| it["status"] == "True")
}

#[test]
fn a_search_shows_its_trials_and_the_best_of_them_and_takes_them_along_when_it_goes() {
    let aws = Simulator::at_speed(60.0);
    let home = Namespace::new("search");
    let _operator = hasty(&home, &aws).start();
    home.apply(search(60, None).to_string());
    home.until_condition(SEARCHES, SEARCH, "Complete");
    let object = home.get(SEARCHES, SEARCH).unwrap();
    let (uid, name) = (&object["metadata"]["uid"], &object["spec"]["hyperParameterTuningJobName"]);
    let status = &object["status"];
    assert_eq!(status["trainingJobStatusCounters"]["completed"], 3);
    assert_eq!(status["trainingJobStatusCounters"]["totalError"], 0);

    let all = until_trials(&home, 3, |trial| is_true(trial, "Complete"));
    for trial in &all {
        assert_eq!(trial["spec"]["trainingJobName"], name_of(trial));
        assert!(name_of(trial).starts_with(name.as_str().unwrap()));
        assert_eq!(trial["metadata"]["labels"]["sagemaker.aws.amazon.com/tuning-job"], *uid);
        let owner = &trial["metadata"]["ownerReferences"][0];
        assert_eq!((&owner["kind"], &owner["uid"]), (&json!("HyperparameterTuningJob"), uid));
        assert!(trial["metadata"]["finalizers"].as_array().unwrap().contains(&json!(HOLD)));
        assert_eq!(trial["status"]["trainingJobStatus"], "Completed");
        assert_eq!(trial["spec"]["resourceConfig"]["instanceType"], "ml.m5.xlarge");
        let parameters = trial["spec"]["hyperParameters"].as_array().unwrap();
        assert!(parameters.iter().any(|parameter| parameter["name"] == "num_round"), "{parameters:?}");
    }
    let best = &status["bestTrainingJob"];
    assert!(all.iter().any(|trial| best["trainingJobName"] == name_of(trial)));
    let metric = &best["finalHyperParameterTuningJobObjectiveMetric"];
    let sagemakers = aws.ask("DescribeHyperParameterTuningJob", &json!({ "HyperParameterTuningJobName": name }));
    let value = &sagemakers["BestTrainingJob"]["FinalHyperParameterTuningJobObjectiveMetric"]["Value"];
    assert_eq!(metric["value"], value.to_string(), "as decimal text");
    assert!(aws.calls("CreateTrainingJob").is_empty(), "trials are SageMaker's to start");

    home.delete(SEARCHES, SEARCH);
    home.until_gone(SEARCHES, SEARCH);
    until_trials(&home, 0, |_| true);
    assert!(aws.calls("StopTrainingJob").is_empty());
}

#[test]
fn a_trial_deleted_by_hand_stays_until_its_search_goes_and_says_so() {
    let aws = Simulator::at_speed(20.0);
    let home = Namespace::new("by-hand");
    let _operator = hasty(&home, &aws).start();
    home.apply(search(3600, None).to_string());
    let running = until_trials(&home, 2, |trial| trial["status"]["trainingJobStatus"] == "InProgress");
    let trial = name_of(&running[0]);
    home.delete(TRIALS, trial);
    let stays = home.until(TRIALS, trial, "only its search's", |object| {
        object["metadata"]["finalizers"] == json!([HOLD]) && object["metadata"]["deletionTimestamp"].is_string()
    });
    assert_eq!(stays["status"]["trainingJobStatus"], "Stopped");
    let why = condition(&stays, "Failed").expect("it has ended")["message"].as_str().unwrap();
    assert!(why.contains("stays until that of its tuning job is deleted"), "{why}");
    assert_eq!(aws.applied("StopTrainingJob").len(), 1);
    // The next trial takes its place; the search itself is as well as before.
    until_trials(&home, 2, |trial| trial["status"]["trainingJobStatus"] == "InProgress");
    assert_eq!(reason(&home.get(SEARCHES, SEARCH).unwrap(), "Complete"), Some("InProgress"));

    home.delete(SEARCHES, SEARCH);
    home.until_gone(SEARCHES, SEARCH);
    until_trials(&home, 0, |_| true);
    assert_eq!(aws.applied("StopHyperParameterTuningJob").len(), 1);
}

#[test]
fn trials_with_names_that_kubernetes_does_not_take_appear_too() {
    let aws = Simulator::at_speed(60.0);
    let home = Namespace::new("capitals");
    let operator = hasty(&home, &aws).start();
    home.apply(search(60, Some("Capital-Search")).to_string());
    let all = until_trials(&home, 3, |trial| is_true(trial, "Complete"));
    for trial in &all {
        let name = trial["spec"]["trainingJobName"].as_str().unwrap();
        assert!(name.starts_with("Capital-Search-"), "{name}");
        assert!(name_of(trial).starts_with(&format!("{}-", name.to_lowercase())), "{}", name_of(trial));
    }
    operator.kill();

    // Another operator makes none a second time.
    let names = |all: &[Value]| all.iter().map(|trial| name_of(trial).to_owned()).collect::<BTreeSet<_>>();
    let mut operator = hasty(&home, &aws).start();
    operator.process().until_stderr_has("watching kind=\"HyperparameterTuningJob\"");
    home.delete(TRIALS, name_of(&all[0]));
    home.patch(SEARCHES, SEARCH, &json!({ "metadata": { "annotations": { "touched": "please look" } } })).unwrap();
    operator.process().until_stderr_has("step=Rest");
    assert_eq!(names(&trials(&home)), names(&all));
}

#[test]
fn an_object_of_somebody_else_under_a_trials_name_is_an_event_and_left_alone() {
    let aws = Simulator::at_speed(60.0);
    let home = Namespace::new("taken-trial");
    // The search runs already, so that the names of its trials are known.
    let request = json!({
        "HyperParameterTuningJobName": "running",
        "HyperParameterTuningJobConfig": {
            "Strategy": "Random",
            "HyperParameterTuningJobObjective": { "Type": "Minimize", "MetricName": "error" },
            "ResourceLimits": { "MaxNumberOfTrainingJobs": 2, "MaxParallelTrainingJobs": 2 },
        },
        "TrainingJobDefinition": {
            "AlgorithmSpecification": { "TrainingImage": "image:1", "TrainingInputMode": "File" },
            "OutputDataConfig": { "S3OutputPath": "s3://bucket/out" },
            "ResourceConfig": { "InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 5 },
            "RoleArn": "arn:aws:iam::123456789012:role/train",
            "StaticHyperParameters": { "sandbox_training_seconds": "600" },
            "StoppingCondition": { "MaxRuntimeInSeconds": 3600 },
        },
    });
    aws.ask("CreateHyperParameterTuningJob", &request);
    let of_search = json!({ "HyperParameterTuningJobName": "running" });
    let names = eventually("two trials", PATIENCE, || {
        let answer = aws.ask("ListTrainingJobsForHyperParameterTuningJob", &of_search);
        let all = answer["TrainingJobSummaries"].as_array().expect("a list").clone();
        if all.len() == 2 { Ok(all) } else { Err(format!("{all:?}")) }
    });
    let taken = names[0]["TrainingJobName"].as_str().unwrap();
    let mut foreign = search(60, None);
    foreign["kind"] = json!("TrainingJob");
    foreign["metadata"]["name"] = json!(taken);
    let mut training = foreign["spec"]["trainingJobDefinition"].take();
    training["region"] = json!("us-west-2");
    training["staticHyperParameters"].take();
    foreign["spec"] = training;
    home.apply(foreign.to_string());

    let _operator = hasty(&home, &aws).start();
    let mut adopted = search(600, Some("running"));
    adopted["metadata"]["annotations"] = json!({ "sagemaker.aws.amazon.com/adopt": "true" });
    home.apply(adopted.to_string());
    let other = names[1]["TrainingJobName"].as_str().unwrap();
    home.until(TRIALS, other, "a trial", |trial| trial["status"]["trainingJobStatus"] == "InProgress");
    let event = eventually("an event", PATIENCE, || {
        let events = home.events(SEARCH);
        events.iter().find(|event| event["reason"] == "TrialNameTaken").cloned().ok_or(format!("{events:#?}"))
    });
    assert!(event["note"].as_str().unwrap().contains(taken), "{event}");

    home.delete(SEARCHES, SEARCH);
    home.until_gone(SEARCHES, SEARCH);
    until_trials(&home, 1, |trial| name_of(trial) == taken && trial["metadata"]["deletionTimestamp"].is_null());
}

#[test]
fn a_search_that_is_retained_goes_without_a_stop_and_so_do_its_trials() {
    let aws = Simulator::at_speed(20.0);
    let home = Namespace::new("retained");
    let _operator = hasty(&home, &aws).start();
    let mut retained = search(3600, None);
    retained["metadata"]["annotations"] = json!({ "sagemaker.aws.amazon.com/deletion-policy": "retain" });
    home.apply(retained.to_string());
    until_trials(&home, 2, |trial| trial["status"]["trainingJobStatus"] == "InProgress");
    home.delete(SEARCHES, SEARCH);
    home.until_gone(SEARCHES, SEARCH);
    until_trials(&home, 0, |_| true);
    assert!(aws.calls("StopHyperParameterTuningJob").is_empty() && aws.calls("StopTrainingJob").is_empty());
}

#[test]
fn what_version_1_left_of_a_search_is_taken_over_and_goes_with_it() {
    let aws = Simulator::at_speed(20.0);
    let home = Namespace::new("search-of-v1");
    let operator = hasty(&home, &aws).start();
    home.apply(search(3600, Some("of-v1")).to_string());
    let running = until_trials(&home, 2, |trial| trial["status"]["trainingJobStatus"] == "InProgress");
    operator.kill();
    // As the original leaves them: no label, no owner, no conditions.
    for trial in &running {
        let bare = json!({ "metadata": { "labels": null, "ownerReferences": null, "annotations": null } });
        home.patch(TRIALS, name_of(trial), &bare).expect("metadata can be changed");
        let said = json!({ "conditions": null, "arn": null, "observedGeneration": null, "createRequest": null });
        home.report(TRIALS, name_of(trial), &said);
    }
    let said = json!({ "conditions": null, "arn": null, "observedGeneration": null, "createRequest": null });
    home.report(SEARCHES, SEARCH, &said);

    let _operator = hasty(&home, &aws).start();
    let uid = home.get(SEARCHES, SEARCH).expect("it is there")["metadata"]["uid"].clone();
    for trial in &running {
        home.until(TRIALS, name_of(trial), "taken over", |object| {
            object["metadata"]["labels"]["sagemaker.aws.amazon.com/tuning-job"] == uid
                && object["status"]["arn"].is_string()
        });
    }
    assert_eq!((aws.applied("CreateHyperParameterTuningJob").len(), aws.calls("CreateTrainingJob").len()), (1, 0));
    home.delete(SEARCHES, SEARCH);
    home.until_gone(SEARCHES, SEARCH);
    until_trials(&home, 0, |_| true);
}
