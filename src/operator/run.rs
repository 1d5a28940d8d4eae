//! The process from its start to its end in order: connect, answer probes, lead, reconcile, stop, give the Lease back.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use kube::Client;
use kube::config::Kubeconfig;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tracing::{error, info, warn};

use crate::api::{EndpointConfig, HostingDeployment, Model};
use crate::lifecycle::{Gateway, Kind, Trials};
use crate::net::is_direct;

use super::children::{Children, NoChildren, Wakers};
use super::controller::Controller;
use super::hosting::Parts;
use super::in_use::InUse;
use super::kube_cluster::{KubeCluster, Shared};
use super::leader::Candidate;
use super::lease::{Tenure, Terms};
use super::metrics::Metrics;
use super::object::resource_of;
use super::placeholders;
use super::probes;
use super::reconcile::Reconciler;
use super::secure::{self, CertificateError};
use super::settings::{SecureMetrics, Settings};
use super::trials;

/// Why the operator ended.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// No way to the API server is known.
    #[error("find the API server")]
    Config(#[source] kube::config::InferConfigError),
    /// The client cannot be built.
    #[error("prepare the way to the API server")]
    Client(#[source] kube::Error),
    /// There is no certificate for the metrics.
    #[error("find a certificate for the metrics")]
    Certificate(#[source] CertificateError),
    /// Probes or metrics cannot be served.
    #[error("serve probes and metrics on {address}")]
    Probes {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// Signals cannot be received.
    #[error("listen for signals")]
    Signals(#[source] std::io::Error),
    /// Another operator leads now.
    #[error("lost the lead: {0}")]
    LostLead(String),
}

/// An operator about to run.
pub struct Operator {
    settings: Settings,
    client: Client,
    tenure: Arc<Tenure>,
    metrics: Metrics,
    shared: Arc<Shared>,
    wakers: Arc<Wakers>,
    controllers: Vec<Start>,
    serving: JoinHandle<RunError>,
}

type Start = Box<dyn FnOnce(watch::Receiver<bool>) -> futures::future::BoxFuture<'static, ()> + Send>;

impl Operator {
    /// Connects to the cluster that the environment names, and answers probes from now on. Retries nothing by itself: a write that waits in a client
    /// could leave after the Lease has ended.
    pub async fn connect(settings: Settings, metrics: Metrics) -> Result<Self, RunError> {
        let mut config = kube::Config::infer().await.map_err(RunError::Config)?;
        if config.proxy_url.is_some() && !kubeconfig_has_proxy() && is_direct(&config.cluster_url) {
            config.proxy_url = None;
        }
        config.default_retry = false;
        config.connect_timeout = Some(Duration::from_secs(5));
        config.write_timeout = Some(Duration::from_secs(30));
        let client = Client::try_from(config).map_err(RunError::Client)?;
        // Before anything is asked of the API server: however long it is silent, the process is alive.
        let ready = Arc::new(AtomicBool::new(false));
        let serving = serve(&settings, &metrics, &client, Arc::clone(&ready))?;
        tokio::spawn(become_ready(client.clone(), ready));
        let (tenure, shared, wakers) = (Arc::default(), Arc::default(), Arc::default());
        Ok(Self { settings, client, tenure, metrics, shared, wakers, controllers: Vec::new(), serving })
    }

    /// The right to write, to be asked before each write.
    pub fn permit(&self) -> Arc<Tenure> {
        Arc::clone(&self.tenure)
    }

    /// What names this cluster in AWS: the uid of namespace `kube-system`, if it can be read.
    pub async fn cluster(&self) -> Option<String> {
        self.shared.uid(&self.client).await
    }

    /// Has it look after a kind whose objects stand alone.
    #[must_use]
    pub fn looking_after<K: Kind, G: Gateway<K>>(self, gateway: Arc<G>) -> Self {
        self.looking_after_family(gateway, NoChildren)
    }

    /// Has it look after a kind whose resources start trainings by themselves, each of which appears as a TrainingJob.
    #[must_use]
    pub fn looking_after_trials<K: Kind, G: Gateway<K> + Trials>(self, gateway: Arc<G>) -> Self {
        let keeper = trials::Keeper::new(Arc::clone(&gateway));
        self.looking_after_family(gateway, keeper)
    }

    /// Has it look after hosting deployments, and the models and configurations that they keep and people write.
    #[must_use]
    pub fn looking_after_hosting<G>(self, gateway: &Arc<G>) -> Self
    where
        G: Gateway<HostingDeployment> + Gateway<Model> + Gateway<EndpointConfig>,
    {
        let in_use = || InUse(Arc::clone(gateway));
        self.looking_after_family::<Model, G>(Arc::clone(gateway), in_use())
            .looking_after_family::<EndpointConfig, G>(Arc::clone(gateway), in_use())
            .looking_after_family::<HostingDeployment, G>(Arc::clone(gateway), Parts)
    }

    /// Has it look after a kind whose objects keep others in Kubernetes, or are kept for them.
    fn looking_after_family<K: Kind, G: Gateway<K>>(
        mut self,
        gateway: Arc<G>,
        children: impl Children<K, KubeCluster>,
    ) -> Self {
        let cluster = KubeCluster::new(
            self.client.clone(),
            resource_of::<K>(),
            Arc::clone(&self.tenure),
            &self.settings.identity,
            self.settings.namespace.is_none(),
            Arc::clone(&self.shared),
        );
        let rules = self.settings.rules.clone();
        let reconciler = Reconciler::<K, G, _>::new(Arc::clone(&gateway), Arc::new(cluster), rules)
            .keeping(Arc::new(children))
            .counting(self.metrics.clone());
        let wakers = Arc::clone(&self.wakers);
        let controller = Controller::new(reconciler, gateway, self.settings.pace, self.metrics.clone(), wakers);
        let (client, namespace) = (self.client.clone(), self.settings.namespace.clone());
        self.controllers.push(Box::new(move |stop| {
            Box::pin(async move { controller.run(client, namespace.as_deref(), stop).await })
        }));
        self
    }

    /// Runs until SIGTERM, Ctrl-C or the loss of the lead.
    pub async fn run(self) -> Result<(), RunError> {
        let Self { settings, client, tenure, metrics, shared: _, wakers: _, controllers, mut serving } = self;
        let mut terminate = signal(SignalKind::terminate()).map_err(RunError::Signals)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(RunError::Signals)?;
        let address = settings.metrics_addr;
        let role = settings.aws_role.as_deref();
        for line in placeholders::left(settings.namespace.as_deref(), &settings.operator_namespace, role) {
            warn!("{line}");
        }

        let candidate = Candidate {
            client,
            namespace: settings.operator_namespace,
            identity: settings.identity,
            terms: Terms { duration: settings.lease_duration },
        };
        let ended = tokio::select! {
            () = candidate.acquire(&tenure) => None,
            _ = terminate.recv() => Some(Ok(())),
            _ = interrupt.recv() => Some(Ok(())),
            broken = &mut serving => Some(Err(why_broken(address, broken))),
        };
        if let Some(ended) = ended {
            return ended;
        }
        metrics.leading(true);

        let (stop, stopped) = watch::channel(false);
        let mut running: JoinSet<()> = controllers.into_iter().map(|start| start(stopped.clone())).collect();
        let ended = tokio::select! {
            why = candidate.hold(&tenure) => Err(RunError::LostLead(why)),
            _ = terminate.recv() => Ok(()),
            _ = interrupt.recv() => Ok(()),
            broken = &mut serving => Err(why_broken(address, broken)),
            Some(ended) = running.join_next() => {
                error!(?ended, "a controller ended by itself");
                Ok(())
            }
        };
        if matches!(ended, Err(RunError::LostLead(_))) {
            tenure.end();
        }
        info!("stopping");
        let _ = stop.send(true);
        // The Lease is renewed while passes under way end: what they have begun is to be written down.
        tokio::select! {
            () = async { while running.join_next().await.is_some() {} } => {}
            _ = candidate.hold(&tenure), if ended.is_ok() => {}
        }
        tenure.end();
        metrics.leading(false);
        if ended.is_ok() {
            candidate.release().await;
        }
        ended
    }
}

/// Whether the kubeconfig names a proxy itself, to which `NO_PROXY` does not apply. A pod has no kubeconfig.
fn kubeconfig_has_proxy() -> bool {
    let clusters = Kubeconfig::read().map(|kubeconfig| kubeconfig.clusters).unwrap_or_default();
    clusters.into_iter().filter_map(|named| named.cluster?.proxy_url).any(|proxy| !proxy.is_empty())
}

/// Answers probes, and shows metrics to all or to those who may read them, until that breaks.
fn serve(
    settings: &Settings,
    metrics: &Metrics,
    client: &Client,
    ready: Arc<AtomicBool>,
) -> Result<JoinHandle<RunError>, RunError> {
    let plain = settings.metrics_addr;
    let Some(SecureMetrics { address, certificate }) = settings.secure_metrics.clone() else {
        let probes = probes::serve(plain, probes::Metrics::Here(metrics.registry()), ready);
        return Ok(tokio::spawn(async move { broke(plain, probes.await) }));
    };
    let certificate = secure::Certificate::new(certificate.as_deref(), &settings.operator_namespace);
    let certificate = certificate.map_err(RunError::Certificate)?;
    let probes = probes::serve(plain, probes::Metrics::At(address), ready);
    let metrics = secure::serve(address, certificate, metrics.registry(), client.clone());
    Ok(tokio::spawn(async move {
        tokio::select! {
            broken = probes => broke(plain, broken),
            broken = metrics => broke(address, broken),
        }
    }))
}

fn broke(address: SocketAddr, broken: std::io::Result<()>) -> RunError {
    let source = broken.err().unwrap_or_else(|| std::io::Error::other("the server ended"));
    RunError::Probes { address, source }
}

fn why_broken(address: SocketAddr, broken: Result<RunError, tokio::task::JoinError>) -> RunError {
    broken.unwrap_or_else(|error| broke(address, Err(std::io::Error::other(error))))
}

/// Ready means that the API server answers.
async fn become_ready(client: Client, ready: Arc<AtomicBool>) {
    let mut wait = Duration::from_millis(200);
    while let Err(error) = client.apiserver_version().await {
        info!(%error, "the API server does not answer yet");
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(Duration::from_secs(10));
    }
    ready.store(true, Ordering::Relaxed);
}
