//! The stage's SageMaker: models, configurations, and endpoints that take their time. What it sees done to an endpoint that
//! serves, and must never be, it remembers.

mod gateway;

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::super::world::MINE;
use super::stage::State;
use crate::api::endpoint_config::EndpointConfigObserved;
use crate::api::hosting_deployment::{EndpointObserved, PendingDeployment};
use crate::api::model::ModelObserved;
use crate::api::{EndpointConfig, EndpointConfigSpec, HostingDeployment, HostingDeploymentSpec, Model, ModelSpec};
use crate::lifecycle::{Cause, Kind};

/// How long an endpoint takes to come up, to change, and to go.
const BUSY: TimeDelta = TimeDelta::seconds(15);

#[derive(Debug)]
pub(super) struct SageMaker {
    models: BTreeMap<String, Thing<ModelSpec>>,
    configs: BTreeMap<String, Thing<EndpointConfigSpec>>,
    endpoints: BTreeMap<String, Thing<Endpoint>>,
    /// How long after a Create nothing is to be seen.
    appears_after: TimeDelta,
    /// How long after an update was accepted nothing is to be seen of it.
    lag: TimeDelta,
    /// What was done that must never be done.
    pub(super) offence: Option<String>,
}

#[derive(Debug)]
struct Thing<T> {
    is: T,
    visible_at: DateTime<Utc>,
}

/// An endpoint. What its image is called decides what becomes of it: with `fail` in it, it does not come up; with `stuck`
/// in it, not even the way back is open. With `refused` in it, there is not even a model.
#[derive(Debug)]
struct Endpoint {
    looks: Looks,
    /// What an update goes for.
    next: Option<String>,
    settles_at: DateTime<Utc>,
    /// What serves beside the configuration that is told of, since an update is stuck.
    beside: Vec<String>,
    /// How it looked before, to whom asks before that moment.
    before: Option<(DateTime<Utc>, Looks)>,
}

/// What somebody changes behind its object.
#[derive(Debug, Clone, Copy)]
pub(super) enum Forged {
    Model,
    Config,
}

/// What Describe tells of an endpoint.
#[derive(Debug, Clone)]
struct Looks {
    status: &'static str,
    config: String,
    going_for: Option<String>,
    modified: DateTime<Utc>,
}

impl Endpoint {
    fn uses(&self, config: &str) -> bool {
        let is_it = |used: &String| used == config;
        let is_alive = self.looks.status != "Failed";
        is_alive && (is_it(&self.looks.config) || self.next.iter().any(is_it) || self.beside.iter().any(is_it))
    }

    fn looks_like(&self, now: DateTime<Utc>) -> &Looks {
        self.before.as_ref().filter(|(until, _)| now < *until).map_or(&self.looks, |(_, before)| before)
    }

    /// What becomes of it when its time has come; `image` is that of what it goes for.
    fn settle(&mut self, image: &str, now: DateTime<Utc>) {
        let next = self.next.take();
        let is_first = self.looks.status == "Creating";
        self.looks.going_for = None;
        self.looks.modified = now;
        self.looks.status = match image {
            image if is_first && image.contains("fail") => "Failed",
            image if image.contains("stuck") => "UpdateRollbackFailed",
            _ => "InService",
        };
        match next {
            Some(next) if image.contains("stuck") => self.beside.push(next),
            Some(_) if image.contains("fail") => self.beside.clear(),
            next => {
                self.beside.clear();
                self.looks.config = next.unwrap_or_else(|| self.looks.config.clone());
            }
        }
    }
}

impl SageMaker {
    pub(super) fn new(appears_after: TimeDelta) -> Self {
        let (models, configs, endpoints) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Self { models, configs, endpoints, appears_after, lag: TimeDelta::zero(), offence: None }
    }

    /// Lets the endpoints settle whose time has come.
    pub(super) fn advance(&mut self, now: DateTime<Utc>) {
        self.endpoints.retain(|_, endpoint| endpoint.is.looks.status != "Deleting" || endpoint.is.settles_at > now);
        for endpoint in self.endpoints.values_mut().map(|thing| &mut thing.is) {
            let is_under_way = ["Creating", "Updating"].contains(&endpoint.looks.status);
            if is_under_way && endpoint.settles_at <= now {
                let config = endpoint.next.as_ref().unwrap_or(&endpoint.looks.config);
                endpoint.settle(image_of(&self.models, &self.configs, config).unwrap_or_default(), now);
            }
        }
    }

    /// Whether an endpoint is in service with a model of that image.
    pub(super) fn serves(&self, image: &str) -> bool {
        self.endpoints.values().any(|endpoint| {
            let looks = &endpoint.is.looks;
            looks.status == "InService" && image_of(&self.models, &self.configs, &looks.config) == Some(image)
        })
    }

    /// Has all endpoints be in that state.
    pub(super) fn set_status(&mut self, status: &'static str, now: DateTime<Utc>) {
        for endpoint in self.endpoints.values_mut().map(|thing| &mut thing.is) {
            (endpoint.looks.status, endpoint.looks.modified) = (status, now);
        }
    }

