//! Whether an operator is there to move things on: its Lease, and its pods.

use std::time::Duration;

use chrono::{DateTime, Utc};
use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use k8s_openapi::api::core::v1::Pod;
use kube::api::{Api, ListParams};

use super::connect::Unanswered;
use super::{Cluster, span};
use crate::lifecycle::{LEASE, OPERATOR_NAMESPACE, OPERATOR_SELECTOR, is_operator};

/// The time between two looks at a Lease that has lapsed by our clock.
const LOOK: Duration = Duration::from_secs(1);
/// How far the clocks of two machines may be apart.
const SKEW: Duration = Duration::from_mins(10);

/// What the operator's Lease says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sign {
    /// Somebody holds it.
    Alive {
        /// Who.
        by: String,
        /// How long ago it was renewed.
        ago: Duration,
    },
    /// It has lapsed.
    Silent {
        /// How long ago it was renewed last.
        ago: Duration,
    },
    /// Its last holder gave it back, or there is none.
    Absent,
    /// Nobody holds it, but a pod of an operator runs: one that starts, or the original one, which takes no Lease.
    Unleased {
        /// The pod.
        pod: String,
    },
    /// It cannot be read; why.
    Unknown(String),
}

impl Sign {
    /// Whether somebody may be at work. What cannot be read counts as alive.
    pub fn may_be_alive(&self) -> bool {
        match self {
            Self::Alive { .. } | Self::Unleased { .. } | Self::Unknown(_) => true,
            Self::Silent { .. } | Self::Absent => false,
        }
    }

    /// What a person is told of it: `alive, last seen 3s ago`.
    pub fn told(&self) -> String {
        match self {
            Self::Alive { by: _, ago } => format!("alive, last seen {} ago", span(*ago)),
            Self::Silent { ago } => format!("not running: last seen {} ago", span(*ago)),
            Self::Absent => "not running: nobody holds its Lease".to_owned(),
            Self::Unleased { pod } => format!("starting, or the original one: pod {pod} runs and holds no Lease"),
            Self::Unknown(why) => format!("unknown: {why}"),
        }
    }
}

/// A Lease as it was read.
struct Read {
    spec: LeaseSpec,
    renewed: DateTime<Utc>,
    lasts: Duration,
}

/// Looks for the operator: in its usual namespace and, in case it serves but one, in `namespace`.
pub async fn operator_sign(cluster: &Cluster, namespace: &str) -> Sign {
    let (usual, here) = tokio::join!(sign_in(cluster, OPERATOR_NAMESPACE), sign_in(cluster, namespace));
    let signs = [usual, here];
    let rank = |sign: &Sign| match sign {
        Sign::Alive { .. } => 4,
        Sign::Unleased { .. } => 3,
        Sign::Unknown(_) => 2,
        Sign::Silent { .. } => 1,
        Sign::Absent => 0,
    };
    signs.into_iter().max_by_key(rank).unwrap_or(Sign::Absent)
}

/// The same, not deceived by clocks that differ: a Lease that has lapsed not long ago by our clock is watched for as long
/// as it lasts, and is alive if it changes.
pub async fn operator_sign_for_sure(cluster: &Cluster, namespace: &str) -> Sign {
    for place in [OPERATOR_NAMESPACE, namespace] {
        let Ok(Some(first)) = lease_in(cluster, place).await else { continue };
        let is_old = (Utc::now() - first.renewed).to_std().is_ok_and(|ago| ago > SKEW);
        if is_old || holder(&first.spec).is_none() {
            continue;
        }
        let mut watched = Duration::ZERO;
        while watched < first.lasts && is_lapsed(&first) {
            tokio::time::sleep(LOOK).await;
            watched += LOOK;
            if let Ok(Some(now)) = lease_in(cluster, place).await
                && now.renewed != first.renewed
            {
                let by = holder(&now.spec).unwrap_or_default().to_owned();
                return Sign::Alive { by, ago: Duration::ZERO };
            }
        }
    }
    operator_sign(cluster, namespace).await
}

async fn sign_in(cluster: &Cluster, namespace: &str) -> Sign {
    let lease = match lease_in(cluster, namespace).await {
        Ok(lease) => lease,
        Err(why) => return Sign::Unknown(why),
    };
    if let Some(lease) = &lease
        && let Some(by) = holder(&lease.spec)
        && !is_lapsed(lease)
    {
        return Sign::Alive { by: by.to_owned(), ago: since(lease.renewed) };
    }
    if let Some(pod) = running_pod(cluster, namespace).await {
        return Sign::Unleased { pod };
    }
    match lease {
        Some(lease) if holder(&lease.spec).is_some() => Sign::Silent { ago: since(lease.renewed) },
        Some(_) | None => Sign::Absent,
    }
}

fn since(moment: DateTime<Utc>) -> Duration {
    (Utc::now() - moment).to_std().unwrap_or_default()
}

fn is_lapsed(lease: &Read) -> bool {
    since(lease.renewed) > lease.lasts
}

fn holder(spec: &LeaseSpec) -> Option<&str> {
    spec.holder_identity.as_deref().filter(|holder| !holder.is_empty())
}

async fn lease_in(cluster: &Cluster, namespace: &str) -> Result<Option<Read>, String> {
    let leases: Api<Lease> = Api::namespaced(cluster.client(), namespace);
    let spec = match cluster.ask(|| leases.get(LEASE)).await {
        Ok(lease) => lease.spec.unwrap_or_default(),
        Err(Unanswered::Status(status)) if status.code == 404 => return Ok(None),
        Err(unanswered) => return Err(format!("its Lease cannot be read: {unanswered}")),
    };
    let renewed = spec.renew_time.as_ref().map(|time| time.0);
    let moment =
        renewed.and_then(|time| DateTime::from_timestamp(time.as_second(), time.subsec_nanosecond().try_into().ok()?));
    let seconds = spec.lease_duration_seconds.and_then(|seconds| u64::try_from(seconds).ok());
    Ok(Some(Read {
        spec,
        renewed: moment.unwrap_or(DateTime::UNIX_EPOCH),
        lasts: Duration::from_secs(seconds.unwrap_or(15)),
    }))
}

/// A pod of an operator that runs. Who may not list pods has the Lease to go by.
async fn running_pod(cluster: &Cluster, namespace: &str) -> Option<String> {
    let pods: Api<Pod> = Api::namespaced(cluster.client(), namespace);
    let params = ListParams::default().labels(OPERATOR_SELECTOR);
    let found = cluster.ask(|| pods.list(&params)).await.ok()?;
    let runs = |pod: &Pod| {
        let phase = pod.status.as_ref().and_then(|status| status.phase.as_deref());
        pod.metadata.deletion_timestamp.is_none() && phase == Some("Running")
    };
    let is_ours = |pod: &Pod| {
        let containers = pod.spec.iter().flat_map(|spec| &spec.containers);
        is_operator(namespace, containers.filter_map(|container| container.image.as_deref()))
    };
    found.items.into_iter().find(|pod| runs(pod) && is_ours(pod)).and_then(|pod| pod.metadata.name)
}
