//! Endpoints: they come up, change configuration, weights and counts, roll back, and go.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::super::clock::{self, Millis};
use super::super::place::Context;
use super::super::refusal::Refusal;
use super::models::Records;
use super::paging::{self, Defaults, Row};
use super::tags::{self, Tags};
use super::variants::{self, Fleet};

/// Unscaled durations.
const CREATING_SECONDS: f64 = 120.0;
const UPDATING_SECONDS: f64 = 90.0;
const SCALING_SECONDS: f64 = 30.0;
const ROLLING_BACK_SECONDS: f64 = 30.0;
const DYING_SECONDS: f64 = 60.0;
const DELETING_SECONDS: f64 = 20.0;

/// The status of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Creating,
    InService,
    OutOfService,
    Updating,
    RollingBack,
    Failed,
    UpdateRollbackFailed,
    Deleting,
}

impl Status {
    /// The word in the API.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Creating => "Creating",
            Self::InService => "InService",
            Self::OutOfService => "OutOfService",
            Self::Updating => "Updating",
            Self::RollingBack => "RollingBack",
            Self::Failed => "Failed",
            Self::UpdateRollbackFailed => "UpdateRollbackFailed",
            Self::Deleting => "Deleting",
        }
    }

    fn is_under_way(self) -> bool {
        match self {
            Self::Creating | Self::Updating | Self::RollingBack | Self::Deleting => true,
            Self::InService | Self::OutOfService | Self::Failed | Self::UpdateRollbackFailed => false,
        }
    }

    /// Whether a change that could succeed has done so.
    fn has_arrived(self) -> bool {
        match self {
            Self::InService | Self::OutOfService => true,
            Self::Creating
            | Self::Updating
            | Self::RollingBack
            | Self::Failed
            | Self::UpdateRollbackFailed
            | Self::Deleting => false,
        }
    }
}

/// What an endpoint is to become, and how that goes.
#[derive(Debug, Clone)]
struct Change {
    /// The statuses to come, each with its beginning; the last one stays.
    course: Vec<(Status, Millis)>,
    /// What runs once the change has succeeded.
    target: Fleet,
    /// Why it will not succeed.
    failure: Option<String>,
}

/// One endpoint.
#[derive(Debug)]
pub(super) struct Endpoint {
    name: String,
    arn: String,
    created: Millis,
    visible: Millis,
    /// What runs, or ran before the change under way; none before the first.
    serving: Option<Fleet>,
    /// What runs beside it, since changes could neither be finished nor taken back.
    beside: Vec<Fleet>,
    change: Change,
    deployment: Value,
}

/// The endpoints of one account and region.
#[derive(Debug, Default)]
pub(super) struct Endpoints {
    endpoints: BTreeMap<String, Endpoint>,
}

/// What endpoints are made of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stock<'a> {
    pub(super) models: &'a Records,
    pub(super) configs: &'a Records,
}

impl Endpoints {
    /// Carries out what is due: changes that have succeeded, and deletions that are done.
    pub(super) fn settle(&mut self, context: &Context<'_>, tags: &mut Tags) {
        self.endpoints.retain(|_, endpoint| {
            let status = endpoint.settle(context.now);
            let gone = status == Status::Deleting && endpoint.since() + deleting(context) <= context.now;
            if gone {
                tags.forget(&endpoint.arn);
            }
            !gone
        });
    }

    /// `CreateEndpoint`.
    pub(super) fn create(
        &mut self,
        context: &Context<'_>,
        tags: &mut Tags,
        stock: Stock<'_>,
        request: &Value,
    ) -> Result<Value, Refusal> {
        tags::check(&request["Tags"])?;
        let name = name_of(request);
        let arn = arn(context, name);
        if self.endpoints.contains_key(name) {
            return Err(Refusal::validation(format!("Cannot create already existing endpoint \"{arn}\".")));
        }
        let target = Fleet::of_config(context, stock, request["EndpointConfigName"].as_str().unwrap_or_default())?;
        let up = context.now + context.pace.seconds(CREATING_SECONDS);
        let failure = target.failure();
        let end = if failure.is_some() { Status::Failed } else { Status::InService };
        let mut course = vec![(Status::Creating, context.now), (end, up)];
        course.extend(death(context, &target, up));
        target.write_logs(context, name, up);
        tags.create(&arn, &request["Tags"]);
        let endpoint = Endpoint {
            name: name.to_owned(),
            arn: arn.clone(),
            created: context.now,
            visible: context.now + context.blind,
            serving: None,
            beside: Vec::new(),
            change: Change { course, target, failure },
            deployment: request["DeploymentConfig"].clone(),
        };
        self.endpoints.insert(name.to_owned(), endpoint);
        Ok(json!({ "EndpointArn": arn }))
    }

