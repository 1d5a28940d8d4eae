//! `CreateLogGroup`, `CreateLogStream` and `PutLogEvents`.
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html>

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

use super::event::Key;
use super::store::Store;
use super::stream::{PutEvent, Stream};
use super::written::Stamp;
use super::{LogError, Scope, request};

const HOUR_MS: u64 = 60 * 60 * 1000;
/// How far ahead of the service's clock an event may lie.
pub(super) const AHEAD_MS: u64 = 2 * HOUR_MS;
/// How far behind.
const BEHIND_MS: u64 = 14 * 24 * HOUR_MS;
/// The span of one put.
const SPAN_MS: u64 = 24 * HOUR_MS;
/// The bytes of one put; each event counts 26 beside its text.
const BYTES: usize = 1024 * 1024;
const OVERHEAD: usize = 26;
/// From a put to the first answer that shows it.
const INDEXING_MS: u64 = 100;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Names {
    log_group_name: String,
    #[serde(default)]
    log_stream_name: String,
}

/// `CreateLogGroup`.
pub(super) fn create_group(store: &mut Store, scope: &Scope, body: &Value) -> Result<Value, LogError> {
    let names: Names = request::read(body)?;
    let group = store.groups_mut(scope).entry(names.log_group_name).or_default();
    if group.is_known(scope.now_ms) {
        return Err(LogError::exists("The specified log group already exists"));
    }
    group.created_ms = Some(scope.now_ms);
    Ok(json!({}))
}

/// `CreateLogStream`.
pub(super) fn create_stream(store: &mut Store, scope: &Scope, body: &Value) -> Result<Value, LogError> {
    let names: Names = request::read(body)?;
    let (group, _) = store.group_mut(scope, &names.log_group_name)?;
    if group.stream(&names.log_stream_name, scope.now_ms).is_ok() {
        return Err(LogError::exists("The specified log stream already exists"));
    }
    let name = names.log_stream_name;
    let stream = group.streams.entry(name.clone()).or_insert_with(|| Arc::new(Stream::new(&name)));
    Arc::make_mut(stream).created_ms = Some(scope.now_ms);
    Ok(json!({}))
}

#[derive(Debug, Deserialize)]
struct Put {
    #[serde(flatten)]
    names: Names,
    #[serde(rename = "logEvents")]
    events: Vec<Event>,
}

#[derive(Debug, Deserialize)]
struct Event {
    timestamp: u64,
    message: String,
}

impl Put {
    fn check(&self) -> Result<(), LogError> {
        let Self { names: _, events } = self;
        if let Some(large) = events.iter().map(|event| event.message.len() + OVERHEAD).find(|bytes| *bytes > BYTES) {
            return Err(LogError::invalid(&format!("Log event too large: {large} bytes exceeds limit of {BYTES}")));
        }
        let bytes = events.iter().map(|event| event.message.len() + OVERHEAD).sum::<usize>();
        if bytes > BYTES {
            return Err(LogError::invalid(&format!("Upload too large: {bytes} bytes exceeds limit of {BYTES}")));
        }
        if !events.is_sorted_by_key(|event| event.timestamp) {
            return Err(LogError::invalid(
                "Log events in a single PutLogEvents request must be in chronological order.",
            ));
        }
        let span = events.first().zip(events.last()).map_or(0, |(first, last)| last.timestamp - first.timestamp);
        if span > SPAN_MS {
            return Err(LogError::invalid(
                "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.",
            ));
        }
        Ok(())
    }
}

/// `PutLogEvents`.
pub(super) fn put(store: &mut Store, scope: &Scope, body: &Value) -> Result<Value, LogError> {
    let put: Put = request::read(body)?;
    put.check()?;
    let (group, serial) = store.group_mut(scope, &put.names.log_group_name)?;
    group.stream(&put.names.log_stream_name, scope.now_ms)?;
    let now = scope.now_ms;
    let old = put.events.partition_point(|event| event.timestamp < now.saturating_sub(BEHIND_MS));
    let new = put.events.partition_point(|event| event.timestamp <= now + AHEAD_MS);
    let count = put.events.len();

    let stream = group.streams.get_mut(&put.names.log_stream_name).map(Arc::make_mut).expect("found above");
    for (index, event) in put.events.into_iter().enumerate().take(new).skip(old) {
        let index = u16::try_from(index).map_err(|_| LogError::invalid("Too many log events"))?;
        let key = Key { timestamp: event.timestamp, ingestion: now, batch: serial << 40, index };
        let stamp = Stamp { key, visible_ms: now + INDEXING_MS };
        let place = stream.put.partition_point(|earlier| earlier.stamp.key < key);
        stream.put.insert(place, PutEvent { stamp, message: event.message });
    }

    let mut answer = json!({"nextSequenceToken": format!("{serial:056}")});
    if old > 0 || new < count {
        let mut rejected = json!({});
        if old > 0 {
            rejected["tooOldLogEventEndIndex"] = json!(old);
        }
        if new < count {
            rejected["tooNewLogEventStartIndex"] = json!(new);
        }
        answer["rejectedLogEventsInfo"] = rejected;
    }
    Ok(answer)
}
