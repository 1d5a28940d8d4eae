//! The operator: one generic core for every kind, and the only home of `kube::runtime`.
//!
//! ```text
//!  watch ──► roster ─┐                      ┌─► Gateway (AWS)
//!  poller ───────────┼─► queue ─► reconcile ┤
//!  clock ────────────┘                      └─► Cluster (Kubernetes) ── only with the Lease
//! ```

mod act;
mod args;
mod case;
mod child;
mod children;
mod cluster;
mod controller;
mod family;
mod hosting;
mod hosting_children;
mod in_use;
mod kube_cluster;
mod leader;
mod lease;
mod metrics;
mod object;
mod placeholders;
mod poller;
mod probes;
mod queue;
mod reconcile;
mod report;
mod roster;
mod run;
mod secure;
mod settings;
mod status;
mod tags;
#[cfg(test)]
mod tests;
mod trials;
mod turns;
mod verdicts;

pub use crate::lifecycle::{FINALIZER, LEASE, TRIAL_FINALIZER};

pub use args::{Args, ArgsError, LogFormat};
pub use children::{Answer, Children, LABEL_V1_NAME, LABEL_V1_NAMESPACE, NoChildren, Subject, Trouble};
pub use cluster::{Cluster, ClusterError, Credentials, Note, Part};
pub use lease::Tenure;
pub use metrics::Metrics;
pub use object::{GROUP, Key, Whole, resource_of};
pub use reconcile::{Moving, Next, Reconciler, Rules};
pub use run::{Operator, RunError};
pub use secure::CertificateError;
pub use settings::{Pace, SecureMetrics, Settings};
