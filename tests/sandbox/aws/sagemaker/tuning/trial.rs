//! A trial: the values that were drawn for it, the training job that tries them, and the metric it reports.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::super::super::clock::{self, Millis};
use super::super::super::place::Context;
use super::super::super::signature::hex;
use super::super::life::Status;
use super::super::paging::Row;
use super::super::training::{TrainingJob, TrainingJobs};
use super::{TuningJob, name_of};

/// One trial.
#[derive(Debug)]
pub(super) struct Trial {
    /// The training job's name.
    pub(super) name: String,
    /// Which of the definitions it follows.
    definition: Value,
    tuned: Map<String, Value>,
    objective: Value,
    /// What it will report.
    pub(super) value: f64,
}

impl Trial {
    /// Draws the values of the trial of that index.
    pub(super) fn new(seed: u64, index: usize, request: &Value) -> Self {
        let mut chance = fastrand::Rng::with_seed(seed.wrapping_add(index as u64));
        let definitions = request["TrainingJobDefinitions"].as_array();
        let definition = definitions.map_or(&request["TrainingJobDefinition"], |many| &many[index % many.len()]);
        let config = &request["HyperParameterTuningJobConfig"];
        let ranges = [&definition["HyperParameterRanges"], &config["ParameterRanges"]];
        let ranges = ranges.into_iter().find(|ranges| !ranges.is_null()).unwrap_or(&Value::Null);
        let objectives = [&definition["TuningObjective"], &config["HyperParameterTuningJobObjective"]];
        let objective = objectives.into_iter().find(|it| !it.is_null()).unwrap_or(&Value::Null).clone();
        let suffix = hex(&Sha256::digest(format!("{seed} {index}"))[..4]);
        // Metrics are 32-bit numbers; four digits survive that.
        let value = f64::from(chance.u32(500..10_000)) / 10_000.0;
        Self {
            name: format!("{}-{:03}-{suffix}", name_of(request), index + 1),
            definition: definition.clone(),
            tuned: draw(&mut chance, ranges),
            objective,
            value,
        }
    }

    /// The order for its training job. Tags of a tuning job go on to its training jobs.
    pub(super) fn request(&self, tuning: &Value) -> Value {
        let definition = &self.definition;
        let mut order = Map::new();
        for member in [
            "AlgorithmSpecification",
            "CheckpointConfig",
            "EnableInterContainerTrafficEncryption",
            "EnableManagedSpotTraining",
            "EnableNetworkIsolation",
            "Environment",
            "InputDataConfig",
            "OutputDataConfig",
            "ResourceConfig",
            "RetryStrategy",
            "RoleArn",
            "StoppingCondition",
            "VpcConfig",
        ] {
            if !definition[member].is_null() {
                order.insert(member.to_owned(), definition[member].clone());
            }
        }
        if definition["ResourceConfig"].is_null() {
            order.insert("ResourceConfig".to_owned(), resources(&definition["HyperParameterTuningResourceConfig"]));
        }
        let mut parameters = definition["StaticHyperParameters"].as_object().cloned().unwrap_or_default();
        parameters.extend(self.tuned.clone());
        parameters.insert("_tuning_objective_metric".to_owned(), self.objective["MetricName"].clone());
        order.insert("HyperParameters".to_owned(), Value::Object(parameters));
        order.insert("TrainingJobName".to_owned(), self.name.clone().into());
        if !tuning["Tags"].is_null() {
            order.insert("Tags".to_owned(), tuning["Tags"].clone());
        }
        Value::Object(order)
    }

    /// When its training job ends, as things stand; none if there is no such job.
    pub(super) fn end(&self, training: &TrainingJobs) -> Option<Millis> {
        self.job(training).map(|job| job.life.end().from)
    }

    /// The status of its training job.
    pub(super) fn status(&self, context: &Context<'_>, training: &TrainingJobs) -> Option<Status> {
        self.job(training).map(|job| job.life.at(context.now).status)
    }

    /// The metric as a training job's description shows it, once the job has completed.
    pub(super) fn report(&self) -> Value {
        json!({ "MetricName": self.objective["MetricName"], "Value": self.value })
    }

    /// Whether one value of the objective is better than another.
    pub(super) fn beats(&self, other: &Self) -> bool {
        if self.objective["Type"] == "Minimize" { self.value < other.value } else { self.value > other.value }
    }

