//! The part of the status that all eight kinds share.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Replacement;

/// One observation about an object, as Kubernetes' own `metav1.Condition`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Condition {
    /// `Complete`, `Failed`, `Ready`, `Reconciling` or `Stalled`.
    #[serde(rename = "type")]
    pub type_: String,
    /// `True`, `False` or `Unknown`.
    pub status: String,
    /// The generation of the spec that this was said of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// When the status last went from one value to another.
    pub last_transition_time: DateTime<Utc>,
    /// A word for programs, in `CamelCase`.
    pub reason: String,
    /// What happened and what to do about it, for people.
    pub message: String,
}

/// A Create on its way: written down before it leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreateRequest {
    /// When it was sent.
    pub at: DateTime<Utc>,
    /// The account that was asked, where it could be found out: another one cannot say what became of the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// True if it left without our tags: what it may have started cannot be told from somebody else's by them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub untagged: bool,
    /// True if version 1 may have sent it, which recorded neither the request nor the account.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_version_1: bool,
}

/// What every kind reports beside its v1 fields.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Common {
    /// The resource in AWS. Once it is set, "not found" means gone only from the same account and region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// The last Create that was sent and has not been seen to fail: until the resource shows up, "not found" may only mean
    /// "not yet", and an unanswered Create may have started something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub create_request: Option<CreateRequest>,
    /// The last time that the resource was deleted to be made again, because it was not what the spec says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replacement: Option<Replacement>,
    /// True while something that goes with the ended job is still to be done: it is looked at again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unfinished: bool,
    /// The keys of the tags that were set from the spec: one that leaves the spec is taken off the resource, and nobody
    /// else's is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tag_keys: Vec<String>,
    /// The generation of the spec whose tags the resource carries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags_generation: Option<i64>,
    /// What is going on, as kstatus reads it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
    /// The generation of the spec that the status speaks of; -1 until the operator has seen the object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
}
