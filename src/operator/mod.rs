//! The operator: one generic core for every kind, and the only home of `kube::runtime`.

mod act;
mod cluster;
mod object;
mod reconcile;
mod report;
mod status;
#[cfg(test)]
mod tests;

pub use cluster::{Cluster, ClusterError, Note, Part};
pub use object::{FINALIZER, GROUP, Key, Whole, resource_of};
pub use reconcile::{Moving, Next, Reconciler, Rules};
