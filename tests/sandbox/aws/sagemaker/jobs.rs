//! Processing and transform jobs: one table says in what they differ.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::super::clock::{self, Millis};
use super::super::logs::{self, Workload};
use super::super::model::Service;
use super::super::place::Context;
use super::super::refusal::Refusal;
use super::super::signature::hex;
use super::knobs::{self, Source};
use super::life::Life;
use super::paging::{self, Defaults, Row};
use super::roles;
use super::tags::{self, Tags};
use super::writing::{Writing, algo_stream};

/// A kind of job.
#[derive(Debug)]
pub(super) struct JobKind {
    /// `Processing` or `Transform`: the names of members begin with it.
    word: &'static str,
    arn_word: &'static str,
    group: &'static str,
    stream: fn(&str, u64, Millis) -> String,
    defaults: Defaults,
    /// How long the work takes, unscaled.
    seconds: f64,
    missing: fn(&str) -> Refusal,
    missing_to_stop: fn(&str) -> Refusal,
    image: fn(&Value) -> &str,
    /// How many streams it writes.
    streams: fn(&Value) -> u64,
}

/// Processing jobs.
pub(super) static PROCESSING: JobKind = JobKind {
    word: "Processing",
    arn_word: "processing-job",
    group: "/aws/sagemaker/ProcessingJobs",
    stream: algo_stream,
    defaults: Defaults { sort_by: "CreationTime", descending: false },
    seconds: 60.0,
    missing: |name| Refusal::validation(format!("Could not find requested job with name: {name}")),
    missing_to_stop: |name| Refusal::validation(format!("Could not find requested job with name: {name}")),
    image: |request| request["AppSpecification"]["ImageUri"].as_str().unwrap_or_default(),
    streams: |request| request["ProcessingResources"]["ClusterConfig"]["InstanceCount"].as_u64().unwrap_or(1),
};

/// Transform jobs.
pub(super) static TRANSFORM: JobKind = JobKind {
    word: "Transform",
    arn_word: "transform-job",
    group: "/aws/sagemaker/TransformJobs",
    // Each instance writes two streams: its container's, and what became of each record.
    stream: |job, number, epoch| {
        let log = if number % 2 == 0 { "/data-log" } else { "" };
        format!("{job}/{}-{epoch}{log}", instance(job, number.div_ceil(2)))
    },
    defaults: Defaults { sort_by: "CreationTime", descending: true },
    seconds: 90.0,
    missing: |name| Refusal::validation(format!("Could not find requested job with name: {name}")),
    missing_to_stop: |name| Refusal::validation(format!("Could not find job to update with name: {name}")),
    image: |_| "",
    streams: |request| 2 * request["TransformResources"]["InstanceCount"].as_u64().unwrap_or(1),
};

/// What a second Create of a name is told.
fn duplicate(arn: &str) -> Refusal {
    Refusal::new(
        "ResourceInUse",
        format!(
            "Job name must be unique within an AWS account and region, and a job with this name already exists ({arn})"
        ),
    )
}

/// The id of a machine.
pub(super) fn instance(owner: &str, number: u64) -> String {
    format!("i-0{}", &hex(&Sha256::digest(format!("{owner} {number}")))[..16])
}

/// The jobs of one kind in one account and region.
#[derive(Debug)]
pub(super) struct Jobs {
    kind: &'static JobKind,
    jobs: BTreeMap<String, Job>,
}

#[derive(Debug)]
struct Job {
    name: String,
    arn: String,
    request: Value,
    created: Millis,
    visible: Millis,
    life: Life,
    workload: Workload,
}

impl Jobs {
    /// No job of that kind yet.
    pub(super) fn new(kind: &'static JobKind) -> Self {
        Self { kind, jobs: BTreeMap::new() }
    }

    /// Create. The image decides too whether the job fails; of a transform job it is its model's.
    pub(super) fn create(
        &mut self,
        context: &Context<'_>,
        tags: &mut Tags,
        request: &Value,
        model_image: &str,
    ) -> Result<Value, Refusal> {
        tags::check(&request["Tags"])?;
        roles::check_account(context, &request["RoleArn"])?;
        let name = self.name(request).to_owned();
        let arn = context.arn(self.kind.arn_word, &name);
        if self.jobs.contains_key(&name) {
            return Err(duplicate(&arn));
        }
        let digest = Sha256::digest(format!("{arn} {}", context.now));
        let seed = digest.iter().take(8).fold(0, |seed, byte| seed << 8 | u64::from(*byte));
        let own_image = (self.kind.image)(request);
        let image = if own_image.is_empty() { model_image } else { own_image };
        let source = Source { knobs: &request["Environment"], image, seconds: self.kind.seconds, seed };
        let (wishes, workload) = knobs::read(request, source)?;
        let job = Job {
            name: name.clone(),
            arn: arn.clone(),
            request: request.clone(),
            created: context.now,
            visible: context.now + context.blind,
            life: Life::new(context.now, context.pace, &wishes),
            workload,
        };
        self.writing(&job).announce(context, &job.life, &job.workload);
        tags.create(&arn, &request["Tags"]);
        self.jobs.insert(name, job);
        Ok(json!({ self.member("JobArn"): arn }))
    }

