//! The stage's SageMaker: models, configurations, and endpoints that take their time. What it sees done to an endpoint that
//! serves, and must never be, it remembers.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::super::world::MINE;
use super::stage::{Stage, State};
use crate::api::endpoint_config::EndpointConfigObserved;
use crate::api::hosting_deployment::{EndpointObserved, PendingDeployment};
use crate::api::model::ModelObserved;
use crate::api::{EndpointConfig, EndpointConfigSpec, HostingDeployment, HostingDeploymentSpec, Model, ModelSpec};
use crate::lifecycle::{AccountId, Arn, Cause, Created, Gateway, Handle, Kind, Page, Place, Refusal, Summary, Tag};

/// How long an endpoint takes to come up, to change, and to go.
const BUSY: TimeDelta = TimeDelta::seconds(15);

#[derive(Debug)]
pub(super) struct SageMaker {
    models: BTreeMap<String, Thing<ModelSpec>>,
    configs: BTreeMap<String, Thing<EndpointConfigSpec>>,
    endpoints: BTreeMap<String, Thing<Endpoint>>,
    /// How long after a Create nothing is to be seen.
    appears_after: TimeDelta,
    /// What was done that must never be done.
    pub(super) offence: Option<String>,
}

#[derive(Debug)]
struct Thing<T> {
    is: T,
    visible_at: DateTime<Utc>,
}

#[derive(Debug)]
struct Endpoint {
    status: &'static str,
    config: String,
    /// What an update goes for.
    next: Option<String>,
    settles_at: DateTime<Utc>,
}

impl Endpoint {
    fn uses(&self, config: &str) -> bool {
        self.config == config || self.next.as_deref() == Some(config)
    }
}

impl SageMaker {
    pub(super) fn new(appears_after: TimeDelta) -> Self {
        let (models, configs, endpoints) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Self { models, configs, endpoints, appears_after, offence: None }
    }

    /// Lets the endpoints settle whose time has come.
    pub(super) fn advance(&mut self, now: DateTime<Utc>) {
        self.endpoints.retain(|_, endpoint| endpoint.is.status != "Deleting" || endpoint.is.settles_at > now);
        for endpoint in self.endpoints.values_mut().map(|thing| &mut thing.is) {
            if endpoint.settles_at <= now {
                endpoint.status = "InService";
                endpoint.config = endpoint.next.take().unwrap_or_else(|| endpoint.config.clone());
            }
        }
    }

    /// Whether an endpoint is in service with a model of that image.
    pub(super) fn serves(&self, image: &str) -> bool {
        let has_image = |name: &str| {
            let model = self.models.get(name).and_then(|model| model.is.primary_container.as_ref());
            model.is_some_and(|container| container.image.as_deref() == Some(image))
        };
        self.endpoints.values().any(|endpoint| {
            let config = self.configs.get(&endpoint.is.config);
            let first = config.and_then(|config| config.is.models().next());
            endpoint.is.status == "InService" && first.is_some_and(has_image)
        })
    }