    /// `UpdateEndpoint`.
    pub(super) fn update(
        &mut self,
        context: &Context<'_>,
        stock: Stock<'_>,
        request: &Value,
    ) -> Result<Value, Refusal> {
        let endpoint = self.find_mut(context, name_of(request))?;
        let serving = endpoint.changeable(context.now)?.clone();
        let beside = endpoint.beside(context.now);
        let mut target = Fleet::of_config(context, stock, request["EndpointConfigName"].as_str().unwrap_or_default())?;
        // The configurations in use are needed to go back to, with their models.
        for config in beside.iter().map(|fleet| &fleet.config).chain([&serving.config]) {
            Fleet::of_config(context, stock, config)?;
        }
        if request["RetainAllVariantProperties"].as_bool() == Some(true) {
            target.retain(&serving, &request["ExcludeRetainedVariantProperties"]);
        }
        if request["RetainDeploymentConfig"].as_bool() != Some(true) {
            endpoint.deployment = request["DeploymentConfig"].clone();
        }
        let tried = context.now + context.pace.seconds(UPDATING_SECONDS);
        let back = tried + context.pace.seconds(ROLLING_BACK_SECONDS);
        let failure = target.failure();
        let mut course = vec![(Status::Updating, context.now)];
        match &failure {
            None => {
                target.write_logs(context, &endpoint.name, tried);
                course.push((Status::InService, tried));
                course.extend(death(context, &target, tried));
            }
            Some(_) if target.cannot_roll_back() => {
                course.extend([(Status::RollingBack, tried), (Status::UpdateRollbackFailed, back)]);
            }
            Some(_) => course.extend([(Status::RollingBack, tried), (Status::InService, back)]),
        }
        endpoint.serving = Some(serving);
        endpoint.beside = beside;
        endpoint.change = Change { course, target, failure };
        Ok(json!({ "EndpointArn": endpoint.arn }))
    }

    /// `UpdateEndpointWeightsAndCapacities`.
    pub(super) fn scale(&mut self, context: &Context<'_>, request: &Value) -> Result<Value, Refusal> {
        let endpoint = self.find_mut(context, name_of(request))?;
        let serving = endpoint.changeable(context.now)?.clone();
        let mut target = serving.clone();
        target.scale(&request["DesiredWeightsAndCapacities"])?;
        let done = context.now + context.pace.seconds(SCALING_SECONDS);
        let course = vec![(Status::Updating, context.now), (Status::InService, done)];
        endpoint.serving = Some(serving);
        endpoint.change = Change { course, target, failure: None };
        Ok(json!({ "EndpointArn": endpoint.arn }))
    }

    /// `DeleteEndpoint`.
    pub(super) fn delete(&mut self, context: &Context<'_>, request: &Value) -> Result<Value, Refusal> {
        let endpoint = self.find_mut(context, name_of(request))?;
        if endpoint.status(context.now).is_under_way() {
            return Err(in_progress(&endpoint.arn));
        }
        endpoint.change.course.push((Status::Deleting, context.now));
        let group = variants::log_group(&endpoint.name);
        let at_ms = u64::try_from(context.now).unwrap_or(0);
        let ending = super::super::logs::Ending::Terminated;
        context.logs.end(context.account, context.region, &group, &endpoint.name, at_ms, &ending);
        Ok(json!({}))
    }

    /// `DescribeEndpoint`.
    pub(super) fn describe(&self, context: &Context<'_>, request: &Value) -> Result<Value, Refusal> {
        let name = name_of(request);
        let endpoint = self.find(context, name)?;
        if endpoint.is_hidden(context) {
            return Err(missing(context, name));
        }
        Ok(endpoint.describe(context.now))
    }

    /// `ListEndpoints`.
    pub(super) fn list(&self, context: &Context<'_>, request: &Value) -> Result<Value, Refusal> {
        let shown = self.endpoints.values().filter(|endpoint| !endpoint.is_hidden(context));
        let rows = shown.map(|endpoint| Row {
            name: &endpoint.name,
            status: endpoint.status(context.now).word().into(),
            created: endpoint.created,
            modified: endpoint.changed(context.now),
            item: endpoint,
        });
        let defaults = Defaults { sort_by: "CreationTime", descending: true };
        paging::page(request, "Endpoints", defaults, rows, |endpoint| Value::Object(endpoint.common(context.now)))
    }

    /// The status of an endpoint's variant, as Application Auto Scaling asks for it; none if either is missing.
    pub(super) fn variant_status(&self, name: &str, variant: &str, now: Millis) -> Option<Status> {
        let endpoint = self.endpoints.get(name)?;
        endpoint.fleet(now).has(variant).then(|| endpoint.status(now))
    }

    fn find(&self, context: &Context<'_>, name: &str) -> Result<&Endpoint, Refusal> {
        self.endpoints.get(name).ok_or_else(|| missing(context, name))
    }

    fn find_mut(&mut self, context: &Context<'_>, name: &str) -> Result<&mut Endpoint, Refusal> {
        self.endpoints.get_mut(name).ok_or_else(|| missing(context, name))
    }
}

impl Endpoint {
    fn is_hidden(&self, context: &Context<'_>) -> bool {
        context.now < self.visible || context.now < self.created + context.blind
    }

