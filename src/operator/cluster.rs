//! The port to Kubernetes: the few things a reconcile pass asks of it. `kube_cluster` is the real one, tests fake it.

use std::future::Future;
use std::time::Duration;

use serde_json::Value;

use crate::lifecycle::Arn;

use super::object::{Key, Whole};

/// Why Kubernetes did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// Somebody else changed the object in between: read it again.
    #[error("the object has changed in between")]
    Conflict,
    /// There is an object of that name already.
    #[error("there is an object of that name already")]
    Exists,
    /// The object is gone.
    #[error("the object is gone")]
    Gone,
    /// The API server does not know the kind, so that nothing can be said of its objects.
    #[error("the definition of the kind is not installed")]
    NotInstalled,
    /// The write was withheld because this process may no longer write.
    #[error("withheld: another operator leads")]
    NotLeader,
    /// The API server refuses the write, and will again.
    #[error("refused by the API server: {0}")]
    Refused(String),
    /// Anything that may pass.
    #[error("the API server did not answer as expected")]
    Passing(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Which part of an object is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Metadata and spec.
    Object,
    /// The status.
    Status,
}

/// Something worth telling about an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Whether somebody should look at it.
    pub warning: bool,
    /// A word in `CamelCase`.
    pub reason: String,
    /// What the operator was doing, a word in `CamelCase`.
    pub action: &'static str,
    /// The sentence.
    pub text: String,
}

/// With whose credentials AWS is to be asked for the objects of a namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credentials {
    /// The operator's own.
    Own,
    /// Those of a role that the namespace names.
    Of(Arn),
    /// That cannot be told, and the operator's own may be the wrong ones.
    Unknown {
        /// A word in `CamelCase`.
        reason: &'static str,
        /// Why, and what to do about it.
        message: String,
    },
}

/// What a pass asks of Kubernetes.
pub trait Cluster: Send + Sync + 'static {
    /// The object as it is now, not as a cache has it; `None` if there is none.
    fn get(&self, key: &Key) -> impl Future<Output = Result<Option<Whole>, ClusterError>> + Send;

    /// Applies a JSON merge patch, which holds the `resourceVersion` it was made for.
    fn patch(&self, key: &Key, part: Part, patch: &Value) -> impl Future<Output = Result<Whole, ClusterError>> + Send;

    /// Publishes an Event. It may be lost: nothing depends on it.
    fn tell(&self, key: &Key, uid: &str, note: &Note) -> impl Future<Output = ()> + Send;

    /// With whose credentials AWS is to be asked for the objects of the namespace, as known for at most so long.
    fn credentials(
        &self,
        namespace: &str,
        at_most: Duration,
    ) -> impl Future<Output = Result<Credentials, ClusterError>> + Send;

    /// The objects of another kind in a namespace that carry these labels, as a label selector has them.
    fn others(
        &self,
        kind: &'static str,
        namespace: &str,
        labels: &str,
    ) -> impl Future<Output = Result<Vec<Whole>, ClusterError>> + Send;

    /// An object of another kind; `None` if there is none.
    fn other(&self, kind: &'static str, key: &Key) -> impl Future<Output = Result<Option<Whole>, ClusterError>> + Send;

    /// Makes an object of another kind. [`ClusterError::Exists`] if there is one of that name.
    fn create_other(
        &self,
        kind: &'static str,
        namespace: &str,
        object: &Value,
    ) -> impl Future<Output = Result<Whole, ClusterError>> + Send;

    /// Applies a JSON merge patch to metadata and spec of an object of another kind.
    fn patch_other(
        &self,
        kind: &'static str,
        key: &Key,
        patch: &Value,
    ) -> impl Future<Output = Result<Whole, ClusterError>> + Send;

    /// Has an object of another kind deleted, if it is still the one of that uid. It stays until its finalizers are gone.
    fn delete_other(
        &self,
        kind: &'static str,
        key: &Key,
        uid: &str,
    ) -> impl Future<Output = Result<(), ClusterError>> + Send;

    /// The uid of namespace `kube-system`, which stands for the cluster, if it may be read.
    fn uid(&self) -> impl Future<Output = Option<String>> + Send;
}
