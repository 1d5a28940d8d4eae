//! All kinds that log, through their objects and with a real operator between them and SageMaker.

use std::collections::BTreeMap;
use std::time::Duration;

use insta::assert_snapshot;
use regex::Regex;
use serde_json::{Value, json};

use super::story::{QUIET, Story, as_v1, assert_same, lines};
use crate::support::operator::hasty;
use crate::support::process::{Finished, Running};

/// How long the longest of these jobs may be followed.
const LONG: Duration = Duration::from_mins(3);
const TRAINING: &str = "/aws/sagemaker/TrainingJobs";

fn object(kind: &str, name: &str, mut spec: Value) -> String {
    spec["region"] = json!("us-west-2");
    json!({
        "apiVersion": "sagemaker.aws.amazon.com/v1", "kind": kind, "metadata": { "name": name }, "spec": spec,
    })
    .to_string()
}

const ROLE: &str = "arn:aws:iam::123456789012:role/train";

fn knobs(seconds: u32) -> Value {
    json!([
        { "name": "sandbox_training_seconds", "value": seconds.to_string() },
        { "name": "sandbox_flush_seconds", "value": "1" },
        { "name": "sandbox_lines_per_second", "value": "4" },
    ])
}

/// What a training job and the trials of a search have in common.
fn training() -> Value {
    json!({
        "algorithmSpecification": { "trainingImage": "image:1", "trainingInputMode": "File" },
        "outputDataConfig": { "s3OutputPath": "s3://bucket/out" },
        "resourceConfig": { "instanceCount": 2, "instanceType": "ml.m5.xlarge", "volumeSizeInGB": 5 },
        "roleArn": ROLE,
        "stoppingCondition": { "maxRuntimeInSeconds": 86400 },
    })
}

fn with(mut spec: Value, field: &str, value: Value) -> Value {
    spec[field] = value;
    spec
}