    /// Somebody changes what the first endpoint serves by, under the same name.
    pub(super) fn forge(&mut self, forged: Forged) {
        match forged {
            Forged::Model => {
                let containers = self.models.values_mut().filter_map(|model| model.is.primary_container.as_mut());
                containers.for_each(|container| container.image = Some("forged".to_owned()));
            }
            Forged::Config => {
                let variants = self.configs.values_mut().flat_map(|config| &mut config.is.production_variants);
                variants.for_each(|variant| variant.initial_instance_count = None);
            }
        }
    }

    /// Somebody deletes all endpoints.
    pub(super) fn lose_endpoints(&mut self) {
        self.endpoints.clear();
    }

    /// Somebody updates all endpoints to a configuration of that name, between two looks of the operator.
    pub(super) fn point_to(&mut self, config: &str) {
        for endpoint in self.endpoints.values_mut().map(|thing| &mut thing.is) {
            config.clone_into(&mut endpoint.looks.config);
            endpoint.looks.modified += BUSY;
        }
    }

    /// What Describe tells is that much out of date after an update was accepted.
    pub(super) fn set_lag(&mut self, lag: TimeDelta) {
        self.lag = lag;
    }

    /// How many models, configurations and endpoints there are.
    pub(super) fn counts(&self) -> (usize, usize, usize) {
        (self.models.len(), self.configs.len(), self.endpoints.len())
    }

    /// Whether there are models that no configuration deploys.
    pub(super) fn has_unused_models(&self) -> bool {
        let used: Vec<_> = self.configs.values().flat_map(|config| config.is.models()).collect();
        self.models.keys().any(|model| !used.contains(&model.as_str()))
    }

    fn is_used(&self, config: &str) -> bool {
        self.endpoints.values().any(|endpoint| endpoint.is.uses(config))
    }

    /// The configuration, if there is one of that name.
    fn known(&self, config: Option<&str>) -> Result<String, Cause> {
        config.filter(|config| self.configs.contains_key(*config)).map(str::to_owned).ok_or(Cause::Invalid)
    }

    fn offend(&mut self, offence: String) {
        self.offence.get_or_insert(offence);
    }
}

/// The image of the first model that the configuration deploys.
fn image_of<'a>(
    models: &'a BTreeMap<String, Thing<ModelSpec>>,
    configs: &BTreeMap<String, Thing<EndpointConfigSpec>>,
    config: &str,
) -> Option<&'a str> {
    let model = models.get(configs.get(config)?.is.models().next()?)?;
    model.is.primary_container.as_ref()?.image.as_deref()
}

fn arn(sort: &str, name: &str) -> String {
    format!("arn:aws:sagemaker:us-west-2:{MINE}:{sort}/{name}")
}

/// What SageMaker keeps of a kind, and by what rules.
trait Shelf: Kind {
    /// What it keeps.
    type Kept: Send;

    /// What its operations are about, as in `CreateModel`.
    const CALLS: Calls;

    fn look(aws: &SageMaker) -> &BTreeMap<String, Thing<Self::Kept>>;
    fn shelf(aws: &mut SageMaker) -> &mut BTreeMap<String, Thing<Self::Kept>>;
    fn make(state: &mut State, spec: &Self::Spec) -> Result<Self::Kept, Cause>;
    fn describe(state: &State, name: &str, kept: &Self::Kept) -> Self::Observed;
    fn delete(state: &mut State, name: &str) -> Result<(), Cause>;

    fn update(_state: &mut State, _name: &str, _update: &Value) -> Result<(), Cause> {
        Err(Cause::Invalid)
    }
}

/// The names of a kind's operations, and of its resources in an ARN.
struct Calls {
    resource: &'static str,
    describe: &'static str,
    create: &'static str,
    update: &'static str,
    delete: &'static str,
}

impl Shelf for Model {
    type Kept = ModelSpec;

    const CALLS: Calls = Calls {
        resource: "model",
        describe: "DescribeModel",
        create: "CreateModel",
        update: "UpdateModel",
        delete: "DeleteModel",
    };

    fn look(aws: &SageMaker) -> &BTreeMap<String, Thing<ModelSpec>> {
        &aws.models
    }

    fn shelf(aws: &mut SageMaker) -> &mut BTreeMap<String, Thing<ModelSpec>> {
        &mut aws.models
    }

    fn make(_state: &mut State, spec: &ModelSpec) -> Result<ModelSpec, Cause> {
        let image = spec.primary_container.as_ref().and_then(|container| container.image.as_deref());
        if image.is_some_and(|image| image.contains("refused")) {
            return Err(Cause::Invalid);
        }
        Ok(spec.clone())
    }

    fn describe(_state: &State, name: &str, kept: &ModelSpec) -> Self::Observed {
        ModelObserved { model_arn: arn("model", name), spec: kept.clone(), ..ModelObserved::default() }
    }

