//! The port to AWS: what the core asks of one kind's API. Implemented in `aws`, faked once in tests.

use std::future::Future;

use chrono::{DateTime, Utc};

use super::{AccountId, Arn, Endpoint, Intent, Kind, Refusal, Region};

/// Where a resource lives and as whom it is reached. Clients, quotas and polls are shared by equal places.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Place {
    /// The region.
    pub region: Region,
    /// The address that replaces SageMaker's default one: `spec.sageMakerEndpoint`.
    pub endpoint: Option<Endpoint>,
    /// The role to take on before asking: the Namespace's annotation `sagemaker.aws.amazon.com/role-arn`.
    pub role: Option<Assume>,
}

/// A role to take on, with the protection against a confused deputy.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Assume {
    /// The role.
    pub role: Arn,
    /// The external id: the name of the Namespace that carries the annotation.
    pub external_id: String,
}

/// A tag of a resource.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tag {
    /// 1 to 128 characters.
    pub key: String,
    /// 0 to 256 characters.
    pub value: String,
}

/// What a Create answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// The new resource.
    pub arn: Arn,
}

/// What became of the parts of a resource that consists of several, as far as a call asked for new ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parts {
    /// AWS has made these for the object.
    pub accepted: Vec<Part>,
    /// AWS has not made these, or not for this object.
    pub refused: Vec<String>,
    /// No answer came for these.
    pub unanswered: Vec<String>,
}

/// A part of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What it is known by.
    pub id: String,
    /// Its ARN, if it has one.
    pub arn: Option<String>,
}

/// One line of a List answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The resource's name.
    pub name: String,
    /// The status word.
    pub status: String,
    /// The secondary status, where the kind's list carries one.
    pub secondary_status: Option<String>,
    /// When AWS last changed it.
    pub last_modified: Option<DateTime<Utc>>,
}

/// A page of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// The token of the next page; `None` at the end.
    pub next: Option<String>,
}

/// The AWS side of what a tuning job starts by itself.
pub trait Trials: Send + Sync + 'static {
    /// The names of the tuning job's training jobs, newest first, 100 a page. `next` is the token of the page before.
    fn trials(
        &self,
        place: &Place,
        tuning_job: &str,
        next: Option<&str>,
    ) -> impl Future<Output = Result<Page<String>, Refusal>> + Send;

    /// The training job of that name as the spec of an object that would have asked for it.
    fn trial(&self, place: &Place, name: &str) -> impl Future<Output = Result<serde_json::Value, Refusal>> + Send;
}

/// Whether this process may still write. Asked right before a write leaves: a request may have waited in a queue for
/// longer than the Lease lasts.
pub trait Permit: std::fmt::Debug + Send + Sync + 'static {
    /// False once the Lease's deadline on the monotonic clock has passed.
    fn may_write(&self) -> bool;
}

/// What the resource of an object is known by. For most kinds that is its name; one that consists of several in AWS is
/// known by what the object asks for and by what its status remembers.
#[derive(Debug)]
pub struct Handle<'a, K: Kind> {
    /// The name in AWS.
    pub name: &'a str,
    /// What the object asks for.
    pub spec: &'a K::Spec,
    /// What the object remembers.
    pub status: &'a K::Status,
    /// Whether the resource is to be there.
    pub intent: Intent,
}

/// The AWS side of one kind. Every method is one request, retried only by the caller (for a resource that consists of
/// several, one request for each of them); waiting for a place in the account's quota is part of the request.
pub trait Gateway<K: Kind>: Send + Sync + 'static {
    /// Describes the resource.
    fn describe(
        &self,
        place: &Place,
        handle: &Handle<'_, K>,
    ) -> impl Future<Output = Result<K::Observed, Refusal>> + Send;

    /// Creates the resource from the spec. `tags` is the whole list to be set.
    fn create(
        &self,
        place: &Place,
        name: &str,
        spec: &K::Spec,
        tags: &[Tag],
    ) -> impl Future<Output = Result<Created, Refusal>> + Send;

    /// Stops a job, or deletes a lasting resource.
    fn stop(&self, place: &Place, handle: &Handle<'_, K>) -> impl Future<Output = Result<(), Refusal>> + Send;

    /// Changes the resource in place; `update` is what [`Kind::drift`] found, `tags` what a part that is new is to carry.
    fn update(
        &self,
        place: &Place,
        handle: &Handle<'_, K>,
        update: &serde_json::Value,
        tags: &[Tag],
    ) -> impl Future<Output = Result<(), Refusal>> + Send;

    /// As [`Gateway::create`], telling what became of each part.
    fn create_parts(
        &self,
        place: &Place,
        name: &str,
        spec: &K::Spec,
        tags: &[Tag],
    ) -> impl Future<Output = (Result<Created, Refusal>, Parts)> + Send {
        async move { (self.create(place, name, spec, tags).await, Parts::default()) }
    }

    /// As [`Gateway::update`], telling what became of each part that is new.
    fn update_parts(
        &self,
        place: &Place,
        handle: &Handle<'_, K>,
        update: &serde_json::Value,
        tags: &[Tag],
    ) -> impl Future<Output = (Result<(), Refusal>, Parts)> + Send {
        async move { (self.update(place, handle, update, tags).await, Parts::default()) }
    }

    /// Lists what changed at or after `since`, newest change last, 100 a page. `next` is the token of the page before.
    fn changed_since(
        &self,
        place: &Place,
        since: DateTime<Utc>,
        next: Option<&str>,
    ) -> impl Future<Output = Result<Page<Summary>, Refusal>> + Send;

    /// All tags of the resource.
    fn tags(&self, place: &Place, arn: &Arn) -> impl Future<Output = Result<Vec<Tag>, Refusal>> + Send;

    /// Sets tags.
    fn add_tags(&self, place: &Place, arn: &Arn, tags: &[Tag]) -> impl Future<Output = Result<(), Refusal>> + Send;

    /// Removes tags.
    fn delete_tags(
        &self,
        place: &Place,
        arn: &Arn,
        keys: &[String],
    ) -> impl Future<Output = Result<(), Refusal>> + Send;

    /// The account that the credentials of this place belong to, cached per credentials.
    fn account(&self, place: &Place) -> impl Future<Output = Result<AccountId, Refusal>> + Send;
}
