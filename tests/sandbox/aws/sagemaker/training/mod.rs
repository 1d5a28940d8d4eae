//! Training jobs.

mod create;
mod describe;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::clock::{self, Millis};
use super::super::logs::{self, Workload};
use super::super::place::Context;
use super::super::refusal::Refusal;
use super::life::{Life, Moment, Status};
use super::paging::{self, Defaults, Row};
use super::tags::Tags;
use super::writing::{Writing, algo_stream};

/// Where training jobs log.
const GROUP: &str = "/aws/sagemaker/TrainingJobs";

/// One job.
#[derive(Debug, Clone)]
pub(super) struct TrainingJob {
    pub(super) name: String,
    pub(super) arn: String,
    /// The Create request without its tags, as updates have changed it.
    request: Value,
    pub(super) created: Millis,
    /// Reads do not see it before.
    visible: Millis,
    /// The last change that was not a step of its life.
    touched: Millis,
    pub(super) life: Life,
    workload: Workload,
    seed: u64,
}

/// The jobs of one account and region.
#[derive(Debug, Default)]
pub(super) struct TrainingJobs {
    jobs: BTreeMap<String, TrainingJob>,
}

impl TrainingJobs {
    /// `DescribeTrainingJob`.
    /// A trial shows its tuning job, and the metric that it reports at its end.
    pub(super) fn describe(
        &self,
        context: &Context<'_>,
        request: &Value,
        trial: Option<(&str, Value)>,
    ) -> Result<Value, Refusal> {
        let job = self.find(request)?;
        if job.is_hidden(context) {
            return Err(not_found());
        }
        Ok(describe::answer(context, job, trial))
    }

    /// `ListTrainingJobs`.
    pub(super) fn list(&self, context: &Context<'_>, request: &Value) -> Result<Value, Refusal> {
        let wanted_pool = request["WarmPoolStatusEquals"].as_str();
        let shown = self.jobs.values().filter(|job| !job.is_hidden(context));
        let shown = shown.filter(|job| {
            wanted_pool.is_none_or(|wanted| {
                let pool = describe::warm_pool(context, job, &job.life.at(context.now));
                pool.is_some_and(|pool| pool["Status"] == wanted)
            })
        });
        let defaults = Defaults { sort_by: "CreationTime", descending: false };
        let rows = shown.map(|job| row(context, job));
        paging::page(request, "TrainingJobSummaries", defaults, rows, |job| describe::summary(context, job))
    }

    /// `StopTrainingJob`.
    pub(super) fn stop(&mut self, context: &Context<'_>, request: &Value) -> Result<Value, Refusal> {
        let job = self.find_mut(request)?;
        let status = job.life.at(context.now).status;
        if status.is_end() {
            return Err(ended(status));
        }
        if job.life.stop(context.now) {
            job.writing().end(context, context.now, &logs::Ending::Terminated);
        }
        Ok(json!({}))
    }

    /// `UpdateTrainingJob`.
    pub(super) fn update(&mut self, context: &Context<'_>, request: &Value) -> Result<Value, Refusal> {
        let job = self.find_mut(request)?;
        let status = job.life.at(context.now).status;
        let keep_alive = &request["ResourceConfig"]["KeepAlivePeriodInSeconds"];
        // A warm pool outlives its job; everything else that can be updated is about a job under way.
        if status.is_end() && keep_alive.is_null() {
            return Err(ended(status));
        }
        if !keep_alive.is_null() {
            job.request["ResourceConfig"]["KeepAlivePeriodInSeconds"] = keep_alive.clone();
        }
        for member in ["ProfilerConfig", "RemoteDebugConfig"] {
            for (key, value) in request[member].as_object().into_iter().flatten() {
                job.request[member][key] = value.clone();
            }
        }
        if let Some(rules) = request["ProfilerRuleConfigurations"].as_array() {
            let mut all = job.request["ProfilerRuleConfigurations"].as_array().cloned().unwrap_or_default();
            all.retain(|it| rules.iter().all(|rule| rule["RuleConfigurationName"] != it["RuleConfigurationName"]));
            all.extend(rules.iter().cloned());
            job.request["ProfilerRuleConfigurations"] = Value::Array(all);
        }
        job.touched = context.now;
        Ok(json!({ "TrainingJobArn": job.arn }))
    }

    /// `DeleteTrainingJob`: the record of an ended job goes.
    pub(super) fn delete(&mut self, context: &Context<'_>, tags: &mut Tags, request: &Value) -> Result<Value, Refusal> {
        let job = self.find(request)?;
        let status = job.life.at(context.now).status;
        if !status.is_end() {
            let text = format!("Training job {} is in status {} and cannot be deleted.", job.name, status.word());
            return Err(Refusal::new("ResourceInUse", text));
        }
        let (name, arn) = (job.name.clone(), job.arn.clone());
        self.forget(&name);
        tags.forget(&arn);
        Ok(json!({}))
    }

    /// Forgets a job, whatever it is doing. False if there is none.
    pub(super) fn forget(&mut self, name: &str) -> bool {
        self.jobs.remove(name).is_some()
    }

    /// The job of that name.
    pub(super) fn get(&self, name: &str) -> Option<&TrainingJob> {
        self.jobs.get(name)
    }

    fn find(&self, request: &Value) -> Result<&TrainingJob, Refusal> {
        self.jobs.get(request["TrainingJobName"].as_str().unwrap_or_default()).ok_or_else(not_found)
    }

    fn find_mut(&mut self, request: &Value) -> Result<&mut TrainingJob, Refusal> {
        self.jobs.get_mut(request["TrainingJobName"].as_str().unwrap_or_default()).ok_or_else(not_found)
    }
}

impl TrainingJob {
    fn is_hidden(&self, context: &Context<'_>) -> bool {
        context.now < self.visible || context.now < self.created + context.blind
    }

    fn modified(&self, moment: &Moment<'_>) -> Millis {
        self.touched.max(moment.changed())
    }

    /// The internal record, for the admin API.
    pub(super) fn record(&self, now: Millis) -> Value {
        let moment = self.life.at(now);
        json!({
            "arn": self.arn,
            "status": moment.status.word(),
            "secondaryStatus": moment.secondary().word(),
            "created": clock::iso(self.created),
            "willEnd": clock::iso(self.life.end().from),
            "willEndAs": self.life.end().status.word(),
            "seed": self.workload.seed,
            "request": self.request,
        })
    }

    fn hosts(&self) -> u64 {
        let resources = &self.request["ResourceConfig"];
        let groups = resources["InstanceGroups"].as_array().into_iter().flatten();
        let grouped: u64 = groups.filter_map(|group| group["InstanceCount"].as_u64()).sum();
        resources["InstanceCount"].as_u64().unwrap_or(grouped).max(1)
    }

    fn writing(&self) -> Writing<'_> {
        Writing { group: GROUP, job: &self.name, hosts: self.hosts(), seed: self.seed, stream: algo_stream }
    }
}

fn row<'a>(context: &Context<'_>, job: &'a TrainingJob) -> Row<'a, TrainingJob> {
    let moment = job.life.at(context.now);
    let (status, modified) = (moment.status.word().into(), job.modified(&moment));
    Row { name: &job.name, status, created: job.created, modified, item: job }
}

fn not_found() -> Refusal {
    Refusal::validation("Requested resource not found.")
}

fn ended(status: Status) -> Refusal {
    let status = status.word();
    Refusal::validation(format!("The request was rejected because the training job is in status {status}."))
}
