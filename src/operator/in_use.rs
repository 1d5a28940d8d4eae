//! Models and configurations are not deleted under an endpoint that uses them, whoever asks for it.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use futures::FutureExt as _;
use tracing::warn;

use crate::api::hosting_deployment::{EndpointObserved, FAILED};
use crate::api::{EndpointConfig, HostingDeployment, HostingDeploymentSpec, HostingDeploymentStatus, Model};
use crate::lifecycle::{
    Cause, Gateway, Handle, Intent, Kind as _, Place, Refusal, Standing, Summary, Verdict, embeds_uid,
};

use super::child::Child;
use super::children::{Answer, Children, IN_USE, Subject, Trouble, installed};
use super::cluster::Cluster;
use super::object::{Key, Whole};

/// Keeps a configuration for as long as an endpoint uses it.
pub(super) struct InUse<G>(pub(super) Arc<G>);

/// How far the clocks of Kubernetes and of AWS may be apart.
const CLOCKS: TimeDelta = TimeDelta::hours(1);

/// Who uses it.
struct User {
    endpoint: String,
    /// Whether the endpoint is that of the hosting deployment that the object was made for.
    is_parents: bool,
}

impl<C: Cluster, G: Gateway<HostingDeployment>> Children<EndpointConfig, C> for InUse<G> {
    fn hold<'a>(&'a self, cluster: &'a C, subject: Subject<'a, EndpointConfig>) -> Answer<'a> {
        async move {
            let config = [subject.name.to_owned()];
            let user = self.user(cluster, EndpointConfig::KIND, subject.key, subject.place, &config).await?;
            Ok(user.map(|user| held("configuration", subject.name, &user, subject.deleting)))
        }
        .boxed()
    }
}

/// A model is needed by the configurations that name it, as long as an endpoint uses one of them.
impl<C: Cluster, G: Gateway<HostingDeployment>> Children<Model, C> for InUse<G> {
    fn hold<'a>(&'a self, cluster: &'a C, subject: Subject<'a, Model>) -> Answer<'a> {
        async move {
            let there = installed(cluster.others(EndpointConfig::KIND, subject.key.namespace(), "").await)?;
            let names_it = |config: &Child<EndpointConfig>| {
                config.spec.as_ref().is_some_and(|spec| spec.models().any(|model| model == subject.name))
            };
            let configs = there.iter().map(Child::of).filter(names_it).filter_map(|config| config.aws_name);
            let configs: Vec<_> = configs.collect();
            if configs.is_empty() {
                return Ok(None);
            }
            let user = self.user(cluster, Model::KIND, subject.key, subject.place, &configs).await?;
            Ok(user.map(|user| held("model", subject.name, &user, subject.deleting)))
        }
        .boxed()
    }
}

impl<G: Gateway<HostingDeployment>> InUse<G> {
    /// The endpoint that uses one of the configurations, if any does. Those of hosting deployments in the namespace are
    /// asked first; for what none of them keeps the others too, as anybody may have made them. `kind` and `key` are those of
    /// the object that is to go.
    async fn user<C: Cluster>(
        &self,
        cluster: &C,
        kind: &'static str,
        key: &Key,
        place: &Place,
        configs: &[String],
    ) -> Result<Option<User>, Trouble> {
        let is_one = |name: &Option<String>| name.as_ref().is_some_and(|name| configs.contains(name));
        let mut is_kept = false;
        for deployment in installed(cluster.others(HostingDeployment::KIND, key.namespace(), "").await)? {
            let is_parent = embeds_uid(key.name(), deployment.metadata.uid.as_deref().unwrap_or_default());
            is_kept |= is_parent;
            let status: HostingDeploymentStatus = serde_json::from_value(deployment.status).unwrap_or_default();
            let rolled_out = is_one(&status.rollout_config_name);
            let speaks_of_it = rolled_out || is_one(&status.endpoint_config_name);
            let Some(endpoint) = status.endpoint_name.filter(|_| speaks_of_it || is_parent) else { continue };
            let is_accepted = rolled_out && status.rollout_time.is_some();
            // What an endpoint between two configurations serves by, SageMaker does not tell.
            let needs_it =
                |seen: EndpointObserved| uses(&seen, configs) || is_accepted || (is_parent && !seen.has_settled());
            if self.seen(place, &endpoint).await?.is_some_and(needs_it) {
                return Ok(Some(User { endpoint, is_parents: is_parent }));
            }
        }
        if is_kept {
            return Ok(None);
        }
        let object = cluster.other(kind, key).await?;
        let created = object.as_ref().and_then(Whole::created).unwrap_or(DateTime::UNIX_EPOCH);
        match self.user_elsewhere(place, created - CLOCKS, configs).await {
            Ok(endpoint) => Ok(endpoint.map(|endpoint| User { endpoint, is_parents: false })),
            // Who may not look for it need not, as version 1 did not: nobody could ever let the object go.
            Err(Trouble::Aws(refusal @ Refusal { cause: Cause::Denied { .. }, .. })) => {
                warn!(kind, name = key.name(), why = %refusal, "whether an endpoint uses it is not known");
                Ok(None)
            }
            Err(trouble) => Err(trouble),
        }
    }

