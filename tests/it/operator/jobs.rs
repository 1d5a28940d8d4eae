//! The lives of the other kinds of jobs: what is promised of training jobs holds for them too.

use serde_json::{Value, json};

use super::{condition, hasty, reason};
use crate::support::{Namespace, Simulator};

const JOB: &str = "story";

/// A kind of job, as Kubernetes and as SageMaker have it.
#[derive(Debug)]
struct Kind {
    name: &'static str,
    plural: &'static str,
    /// As SageMaker's operations and members name it.
    word: &'static str,
    status_word: &'static str,
    status_name: &'static str,
    arn: &'static str,
    /// The spec of a job that runs so many seconds, before the simulator's speed, from that image.
    spec: fn(u32, &str) -> Value,
}

const PROCESSING: Kind = Kind {
    name: "ProcessingJob",
    plural: "processingjobs",
    word: "ProcessingJob",
    status_word: "processingJobStatus",
    status_name: "sageMakerProcessingJobName",
    arn: "processing-job",
    spec: |seconds, image| {
        json!({
            "appSpecification": { "imageUri": image },
            "environment": [{ "name": "sandbox_training_seconds", "value": seconds.to_string() }],
            "processingResources": {
                "clusterConfig": { "instanceCount": 1, "instanceType": "ml.m5.xlarge", "volumeSizeInGB": 5 },
            },
            "region": "us-west-2",
            "roleArn": "arn:aws:iam::123456789012:role/process",
            "stoppingCondition": { "maxRuntimeInSeconds": 86400 },
        })
    },
};

const TRANSFORM: Kind = Kind {
    name: "BatchTransformJob",
    plural: "batchtransformjobs",
    word: "TransformJob",
    status_word: "transformJobStatus",
    status_name: "sageMakerTransformJobName",
    arn: "transform-job",
    spec: |seconds, image| {
        json!({
            "environment": [{ "name": "sandbox_training_seconds", "value": seconds.to_string() }],
            // A model of that image, see `prepare`.
            "modelName": image.replace(':', "-"),
            "region": "us-west-2",
            "transformInput": { "dataSource": { "s3DataSource": { "s3DataType": "S3Prefix", "s3Uri": "s3://b/in" } } },
            "transformOutput": { "s3OutputPath": "s3://b/out" },
            "transformResources": { "instanceCount": 1, "instanceType": "ml.m5.xlarge" },
        })
    },
};

const TUNING: Kind = Kind {
    name: "HyperparameterTuningJob",
    plural: "hyperparametertuningjobs",
    word: "HyperParameterTuningJob",
    status_word: "hyperParameterTuningJobStatus",
    status_name: "sageMakerHyperParameterTuningJobName",
    arn: "hyper-parameter-tuning-job",
    spec: super::tuning::spec,
};

const KINDS: [Kind; 3] = [PROCESSING, TRANSFORM, TUNING];

impl Kind {
    fn job(&self, seconds: u32, image: &str) -> Value {
        json!({
            "apiVersion": "sagemaker.aws.amazon.com/v1",
            "kind": self.name,
            "metadata": { "name": JOB },
            "spec": (self.spec)(seconds, image),
        })
    }

    /// The operation of that verb.
    fn op(&self, verb: &str) -> String {
        format!("{verb}{}", self.word)
    }

    #[track_caller]
    fn until_running(&self, home: &Namespace) -> String {
        let object = home.until(self.plural, JOB, "InProgress", |object| {
            object["status"][self.status_word] == "InProgress" && reason(object, "Complete") == Some("InProgress")
        });
        object["status"][self.status_name].as_str().expect("the name is in the status").to_owned()
    }
}

/// The models that transform jobs use.
fn prepare(aws: &Simulator) {
    for image in ["image:1", "fail:1"] {
        aws.make_model(&image.replace(':', "-"), image);
    }
}

