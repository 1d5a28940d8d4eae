//! SageMaker: the resources of one account and region.

mod endpoints;
mod jobs;
mod knobs;
mod life;
mod models;
mod paging;
mod roles;
mod tags;
#[cfg(test)]
mod tests;
mod training;
mod tuning;
mod variants;
mod writing;

use serde_json::{Value, json};

use super::clock::Millis;
use super::place::Context;
use super::refusal::Refusal;
use endpoints::{Endpoints, Stock};
use jobs::Jobs;
use models::Records;
use tags::Tags;
use training::TrainingJobs;
use tuning::TuningJobs;

/// Everything that SageMaker holds in one account and region.
#[derive(Debug)]
pub(super) struct SageMaker {
    tags: Tags,
    training: TrainingJobs,
    processing: Jobs,
    transform: Jobs,
    tuning: TuningJobs,
    models: Records,
    configs: Records,
    endpoints: Endpoints,
}

impl Default for SageMaker {
    fn default() -> Self {
        Self {
            tags: Tags::default(),
            training: TrainingJobs::default(),
            processing: Jobs::new(&jobs::PROCESSING),
            transform: Jobs::new(&jobs::TRANSFORM),
            tuning: TuningJobs::default(),
            models: Records::new(&models::MODEL),
            configs: Records::new(&models::ENDPOINT_CONFIG),
            endpoints: Endpoints::default(),
        }
    }
}

impl SageMaker {
    /// Carries out what has become due since the last look: the only things that are not a function of the clock alone.
    pub(super) fn settle(&mut self, context: &Context<'_>) {
        self.tuning.settle(context, &mut self.training, &mut self.tags);
        self.endpoints.settle(context, &mut self.tags);
    }

    /// Answers one operation. The request has passed its shape.
    pub(super) fn handle(&mut self, context: &Context<'_>, operation: &str, request: &Value) -> Result<Value, Refusal> {
        self.settle(context);
        let Self { tags, training, processing, transform, tuning, models, configs, endpoints } = self;
        match operation {
            "CreateTrainingJob" => training.create(context, tags, request),
            "DescribeTrainingJob" => {
                let trial = tuning.parent_of(request["TrainingJobName"].as_str().unwrap_or_default());
                training.describe(context, request, trial)
            }
            "ListTrainingJobs" => training.list(context, request),
            "StopTrainingJob" => training.stop(context, request),
            "UpdateTrainingJob" => training.update(context, request),
            "DeleteTrainingJob" => training.delete(context, tags, request),
            "CreateHyperParameterTuningJob" => tuning.create(context, tags, request),
            "DescribeHyperParameterTuningJob" => tuning.describe(context, training, request),
            "ListHyperParameterTuningJobs" => tuning.list(context, training, request),
            "ListTrainingJobsForHyperParameterTuningJob" => tuning.list_trials(context, training, request),
            "StopHyperParameterTuningJob" => tuning.stop(context, training, request),
            "DeleteHyperParameterTuningJob" => tuning.delete(context, training, tags, request),
            "CreateProcessingJob" => processing.create(context, tags, request, ""),
            "DescribeProcessingJob" => processing.describe(context, request),
            "ListProcessingJobs" => processing.list(context, request),
            "StopProcessingJob" => processing.stop(context, request),
            "DeleteProcessingJob" => processing.delete(context, tags, request),
            "CreateTransformJob" => {
                let image = models.find(context, request["ModelName"].as_str().unwrap_or_default())?.image();
                transform.create(context, tags, request, image)
            }
            "DescribeTransformJob" => transform.describe(context, request),
            "ListTransformJobs" => transform.list(context, request),
            "StopTransformJob" => transform.stop(context, request),
            "CreateModel" => {
                models::check_model(request)?;
                models.create(context, tags, request)
            }
            "DescribeModel" => models.describe(context, request),
            "ListModels" => models.list(context, request),
            "DeleteModel" => models.delete(context, tags, request),
            "CreateEndpointConfig" => {
                models::check_endpoint_config(context, models, request)?;
                configs.create(context, tags, request)
            }
            "DescribeEndpointConfig" => configs.describe(context, request),
            "ListEndpointConfigs" => configs.list(context, request),
            "DeleteEndpointConfig" => configs.delete(context, tags, request),
            "CreateEndpoint" => endpoints.create(context, tags, Stock { models, configs }, request),
            "DescribeEndpoint" => endpoints.describe(context, request),
            "ListEndpoints" => endpoints.list(context, request),
            "UpdateEndpoint" => endpoints.update(context, Stock { models, configs }, request),
            "UpdateEndpointWeightsAndCapacities" => endpoints.scale(context, request),
            "DeleteEndpoint" => endpoints.delete(context, request),
            "AddTags" => tags.add(request),
            "DeleteTags" => tags.delete(request),
            "ListTags" => tags.list(request),
            other => Err(Refusal::new("UnknownOperationException", format!("The sandbox has no {other}."))),
        }
    }

    /// The status of an endpoint's variant, for Application Auto Scaling.
    pub(super) fn variant_status(&self, endpoint: &str, variant: &str, now: Millis) -> Option<&'static str> {
        self.endpoints.variant_status(endpoint, variant, now).map(endpoints::Status::word)
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
