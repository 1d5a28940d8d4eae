//! Taking the Lease, holding it, and giving it back.

use std::time::{Duration, Instant};

use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use k8s_openapi::jiff::Timestamp;
use kube::api::{ListParams, ObjectMeta, PostParams};
use kube::{Api, Client};
use tracing::{info, warn};

use crate::lifecycle::{LEASE, OPERATOR_SELECTOR, PRODUCT_LABEL, is_operator};

use super::lease::{Sighting, Tenure, Terms, Verdict, evaluate};

/// Who wants to lead, and where.
pub(super) struct Candidate {
    pub(super) client: Client,
    pub(super) namespace: String,
    pub(super) identity: String,
    pub(super) terms: Terms,
}

impl Candidate {
    fn leases(&self) -> Api<Lease> {
        Api::namespaced(self.client.clone(), &self.namespace)
    }

    /// Waits until this process leads.
    pub(super) async fn acquire(&self, tenure: &Tenure) {
        let mut seen = None;
        let mut said = String::new();
        loop {
            let sent = Instant::now();
            let waits_for = match self.predecessor().await {
                Some(pod) => format!("pod {pod} of the original operator runs; it takes no Lease, so this one waits"),
                None => match self.attempt(&mut seen).await {
                    Ok(None) => {
                        tenure.extend(sent + self.terms.tenure());
                        info!(identity = %self.identity, namespace = %self.namespace, lease = LEASE, "leading");
                        return;
                    }
                    Ok(Some(holder)) => format!("{holder} leads"),
                    Err(error) => format!("the Lease cannot be had: {error}"),
                },
            };
            if waits_for != said {
                info!(namespace = %self.namespace, lease = LEASE, "waiting: {waits_for}");
                said = waits_for;
            }
            tokio::time::sleep(self.terms.renewal()).await;
        }
    }

    /// Renews the Lease until it is lost; says why it was.
    pub(super) async fn hold(&self, tenure: &Tenure) -> String {
        loop {
            tokio::time::sleep(self.terms.renewal()).await;
            let sent = Instant::now();
            match tokio::time::timeout(self.terms.renewal() * 2, self.attempt(&mut None)).await {
                Ok(Ok(None)) => tenure.extend(sent + self.terms.tenure()),
                Ok(Ok(Some(holder))) => return format!("{holder} has taken the Lease"),
                Ok(Err(error)) => warn!(%error, "the Lease could not be renewed"),
                Err(_) => warn!("the Lease could not be renewed in time"),
            }
            if tenure.until().is_none_or(|until| Instant::now() >= until) {
                return "the Lease could not be renewed".to_owned();
            }
            if let Some(pod) = self.predecessor().await {
                return format!("pod {pod} of the original operator has been started");
            }
        }
    }

    /// Gives the Lease back, so that the next one need not wait.
    pub(super) async fn release(&self) {
        let leases = self.leases();
        let Ok(Some(mut lease)) = leases.get_opt(LEASE).await else { return };
        let Some(spec) = lease.spec.as_mut().filter(|spec| spec.holder_identity.as_ref() == Some(&self.identity))
        else {
            return;
        };
        spec.holder_identity = None;
        spec.lease_duration_seconds = Some(1);
        match leases.replace(LEASE, &PostParams::default(), &lease).await {
            Ok(_) => info!("gave the Lease back"),
            Err(error) => warn!(%error, "the Lease could not be given back"),
        }
    }

