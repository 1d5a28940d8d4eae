//! The children of a hosting deployment: a Model for each of its models, and the `EndpointConfig` that deploys them.
//!
//! They are compared by content. What is there and is as wanted is used, whoever made it and for whichever generation;
//! what is not there is made under a new name, so that nothing changes under an endpoint that runs. What is no longer
//! used goes when the endpoint has settled on something else.

use chrono::TimeDelta;
use futures::FutureExt as _;

use crate::api::HostingDeployment;
use crate::api::hosting_deployment::{
    EndpointObserved, HostingDeploymentStatus, IN_SERVICE, Names, OUT_OF_SERVICE, Resolved, UPDATE_ROLLBACK_FAILED,
};
use crate::api::shared::KeyValuePair;
use crate::lifecycle::{Kind as _, Observation as _, Phase, Standing, Verdict};

use super::child::Child;
use super::children::{Answer, Children, Subject};
use super::cluster::Cluster;
use super::hosting_children::There;

/// How long after SageMaker has accepted a roll-out the endpoint may look as if nothing had happened.
const UNSEEN: TimeDelta = TimeDelta::minutes(1);

/// Keeps the children of hosting deployments.
#[derive(Debug)]
pub(super) struct Parts;

type Subjected<'a> = Subject<'a, HostingDeployment>;

impl<C: Cluster> Children<HostingDeployment, C> for Parts {
    fn prepare<'a>(&'a self, cluster: &'a C, subject: Subjected<'a>) -> Answer<'a> {
        async move {
            if let Err(why) = subject.spec.check() {
                return Ok(Some(Verdict::new(Standing::Refused, "InvalidSpec", why)));
            }
            let (status, now) = (&mut *subject.status, subject.now);
            status.rollout_time = status.rollout_time.filter(|accepted| now - *accepted < UNSEEN);
            subject.spec.resolved = Resolved {
                tried: status.rollout_digest.clone(),
                unseen_since: status.rollout_time.and(status.last_modified_time),
                ..Resolved::default()
            };
            let there = There::look(cluster, subject.key, subject.uid).await?;
            let (used, waits) = match there.whole(subject.spec, subject.uid, arriving(subject.status)) {
                Some(used) => (used, None),
                None => there.complete(cluster, &subject).await?,
            };
            if waits.is_none() {
                used.bring_along(cluster, &there, &subject).await?;
                if subject.status.endpoint_config_name.is_none() {
                    subject.status.model_names = pairs(&used.names);
                }
            }
            let resolved = &mut subject.spec.resolved;
            (resolved.config, resolved.names) = (used.config.filter(|_| waits.is_none()), used.names);
            (resolved.config_object, resolved.models) = (used.config_object, used.models);
            resolved.knows_children = true;
            if has_begun_nothing(subject.status) {
                // Nothing serves, so that no look at an endpoint will ever tell what is left over.
                there.clean_up(cluster, resolved, &EndpointObserved::default()).await?;
            }
            Ok(waits)
        }
        .boxed()
    }

    fn follow<'a>(&'a self, cluster: &'a C, subject: Subjected<'a>, seen: &'a EndpointObserved) -> Answer<'a> {
        async move {
            if subject.spec.resolved.is_unseen(seen) {
                return Ok(Some(accepted(&subject)));
            }
            if seen.has_settled() {
                let there = There::look(cluster, subject.key, subject.uid).await?;
                if let Some(names) = there.served_names(&subject, seen) {
                    subject.status.model_names = pairs(&names);
                }
                there.clean_up(cluster, &subject.spec.resolved, seen).await?;
            }
            Ok(setback(&subject, seen))
        }
        .boxed()
    }

    fn leave<'a>(&'a self, cluster: &'a C, subject: Subjected<'a>) -> Answer<'a> {
        async move {
            let there = There::look(cluster, subject.key, subject.uid).await?;
            for config in &there.configs {
                config.retain(cluster).await?;
            }
            for model in &there.models {
                model.retain(cluster).await?;
            }
            Ok(None)
        }
        .boxed()
    }

    fn part<'a>(&'a self, cluster: &'a C, subject: Subjected<'a>) -> Answer<'a> {
        async move {
            let there = There::look(cluster, subject.key, subject.uid).await?;
            // A model is needed for as long as a configuration names it.
            for config in &there.configs {
                config.delete(cluster).await?;
            }
            if there.configs.is_empty() {
                for model in &there.models {
                    model.delete(cluster).await?;
                }
            }
            let mut left = there.configs.iter().map(Child::described).chain(there.models.iter().map(Child::described));
            let text = |left: String| format!("the endpoint {} is gone; waiting for the end of {left}", subject.name);
            Ok(left.next().map(|left| Verdict::new(Standing::Reconciling, "DeletingChildren", text(left))))
        }
        .boxed()
    }
}

