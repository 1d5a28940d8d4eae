//! `DescribeLogGroups` and `DescribeLogStreams`.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

use super::chance::{pick, seed_of};
use super::event::Key;
use super::merge::{Merge, Order, Range};
use super::store::{Store, known};
use super::stream::Stream;
use super::{LogError, Scope, request};

/// The most entries of a page, and how many there are unless told.
const ENTRIES: usize = 50;

/// The purpose that a stream's lag is drawn for.
const LAG: u64 = 0x41;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct GroupsRequest {
    log_group_name_prefix: Option<String>,
    log_group_name_pattern: Option<String>,
    limit: Option<usize>,
    next_token: Option<String>,
}

/// `DescribeLogGroups`.
pub(super) fn groups(store: &Store, scope: &Scope, body: &Value) -> Result<Value, LogError> {
    let request: GroupsRequest = request::read(body)?;
    if request.log_group_name_prefix.is_some() && request.log_group_name_pattern.is_some() {
        return Err(LogError::invalid(
            "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.",
        ));
    }
    let prefix = request.log_group_name_prefix.as_deref().unwrap_or_default();
    let pattern = request.log_group_name_pattern.as_deref().unwrap_or_default().to_lowercase();
    let mut entries = Vec::new();
    for (name, group) in store.groups(scope) {
        let wanted = name.starts_with(prefix) && name.to_lowercase().contains(&pattern);
        let Some(created) = group.appears_ms().filter(|appears| wanted && *appears <= scope.now_ms) else { continue };
        let arn = request::group_arn(scope, name);
        entries.push(json!({
            "logGroupName": name,
            "creationTime": created,
            "metricFilterCount": 0,
            "arn": format!("{arn}:*"),
            "logGroupArn": arn,
            "logGroupClass": "STANDARD",
            "storedBytes": 0,
        }));
    }
    page("logGroups", entries, request.limit, request.next_token.as_deref(), |entry| entry)
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct StreamsRequest {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_name_prefix: Option<String>,
    order_by: Option<OrderBy>,
    descending: Option<bool>,
    limit: Option<usize>,
    next_token: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
enum OrderBy {
    LogStreamName,
    LastEventTime,
}

/// `DescribeLogStreams`.
pub(super) fn streams(store: &Store, scope: &Scope, body: &Value) -> Result<Value, LogError> {
    let request: StreamsRequest = request::read(body)?;
    let by_time = request.order_by == Some(OrderBy::LastEventTime);
    if by_time && request.log_stream_name_prefix.is_some() {
        return Err(LogError::invalid("Cannot order by LastEventTime with a logStreamNamePrefix."));
    }
    let name = request::group(scope, request.log_group_name, request.log_group_identifier)?;
    let group = store.group(scope, &name)?;
    let arn = request::group_arn(scope, &name);
    let prefix = request.log_stream_name_prefix.unwrap_or_default();
    let streams = group.with_prefix(&prefix).filter(|stream| known(stream.appears_ms(), scope.now_ms));
    let mut streams = streams.collect::<Vec<_>>();
    if by_time {
        streams.sort_by_cached_key(|stream| times(stream, scope.now_ms).map(|(_, last)| last.timestamp));
    }
    if request.descending == Some(true) {
        streams.reverse();
    }
    page("logStreams", streams, request.limit, request.next_token.as_deref(), |stream| {
        entry(&arn, stream, scope.now_ms)
    })
}

fn entry(group_arn: &str, stream: &Arc<Stream>, now_ms: u64) -> Value {
    let name = &stream.name;
    let mut entry = json!({
        "logStreamName": name,
        "creationTime": stream.appears_ms(),
        "arn": format!("{group_arn}:log-stream:{name}"),
        "storedBytes": 0,
    });
    if let Some((first, last)) = times(stream, now_ms) {
        entry["firstEventTimestamp"] = json!(first.timestamp);
        entry["lastEventTimestamp"] = json!(last.timestamp);
        entry["lastIngestionTime"] = json!(last.ingestion);
        entry["uploadSequenceToken"] = json!(format!("{:056}", seed_of(name)));
    }
    entry
}

/// The first event of a stream and the last, as far as it is told.
fn times(stream: &Arc<Stream>, now_ms: u64) -> Option<(Key, Key)> {
    let visible = |order, seen_at| {
        let range = Range { from_ms: 0, to_ms: u64::MAX, order, after: None, seen_at: Some(seen_at) };
        Merge::new([stream], range).next().map(|sighting| sighting.stamp.key)
    };
    let first = visible(Order::OldestFirst, now_ms)?;
    // What is told of the end of a stream is behind the truth, by an amount of its own for each stream.
    let lag_ms = 5_000 + pick(seed_of(&stream.name), LAG, 0) % 85_000;
    Some((first, visible(Order::NewestFirst, now_ms.saturating_sub(lag_ms)).unwrap_or(first)))
}

/// One page of a list; the token is where it goes on.
fn page<T>(
    member: &str,
    all: Vec<T>,
    limit: Option<usize>,
    token: Option<&str>,
    entry: impl Fn(T) -> Value,
) -> Result<Value, LogError> {
    let invalid = || LogError::invalid("The specified nextToken is invalid.");
    let start =
        token.map_or(Ok(0), |token| token.strip_prefix(member).unwrap_or("-").parse().map_err(|_| invalid()))?;
    let end = limit.unwrap_or(ENTRIES).clamp(1, ENTRIES).saturating_add(start);
    let more = end < all.len();
    let mut answer = json!({ member: all.into_iter().skip(start).take(end - start).map(entry).collect::<Vec<_>>() });
    if more {
        answer["nextToken"] = json!(format!("{member}{end}"));
    }
    Ok(answer)
}
