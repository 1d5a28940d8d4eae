//! Models and configurations are not deleted under an endpoint that uses them, whoever asks for it.

use std::sync::Arc;

use futures::FutureExt as _;
use serde_json::json;

use crate::api::{EndpointConfig, HostingDeployment, HostingDeploymentSpec, HostingDeploymentStatus, Model};
use crate::lifecycle::{Cause, Gateway, Handle, Intent, Kind as _, Place, Standing, Verdict, embeds_uid};

use super::child::Child;
use super::children::{Answer, Children, Subject, Trouble};
use super::cluster::Cluster;
use super::object::Key;

/// Keeps a configuration for as long as an endpoint uses it.
pub(super) struct InUse<G>(pub(super) Arc<G>);

impl<C: Cluster, G: Gateway<HostingDeployment>> Children<EndpointConfig, C> for InUse<G> {
    fn hold<'a>(&'a self, cluster: &'a C, subject: Subject<'a, EndpointConfig>) -> Answer<'a> {
        async move {
            let user = self.user(cluster, subject.key, subject.place, subject.name).await?;
            Ok(user.map(|endpoint| held("configuration", subject.name, &endpoint, subject.deleting)))
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
                if let Some(endpoint) = self.user(cluster, subject.key, subject.place, name).await? {
                    return Ok(Some(held("model", subject.name, &endpoint, subject.deleting)));
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
    ) -> Result<Option<String>, Trouble> {
        let mut is_kept = false;
        for deployment in cluster.others(HostingDeployment::KIND, key.namespace(), "").await? {
            is_kept |= embeds_uid(key.name(), deployment.metadata.uid.as_deref().unwrap_or_default());
            let status = &deployment.status;
            let speaks_of_it = [&status["endpointConfigName"], &status["rolloutConfigName"]].contains(&&json!(config));
            let Some(endpoint) = status["endpointName"].as_str().filter(|_| speaks_of_it) else { continue };
            if self.uses(place, endpoint, config).await? {
                return Ok(Some(endpoint.to_owned()));
            }
        }
        if is_kept {
            return Ok(None);
        }
        let mut token = None;
        loop {
            let page = self.0.changed_since(place, chrono::DateTime::UNIX_EPOCH, token.as_deref()).await?;
            for endpoint in page.items {
                if self.uses(place, &endpoint.name, config).await? {
                    return Ok(Some(endpoint.name));
                }
            }
            match page.next {
                Some(next) => token = Some(next),
                None => return Ok(None),
            }
        }
    }

    async fn uses(&self, place: &Place, endpoint: &str, config: &str) -> Result<bool, Trouble> {
        // An endpoint is known by its name alone: what an object of its own may say is not needed.
        let (spec, status) = (HostingDeploymentSpec::default(), HostingDeploymentStatus::default());
        let handle = Handle { name: endpoint, spec: &spec, status: &status, intent: Intent::Keep };
        match self.0.describe(place, &handle).await {
            // One that is being deleted needs its configuration until it is gone.
            Ok(seen) => Ok(seen.uses(config) && seen.endpoint_status != "Failed"),
            Err(refusal) if refusal.cause == Cause::NotFound => Ok(false),
            Err(refusal) => Err(refusal.into()),
        }
    }
}

fn held(what: &str, name: &str, endpoint: &str, deleting: bool) -> Verdict {
    let text = format!("the {what} {name} is left as it is, because the endpoint {endpoint} uses it");
    if deleting {
        let hint = "hint: delete the endpoint, or update it to another configuration; the object goes then by itself";
        Verdict::new(Standing::Reconciling, "InUse", format!("{text}\n{hint}"))
    } else {
        let hint =
            "hint: put the old spec back and make a new object with the new one, for the endpoint to be updated to";
        Verdict::new(Standing::Refused, "InUse", format!("{text}\n{hint}"))
    }
}