fn pairs(names: &Names) -> Vec<KeyValuePair> {
    names.iter().map(|(name, aws)| KeyValuePair::new(name, aws)).collect()
}

/// The configuration that serves, or is about to: of two that are alike it is the one to keep.
fn arriving(status: &HostingDeploymentStatus) -> Option<&str> {
    let is_settled = status.endpoint_status.as_deref() == Some(IN_SERVICE) && status.rollout_time.is_none();
    let rolled_out = status.rollout_config_name.as_deref().filter(|_| !is_settled);
    rolled_out.or(status.endpoint_config_name.as_deref())
}

/// Whether no endpoint was ever asked for.
fn has_begun_nothing(status: &HostingDeploymentStatus) -> bool {
    let asked = HostingDeployment::common(status).create_request.is_some();
    !asked && HostingDeployment::recorded_arn(status).is_none() && status.endpoint_config_name.is_none()
}

/// What is to be said while SageMaker shows nothing yet of the update that it has accepted.
fn accepted(subject: &Subjected<'_>) -> Verdict {
    let config = subject.status.rollout_config_name.as_deref().unwrap_or_default();
    let text = format!("SageMaker has accepted the update of {} to {config}, and is about to begin", subject.name);
    Verdict::new(Standing::Reconciling, "Updating", text)
}

/// What is to be said of an endpoint that is not what it is to be, where nothing more is done about it before an edit.
fn setback(subject: &Subjected<'_>, seen: &EndpointObserved) -> Option<Verdict> {
    let resolved = &subject.spec.resolved;
    let (wanted, name) = (resolved.config.as_deref()?, subject.name);
    if HostingDeployment::drift(subject.spec, seen).update.is_some() {
        return None;
    }
    let serving = seen.endpoint_config_name.as_deref().unwrap_or_default();
    let again = format!("to try the same once more: kubectl delete endpointconfig {}", resolved.config_object);
    let (reason, text, hint) = match seen.phase() {
        Phase::Active if serving != wanted => (
            "RolloutFailed",
            format!("SageMaker has taken the update to {wanted} back, and {name} serves on as before with {serving}"),
            format!("correct the spec, an edit of it or of its deploymentConfig is rolled out at once; {again}"),
        ),
        Phase::Failed { reason: UPDATE_ROLLBACK_FAILED } => (
            UPDATE_ROLLBACK_FAILED,
            format!(
                "SageMaker could neither finish the update to {wanted} nor take it back, so that machines of the former \
                 configuration and of this one serve side by side"
            ),
            format!("correct the spec, or put the former one back: an edit is rolled out at once; {again}"),
        ),
        Phase::Failed { reason: OUT_OF_SERVICE } => (
            OUT_OF_SERVICE,
            format!("{name} answers nobody"),
            format!(
                "correct the spec, an edit is rolled out at once; to have the endpoint made again as it is: \
                 aws sagemaker delete-endpoint --endpoint-name {name}"
            ),
        ),
        Phase::Failed { reason } => (
            reason,
            format!("{name} has come to nothing"),
            "correct the spec: the endpoint is deleted then, and made again".to_owned(),
        ),
        Phase::Active | Phase::Changing | Phase::Stopping | Phase::Completed => return None,
    };
    let why = seen.failure_reason().map(|why| format!(": {why}")).unwrap_or_default();
    Some(Verdict::new(Standing::Failed, reason, format!("{text}{why}\nhint: {hint}")))
}
