//! An object of each kind, and what it comes to.

use serde_json::{Value, json};

use super::tuning;
use crate::support::Namespace;
use crate::support::eventually::{PATIENCE, eventually};
use crate::support::namespace::condition_of;

/// The one name of all objects.
pub(crate) const NAME: &str = "digits";
/// What a model is called in SageMaker that nobody keeps an object for.
pub(crate) const MODEL: &str = "somebodys-model";

/// What becomes of an object.
pub(crate) struct Part {
    pub(crate) plural: &'static str,
    pub(crate) kind: &'static str,
    spec: Value,
    /// The edit, as a merge patch of the spec.
    edit: Value,
    /// The condition that it comes to, before and after the edit.
    pub(crate) comes_to: &'static str,
}

/// One of each kind, the policy for the deployment's endpoint.
pub(crate) fn parts() -> Vec<Part> {
    let role = "arn:aws:iam::123456789012:role/it";
    let tags = json!({ "tags": [{ "key": "team", "value": "blue" }] });
    let machines = json!({ "instanceCount": 1, "instanceType": "ml.m5.xlarge", "volumeSizeInGB": 5 });
    let variant = |model: &str| json!({ "variantName": "v", "modelName": model, "instanceType": "ml.m5.large", "initialInstanceCount": 1 });
    let hosted = |image: &str| json!([{ "name": "m", "executionRoleArn": role, "containers": [{ "image": image }] }]);
    let part = |plural, kind, comes_to, spec, edit| Part { plural, kind, spec, edit, comes_to };
    vec![
        part(
            "trainingjobs",
            "TrainingJob",
            "Complete",
            json!({
                "algorithmSpecification": { "trainingImage": "image", "trainingInputMode": "File" },
                "hyperParameters": [{ "name": "sandbox_training_seconds", "value": "30" }],
                "outputDataConfig": { "s3OutputPath": "s3://bucket/out" },
                "resourceConfig": machines,
                "roleArn": role,
                "stoppingCondition": { "maxRuntimeInSeconds": 3600 },
            }),
            tags.clone(),
        ),
        part(
            "processingjobs",
            "ProcessingJob",
            "Reconciled",
            json!({
                "appSpecification": { "imageUri": "image" },
                "environment": [{ "name": "sandbox_training_seconds", "value": "86000" }],
                "processingResources": { "clusterConfig": machines },
                "roleArn": role,
            }),
            tags.clone(),
        ),
        part(
            "batchtransformjobs",
            "BatchTransformJob",
            "Reconciled",
            json!({
                "environment": [{ "name": "sandbox_training_seconds", "value": "86000" }],
                "modelName": MODEL,
                "transformInput": { "dataSource": { "s3DataSource": { "s3DataType": "S3Prefix", "s3Uri": "s3://b/i" } } },
                "transformOutput": { "s3OutputPath": "s3://b/out" },
                "transformResources": { "instanceCount": 1, "instanceType": "ml.m5.xlarge" },
            }),
            tags.clone(),
        ),
        part(
            "hyperparametertuningjobs",
            "HyperparameterTuningJob",
            "Complete",
            tuning::spec(30, "image"),
            tags.clone(),
        ),
        part(
            "models",
            "Model",
            "Ready",
            json!({ "executionRoleArn": role, "primaryContainer": { "image": "image:1" } }),
            json!({ "primaryContainer": { "image": "image:2" } }),
        ),
        part(
            "endpointconfigs",
            "EndpointConfig",
            "Ready",
            json!({ "productionVariants": [variant(MODEL)] }),
            json!({ "kmsKeyId": "alias/key" }),
        ),
        part(
            "hostingdeployments",
            "HostingDeployment",
            "Ready",
            json!({ "endpointName": NAME, "models": hosted("image:1"), "productionVariants": [variant("m")] }),
            json!({ "models": hosted("image:2") }),
        ),
        part(
            "hostingautoscalingpolicies",
            "HostingAutoscalingPolicy",
            "Ready",
            json!({
                "resourceId": [{ "endpointName": NAME, "variantName": "v" }],
                "minCapacity": 1,
                "maxCapacity": 3,
                "targetTrackingScalingPolicyConfiguration": {
                    "targetValue": 60,
                    "predefinedMetricSpecification": { "predefinedMetricType": "SageMakerVariantInvocationsPerInstance" },
                },
            }),
            json!({ "targetTrackingScalingPolicyConfiguration": { "targetValue": 30 } }),
        ),
    ]
}

/// Waits until all of them are as wanted.
#[track_caller]
pub(crate) fn until_as_wanted(home: &Namespace, parts: &[Part]) {
    eventually("all as wanted", PATIENCE, || parts.iter().find_map(|part| part.missing(home)).map_or(Ok(()), Err));
}

/// Has one of each kind made, changed and deleted, each to its end.
#[track_caller]
pub(crate) fn live(home: &Namespace) {
    let parts = parts();
    for edited in [false, true] {
        for part in &parts {
            home.apply(part.manifest(edited).to_string());
        }
        until_as_wanted(home, &parts);
    }
    for part in &parts {
        home.delete(part.plural, NAME);
    }
    for part in &parts {
        home.until_gone(part.plural, NAME);
    }
}

impl Part {
    /// The same, but a job that runs for longer than a test.
    pub(crate) fn running(mut self) -> Self {
        if self.comes_to == "Complete" {
            let spec = self.spec.to_string().replace(r#""value":"30""#, r#""value":"86000""#);
            let spec = spec.replace(r#""maxRuntimeInSeconds":3600"#, r#""maxRuntimeInSeconds":86400"#);
            self.spec = serde_json::from_str(&spec).expect("it is still JSON");
            self.comes_to = "Reconciled";
        }
        self
    }

    /// The same, but a job that ends within a second.
    pub(crate) fn ending(mut self) -> Self {
        if self.comes_to == "Reconciled" {
            let spec = self.spec.to_string().replace(r#""value":"86000""#, r#""value":"30""#);
            self.spec = serde_json::from_str(&spec).expect("it is still JSON");
            self.comes_to = "Complete";
        }
        self
    }

    pub(crate) fn manifest(&self, edited: bool) -> Value {
        let mut spec = self.spec.clone();
        spec["region"] = json!("us-west-2");
        if edited {
            json_patch::merge(&mut spec, &self.edit);
        }
        json!({
            "apiVersion": "sagemaker.aws.amazon.com/v1",
            "kind": self.kind,
            "metadata": { "name": NAME },
            "spec": spec,
        })
    }

    /// What is still missing of what its object is to say of its present generation; none, if nothing.
    pub(crate) fn missing(&self, home: &Namespace) -> Option<String> {
        let object = home.get(self.plural, NAME).unwrap_or_default();
        let says = |type_: &str, status: &str| {
            let generation = &object["metadata"]["generation"];
            condition_of(&object, type_)
                .is_some_and(|it| it["status"] == status && it["observedGeneration"] == *generation)
        };
        let is_there = match self.comes_to {
            // It runs for longer than the test.
            "Reconciled" => object["status"]["arn"].is_string() && says("Reconciling", "False"),
            condition => says(condition, "True"),
        };
        (!is_there).then(|| format!("{}: {:#}", self.kind, object["status"]))
    }
}
