//! An object of any kind, read leniently: one that cannot be parsed must not keep the others from being looked at.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::core::{ApiResource, DynamicResourceScope, GroupVersionKind, Resource};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::lifecycle::{
    ANNOTATION_ADOPT, ANNOTATION_DELETION, ANNOTATION_DRIFT, ANNOTATION_V1_ACCOUNT, AccountId, DeletionPolicy,
    FINALIZER, InvalidIdent, Kind, TRIAL_FINALIZER,
};

/// The group of all kinds.
pub const GROUP: &str = "sagemaker.aws.amazon.com";

/// How the API server addresses a kind.
pub fn resource_of<K: Kind>() -> ApiResource {
    resource_named(K::KIND)
}

/// The same, by the kind's name.
pub(super) fn resource_named(kind: &str) -> ApiResource {
    ApiResource::from_gvk(&GroupVersionKind::gvk(GROUP, "v1", kind))
}

/// `namespace/name`, shared by all who remember the object.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(Arc<str>);

impl Key {
    /// The key of that object.
    pub fn new(namespace: &str, name: &str) -> Self {
        Self(format!("{namespace}/{name}").into())
    }

    /// The object's namespace.
    pub fn namespace(&self) -> &str {
        self.0.split_once('/').map_or("", |(namespace, _)| namespace)
    }

    /// The object's name.
    pub fn name(&self) -> &str {
        self.0.split_once('/').map_or(&self.0, |(_, name)| name)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An object as the API server has it, spec and status unparsed.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Whole<S: Default = Value> {
    /// Names, versions, finalizers.
    #[serde(default)]
    pub metadata: ObjectMeta,
    /// The desired state; null where the object has none.
    #[serde(default)]
    pub spec: S,
    /// The reported state; null where there is none yet.
    #[serde(default)]
    pub status: Value,
}

/// An object as the watch reads it: the spec is skipped over, not even held for a moment.
pub(super) type Glimpse = Whole<IgnoredAny>;

impl<S: Default> Resource for Whole<S> {
    type DynamicType = ApiResource;
    type Scope = DynamicResourceScope;

    fn kind(kind: &ApiResource) -> Cow<'_, str> {
        kind.kind.as_str().into()
    }

    fn group(kind: &ApiResource) -> Cow<'_, str> {
        kind.group.as_str().into()
    }

    fn version(kind: &ApiResource) -> Cow<'_, str> {
        kind.version.as_str().into()
    }

    fn plural(kind: &ApiResource) -> Cow<'_, str> {
        kind.plural.as_str().into()
    }

    fn meta(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn meta_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

impl<S: Default> Whole<S> {
    /// Its key.
    pub fn key(&self) -> Key {
        Key::new(
            self.metadata.namespace.as_deref().unwrap_or_default(),
            self.metadata.name.as_deref().unwrap_or_default(),
        )
    }

    /// When it was made.
    pub(super) fn created(&self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp(self.metadata.creation_timestamp.as_ref()?.0.as_second(), 0)
    }
}

/// The parts of the metadata that decisions need.
#[derive(Debug, Clone)]
pub(super) struct Identity {
    pub(super) key: Key,
    pub(super) uid: String,
    pub(super) version: String,
    pub(super) generation: Option<i64>,
    pub(super) deleting: bool,
    pub(super) finalizers: Vec<String>,
    pub(super) adopt: bool,
    /// Whether what differs from the spec is only to be told.
    pub(super) observe: bool,
    /// What becomes of the resource when the object is deleted.
    pub(super) on_deletion: Result<DeletionPolicy, InvalidIdent>,
    /// The account in which version 1 worked, as a person says.
    pub(super) v1_account: Option<AccountId>,
}

impl Identity {
    pub(super) fn of<S: Default>(object: &Whole<S>) -> Self {
        let key = object.key();
        let meta = object.metadata.clone();
        let annotation =
            |key: &str| meta.annotations.as_ref().and_then(|annotations| annotations.get(key)).map(String::as_str);
        Self {
            key,
            deleting: meta.deletion_timestamp.is_some(),
            adopt: annotation(ANNOTATION_ADOPT) == Some("true"),
            observe: annotation(ANNOTATION_DRIFT) == Some("observe"),
            on_deletion: annotation(ANNOTATION_DELETION).map_or(Ok(DeletionPolicy::default()), str::parse),
            v1_account: annotation(ANNOTATION_V1_ACCOUNT).and_then(|account| account.parse().ok()),
            uid: meta.uid.unwrap_or_default(),
            version: meta.resource_version.unwrap_or_default(),
            generation: meta.generation,
            finalizers: meta.finalizers.unwrap_or_default(),
        }
    }

    /// Whether it is a trial of a tuning job: SageMaker started it, and nobody is to start it again.
    pub(super) fn is_trial(&self) -> bool {
        self.finalizers.iter().any(|finalizer| finalizer == TRIAL_FINALIZER)
    }

    /// Whether we hold the object.
    pub(super) fn is_held(&self) -> bool {
        self.finalizers.iter().any(|finalizer| finalizer == FINALIZER)
    }
}
