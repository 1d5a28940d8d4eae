//! Every leaf of a spec arrives in SageMaker with its value, and what SageMaker tells comes back.

use std::collections::BTreeSet;

use sagemaker_operator::api::TrainingJob;
use sagemaker_operator::lifecycle::{Common, Drift, Kind};
use serde_json::{Value, json};

use crate::leaves::{JOBS, Model, Subject, at, subjects, whole_answer};
use crate::support::namespace::condition_of;
use crate::support::{Namespace, Simulator};

#[test]
fn every_leaf_finds_its_place_in_the_request_and_back() {
    for subject in subjects() {
        for (leaf, pair) in subject.every_leaf() {
            let request = subject.to_request(&pair.spec);
            let path = leaf.wire_path();
            if path != subject.name_member() {
                assert_eq!(at(&request, &leaf), at(&pair.wire, &leaf), "{path} in {request:#}");
            }
            let mut back = subject.to_spec(&pair.wire);
            back["region"] = pair.spec["region"].clone();
            assert_eq!(back, pair.spec, "{path}");
        }
    }
}

#[test]
fn every_field_of_the_status_is_filled_from_what_sagemaker_describes() {
    for subject in &JOBS {
        let mut answer = whole_answer(Model::sagemaker(), &subject.describe());
        answer[format!("{}Status", subject.word)] = json!("Completed");
        let reported = (subject.reported)(answer);
        let mut empty = Vec::new();
        find_empty(&subject.schema()["properties"]["status"], &reported, "", &mut empty);
        // What the operator says of itself; everything else comes from SageMaker.
        let common = schemars::schema_for!(Common).to_value();
        let mut expected: Vec<_> =
            common["properties"].as_object().into_iter().flat_map(serde_json::Map::keys).collect();
        let last_check = "lastCheckTime".to_owned();
        expected.push(&last_check);
        expected.sort();
        let expected: Vec<_> = expected.into_iter().map(|field| format!(".{field}")).collect();
        assert_eq!(empty, expected, "{}", subject.kind);
    }
}

/// The paths that the schema has and the value has not.
fn find_empty(schema: &Value, value: &Value, path: &str, empty: &mut Vec<String>) {
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let path = format!("{path}.{name}");
        match (&value[name], field.get("items")) {
            (Value::Null, _) => empty.push(path),
            (value, Some(items)) => find_empty(items, &value[0], &path, empty),
            (value, None) => find_empty(field, value, &path, empty),
        }
    }
}

#[test]
fn every_leaf_that_may_change_is_found_to_differ_and_put_into_the_update() {
    let (model, subject) = (Model::sagemaker(), Subject::of(TrainingJob::KIND));
    let leaves = model.leaves("UpdateTrainingJob");
    let leaves: Vec<_> = leaves.iter().filter(|leaf| leaf.wire_path() != "TrainingJobName").collect();
    for leaf in leaves {
        let path = leaf.wire_path();
        let pair = subject.with(subject.flavour_of(leaf), &[leaf]);
        let spec = serde_json::from_value(pair.spec.clone()).expect("the pair's spec is one");
        let job = json!({
            "TrainingJobStatus": "InProgress",
            "SecondaryStatus": "Training",
            "WarmPoolStatus": { "Status": "InUse" },
        });

        let drift = TrainingJob::drift(&spec, &serde_json::from_value(job.clone()).expect("a job"));
        let wanted = at(&pair.wire, leaf);
        match drift.update {
            Some(update) => assert_eq!(at(&update, leaf), wanted, "{path}"),
            // To want off what is off by itself is no difference.
            None => assert_eq!(wanted, [&json!(false)], "{path}"),
        }

        let mut as_wanted = job;
        json_patch::merge(&mut as_wanted, &pair.wire);
        let drift = TrainingJob::drift(&spec, &serde_json::from_value(as_wanted).expect("a job"));
        assert_eq!(drift, Drift::default(), "{path}");
    }
}

/// Applies an object of each flavour and finds every leaf in what SageMaker got, with its value.
#[track_caller]
fn every_leaf_arrives(subject: &Subject, aws: &Simulator) {
    let home = Namespace::new("leaves");
    let _operator = home.operator(aws).start();
    let objects = subject.all_leaves_together();
    for (flavour, _, pair) in &objects {
        let object = json!({
            "apiVersion": "sagemaker.aws.amazon.com/v1",
            "kind": subject.kind,
            "metadata": { "name": flavour.name },
            "spec": subject.spec_named(pair, flavour.name),
        });
        home.apply(object.to_string());
    }

    let mut arrived = BTreeSet::new();
    for (flavour, leaves, pair) in &objects {
        let is_as_wanted = |object: &Value| {
            object["status"]["arn"].is_string()
                && condition_of(object, "Ready").is_none_or(|ready| ready["reason"] == "AsWanted")
        };
        let object = home.until(subject.plural, flavour.name, "in SageMaker", is_as_wanted);
        let arn = object["status"]["arn"].as_str().expect("just seen");
        let name = arn.rsplit('/').next().expect("an ARN names a resource");
        let mut calls = aws.applied(&subject.create());
        calls.retain(|call| call.name.as_deref() == Some(name));
        assert_eq!(calls.len(), 1, "{}", flavour.name);

        let wanted = subject.wire_named(pair, name);
        for leaf in leaves {
            let (wanted, sent) = (at(&wanted, leaf), at(&calls[0].request, leaf));
            // The operator adds tags of its own.
            assert!(wanted.iter().all(|value| sent.contains(value)), "{}: {sent:?}", leaf.wire_path());
            arrived.insert(leaf.wire_path());
        }
    }
    assert_eq!(arrived.len(), subject.all().len());
}

