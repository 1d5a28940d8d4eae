//! Models and configurations are not deleted under an endpoint that uses them, whoever asks for it.

use std::sync::Arc;

use futures::FutureExt as _;

use crate::api::hosting_deployment::{EndpointObserved, FAILED};
use crate::api::{EndpointConfig, HostingDeployment, HostingDeploymentSpec, HostingDeploymentStatus, Model};
use crate::lifecycle::{Cause, Gateway, Handle, Intent, Kind as _, Place, Standing, Verdict, embeds_uid};

use super::child::Child;
use super::children::{Answer, Children, IN_USE, Subject, Trouble};
use super::cluster::Cluster;
use super::object::Key;

/// Keeps a configuration for as long as an endpoint uses it.
pub(super) struct InUse<G>(pub(super) Arc<G>);

/// Who uses it.
struct User {
    endpoint: String,
    /// Whether the endpoint is that of the hosting deployment that the object was made for.
    is_parents: bool,
}

impl<C: Cluster, G: Gateway<HostingDeployment>> Children<EndpointConfig, C> for InUse<G> {
    fn hold<'a>(&'a self, cluster: &'a C, subject: Subject<'a, EndpointConfig>) -> Answer<'a> {
        async move {
            let user = self.user(cluster, subject.key, subject.place, subject.name).await?;
            Ok(user.map(|user| held("configuration", subject.name, &user, subject.deleting)))
        }
        .boxed()
    }
}

/// A model is needed by the configurations that name it, as long as an endpoint uses one of them.
impl<C: Cluster, G: Gateway<HostingDeployment>> Children<Model, C> for InUse<G> {
    fn hold<'a>(&'a self, cluster: &'a C, subject: Subject<'a, Model>) -> Answer<'a> {
        async move {
            for config in cluster.others(EndpointConfig::KIND, subject.key.namespace(), "").await? {
                let config = Child::<EndpointConfig>::of(&config);
                let names_it =
                    config.spec.as_ref().is_some_and(|spec| spec.models().any(|model| model == subject.name));
                let Some(name) = config.aws_name.as_deref().filter(|_| names_it) else { continue };
                if let Some(user) = self.user(cluster, subject.key, subject.place, name).await? {
                    return Ok(Some(held("model", subject.name, &user, subject.deleting)));
                }
            }
            Ok(None)
        }
        .boxed()
    }
}

impl<G: Gateway<HostingDeployment>> InUse<G> {
    /// The endpoint that uses the configuration, if any does. Those of hosting deployments in the namespace are asked
    /// first; for what none of them keeps all others too, as anybody may have made them. `key` is that of the object that
    /// is to go.
    async fn user<C: Cluster>(
        &self,
        cluster: &C,
        key: &Key,
        place: &Place,
        config: &str,
    ) -> Result<Option<User>, Trouble> {
        let mut is_kept = false;
        for deployment in cluster.others(HostingDeployment::KIND, key.namespace(), "").await? {
            let is_parent = embeds_uid(key.name(), deployment.metadata.uid.as_deref().unwrap_or_default());
            is_kept |= is_parent;
            let status: HostingDeploymentStatus = serde_json::from_value(deployment.status).unwrap_or_default();
            let rolled_out = status.rollout_config_name.as_deref() == Some(config);
            let speaks_of_it = rolled_out || status.endpoint_config_name.as_deref() == Some(config);
            let Some(endpoint) = status.endpoint_name.filter(|_| speaks_of_it || is_parent) else { continue };
            let is_accepted = rolled_out && status.rollout_time.is_some();
            // What an endpoint between two configurations serves by, SageMaker does not tell.
            let needs_it =
                |seen: EndpointObserved| uses(&seen, config) || is_accepted || (is_parent && !seen.has_settled());
            if self.seen(place, &endpoint).await?.is_some_and(needs_it) {
                return Ok(Some(User { endpoint, is_parents: is_parent }));
            }
        }
        if is_kept {
            return Ok(None);
        }
        let mut token = None;
        loop {
            let page = self.0.changed_since(place, chrono::DateTime::UNIX_EPOCH, token.as_deref()).await?;
            for endpoint in page.items {
                if self.seen(place, &endpoint.name).await?.is_some_and(|seen| uses(&seen, config)) {
                    return Ok(Some(User { endpoint: endpoint.name, is_parents: false }));
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

/// Whether the endpoint needs the configuration. One that is being deleted does so until it is gone.
fn uses(seen: &EndpointObserved, config: &str) -> bool {
    seen.uses(config) && seen.endpoint_status != FAILED
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
