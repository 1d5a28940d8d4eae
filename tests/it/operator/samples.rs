//! The samples of jobs that people have from the first operator, without an edit.

use std::fs;

use serde_json::Value;

use super::hasty;
use crate::support::{Namespace, Simulator, built};

/// A sample as somebody would apply it: placeholders filled in, and nothing outside asked.
fn filled_in(text: &str, aws: &Simulator) -> Value {
    let mut text = text.replace("https://sagemaker.us-west-2.amazonaws.com", aws.endpoint());
    while let Some((start, end)) = text.find('<').and_then(|start| Some((start, start + text[start..].find('>')?))) {
        let filler = if text[start..end].to_lowercase().contains("role") {
            "arn:aws:iam::123456789012:role/train"
        } else if text[start..end].to_lowercase().contains("region") {
            "us-west-2"
        } else {
            "filled-in"
        };
        text.replace_range(start..=end, filler);
    }
    serde_yaml::from_str(&text).expect("a sample is a manifest")
}

#[test]
fn every_sample_of_a_job_runs_to_its_right_end() {
    let aws = Simulator::with(["--speed", "100", "--no-quotas"]);
    aws.make_model("sagemaker-tensorflow-model", "image:1");
    let home = Namespace::new("samples");
    let _operator = hasty(&home, &aws).start();
    let mut applied = Vec::new();
    for entry in fs::read_dir(built::root().join("tests/samples")).expect("the samples are there") {
        let path = entry.expect("and can be listed").path();
        // The demonstration's own takes its time.
        let is_demo = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("demo-"));
        if path.extension().is_none_or(|extension| extension != "yaml") || is_demo {
            continue;
        }
        let sample = filled_in(&fs::read_to_string(&path).expect("a sample can be read"), &aws);
        let plural = match sample["kind"].as_str().expect("a manifest has a kind") {
            "TrainingJob" => "trainingjobs",
            "ProcessingJob" => "processingjobs",
            "BatchTransformJob" => "batchtransformjobs",
            "HyperparameterTuningJob" => "hyperparametertuningjobs",
            // What lasts has no end.
            _ => continue,
        };
        home.apply(sample.to_string());
        applied.push((plural, sample["metadata"]["name"].as_str().expect("and a name").to_owned()));
    }
    assert_eq!(applied.len(), 13, "{applied:?}");
    for (plural, name) in &applied {
        home.until_condition(plural, name, "Complete");
    }
    let search = home.get("hyperparametertuningjobs", "xgboost-mnist-hpo").expect("it is there");
    assert_eq!(search["status"]["trainingJobStatusCounters"]["completed"], 10);
}