    /// The step of the course that holds at a moment.
    fn step(&self, now: Millis) -> (Status, Millis) {
        let course = &self.change.course;
        *course.iter().rev().find(|(_, from)| *from <= now).unwrap_or(&course[0])
    }

    fn status(&self, now: Millis) -> Status {
        self.step(now).0
    }

    fn changed(&self, now: Millis) -> Millis {
        self.step(now).1
    }

    /// When the last step of the course begins.
    fn since(&self) -> Millis {
        self.change.course[self.change.course.len() - 1].1
    }

    /// Puts a change that has succeeded in force.
    fn settle(&mut self, now: Millis) -> Status {
        let status = self.status(now);
        if status.has_arrived() && self.change.failure.is_none() {
            self.serving = Some(self.change.target.clone());
        }
        status
    }

    /// What serves at a moment, or is to serve if nothing has yet.
    fn fleet(&self, now: Millis) -> &Fleet {
        let arrived = self.status(now).has_arrived() && self.change.failure.is_none();
        self.serving.as_ref().filter(|_| !arrived).unwrap_or(&self.change.target)
    }

    /// What runs beside what serves.
    fn beside(&self, now: Millis) -> Vec<Fleet> {
        match self.status(now) {
            Status::UpdateRollbackFailed => self.beside.iter().chain([&self.change.target]).cloned().collect(),
            Status::Updating | Status::RollingBack => self.beside.clone(),
            Status::Creating | Status::InService | Status::OutOfService | Status::Failed | Status::Deleting => {
                Vec::new()
            }
        }
    }

    /// What serves, if the endpoint may be changed now.
    fn changeable(&self, now: Millis) -> Result<&Fleet, Refusal> {
        let status = self.status(now);
        match status {
            // Only of a failed one it is documented that nothing but a deletion helps.
            Status::InService | Status::OutOfService | Status::UpdateRollbackFailed => Ok(self.fleet(now)),
            Status::Creating | Status::Updating | Status::RollingBack | Status::Deleting => Err(in_progress(&self.arn)),
            Status::Failed => {
                let text = format!("Cannot update endpoint \"{}\" in status {}.", self.arn, status.word());
                Err(Refusal::validation(text))
            }
        }
    }

    fn common(&self, now: Millis) -> Map<String, Value> {
        Map::from_iter([
            ("EndpointName".to_owned(), Value::from(self.name.as_str())),
            ("EndpointArn".to_owned(), Value::from(self.arn.as_str())),
            ("EndpointStatus".to_owned(), Value::from(self.status(now).word())),
            ("CreationTime".to_owned(), clock::seconds(self.created)),
            ("LastModifiedTime".to_owned(), clock::seconds(self.changed(now))),
        ])
    }

    fn describe(&self, now: Millis) -> Value {
        let status = self.status(now);
        let fleet = self.fleet(now);
        let mut answer = self.common(now);
        let mut set = |name: &str, value: Value| answer.insert(name.to_owned(), value);
        set("EndpointConfigName", fleet.config.as_str().into());
        // A failed update may show its reason while the old configuration serves on; only of `Failed` it is documented.
        let told = status == Status::Failed || !self.change.target.is_silent();
        let failed = told && !matches!(status, Status::Creating | Status::Updating);
        if let Some(reason) = self.change.failure.as_ref().filter(|_| failed) {
            set("FailureReason", reason.as_str().into());
        }
        if self.serving.is_some() || status.has_arrived() {
            let target = if status == Status::Updating { &self.change.target } else { fleet };
            set("ProductionVariants", fleet.summaries(target));
            if !fleet.capture.is_null() {
                set("DataCaptureConfig", fleet.capture_summary());
            }
        }
        if status == Status::Updating && self.change.target.config != fleet.config {
            let (config, start) = (self.change.target.config.as_str(), clock::seconds(self.changed(now)));
            set("PendingDeploymentSummary", json!({ "EndpointConfigName": config, "StartTime": start }));
        }
        if !self.deployment.is_null() {
            set("LastDeploymentConfig", self.deployment.clone());
        }
        Value::Object(answer)
    }
}

/// When a fleet stops answering that came up at that moment.
fn death(context: &Context<'_>, fleet: &Fleet, up: Millis) -> Option<(Status, Millis)> {
    fleet.dies().then(|| (Status::OutOfService, up + context.pace.seconds(DYING_SECONDS)))
}

fn deleting(context: &Context<'_>) -> Millis {
    context.pace.seconds(DELETING_SECONDS)
}

fn name_of(request: &Value) -> &str {
    request["EndpointName"].as_str().unwrap_or_default()
}

fn arn(context: &Context<'_>, name: &str) -> String {
    context.arn("endpoint", &name.to_lowercase())
}

fn missing(context: &Context<'_>, name: &str) -> Refusal {
    Refusal::validation(format!("Could not find endpoint \"{}\".", arn(context, name)))
}

fn in_progress(arn: &str) -> Refusal {
    Refusal::validation(format!("Cannot update in-progress endpoint \"{arn}\"."))
}