/// A job of each kind, its plural and its log group.
fn jobs() -> [(&'static str, &'static str, &'static str, Value); 4] {
    let processing = json!({
        "appSpecification": { "imageUri": "image:1" },
        "environment": knobs(100),
        "processingResources": {
            "clusterConfig": { "instanceCount": 1, "instanceType": "ml.m5.xlarge", "volumeSizeInGB": 5 },
        },
        "roleArn": ROLE,
        "stoppingCondition": { "maxRuntimeInSeconds": 86400 },
    });
    let transform = json!({
        "environment": knobs(100),
        "modelName": "digits",
        "transformInput": { "dataSource": { "s3DataSource": { "s3DataType": "S3Prefix", "s3Uri": "s3://b/in" } } },
        "transformOutput": { "s3OutputPath": "s3://b/out" },
        "transformResources": { "instanceCount": 1, "instanceType": "ml.m5.xlarge" },
    });
    let tuning = json!({
        "hyperParameterTuningJobConfig": {
            "hyperParameterTuningJobObjective": { "type": "Minimize", "metricName": "validation:error" },
            "parameterRanges": {
                "integerParameterRanges": [{ "name": "num_round", "minValue": "10", "maxValue": "20" }],
            },
            "resourceLimits": { "maxNumberOfTrainingJobs": 3, "maxParallelTrainingJobs": 2 },
            "strategy": "Bayesian",
        },
        "trainingJobDefinition": with(training(), "staticHyperParameters", knobs(60)),
    });
    [
        ("TrainingJob", "trainingjobs", TRAINING, with(training(), "hyperParameters", knobs(100))),
        ("ProcessingJob", "processingjobs", "/aws/sagemaker/ProcessingJobs", processing),
        ("BatchTransformJob", "batchtransformjobs", "/aws/sagemaker/TransformJobs", transform),
        ("HyperparameterTuningJob", "hyperparametertuningjobs", TRAINING, tuning),
    ]
}

/// The job's name in SageMaker, as its object tells.
fn job_of(object: &Value) -> String {
    let status = object["status"].as_object().expect("an operator has looked at it");
    let name = status.iter().find(|(field, _)| field.starts_with("sageMaker") && field.ends_with("Name"));
    name.and_then(|(_, name)| name.as_str()).expect("and it has a name").to_owned()
}

/// What was said, without what differs from run to run.
fn said(finished: &Finished, job: &str) -> String {
    let lines: Vec<&str> = finished.stderr.lines().filter(|line| !line.starts_with("waiting for")).collect();
    let text = lines.join("\n").replace(job, "JOB");
    let text = Regex::new(r#"status "\w*""#).expect("a pattern").replace_all(&text, "status WORD");
    let text = Regex::new(r"\b(\d+m)?\d+s\b").expect("a pattern").replace_all(&text, "TIME");
    Regex::new(r"\b[\d,]+ lines").expect("a pattern").replace_all(&text, "N lines").into_owned()
}

#[test]
fn jobs_of_every_kind_are_followed_to_their_ends_and_read_again() {
    let story = Story::at_speed("kinds", 20.0);
    let (home, aws) = (&story.home, &story.aws);
    let _operator = hasty(home, aws).start();
    aws.make_model("digits", "image:1");
    let mut followed = BTreeMap::<&str, Running>::new();
    for (kind, _, _, spec) in jobs() {
        home.apply(object(kind, "all", spec));
        followed.insert(kind, story.smlogs([kind, "all", "-f", "--quiet-for", "8s"]).start());
    }
    let mut all_said = Vec::new();
    for (kind, plural, group, _) in jobs() {
        let followed = followed.remove(kind).expect("it was started").finish(LONG);
        assert_eq!(followed.code(), 0, "{kind}: {}", followed.stderr);
        let job = job_of(&home.get(plural, "all").expect("it is there"));
        let whose = if kind == "HyperparameterTuningJob" { format!("{job}-") } else { format!("{job}/") };
        let written: Vec<String> = aws.truth_lines_of(group, &whose).iter().map(|line| as_v1(line)).collect();
        assert_same(&lines(&followed.stdout), &written);

        let read = story.smlogs([plural, "all"]).run();
        assert_eq!(read.code(), 0, "{kind}: {}", read.stderr);
        assert_same(&lines(&read.stdout), &written);
        let tail = story.smlogs([&format!("{kind}/all"), "--tail", "3"]).run().ok();
        assert!(read.stdout.ends_with(&tail) && tail.lines().count() == 3, "{kind}: {tail}");
        all_said.push(format!("{kind}\n{}", said(&followed, &job)));
    }
    assert_snapshot!(all_said.join("\n\n"));
    let trials = story.smlogs(["hyperparametertuningjob/all", "--trial", "2"]).run().ok();
    assert!(trials.lines().all(|line| line.contains("-002-")) && trials.lines().count() > 10, "{trials}");
    let best = story.smlogs(["hyperparametertuningjob/all", "--trial", "best"]).run().ok();
    let search = home.get("hyperparametertuningjobs", "all").expect("it is there");
    let best_trial = search["status"]["bestTrainingJob"]["trainingJobName"].as_str().expect("one trial is the best");
    let by_name = ["hyperparametertuningjob", "--job", &job_of(&search), "--trial", "best"];
    assert_eq!(story.smlogs(by_name).run().ok(), best);
    assert!(best.lines().all(|line| line.starts_with(best_trial)) && best.lines().count() > 10, "{best}");
}

#[test]
fn an_endpoint_is_followed_until_its_object_is_deleted() {
    let story = Story::at_speed("endpoint", 20.0);
    let (home, aws) = (&story.home, &story.aws);
    let _operator = hasty(home, aws).start();
    let spec = json!({
        "models": [{
            "name": "Digits",
            "executionRoleArn": ROLE,
            "containers": [{ "containerHostname": "host", "image": "image:1", "modelDataUrl": "s3://bucket/model.tar.gz" }],
        }],
        "productionVariants": [{
            "variantName": "AllTraffic",
            "modelName": "Digits",
            "instanceType": "ml.m5.large",
            "initialInstanceCount": 2,
        }],
    });
    home.apply(object("HostingDeployment", "digits", spec));
    let mut running = story.smlogs(["hostingdeployment/digits", "-f", "--quiet-for", QUIET]).start();
    running.until_stdout_has("AllTraffic/");
    let endpoint = home.get("hostingdeployments", "digits").expect("it is there")["status"]["endpointName"].clone();
    let endpoint = endpoint.as_str().expect("it has a name").to_owned();
    home.delete("hostingdeployments", "digits");
    let followed = running.finish(LONG);
    assert_eq!(followed.code(), 0, "{}", followed.stderr);
    assert_snapshot!(said(&followed, &endpoint));
    let group = format!("/aws/sagemaker/Endpoints/{endpoint}");
    let written: Vec<String> = aws.truth_lines_of(&group, "").iter().map(|line| as_v1(line)).collect();
    assert_same(&lines(&followed.stdout), &written);
    let only = story.smlogs(["hostingdeployment", "--job", &endpoint, "--variant", "AllTraffic"]).run();
    assert_eq!(only.code(), 0, "{}", only.stderr);
    assert_same(&lines(&only.stdout), &written);
}