    /// Takes or renews the Lease. `None` if it is ours now, else who holds it.
    async fn attempt(&self, seen: &mut Option<Sighting>) -> Result<Option<String>, kube::Error> {
        let leases = self.leases();
        let now = Some(MicroTime(Timestamp::now()));
        let seconds = i32::try_from(self.terms.duration.as_secs().max(1)).unwrap_or(15);
        let Some(mut lease) = leases.get_opt(LEASE).await? else {
            let spec = LeaseSpec {
                holder_identity: Some(self.identity.clone()),
                lease_duration_seconds: Some(seconds),
                acquire_time: now.clone(),
                renew_time: now,
                lease_transitions: Some(0),
                ..LeaseSpec::default()
            };
            let metadata = ObjectMeta { name: Some(LEASE.to_owned()), ..ObjectMeta::default() };
            return match leases.create(&PostParams::default(), &Lease { metadata, spec: Some(spec) }).await {
                Ok(_) => Ok(None),
                Err(kube::Error::Api(status)) if status.is_already_exists() => Ok(Some("somebody else".to_owned())),
                Err(error) => Err(error),
            };
        };
        let spec = lease.spec.get_or_insert_default();
        match evaluate(spec, &self.identity, seen, Instant::now()) {
            Verdict::Wait => return Ok(Some(spec.holder_identity.clone().unwrap_or_default())),
            Verdict::Renew => {}
            Verdict::Take => {
                spec.holder_identity = Some(self.identity.clone());
                spec.acquire_time.clone_from(&now);
                spec.lease_transitions = Some(spec.lease_transitions.unwrap_or_default() + 1);
            }
        }
        spec.lease_duration_seconds = Some(seconds);
        spec.renew_time = now;
        // Replaced for the version that was read: of two who take it at once, one is refused.
        match leases.replace(LEASE, &PostParams::default(), &lease).await {
            Ok(_) => Ok(None),
            Err(kube::Error::Api(status)) if status.is_conflict() => Ok(Some("somebody else".to_owned())),
            Err(error) => Err(error),
        }
    }

    /// A pod of the original operator in our namespace, which takes no Lease and would do everything twice.
    async fn predecessor(&self) -> Option<String> {
        let pods: Api<Pod> = Api::namespaced(self.client.clone(), &self.namespace);
        let labelled = ListParams::default().labels(OPERATOR_SELECTOR);
        let listed = tokio::time::timeout(Duration::from_secs(5), pods.list(&labelled));
        // Not being allowed to look is no reason to stand still: the original is rarely there.
        let Ok(Ok(pods)) = listed.await else { return None };
        pods.items.into_iter().find(|pod| is_predecessor(pod, &self.namespace)).and_then(|pod| pod.metadata.name)
    }
}

/// Whether the pod, which has the label of both versions, is of the original.
fn is_predecessor(pod: &Pod, namespace: &str) -> bool {
    let ours = pod
        .metadata
        .labels
        .as_ref()
        .and_then(|labels| labels.get(PRODUCT_LABEL.0))
        .is_some_and(|name| name == PRODUCT_LABEL.1);
    let phase = pod.status.as_ref().and_then(|status| status.phase.as_deref());
    let containers = pod.spec.iter().flat_map(|spec| &spec.containers);
    let images = containers.filter_map(|container| container.image.as_deref());
    !ours && !matches!(phase, Some("Succeeded" | "Failed")) && is_operator(namespace, images)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::lifecycle::OPERATOR_NAMESPACE;

    #[test]
    fn another_products_operator_beside_ours_is_not_taken_for_the_original() {
        let is = |labels: serde_json::Value, image: &str, phase: &str, own: bool| {
            let pod = json!({
                "metadata": { "labels": labels },
                "spec": { "containers": [{ "name": "proxy", "image": "proxy" }, { "name": "manager", "image": image }] },
                "status": { "phase": phase },
            });
            let namespace = if own { OPERATOR_NAMESPACE } else { "ml" };
            is_predecessor(&serde_json::from_value(pod).unwrap(), namespace)
        };
        let original = "mirror.example.com/amazon-sagemaker-operator-for-k8s:v1";
        let ours = json!({ PRODUCT_LABEL.0: PRODUCT_LABEL.1 });
        for (labels, image, phase, own, expected) in [
            (json!({}), original, "Running", false, true),
            (json!({}), original, "Pending", true, true),
            (json!({}), original, "Succeeded", true, false),
            (json!({}), "mirror.example.com/renamed:v1", "Running", true, true),
            (json!({}), "example.com/cert-manager:v1", "Running", false, false),
            (ours, "registry.example.com/sagemaker-operator:v2.0.0", "Running", false, false),
        ] {
            assert_eq!(is(labels.clone(), image, phase, own), expected, "{labels} {image} {phase} {own}");
        }
    }
}