    /// How many models, configurations and endpoints there are.
    pub(super) fn counts(&self) -> (usize, usize, usize) {
        (self.models.len(), self.configs.len(), self.endpoints.len())
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

fn arn(sort: &str, name: &str) -> String {
    format!("arn:aws:sagemaker:us-west-2:{MINE}:{sort}/{name}")
}

/// What SageMaker keeps of a kind, and by what rules.
trait Shelf: Kind {
    /// What it keeps.
    type Kept: Send;

    /// What its operations are about, as in `CreateModel`.
    const CALLS: Calls;

    fn shelf(aws: &mut SageMaker) -> &mut BTreeMap<String, Thing<Self::Kept>>;
    fn make(state: &mut State, spec: &Self::Spec) -> Result<Self::Kept, Cause>;
    fn describe(name: &str, kept: &Self::Kept) -> Self::Observed;
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

    fn shelf(aws: &mut SageMaker) -> &mut BTreeMap<String, Thing<ModelSpec>> {
        &mut aws.models
    }

    fn make(_state: &mut State, spec: &ModelSpec) -> Result<ModelSpec, Cause> {
        Ok(spec.clone())
    }

    fn describe(name: &str, kept: &ModelSpec) -> Self::Observed {
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

    fn shelf(aws: &mut SageMaker) -> &mut BTreeMap<String, Thing<EndpointConfigSpec>> {
        &mut aws.configs
    }

    fn make(state: &mut State, spec: &EndpointConfigSpec) -> Result<EndpointConfigSpec, Cause> {
        if let Some(model) = spec.models().find(|model| !state.aws.models.contains_key(*model)) {
            state.aws.offend(format!("a configuration was made of the model {model}, which is not there"));
        }
        Ok(spec.clone())
    }

    fn describe(name: &str, kept: &EndpointConfigSpec) -> Self::Observed {
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

    fn shelf(aws: &mut SageMaker) -> &mut BTreeMap<String, Thing<Endpoint>> {
        &mut aws.endpoints
    }

    fn make(state: &mut State, spec: &HostingDeploymentSpec) -> Result<Endpoint, Cause> {
        let config = state.aws.known(spec.resolved.config.as_deref())?;
        Ok(Endpoint { status: "Creating", config, next: None, settles_at: state.now + BUSY })
    }

    fn describe(name: &str, kept: &Endpoint) -> Self::Observed {
        EndpointObserved {
            endpoint_name: name.to_owned(),
            endpoint_arn: arn("endpoint", name),
            endpoint_config_name: Some(kept.config.clone()),
            endpoint_status: kept.status.to_owned(),
            pending_deployment_summary: kept
                .next
                .as_ref()
                .map(|next| PendingDeployment { endpoint_config_name: Some(next.clone()) }),
            ..EndpointObserved::default()
        }
    }

    fn delete(state: &mut State, name: &str) -> Result<(), Cause> {
        let endpoint = &mut state.aws.endpoints.get_mut(name).ok_or(Cause::NotFound)?.is;
        if endpoint.status != "InService" {
            return Err(Cause::Busy);
        }
        (endpoint.status, endpoint.settles_at) = ("Deleting", state.now + BUSY);
        Ok(())
    }

    fn update(state: &mut State, name: &str, update: &Value) -> Result<(), Cause> {
        let config = state.aws.known(update["EndpointConfigName"].as_str())?;
        let endpoint = &mut state.aws.endpoints.get_mut(name).ok_or(Cause::NotFound)?.is;
        if endpoint.status != "InService" {
            return Err(Cause::Busy);
        }
        (endpoint.status, endpoint.settles_at) = ("Updating", state.now + BUSY);
        endpoint.next = Some(config);
        Ok(())
    }
}

impl Stage {
    async fn aws<T>(
        &self,
        operation: &'static str,
        about: &str,
        effect: impl FnOnce(&mut State) -> Result<T, Cause>,
    ) -> Result<T, Refusal> {
        let no = |cause| {
            let (code, message) = ("Code".to_owned(), "told so".to_owned());
            Refusal { operation, cause, code, message, request_id: None }
        };
        let effect = |state: &mut State| effect(state).map_err(no);
        self.call(operation, about, effect, |cause| no(cause.unwrap_or(Cause::Transient))).await
    }
}

impl<K: Shelf> Gateway<K> for Stage {
    async fn describe(&self, _: &Place, handle: &Handle<'_, K>) -> Result<K::Observed, Refusal> {
        let name = handle.name;
        let effect = |state: &mut State| {
            let there = K::shelf(&mut state.aws).get(name).filter(|thing| thing.visible_at <= state.now);
            there.map(|thing| K::describe(name, &thing.is)).ok_or(Cause::NotFound)
        };
        self.aws(K::CALLS.describe, name, effect).await
    }

    async fn create(&self, _: &Place, name: &str, spec: &K::Spec, _: &[Tag]) -> Result<Created, Refusal> {
        let effect = |state: &mut State| {
            if K::shelf(&mut state.aws).contains_key(name) {
                return Err(Cause::AlreadyExists);
            }
            let is = K::make(state, spec)?;
            let visible_at = state.now + state.aws.appears_after;
            K::shelf(&mut state.aws).insert(name.to_owned(), Thing { is, visible_at });
            Ok(Created { arn: arn(K::CALLS.resource, name).parse().expect("an ARN") })
        };
        self.aws(K::CALLS.create, name, effect).await
    }

    async fn stop(&self, _: &Place, handle: &Handle<'_, K>) -> Result<(), Refusal> {
        self.aws(K::CALLS.delete, handle.name, |state| K::delete(state, handle.name)).await
    }

    async fn update(&self, _: &Place, handle: &Handle<'_, K>, update: &Value, _: &[Tag]) -> Result<(), Refusal> {
        self.aws(K::CALLS.update, handle.name, |state| K::update(state, handle.name, update)).await
    }

    async fn changed_since(&self, _: &Place, _: DateTime<Utc>, _: Option<&str>) -> Result<Page<Summary>, Refusal> {
        let effect = |state: &mut State| {
            let summary = |name: &String| Summary {
                name: name.clone(),
                status: String::new(),
                secondary_status: None,
                last_modified: None,
            };
            Ok(Page { items: K::shelf(&mut state.aws).keys().map(summary).collect(), next: None })
        };
        self.aws("List", K::CALLS.resource, effect).await
    }

    /// Nobody's tags need to be looked at: every name embeds its object's uid.
    async fn tags(&self, _: &Place, _: &Arn) -> Result<Vec<Tag>, Refusal> {
        Ok(Vec::new())
    }

    async fn add_tags(&self, _: &Place, arn: &Arn, _: &[Tag]) -> Result<(), Refusal> {
        self.aws("AddTags", arn.as_str(), |_| Ok(())).await
    }

    async fn delete_tags(&self, _: &Place, arn: &Arn, _: &[String]) -> Result<(), Refusal> {
        self.aws("DeleteTags", arn.as_str(), |_| Ok(())).await
    }

    async fn account(&self, _: &Place) -> Result<AccountId, Refusal> {
        self.aws("GetCallerIdentity", "", |_| Ok(MINE.parse().expect("an account"))).await
    }
}