#[test]
fn every_leaf_of_a_training_job_arrives_in_sagemaker() {
    let aws = Simulator::at_speed(20.0);
    every_leaf_arrives(Subject::of("TrainingJob"), &aws);
    // What SageMaker describes is what was wanted: nothing is to be changed.
    assert!(aws.calls("UpdateTrainingJob").is_empty());
}

#[test]
fn every_leaf_of_a_processing_job_arrives_in_sagemaker() {
    every_leaf_arrives(Subject::of("ProcessingJob"), &Simulator::at_speed(20.0));
}

#[test]
fn every_leaf_of_a_batch_transform_job_arrives_in_sagemaker() {
    let (aws, subject) = (Simulator::at_speed(20.0), Subject::of("BatchTransformJob"));
    for (_, _, pair) in subject.all_leaves_together() {
        aws.make_model(pair.wire["ModelName"].as_str().expect("a job has a model"), "image");
    }
    every_leaf_arrives(subject, &aws);
}

#[test]
fn every_leaf_of_a_tuning_job_arrives_in_sagemaker() {
    every_leaf_arrives(Subject::of("HyperparameterTuningJob"), &Simulator::at_speed(20.0));
}

fn job_that_trains(seconds: u32) -> Value {
    json!({
        "apiVersion": "sagemaker.aws.amazon.com/v1",
        "kind": "TrainingJob",
        "metadata": { "name": "job" },
        "spec": {
            "algorithmSpecification": { "trainingImage": "image", "trainingInputMode": "File" },
            "hyperParameters": [{ "name": "sandbox_training_seconds", "value": seconds.to_string() }],
            "outputDataConfig": { "s3OutputPath": "s3://bucket/out" },
            "region": "us-west-2",
            "resourceConfig": {
                "instanceCount": 1,
                "instanceType": "ml.m5.xlarge",
                "keepAlivePeriodInSeconds": 3600,
                "volumeSizeInGB": 5,
            },
            "roleArn": "arn:aws:iam::123456789012:role/train",
            "stoppingCondition": { "maxRuntimeInSeconds": 7200 },
        },
    })
}

/// Changes the job's spec, waits until the operator has seen to it, and returns the updates that SageMaker got.
fn updates_after(home: &Namespace, aws: &Simulator, spec: &Value) -> Vec<Value> {
    home.patch("trainingjobs", "job", &json!({ "spec": spec })).expect("these fields may change");
    let has_caught_up = |object: &Value| object["status"]["observedGeneration"] == object["metadata"]["generation"];
    let object = home.until("trainingjobs", "job", "caught up", has_caught_up);
    let mut updates: Vec<_> = aws.applied("UpdateTrainingJob").into_iter().map(|call| call.request).collect();
    for update in &mut updates {
        let name = update.as_object_mut().and_then(|update| update.remove("TrainingJobName"));
        assert_eq!(name.as_ref(), Some(&object["spec"]["trainingJobName"]));
    }
    updates
}

#[test]
fn a_change_to_a_running_job_arrives_once() {
    let aws = Simulator::at_speed(20.0);
    let home = Namespace::new("change");
    let _operator = home.operator(&aws).start();
    home.apply(job_that_trains(3600).to_string());
    home.until("trainingjobs", "job", "training", |object| object["status"]["secondaryStatus"] == "Training");
    let change = json!({
        "profilerConfig": { "profilingIntervalInMilliseconds": 500 },
        "remoteDebugConfig": { "enableRemoteDebug": true },
    });
    let update = json!({
        "ProfilerConfig": { "ProfilingIntervalInMilliseconds": 500 },
        "RemoteDebugConfig": { "EnableRemoteDebug": true },
    });
    assert_eq!(updates_after(&home, &aws, &change), [update]);
}

#[test]
fn machines_that_a_finished_job_keeps_warm_can_be_given_back() {
    let aws = Simulator::at_speed(20.0);
    let home = Namespace::new("warm");
    let _operator = home.operator(&aws).start();
    home.apply(job_that_trains(20).to_string());
    home.until_condition("trainingjobs", "job", "Complete");
    let change = json!({ "resourceConfig": { "keepAlivePeriodInSeconds": 0 } });
    let update = json!({ "ResourceConfig": { "KeepAlivePeriodInSeconds": 0 } });
    assert_eq!(updates_after(&home, &aws, &change), [update]);
}

/// Nothing that was described makes the operator delete what it has just made.
#[track_caller]
fn every_leaf_arrives_and_is_no_difference(subject: &Subject, aws: &Simulator) {
    every_leaf_arrives(subject, aws);
    let delete = format!("Delete{}", subject.word);
    assert!(aws.calls(&delete).is_empty(), "what SageMaker describes is what was wanted");
}

#[test]
fn every_leaf_of_a_model_arrives_in_sagemaker_and_comes_back() {
    every_leaf_arrives_and_is_no_difference(Subject::of("Model"), &Simulator::at_speed(20.0));
}

#[test]
fn every_leaf_of_an_endpoint_configuration_arrives_in_sagemaker_and_comes_back() {
    let (aws, subject) = (Simulator::at_speed(20.0), Subject::of("EndpointConfig"));
    let pairs = subject.all_leaves_together().into_iter().map(|(_, _, pair)| pair.wire);
    let models: BTreeSet<_> = pairs.flat_map(|wire| models_of(&wire)).collect();
    for model in models {
        aws.make_model(&model, "image");
    }
    every_leaf_arrives_and_is_no_difference(subject, &aws);
}

/// The models that a configuration asks for.
fn models_of(config: &Value) -> Vec<String> {
    let variants = ["ProductionVariants", "ShadowProductionVariants"].map(|list| &config[list]);
    let variants = variants.into_iter().filter_map(Value::as_array).flatten();
    variants.filter_map(|variant| variant["ModelName"].as_str()).map(str::to_owned).collect()
}