#[test]
fn a_job_of_each_kind_runs_from_its_manifest_to_its_end() {
    let aws = Simulator::at_speed(60.0);
    prepare(&aws);
    let home = Namespace::new("all-kinds");
    let _operator = hasty(&home, &aws).start();
    for kind in &KINDS {
        home.apply(kind.job(30, "image:1").to_string());
    }
    for kind in &KINDS {
        home.until_condition(kind.plural, JOB, "Complete");
        let object = home.get(kind.plural, JOB).unwrap();
        let status = &object["status"];
        let name = status[kind.status_name].as_str().unwrap();
        let uid = object["metadata"]["uid"].as_str().unwrap();
        assert!(name.ends_with(&uid.replace('-', "")), "{name}");
        assert_eq!(status[kind.status_word], "Completed", "{}", kind.name);
        assert_eq!(status["arn"], format!("arn:aws:sagemaker:us-west-2:123456789012:{}/{name}", kind.arn));
        assert_eq!(status["observedGeneration"], object["metadata"]["generation"]);
        for (type_, wanted) in
            [("Complete", "True"), ("Failed", "False"), ("Reconciling", "False"), ("Stalled", "False")]
        {
            assert_eq!(condition(&object, type_).map(|it| &it["status"]), Some(&json!(wanted)), "{}", kind.name);
        }
        let created = aws.applied(&kind.op("Create"));
        assert_eq!(created.len(), 1, "{}", kind.name);
        let tags = created[0].request["Tags"].to_string();
        assert!(tags.contains(uid) && tags.contains(&format!("{}/{JOB}", home.name())), "{tags}");

        home.delete(kind.plural, JOB);
        home.until_gone(kind.plural, JOB);
        assert!(aws.calls(&kind.op("Stop")).is_empty(), "what has ended needs no stop");
    }
    // Where v1 wrote the name into the spec it is there still, and nowhere else.
    assert!(aws.calls("UpdateTrainingJob").is_empty());
}

#[test]
fn a_failed_job_of_each_kind_says_why_in_sagemakers_words() {
    let aws = Simulator::at_speed(60.0);
    prepare(&aws);
    let home = Namespace::new("all-fail");
    let _operator = hasty(&home, &aws).start();
    for kind in &KINDS {
        home.apply(kind.job(30, "fail:1").to_string());
    }
    for kind in &KINDS {
        let failed = home.until_condition(kind.plural, JOB, "Failed");
        let why = failed["message"].as_str().unwrap();
        assert!(why.contains("Error") || why.contains("All training jobs failed"), "{}: {why}", kind.name);
        let object = home.get(kind.plural, JOB).unwrap();
        assert_eq!(object["status"][kind.status_word], "Failed");
        assert_eq!(object["status"]["additional"], failed["message"]);
    }
}

#[test]
fn a_deleted_job_of_each_kind_is_stopped_first_and_held_until_it_has_ended() {
    let aws = Simulator::at_speed(10.0);
    prepare(&aws);
    let home = Namespace::new("all-deleted");
    let _operator = hasty(&home, &aws).start();
    for kind in &KINDS {
        home.apply(kind.job(3600, "image:1").to_string());
    }
    for kind in &KINDS {
        let name = kind.until_running(&home);
        home.delete(kind.plural, JOB);
        let stopping = |object: &Value| object["status"][kind.status_word] == "Stopping";
        let held = home.until(kind.plural, JOB, "Stopping", stopping);
        assert_eq!(held["metadata"]["finalizers"][0], "sagemaker-operator-finalizer");
        home.until_gone(kind.plural, JOB);
        let seen = aws.ask(&kind.op("Describe"), &json!({ format!("{}Name", kind.word): name }));
        assert_eq!(seen[format!("{}Status", kind.word)], "Stopped");
        assert_eq!(aws.applied(&kind.op("Stop")).len(), 1, "{}", kind.name);
    }
}

#[test]
fn a_job_of_each_kind_deleted_before_sagemaker_shows_it_leaves_nothing_running() {
    let aws = Simulator::at_speed(10.0);
    prepare(&aws);
    let home = Namespace::new("all-hidden");
    let _operator = hasty(&home, &aws).start();
    for kind in &KINDS {
        aws.fault(&json!({ "operation": kind.op("Create"), "action": { "notFoundForMs": 3000 } }));
        home.apply(kind.job(3600, "image:1").to_string());
    }
    for kind in &KINDS {
        home.until(kind.plural, JOB, "created", |object| object["status"]["arn"].is_string());
        home.delete(kind.plural, JOB);
    }
    for kind in &KINDS {
        home.until_gone(kind.plural, JOB);
        assert_eq!(
            (aws.applied(&kind.op("Create")).len(), aws.applied(&kind.op("Stop")).len()),
            (1, 1),
            "{}",
            kind.name
        );
    }
}

