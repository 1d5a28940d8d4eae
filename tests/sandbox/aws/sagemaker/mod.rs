//! SageMaker: the resources of one account and region.

mod paging;
mod roles;
mod tags;
mod training;

use serde_json::{Value, json};

use super::clock::Millis;
use super::place::Context;
use super::refusal::Refusal;
use tags::Tags;
use training::TrainingJobs;

/// Everything that SageMaker holds in one account and region.
#[derive(Debug, Default)]
pub(super) struct SageMaker {
    tags: Tags,
    training: TrainingJobs,
}

impl SageMaker {
    /// Answers one operation. The request has passed its shape.
    pub(super) fn handle(&mut self, context: &Context<'_>, operation: &str, request: &Value) -> Result<Value, Refusal> {
        let Self { tags, training } = self;
        match operation {
            "CreateTrainingJob" => training.create(context, tags, request),
            "DescribeTrainingJob" => training.describe(context, request),
            "ListTrainingJobs" => training.list(context, request),
            "StopTrainingJob" => training.stop(context, request),
            "UpdateTrainingJob" => training.update(context, request),
            "DeleteTrainingJob" => training.delete(context, tags, request),
            "AddTags" => tags.add(request),
            "DeleteTags" => tags.delete(request),
            "ListTags" => tags.list(request),
            other => Err(Refusal::new("UnknownOperationException", format!("The sandbox has no {other}."))),
        }
    }

    /// Starts a training job that belongs to nobody: no tags, and no call in the journal.
    pub(super) fn start_foreign_job(&mut self, context: &Context<'_>, order: &Value) -> Result<Value, Refusal> {
        let request = json!({
            "TrainingJobName": order["name"],
            "RoleArn": format!("arn:aws:iam::{}:role/somebody-else", context.account),
            "AlgorithmSpecification": {
                "TrainingImage": "433757028032.dkr.ecr.us-west-2.amazonaws.com/xgboost:1", "TrainingInputMode": "File",
            },
            "OutputDataConfig": { "S3OutputPath": "s3://somebody-else/output" },
            "ResourceConfig": {
                "InstanceCount": order["hosts"].as_u64().unwrap_or(1),
                "InstanceType": "ml.m5.xlarge",
                "VolumeSizeInGB": 5,
            },
            "StoppingCondition": { "MaxRuntimeInSeconds": 86_400 },
            "HyperParameters": if order["hyperParameters"].is_object() {
                order["hyperParameters"].clone()
            } else {
                json!({})
            },
        });
        self.training.create(context, &mut self.tags, &request)
    }

    /// The internal record of a training job.
    pub(super) fn training_record(&self, name: &str, now: Millis) -> Option<Value> {
        self.training.get(name).map(|job| job.record(now))
    }

    /// Forgets a training job, as if somebody had deleted it in SageMaker.
    pub(super) fn forget_training_job(&mut self, name: &str) -> bool {
        let arn = self.training.get(name).map(|job| job.arn.clone());
        if let Some(arn) = arn {
            self.tags.forget(&arn);
        }
        self.training.forget(name)
    }
}
