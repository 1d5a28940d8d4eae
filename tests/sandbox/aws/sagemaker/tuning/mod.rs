//! Hyperparameter tuning jobs: they spawn training jobs, some at a time, and compare what these report.

mod describe;
mod trial;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::super::clock::{self, Millis};
use super::super::place::Context;
use super::super::refusal::Refusal;
use super::life::Status;
use super::paging::{self, Defaults, Row};
use super::roles;
use super::tags::{self, Tags};
use super::training::TrainingJobs;
use trial::Trial;

/// How long the first trials take to be started, unscaled.
const FIRST_SECONDS: f64 = 5.0;

/// One tuning job.
#[derive(Debug)]
struct TuningJob {
    name: String,
    arn: String,
    request: Value,
    created: Millis,
    visible: Millis,
    seed: u64,
    stopped: Option<Millis>,
    trials: Vec<Trial>,
}

/// The tuning jobs of one account and region.
#[derive(Debug, Default)]
pub(super) struct TuningJobs {
    jobs: BTreeMap<String, TuningJob>,
}

impl TuningJobs {
    /// Starts the trials that are due. Their lives are laid out at once, so it is known when the next ones follow.
    pub(super) fn settle(&mut self, context: &Context<'_>, training: &mut TrainingJobs, tags: &mut Tags) {
        for job in self.jobs.values_mut() {
            while let Some(due) = job.next_start(context, training).filter(|due| *due <= context.now) {
                let then = Context { now: due, blind: 0, ..context.clone() };
                let trial = Trial::new(job.seed, job.trials.len(), &job.request);
                let order = trial.request(&job.request);
                // A trial that SageMaker would refuse is counted as one that has failed.
                let _ = training.create(&then, tags, &order);
                job.trials.push(trial);
            }
        }
    }

    /// `CreateHyperParameterTuningJob`.
    pub(super) fn create(&mut self, context: &Context<'_>, tags: &mut Tags, request: &Value) -> Result<Value, Refusal> {
        tags::check(&request["Tags"])?;
        check(context, request)?;
        let name = name_of(request);
        if self.jobs.contains_key(name) {
            let text =
                format!("A hyperparameter tuning job with the name, {name}, already exists. Choose a different name.");
            return Err(Refusal::new("ResourceInUse", text));
        }
        let arn = context.arn("hyper-parameter-tuning-job", name);
        let digest = Sha256::digest(format!("{arn} {}", context.now));
        let seed = digest.iter().take(8).fold(0, |seed, byte| seed << 8 | u64::from(*byte));
        tags.create(&arn, &request["Tags"]);
        let job = TuningJob {
            name: name.to_owned(),
            arn: arn.clone(),
            request: request.clone(),
            created: context.now,
            visible: context.now + context.blind,
            seed,
            stopped: None,
            trials: Vec::new(),
        };
        self.jobs.insert(name.to_owned(), job);
        Ok(json!({ "HyperParameterTuningJobArn": arn }))
    }

    /// `DescribeHyperParameterTuningJob`.
    pub(super) fn describe(
        &self,
        context: &Context<'_>,
        training: &TrainingJobs,
        request: &Value,
    ) -> Result<Value, Refusal> {
        let job = self.find(request)?;
        if job.is_hidden(context) {
            return Err(missing(name_of(request)));
        }
        Ok(describe::answer(context, job, training))
    }

    /// `ListHyperParameterTuningJobs`.
    pub(super) fn list(
        &self,
        context: &Context<'_>,
        training: &TrainingJobs,
        request: &Value,
    ) -> Result<Value, Refusal> {
        let rows = self.jobs.values().filter(|job| !job.is_hidden(context)).map(|job| {
            let (status, modified) = job.status(context, training);
            Row { name: &job.name, status: status.word().into(), created: job.created, modified, item: job }
        });
        let defaults = Defaults { sort_by: "Name", descending: false };
        paging::page(request, "HyperParameterTuningJobSummaries", defaults, rows, |job| {
            describe::summary(context, job, training)
        })
    }