    fn delete(state: &mut State, name: &str) -> Result<(), Cause> {
        let aws = &mut state.aws;
        let named_by: Vec<_> =
            aws.configs.iter().filter(|(_, config)| config.is.models().any(|it| it == name)).collect();
        if named_by.iter().any(|(config, _)| aws.is_used(config)) {
            aws.offend(format!("the model {name} was deleted under an endpoint"));
        }
        aws.models.remove(name).map(drop).ok_or(Cause::NotFound)
    }
}

impl Shelf for EndpointConfig {
    type Kept = EndpointConfigSpec;

    const CALLS: Calls = Calls {
        resource: "endpoint-config",
        describe: "DescribeEndpointConfig",
        create: "CreateEndpointConfig",
        update: "UpdateEndpointConfig",
        delete: "DeleteEndpointConfig",
    };

    fn look(aws: &SageMaker) -> &BTreeMap<String, Thing<EndpointConfigSpec>> {
        &aws.configs
    }

    fn shelf(aws: &mut SageMaker) -> &mut BTreeMap<String, Thing<EndpointConfigSpec>> {
        &mut aws.configs
    }

    fn make(state: &mut State, spec: &EndpointConfigSpec) -> Result<EndpointConfigSpec, Cause> {
        if let Some(model) = spec.models().find(|model| !state.aws.models.contains_key(*model)) {
            state.aws.offend(format!("a configuration was made of the model {model}, which is not there"));
        }
        Ok(spec.clone())
    }

    fn describe(_state: &State, name: &str, kept: &EndpointConfigSpec) -> Self::Observed {
        EndpointConfigObserved {
            endpoint_config_arn: arn("endpoint-config", name),
            spec: kept.clone(),
            ..EndpointConfigObserved::default()
        }
    }

    fn delete(state: &mut State, name: &str) -> Result<(), Cause> {
        if state.aws.is_used(name) {
            state.aws.offend(format!("the configuration {name} was deleted under an endpoint"));
        }
        state.aws.configs.remove(name).map(drop).ok_or(Cause::NotFound)
    }
}

impl Shelf for HostingDeployment {
    type Kept = Endpoint;

    const CALLS: Calls = Calls {
        resource: "endpoint",
        describe: "DescribeEndpoint",
        create: "CreateEndpoint",
        update: "UpdateEndpoint",
        delete: "DeleteEndpoint",
    };

    fn look(aws: &SageMaker) -> &BTreeMap<String, Thing<Endpoint>> {
        &aws.endpoints
    }

    fn shelf(aws: &mut SageMaker) -> &mut BTreeMap<String, Thing<Endpoint>> {
        &mut aws.endpoints
    }

    fn make(state: &mut State, spec: &HostingDeploymentSpec) -> Result<Endpoint, Cause> {
        let config = state.aws.known(spec.resolved.config.as_deref())?;
        let looks = Looks { status: "Creating", config, going_for: None, modified: state.now };
        Ok(Endpoint { looks, next: None, settles_at: state.now + BUSY, beside: Vec::new(), before: None })
    }

    fn describe(state: &State, name: &str, kept: &Endpoint) -> Self::Observed {
        let looks = kept.looks_like(state.now);
        EndpointObserved {
            endpoint_name: name.to_owned(),
            endpoint_arn: arn("endpoint", name),
            endpoint_config_name: Some(looks.config.clone()),
            endpoint_status: looks.status.to_owned(),
            last_modified_time: Some(looks.modified),
            pending_deployment_summary: looks
                .going_for
                .as_ref()
                .map(|next| PendingDeployment { endpoint_config_name: Some(next.clone()) }),
            ..EndpointObserved::default()
        }
    }

    fn delete(state: &mut State, name: &str) -> Result<(), Cause> {
        let endpoint = &mut state.aws.endpoints.get_mut(name).ok_or(Cause::NotFound)?.is;
        if ["Creating", "Updating", "Deleting"].contains(&endpoint.looks.status) {
            return Err(Cause::Busy);
        }
        (endpoint.looks.status, endpoint.settles_at) = ("Deleting", state.now + BUSY);
        Ok(())
    }

    fn update(state: &mut State, name: &str, update: &Value) -> Result<(), Cause> {
        let config = state.aws.known(update["EndpointConfigName"].as_str())?;
        let (now, lag) = (state.now, state.aws.lag);
        let endpoint = &mut state.aws.endpoints.get_mut(name).ok_or(Cause::NotFound)?.is;
        match endpoint.looks.status {
            "InService" | "UpdateRollbackFailed" | "OutOfService" => {}
            "Failed" => return Err(Cause::AlreadyEnded),
            _ => return Err(Cause::Busy),
        }
        endpoint.before = Some((now + lag, endpoint.looks.clone()));
        endpoint.looks.status = "Updating";
        endpoint.looks.going_for = Some(config.clone());
        endpoint.looks.modified = now;
        endpoint.settles_at = now + BUSY;
        endpoint.next = Some(config);
        Ok(())
    }
}