    /// As listings sort it; none if there is no such training job any more.
    pub(super) fn row(&self, context: &Context<'_>, training: &TrainingJobs) -> Option<Row<'_, Self>> {
        let trained = self.job(training)?;
        let moment = trained.life.at(context.now);
        let (status, modified) = (moment.status.word().into(), moment.changed());
        Some(Row { name: &self.name, status, created: trained.created, modified, item: self })
    }

    /// As listings show it.
    pub(super) fn summary(&self, context: &Context<'_>, job: &TuningJob, training: &TrainingJobs) -> Value {
        let Some(trained) = self.job(training) else { return Value::Null };
        let moment = trained.life.at(context.now);
        let mut summary = json!({
            "TrainingJobName": self.name,
            "TrainingJobArn": trained.arn,
            "TuningJobName": job.name,
            "CreationTime": clock::seconds(trained.created),
            "TrainingJobStatus": moment.status.word(),
            "TunedHyperParameters": self.tuned,
            "ObjectiveStatus": match moment.status {
                Status::Completed => "Succeeded",
                Status::Failed | Status::Stopped => "Failed",
                Status::InProgress | Status::Stopping => "Pending",
            },
        });
        let mut set = |name: &str, value: Value| summary[name] = value;
        if !self.definition["DefinitionName"].is_null() {
            set("TrainingJobDefinitionName", self.definition["DefinitionName"].clone());
        }
        if let Some(started) = moment.started() {
            set("TrainingStartTime", clock::seconds(started));
        }
        if let Some(ended) = moment.ended() {
            set("TrainingEndTime", clock::seconds(ended));
        }
        if let Some(reason) = moment.failure {
            set("FailureReason", reason.into());
        }
        if moment.status == Status::Completed {
            let mut metric = self.report();
            metric["Type"] = self.objective["Type"].clone();
            set("FinalHyperParameterTuningJobObjectiveMetric", metric);
        }
        summary
    }

    fn job<'a>(&self, training: &'a TrainingJobs) -> Option<&'a TrainingJob> {
        training.get(&self.name)
    }
}

/// One value of each range.
fn draw(chance: &mut fastrand::Rng, ranges: &Value) -> Map<String, Value> {
    let all = |kind: &str| ranges[kind].as_array().cloned().unwrap_or_default();
    let bound =
        |range: &Value, name: &str| range[name].as_str().and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
    let name = |range: &Value| range["Name"].as_str().unwrap_or_default().to_owned();
    let mut tuned = Map::new();
    for range in all("IntegerParameterRanges") {
        let (low, high) = (bound(&range, "MinValue"), bound(&range, "MaxValue"));
        let value = (low + chance.f64() * (high - low + 1.0)).floor().min(high);
        tuned.insert(name(&range), format!("{value:.0}").into());
    }
    for range in all("ContinuousParameterRanges") {
        let (low, high) = (bound(&range, "MinValue"), bound(&range, "MaxValue"));
        tuned.insert(name(&range), format!("{}", low + chance.f64() * (high - low)).into());
    }
    for range in all("CategoricalParameterRanges") {
        let values = range["Values"].as_array().cloned().unwrap_or_default();
        let value = chance.choice(values.iter()).cloned().unwrap_or_default();
        // SageMaker hands categorical values to the container in quotes.
        tuned.insert(name(&range), format!("\"{}\"", value.as_str().unwrap_or_default()).into());
    }
    for range in all("AutoParameters") {
        tuned.insert(name(&range), range["ValueHint"].clone());
    }
    tuned
}

/// The resources of a trial whose definition leaves the choice of the instance to the tuning job.
fn resources(choice: &Value) -> Value {
    let first = &choice["InstanceConfigs"][0];
    let source = if first.is_null() { choice } else { first };
    let mut resources = Map::new();
    for member in ["InstanceType", "InstanceCount", "VolumeSizeInGB"] {
        if !source[member].is_null() {
            resources.insert(member.to_owned(), source[member].clone());
        }
    }
    if !choice["VolumeKmsKeyId"].is_null() {
        resources.insert("VolumeKmsKeyId".to_owned(), choice["VolumeKmsKeyId"].clone());
    }
    Value::Object(resources)
}