    /// `ListTrainingJobsForHyperParameterTuningJob`.
    pub(super) fn list_trials(
        &self,
        context: &Context<'_>,
        training: &TrainingJobs,
        request: &Value,
    ) -> Result<Value, Refusal> {
        let job = self.find(request)?;
        let by_objective = request["SortBy"] == "FinalObjectiveMetricValue";
        let rows = job.trials.iter().filter_map(|trial| trial.row(context, training));
        let rows = rows.filter(|row| request["StatusEquals"].as_str().is_none_or(|wanted| wanted == row.status));
        // Only those that have completed report a value. A number between 0 and 1 sorts as its text does.
        let rows = rows.filter_map(|row| match by_objective {
            false => Some(row),
            true if row.status != Status::Completed.word() => None,
            true => Some(Row { status: format!("{:.4}", row.item.value).into(), ..row }),
        });
        let mut request = request.clone();
        request["StatusEquals"].take();
        if by_objective {
            request["SortBy"] = "Status".into();
        }
        let defaults = Defaults { sort_by: "Name", descending: false };
        paging::page(&request, "TrainingJobSummaries", defaults, rows, |trial| trial.summary(context, job, training))
    }

    /// `StopHyperParameterTuningJob`: no more trials, and those under way are stopped.
    pub(super) fn stop(
        &mut self,
        context: &Context<'_>,
        training: &mut TrainingJobs,
        request: &Value,
    ) -> Result<Value, Refusal> {
        let status = self.find(request)?.status(context, training).0;
        if status.is_end() {
            let status = status.word();
            let text = format!("The request was rejected because the hyperparameter tuning job is in status {status}.");
            return Err(Refusal::validation(text));
        }
        let name = name_of(request);
        let job = self.jobs.get_mut(name).ok_or_else(|| missing(name))?;
        if job.stopped.is_none() {
            job.stopped = Some(context.now);
            for trial in &job.trials {
                // Those that have ended refuse, and that is as it should be.
                let _ = training.stop(context, &json!({ "TrainingJobName": trial.name }));
            }
        }
        Ok(json!({}))
    }

    /// `DeleteHyperParameterTuningJob`: the record of an ended job goes; its trials stay.
    pub(super) fn delete(
        &mut self,
        context: &Context<'_>,
        training: &TrainingJobs,
        tags: &mut Tags,
        request: &Value,
    ) -> Result<Value, Refusal> {
        let job = self.find(request)?;
        let status = job.status(context, training).0;
        if !status.is_end() {
            let text = format!("Tuning job {} is in status {} and cannot be deleted.", job.name, status.word());
            return Err(Refusal::validation(text));
        }
        tags.forget(&job.arn);
        self.jobs.remove(name_of(request));
        Ok(json!({}))
    }

    /// The ARN of the tuning job that a training job is a trial of, and what the trial reports.
    pub(super) fn parent_of(&self, training_job: &str) -> Option<(&str, Value)> {
        let mut near = self.jobs.values().filter(|job| training_job.starts_with(&job.name));
        near.find_map(|job| {
            let trial = job.trials.iter().find(|trial| trial.name == training_job)?;
            Some((job.arn.as_str(), trial.report()))
        })
    }

    fn find(&self, request: &Value) -> Result<&TuningJob, Refusal> {
        self.jobs.get(name_of(request)).ok_or_else(|| missing(name_of(request)))
    }
}

impl TuningJob {
    fn is_hidden(&self, context: &Context<'_>) -> bool {
        context.now < self.visible || context.now < self.created + context.blind
    }

    fn limit(&self, name: &str) -> usize {
        let limit = self.request["HyperParameterTuningJobConfig"]["ResourceLimits"][name].as_u64().unwrap_or(1);
        usize::try_from(limit).unwrap_or(1)
    }

