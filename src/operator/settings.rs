//! What an administrator decides.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use super::reconcile::Rules;

/// How fast and how often.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// How often what moves is listed.
    pub poll_interval: Duration,
    /// How often each object that moves, or lasts, is looked at even if no listing shows a change.
    pub sweep_interval: Duration,
    /// How often an object that was refused is tried again.
    pub stalled_interval: Duration,
    /// The longest wait after a first failure.
    pub retry_base: Duration,
    /// The longest wait after many.
    pub retry_cap: Duration,
    /// How many passes of a kind run at a time.
    pub concurrency: usize,
}

/// Metrics for those alone who may read them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecureMetrics {
    /// Where they are served over HTTPS.
    pub address: SocketAddr,
    /// The folder with the certificate; `None` has one made at the start.
    pub certificate: Option<PathBuf>,
}

/// All of it.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The one namespace to look after; `None` for all.
    pub namespace: Option<String>,
    /// Where probes are served and, unless they are [`Settings::secure_metrics`], metrics.
    pub metrics_addr: SocketAddr,
    /// How metrics are served to those alone who may read them; `None` serves them to all.
    pub secure_metrics: Option<SecureMetrics>,
    /// The role in AWS that the pod was given, if it was given one.
    pub aws_role: Option<String>,
    /// Where the Lease lies.
    pub operator_namespace: String,
    /// Who this process is, as the Lease says.
    pub identity: String,
    /// How long the Lease lasts without a sign of life.
    pub lease_duration: Duration,
    /// How fast and how often.
    pub pace: Pace,
    /// What holds for all objects.
    pub rules: Rules,
}
