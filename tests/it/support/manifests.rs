//! Objects to apply.

use serde_json::{Value, json};

/// A training on two hosts whose name in SageMaker is the object's, with these hyperparameters.
pub(crate) fn training(name: &str, knobs: &Value) -> Value {
    let knobs = knobs.as_object().into_iter().flatten();
    let knobs: Vec<Value> = knobs.map(|(name, value)| json!({ "name": name, "value": value })).collect();
    json!({
        "apiVersion": "sagemaker.aws.amazon.com/v1",
        "kind": "TrainingJob",
        "metadata": { "name": name },
        "spec": {
            "trainingJobName": name,
            "region": "us-west-2",
            "roleArn": "arn:aws:iam::123456789012:role/train",
            "algorithmSpecification": { "trainingImage": "image:1", "trainingInputMode": "File" },
            "hyperParameters": knobs,
            "outputDataConfig": { "s3OutputPath": "s3://bucket/output" },
            "resourceConfig": { "instanceCount": 2, "instanceType": "ml.m5.xlarge", "volumeSizeInGB": 5 },
            "stoppingCondition": { "maxRuntimeInSeconds": 86400 },
        },
    })
}
