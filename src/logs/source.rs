//! The port to CloudWatch Logs: what log reading asks of it, in our own types. Implemented in `aws`.

use std::future::Future;
use std::sync::Arc;

use super::{Events, Millis};
use crate::lifecycle::{Cause, Refusal};

/// What events are asked for. One request is one call of the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// `FilterLogEvents` over all streams of a group whose names begin with a prefix.
    Filter(Filter),
    /// `GetLogEvents` over one stream, oldest first.
    Stream(StreamRead),
}

/// A call of `FilterLogEvents`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// The log group.
    pub group: Arc<str>,
    /// What the streams' names begin with; empty for all streams of the group.
    pub prefix: Arc<str>,
    /// What lines must match, in `CloudWatch`'s own filter syntax.
    pub pattern: Option<Arc<str>>,
    /// The earliest timestamp wanted, inclusive.
    pub from: Millis,
    /// The latest timestamp wanted, inclusive (`GetLogEvents` has it exclusive); `None` for all there is.
    pub to: Option<Millis>,
    /// Whether the newest events come first. The service takes this for `from` >= [`NEWEST_FIRST_SINCE`] only.
    pub newest_first: bool,
    /// The most events wanted; `None` for as many as fit a page.
    pub limit: Option<u32>,
    /// The token of the page before.
    pub token: Option<String>,
}

/// A call of `GetLogEvents` with `startFromHead`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamRead {
    /// The log group.
    pub group: Arc<str>,
    /// The stream's whole name.
    pub stream: Arc<str>,
    /// The earliest timestamp wanted, inclusive.
    pub from: Millis,
    /// The latest timestamp wanted; `None` for all there is. The service is not told, as a line beyond is what proves
    /// that the page leaves none out: of those, at least the first is handed on.
    pub to: Option<Millis>,
    /// The forward token of the page before. The end is reached when the same token comes back.
    pub token: Option<String>,
}

/// 2024-01-01: listing newest first is refused for an earlier start.
pub const NEWEST_FIRST_SINCE: Millis = Millis(1_704_067_200_000);

/// An answer. Pages may be partial or empty; only a missing token ends the listing of a [`Filter`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// The events.
    pub events: Events,
    /// The token of the next page.
    pub next: Option<String>,
    /// The service's time of the answer, from its Date header.
    pub served: Option<Millis>,
}

/// A log stream, as `DescribeLogStreams` tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stream {
    /// The whole name.
    pub name: Arc<str>,
    /// The timestamp of its first event, where the service knows it yet.
    pub first_event: Option<Millis>,
    /// When the stream was created.
    pub created: Option<Millis>,
}

/// Why a call did not bring an answer, in the classes that log reading acts on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The group or the stream does not exist (yet): nothing of that kind has logged in this region.
    Absent,
    /// Too many calls for now.
    Throttled,
    /// The service or the way to it failed.
    Transient,
    /// The credentials are missing, expired or unknown.
    Credentials,
    /// The caller may not do this.
    Denied {
        /// The IAM action, where the message names it.
        action: Option<String>,
    },
    /// The request is wrong, such as an expired token of a page.
    Invalid,
}

/// A call that did not bring an answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{operation}: {message}")]
pub struct LogError {
    /// The operation, such as `FilterLogEvents`.
    pub operation: &'static str,
    /// The class.
    pub trouble: Trouble,
    /// The service's own words, or what went wrong on the way.
    pub message: String,
}

impl From<Refusal> for LogError {
    fn from(refusal: Refusal) -> Self {
        let Refusal { operation, cause, code, message, request_id: _ } = refusal;
        let trouble = match cause {
            Cause::NotFound => Trouble::Absent,
            Cause::Throttled => Trouble::Throttled,
            Cause::Credentials => Trouble::Credentials,
            Cause::Denied { action, resource: _ } => Trouble::Denied { action },
            Cause::Transient | Cause::Busy | Cause::QuotaInUse | Cause::NotLeader => Trouble::Transient,
            Cause::AlreadyExists | Cause::AlreadyEnded | Cause::Invalid | Cause::QuotaZero => Trouble::Invalid,
        };
        let message = if code.is_empty() { message } else { format!("{code}: {message}") };
        Self { operation, trouble, message }
    }
}

/// CloudWatch Logs of one account and region.
pub trait LogSource: Send + Sync {
    /// One page of events.
    fn events(&self, request: &Request) -> impl Future<Output = Result<Page, LogError>> + Send;

    /// The first page of the streams with that prefix, by name; an empty prefix stands for all.
    fn streams(&self, group: &str, prefix: &str) -> impl Future<Output = Result<Vec<Stream>, LogError>> + Send;
}