    /// When the next trial starts: as soon as fewer than the limit run. None if there will be no more.
    fn next_start(&self, context: &Context<'_>, training: &TrainingJobs) -> Option<Millis> {
        if self.stopped.is_some() || self.trials.len() >= self.limit("MaxNumberOfTrainingJobs") {
            return None;
        }
        let first = self.created + context.pace.seconds(FIRST_SECONDS);
        let parallel = self.limit("MaxParallelTrainingJobs");
        let mut ends: Vec<Millis> = self.trials.iter().map(|trial| trial.end(training).unwrap_or(first)).collect();
        if ends.len() < parallel {
            return Some(first);
        }
        // The place of the next trial becomes free when all but `parallel - 1` have ended.
        ends.sort_unstable();
        Some(ends[ends.len() - parallel].max(first))
    }

    /// The status, and when it last changed.
    fn status(&self, context: &Context<'_>, training: &TrainingJobs) -> (Status, Millis) {
        let now = context.now;
        let ends = self.trials.iter().filter_map(|trial| trial.end(training));
        let last = ends.clone().max().unwrap_or(self.created).max(self.stopped.unwrap_or(self.created));
        let started = self.trials.len() >= self.limit("MaxNumberOfTrainingJobs");
        let seen = ends.filter(|end| *end <= now).max().unwrap_or(self.created);
        match self.stopped {
            Some(_) if last <= now => (Status::Stopped, last),
            Some(at) => (Status::Stopping, at.max(seen)),
            None if started && last <= now => {
                let completed =
                    self.trials.iter().any(|trial| trial.status(context, training) == Some(Status::Completed));
                (if completed { Status::Completed } else { Status::Failed }, last)
            }
            None => (Status::InProgress, seen),
        }
    }
}

fn check(context: &Context<'_>, request: &Value) -> Result<(), Refusal> {
    let one = &request["TrainingJobDefinition"];
    let many = request["TrainingJobDefinitions"].as_array();
    if one.is_null() == many.is_none() {
        let text = "Exactly one of TrainingJobDefinition and TrainingJobDefinitions must be specified.";
        return Err(Refusal::validation(text));
    }
    let definitions: Vec<_> = many.map_or_else(|| vec![one], |many| many.iter().collect());
    let objective = &request["HyperParameterTuningJobConfig"]["HyperParameterTuningJobObjective"];
    for definition in definitions {
        roles::check_account(context, &definition["RoleArn"])?;
        if objective.is_null() && definition["TuningObjective"].is_null() {
            return Err(Refusal::validation("A tuning objective must be specified."));
        }
        if definition["ResourceConfig"].is_null() && definition["HyperParameterTuningResourceConfig"].is_null() {
            return Err(Refusal::validation("ResourceConfig must be specified in the training job definition."));
        }
    }
    let limits = &request["HyperParameterTuningJobConfig"]["ResourceLimits"];
    let (most, parallel) = (limits["MaxNumberOfTrainingJobs"].as_u64(), limits["MaxParallelTrainingJobs"].as_u64());
    if most.is_some_and(|most| parallel.is_some_and(|parallel| parallel > most)) {
        return Err(Refusal::validation(
            "MaxParallelTrainingJobs must be less than or equal to MaxNumberOfTrainingJobs.",
        ));
    }
    Ok(())
}

fn name_of(request: &Value) -> &str {
    request["HyperParameterTuningJobName"].as_str().unwrap_or_default()
}

fn missing(name: &str) -> Refusal {
    let text = format!("Amazon SageMaker can't find a tuning job called {name}. Type another name.");
    Refusal::new("ResourceNotFound", text)
}

/// What is common to every answer about a tuning job.
fn times(job: &TuningJob, status: Status, modified: Millis) -> Value {
    let mut times = json!({
        "HyperParameterTuningJobName": job.name,
        "HyperParameterTuningJobArn": job.arn,
        "HyperParameterTuningJobStatus": status.word(),
        "CreationTime": clock::seconds(job.created),
        "LastModifiedTime": clock::seconds(modified),
    });
    if status.is_end() {
        times["HyperParameterTuningEndTime"] = clock::seconds(modified);
    }
    times
}
