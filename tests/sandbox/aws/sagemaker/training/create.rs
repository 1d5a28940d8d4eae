//! `CreateTrainingJob`: what shapes cannot say, and the start of a job.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::super::super::place::Context;
use super::super::super::refusal::Refusal;
use super::super::knobs::{self, Source};
use super::super::life::Life;
use super::super::roles;
use super::super::tags::{self, Tags};
use super::{TrainingJob, TrainingJobs};

/// How long a job trains, unscaled.
const TRAINING_SECONDS: f64 = 180.0;

impl TrainingJobs {
    /// `CreateTrainingJob`.
    pub(in super::super) fn create(
        &mut self,
        context: &Context<'_>,
        tags: &mut Tags,
        request: &Value,
    ) -> Result<Value, Refusal> {
        check(context, request)?;
        let name = request["TrainingJobName"].as_str().unwrap_or_default();
        let arn = context.arn("training-job", name);
        if self.jobs.contains_key(name) {
            return Err(Refusal::new(
                "ResourceInUse",
                format!(
                    "Training job names must be unique within an AWS account and region, and a training job with this \
                     name already exists ({arn})"
                ),
            ));
        }
        let job = start(context, name, arn, request)?;
        tags.create(&job.arn, &request["Tags"]);
        job.writing().announce(context, &job.life, &job.workload);
        let answer = json!({ "TrainingJobArn": job.arn });
        self.jobs.insert(name.to_owned(), job);
        Ok(answer)
    }
}

fn start(context: &Context<'_>, name: &str, arn: String, request: &Value) -> Result<TrainingJob, Refusal> {
    let digest = Sha256::digest(format!("{arn} {}", context.now));
    let seed = digest.iter().take(8).fold(0, |seed, byte| seed << 8 | u64::from(*byte));
    let image = request["AlgorithmSpecification"]["TrainingImage"].as_str().unwrap_or_default();
    let source = Source { knobs: &request["HyperParameters"], image, seconds: TRAINING_SECONDS, seed };
    let (wishes, workload) = knobs::read(request, source)?;
    let mut request = request.clone();
    if let Some(members) = request.as_object_mut() {
        members.remove("Tags");
        members.retain(|_, value| !value.is_null());
    }
    Ok(TrainingJob {
        name: name.to_owned(),
        arn,
        request,
        created: context.now,
        visible: context.now + context.blind,
        touched: context.now,
        life: Life::new(context.now, context.pace, &wishes),
        workload,
        seed,
    })
}

fn check(context: &Context<'_>, request: &Value) -> Result<(), Refusal> {
    tags::check(&request["Tags"])?;
    roles::check_account(context, &request["RoleArn"])?;
    if request["ServerlessJobConfig"].is_null() {
        for (member, path) in [
            ("AlgorithmSpecification", "algorithmSpecification"),
            ("ResourceConfig", "resourceConfig"),
            ("StoppingCondition", "stoppingCondition"),
        ] {
            if request[member].is_null() {
                return Err(Refusal::validation(format!(
                    "1 validation error detected: Value null at '{path}' failed to satisfy constraint: Member must \
                     not be null"
                )));
            }
        }
        check_algorithm(&request["AlgorithmSpecification"])?;
        check_resources(&request["ResourceConfig"])?;
    }
    check_stopping(request)?;
    check_channels(&request["InputDataConfig"])
}

fn check_algorithm(algorithm: &Value) -> Result<(), Refusal> {
    match (algorithm["TrainingImage"].is_null(), algorithm["AlgorithmName"].is_null()) {
        (false, true) | (true, false) => Ok(()),
        (true, true) => Err(Refusal::validation("Training image or algorithm name must be specified.")),
        (false, false) => Err(Refusal::validation("Both training image and algorithm name cannot be specified.")),
    }
}

fn check_resources(resources: &Value) -> Result<(), Refusal> {
    let plain = [&resources["InstanceType"], &resources["InstanceCount"]];
    let groups = !resources["InstanceGroups"].is_null();
    if groups && plain.iter().any(|it| !it.is_null()) {
        let text = "InstanceGroups cannot be specified together with InstanceType and InstanceCount in ResourceConfig.";
        return Err(Refusal::validation(text));
    }
    if !groups && resources["InstancePreferences"].is_null() && plain.iter().any(|it| it.is_null()) {
        let text = "Both InstanceType and InstanceCount must be specified in ResourceConfig, or InstanceGroups.";
        return Err(Refusal::validation(text));
    }
    Ok(())
}

fn check_stopping(request: &Value) -> Result<(), Refusal> {
    let stopping = &request["StoppingCondition"];
    let wait = stopping["MaxWaitTimeInSeconds"].as_i64();
    let run = stopping["MaxRuntimeInSeconds"].as_i64().unwrap_or(86_400);
    match (request["EnableManagedSpotTraining"].as_bool().unwrap_or(false), wait) {
        (true, wait) if wait.is_none_or(|wait| wait < run) => Err(Refusal::validation(
            "Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to MaxRuntimeInSeconds",
        )),
        (false, Some(_)) => Err(Refusal::validation(
            "MaxWaitTimeInSeconds is only supported when EnableManagedSpotTraining is set to true",
        )),
        (true | false, _) => Ok(()),
    }
}

fn check_channels(channels: &Value) -> Result<(), Refusal> {
    let mut names: Vec<&str> =
        channels.as_array().into_iter().flatten().filter_map(|it| it["ChannelName"].as_str()).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    if names.len() < count {
        return Err(Refusal::validation("Channel names must be unique within InputDataConfig."));
    }
    Ok(())
}