    /// The endpoint of anybody that uses one of the configurations. It has changed since they came to be.
    async fn user_elsewhere(
        &self,
        place: &Place,
        since: DateTime<Utc>,
        configs: &[String],
    ) -> Result<Option<String>, Trouble> {
        let mut token = None;
        loop {
            let page = self.0.changed_since(place, since, token.as_deref()).await?;
            for Summary { name, .. } in page.items.into_iter().filter(|endpoint| endpoint.status != FAILED) {
                match self.seen(place, &name).await {
                    Ok(Some(seen)) if uses(&seen, configs) => return Ok(Some(name)),
                    Ok(_) => {}
                    // One that may not be looked at is none of ours.
                    Err(Trouble::Aws(refusal @ Refusal { cause: Cause::Denied { .. }, .. })) => {
                        warn!(endpoint = name, why = %refusal, "what an endpoint uses is not known");
                    }
                    Err(trouble) => return Err(trouble),
                }
            }
            match page.next {
                Some(next) => token = Some(next),
                None => return Ok(None),
            }
        }
    }

    /// The endpoint, if there is one of that name.
    async fn seen(&self, place: &Place, endpoint: &str) -> Result<Option<EndpointObserved>, Trouble> {
        // An endpoint is known by its name alone: what an object of its own may say is not needed.
        let (spec, status) = (HostingDeploymentSpec::default(), HostingDeploymentStatus::default());
        let handle = Handle { name: endpoint, spec: &spec, status: &status, intent: Intent::Keep };
        match self.0.describe(place, &handle).await {
            Ok(seen) => Ok(Some(seen)),
            Err(refusal) if refusal.cause == Cause::NotFound => Ok(None),
            Err(refusal) => Err(refusal.into()),
        }
    }
}

/// Whether the endpoint needs one of the configurations. One that is being deleted does so until it is gone.
fn uses(seen: &EndpointObserved, configs: &[String]) -> bool {
    seen.endpoint_status != FAILED && configs.iter().any(|config| seen.uses(config))
}

fn held(what: &str, name: &str, user: &User, deleting: bool) -> Verdict {
    let User { endpoint, is_parents } = user;
    let text = format!("the {what} {name} is left as it is, because the endpoint {endpoint} uses it");
    let (standing, hint) = match (deleting, is_parents) {
        (true, _) => (
            Standing::Reconciling,
            "delete the endpoint, or update it to another configuration; the object goes then by itself",
        ),
        (false, true) => (
            Standing::Refused,
            "nothing is to be done: what differs from the spec is replaced by another one, which is rolled out",
        ),
        (false, false) => (
            Standing::Refused,
            "make a new object with this spec, and update the endpoint to it. If the spec was edited, it can be put back; \
             else somebody has changed what is in SageMaker",
        ),
    };
    Verdict::new(standing, IN_USE, format!("{text}\nhint: {hint}"))
}
