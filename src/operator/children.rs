//! What an object keeps in Kubernetes beside its own resource in AWS: the models and the configuration of a hosting
//! deployment, the trials of a tuning job. The core asks at four points of a pass; a kind without children has nothing
//! to say at any of them.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use futures::FutureExt as _;
use futures::future::{BoxFuture, ready};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::lifecycle::{Kind, Place, Refusal, Verdict};

use super::cluster::{Cluster, ClusterError};
use super::object::{GROUP, Key, Whole};

/// The parent's namespace and name, as version 1 wrote them onto the children of a hosting deployment.
pub const LABEL_V1_NAMESPACE: &str = "owner_HostingDeployment_namespace";
/// See [`LABEL_V1_NAMESPACE`].
pub const LABEL_V1_NAME: &str = "owner_HostingDeployment_name";

/// Why a resource is left as it is that is to be deleted or made anew: an endpoint uses it.
pub(super) const IN_USE: &str = "InUse";

/// The object of a pass, as its children's keeper sees it.
#[derive(Debug)]
pub struct Subject<'a, K: Kind> {
    /// Where it is in Kubernetes.
    pub key: &'a Key,
    /// Its uid.
    pub uid: &'a str,
    /// The generation of its spec.
    pub generation: i64,
    /// Where its resource is.
    pub place: &'a Place,
    /// Its resource's name in AWS.
    pub name: &'a str,
    /// Whether it is being deleted.
    pub deleting: bool,
    /// The moment of the pass.
    pub now: DateTime<Utc>,
    /// What it asks for. What `prepare` writes here is what the rest of the pass goes by; it is not written back.
    pub spec: &'a mut K::Spec,
    /// What it reports. What is written here is published with the pass's verdict.
    pub status: &'a mut K::Status,
}

/// Why a question about children has no answer.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// Kubernetes did not do what was asked.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// AWS did not do what was asked.
    #[error(transparent)]
    Aws(#[from] Refusal),
}

/// The objects of another kind. Of a kind that is not installed there are none.
pub(super) fn installed(listed: Result<Vec<Whole>, ClusterError>) -> Result<Vec<Whole>, ClusterError> {
    match listed {
        Err(ClusterError::NotInstalled) => Ok(Vec::new()),
        listed => listed,
    }
}

/// `None` lets the pass go on; a verdict is what the object says instead, as long as that is so: one that reconciles is
/// looked at again soon and whenever a child changes, one that is refused when the object is edited.
pub type Answer<'a> = BoxFuture<'a, Result<Option<Verdict>, Trouble>>;

fn go_on<'a>() -> Answer<'a> {
    ready(Ok(None)).boxed()
}

/// Who keeps the children of a kind's objects.
pub trait Children<K: Kind, C: Cluster>: Send + Sync + 'static {
    /// Before AWS is asked, while the object is to be kept: brings the children to what the spec says, and completes the
    /// spec with what only they know. A verdict keeps the resource as it is.
    fn prepare<'a>(&'a self, _cluster: &'a C, _subject: Subject<'a, K>) -> Answer<'a> {
        go_on()
    }

    /// Before the resource is stopped, deleted or replaced. A verdict holds it: something else needs it.
    fn hold<'a>(&'a self, _cluster: &'a C, _subject: Subject<'a, K>) -> Answer<'a> {
        go_on()
    }

    /// After a look at the resource, while the object is to be kept: makes children of what was found, and takes away
    /// those that are no longer needed. A verdict is said instead of the phase's own, unless `prepare` has one.
    fn follow<'a>(&'a self, _cluster: &'a C, _subject: Subject<'a, K>, _seen: &'a K::Observed) -> Answer<'a> {
        go_on()
    }

    /// Before the finalizer of an object goes whose resource is left in AWS as it is: what belongs to that is left too.
    fn leave<'a>(&'a self, _cluster: &'a C, _subject: Subject<'a, K>) -> Answer<'a> {
        go_on()
    }

    /// Before the finalizer of an object goes whose resource is gone or has ended. A verdict holds the object.
    fn part<'a>(&'a self, _cluster: &'a C, _subject: Subject<'a, K>) -> Answer<'a> {
        go_on()
    }
}

/// For the kinds whose objects stand alone.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoChildren;

impl<K: Kind, C: Cluster> Children<K, C> for NoChildren {}

/// Wakes the objects of one kind on behalf of another: the controllers watch each kind once, and tell each other.
#[derive(Default)]
pub(super) struct Wakers(Mutex<HashMap<&'static str, UnboundedSender<Key>>>);

impl Wakers {
    /// A way to wake the objects of that kind, and where its controller hears of it.
    pub(super) fn register(&self, kind: &'static str) -> (UnboundedSender<Key>, UnboundedReceiver<Key>) {
        let (wake, woken) = unbounded_channel();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(kind, wake.clone());
        (wake, woken)
    }

    /// Something has become of a child: has its parent looked at, if one of ours is its parent.
    pub(super) fn wake_parent<S: Default>(&self, child: &Whole<S>) {
        let Some((kind, key)) = parent_of(child) else { return };
        let wakers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(wake) = wakers.get(kind.as_str()) {
            // A controller that has ended needs no waking.
            let _ = wake.send(key);
        }
    }
}

impl fmt::Debug for Wakers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wakers").finish_non_exhaustive()
    }
}

/// The parent that an object names: by its owner reference, or by version 1's labels.
fn parent_of<S: Default>(child: &Whole<S>) -> Option<(String, Key)> {
    let namespace = child.metadata.namespace.as_deref()?;
    let owners = child.metadata.owner_references.iter().flatten();
    let ours = |version: &str| version.split_once('/').is_some_and(|(group, _)| group == GROUP);
    let mut by_reference = owners.filter(|owner| ours(&owner.api_version));
    if let Some(owner) = by_reference.next() {
        return Some((owner.kind.clone(), Key::new(namespace, &owner.name)));
    }
    let labels = child.metadata.labels.as_ref()?;
    let name = labels.get(LABEL_V1_NAME)?;
    (labels.get(LABEL_V1_NAMESPACE)? == namespace).then(|| ("HostingDeployment".to_owned(), Key::new(namespace, name)))
}

/// The keeper of a kind's children, shared by all its passes.
pub(super) type Keeper<K, C> = Arc<dyn Children<K, C>>;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn child(metadata: &serde_json::Value) -> Whole {
        serde_json::from_value(json!({ "metadata": metadata })).unwrap()
    }

    #[test]
    fn a_child_wakes_the_parent_it_names_and_nobody_else() {
        let wakers = Wakers::default();
        let (_, mut woken) = wakers.register("HostingDeployment");
        let owner = |group: &str, kind: &str| {
            let owner = json!({ "apiVersion": format!("{group}/v1"), "kind": kind, "name": "parent", "uid": "u" });
            json!({ "namespace": "ns", "name": "child", "ownerReferences": [owner] })
        };
        let labelled = |namespace: &str| {
            json!({ "namespace": "ns", "name": "child", "labels": {
                LABEL_V1_NAMESPACE: namespace, LABEL_V1_NAME: "parent",
            }})
        };
        for (metadata, wakes) in [
            (owner(GROUP, "HostingDeployment"), true),
            (owner(GROUP, "HyperparameterTuningJob"), false),
            (owner("apps", "HostingDeployment"), false),
            (labelled("ns"), true),
            (labelled("another"), false),
            (json!({ "namespace": "ns", "name": "child" }), false),
        ] {
            wakers.wake_parent(&child(&metadata));
            assert_eq!(woken.try_recv().ok(), wakes.then(|| Key::new("ns", "parent")), "{metadata}");
        }
    }
}