#[test]
fn another_operator_takes_over_what_the_first_began_of_each_kind() {
    let aws = Simulator::at_speed(20.0);
    prepare(&aws);
    let home = Namespace::new("all-restart");
    let operator = hasty(&home, &aws).start();
    for kind in &KINDS {
        home.apply(kind.job(120, "image:1").to_string());
    }
    for kind in &KINDS {
        kind.until_running(&home);
    }
    operator.kill();
    let operator = hasty(&home, &aws).start();
    for kind in &KINDS {
        home.until_condition(kind.plural, JOB, "Complete");
        assert_eq!(aws.applied(&kind.op("Create")).len(), 1, "{}", kind.name);
    }
    operator.kill();
    // Ended ones cost the next operator nothing.
    let before: Vec<_> = KINDS.iter().map(|kind| aws.calls(&kind.op("Describe")).len()).collect();
    let mut operator = hasty(&home, &aws).start();
    for kind in &KINDS {
        let line = operator.process().until_stderr_has(&format!("watching kind=\"{}\"", kind.name));
        assert!(line.contains("objects=1") && line.contains("due=0"), "{line}");
    }
    let after: Vec<_> = KINDS.iter().map(|kind| aws.calls(&kind.op("Describe")).len()).collect();
    assert_eq!(after, before);
}

#[test]
fn an_edit_of_the_tags_of_each_kind_reaches_sagemaker() {
    let aws = Simulator::at_speed(5.0);
    prepare(&aws);
    let home = Namespace::new("all-tags");
    let _operator = hasty(&home, &aws).start();
    for kind in &KINDS {
        let mut job = kind.job(3600, "image:1");
        job["spec"]["tags"] = json!([{ "key": "team", "value": "blue" }, { "key": "left", "value": "over" }]);
        home.apply(job.to_string());
    }
    for kind in &KINDS {
        kind.until_running(&home);
        let tags = json!({ "spec": { "tags": [{ "key": "team", "value": "red" }] } });
        let object = home.patch(kind.plural, JOB, &tags).expect("tags may change");
        home.until(kind.plural, JOB, "the new tags", |object| object["status"]["tagKeys"] == json!(["team"]));
        let arn = &object["status"]["arn"];
        let there = aws.ask("ListTags", &json!({ "ResourceArn": arn }))["Tags"].to_string();
        assert!(there.contains(r#"{"Key":"team","Value":"red"}"#) && !there.contains("left"), "{there}");
    }
}

#[test]
fn a_processing_job_whose_record_is_gone_is_not_started_again() {
    let aws = Simulator::at_speed(60.0);
    let home = Namespace::new("gone-record");
    let operator = hasty(&home, &aws).start();
    home.apply(PROCESSING.job(30, "image:1").to_string());
    home.until_condition(PROCESSING.plural, JOB, "Complete");
    let status = home.get(PROCESSING.plural, JOB).unwrap()["status"].clone();
    aws.ask("DeleteProcessingJob", &json!({ "ProcessingJobName": status[PROCESSING.status_name] }));
    operator.kill();
    let mut operator = hasty(&home, &aws).start();
    operator.process().until_stderr_has("watching kind=\"ProcessingJob\"");
    let touched = json!({ "metadata": { "annotations": { "touched": "please look" } } });
    home.patch(PROCESSING.plural, JOB, &touched).unwrap();
    operator.process().until_stderr_has("step=Rest");
    assert_eq!(aws.calls("CreateProcessingJob").len(), 1);
    home.delete(PROCESSING.plural, JOB);
    home.until_gone(PROCESSING.plural, JOB);
}

#[test]
fn an_object_without_a_spec_says_so_and_can_be_deleted() {
    let aws = Simulator::at_speed(20.0);
    let home = Namespace::new("no-spec");
    let _operator = hasty(&home, &aws).start();
    for kind in &KINDS {
        let object = json!({
            "apiVersion": "sagemaker.aws.amazon.com/v1", "kind": kind.name, "metadata": { "name": JOB },
        });
        home.apply(object.to_string());
        let stalled = home.until_condition(kind.plural, JOB, "Stalled");
        assert_eq!(stalled["reason"], "InvalidSpec");
        let hint = format!("kubectl explain {}.spec", kind.name.to_lowercase());
        assert!(stalled["message"].as_str().unwrap().contains(&hint), "{stalled}");
        home.delete(kind.plural, JOB);
        home.until_gone(kind.plural, JOB);
    }
}