    /// Describe.
    pub(super) fn describe(&self, context: &Context<'_>, request: &Value) -> Result<Value, Refusal> {
        let name = self.name(request);
        let job = self.jobs.get(name).filter(|job| !job.is_hidden(context)).ok_or_else(|| (self.kind.missing)(name))?;
        let service = Service::by_target("SageMaker").expect("SageMaker is in the model");
        let known = &service.shape(&format!("Describe{}JobResponse", self.kind.word)).members;
        let members = job.request.as_object().into_iter().flatten().filter(|(name, _)| known.contains_key(*name));
        let mut answer: Map<_, _> = members.map(|(name, value)| (name.clone(), value.clone())).collect();
        let moment = job.life.at(context.now);
        if known.contains_key("LastModifiedTime") {
            answer.insert("LastModifiedTime".to_owned(), clock::seconds(moment.changed()));
        }
        if let Some(started) = moment.started() {
            answer.insert(self.member("StartTime"), clock::seconds(started));
        }
        answer.extend(self.common(job, context.now));
        Ok(Value::Object(answer))
    }

    /// List.
    pub(super) fn list(&self, context: &Context<'_>, request: &Value) -> Result<Value, Refusal> {
        let rows = self.jobs.values().filter(|job| !job.is_hidden(context)).map(|job| {
            let moment = job.life.at(context.now);
            let (status, modified) = (moment.status.word().into(), moment.changed());
            Row { name: &job.name, status, created: job.created, modified, item: job }
        });
        paging::page(request, &self.member("JobSummaries"), self.kind.defaults, rows, |job| {
            let mut summary = self.common(job, context.now);
            summary.insert("LastModifiedTime".to_owned(), clock::seconds(job.life.at(context.now).changed()));
            Value::Object(summary)
        })
    }

    /// Stop.
    pub(super) fn stop(&mut self, context: &Context<'_>, request: &Value) -> Result<Value, Refusal> {
        let name = self.name(request).to_owned();
        let kind = self.kind;
        let job = self.jobs.get_mut(&name).ok_or_else(|| (kind.missing_to_stop)(&name))?;
        let status = job.life.at(context.now).status;
        if status.is_end() {
            let word = kind.word.to_lowercase();
            let status = status.word();
            let text = format!("The request was rejected because the {word} job is in status {status}.");
            return Err(Refusal::validation(text));
        }
        if job.life.stop(context.now) {
            let job = &self.jobs[&name];
            self.writing(job).end(context, context.now, &logs::Ending::Terminated);
        }
        Ok(json!({}))
    }

    /// Delete, which only processing jobs know: the record of an ended job goes.
    pub(super) fn delete(&mut self, context: &Context<'_>, tags: &mut Tags, request: &Value) -> Result<Value, Refusal> {
        let name = self.name(request);
        let job = self.jobs.get(name).ok_or_else(|| (self.kind.missing)(name))?;
        let status = job.life.at(context.now).status;
        if !status.is_end() {
            let text = format!("Job {name} is in status {} and cannot be deleted.", status.word());
            return Err(Refusal::new("ResourceInUse", text));
        }
        tags.forget(&job.arn);
        self.jobs.remove(name);
        Ok(json!({}))
    }

    fn member(&self, rest: &str) -> String {
        format!("{}{rest}", self.kind.word)
    }

    fn name<'a>(&self, request: &'a Value) -> &'a str {
        request[self.member("JobName")].as_str().unwrap_or_default()
    }

    /// What both Describe and List show.
    fn common(&self, job: &Job, now: Millis) -> Map<String, Value> {
        let moment = job.life.at(now);
        let mut members = Map::from_iter([
            (self.member("JobName"), Value::from(job.name.as_str())),
            (self.member("JobArn"), Value::from(job.arn.as_str())),
            (self.member("JobStatus"), Value::from(moment.status.word())),
            ("CreationTime".to_owned(), clock::seconds(job.created)),
        ]);
        if let Some(ended) = moment.ended() {
            members.insert(self.member("EndTime"), clock::seconds(ended));
        }
        if let Some(reason) = moment.failure {
            members.insert("FailureReason".to_owned(), reason.into());
        }
        members
    }

    fn writing<'a>(&self, job: &'a Job) -> Writing<'a> {
        let hosts = (self.kind.streams)(&job.request);
        Writing { group: self.kind.group, job: &job.name, hosts, seed: job.workload.seed, stream: self.kind.stream }
    }
}

impl Job {
    fn is_hidden(&self, context: &Context<'_>) -> bool {
        context.now < self.visible || context.now < self.created + context.blind
    }
}
