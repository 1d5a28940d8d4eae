//! `GetLogEvents`: one stream, from either end, by tokens that are places in the order of event time.
//!
//! An event that arrives behind such a place is not seen by whoever goes on from there.
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html>

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use super::body::{Body, Whose};
use super::chance::seed_of;
use super::event::Key;
use super::merge::{Merge, Order, Range};
use super::page::{self, Room, Whim};
use super::store::Store;
use super::stream::Stream;
use super::{LogError, Scope, request};

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Request {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_name: String,
    start_time: Option<u64>,
    end_time: Option<u64>,
    start_from_head: Option<bool>,
    limit: Option<usize>,
    next_token: Option<String>,
}

/// A place in a stream and the way to go from there; written as `f/EVENT_ID/s` or `b/EVENT_ID/s`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    order: Order,
    key: Key,
}

impl Place {
    fn read(text: &str) -> Option<Self> {
        let (order, id) = match text.split_once('/')? {
            ("f", rest) => (Order::OldestFirst, rest),
            ("b", rest) => (Order::NewestFirst, rest),
            _ => return None,
        };
        Key::from_id(id.strip_suffix("/s")?).map(|key| Self { order, key })
    }

    fn write(self) -> String {
        let way = match self.order {
            Order::OldestFirst => 'f',
            Order::NewestFirst => 'b',
        };
        format!("{way}/{}/s", self.key.id())
    }
}

pub(super) struct Reading {
    scope: Scope,
    request: Request,
    stream: Arc<Stream>,
}

impl Reading {
    /// What a request asks for.
    pub(super) fn new(store: &Store, scope: &Scope, body: &Value) -> Result<Self, LogError> {
        let request: Request = request::read(body)?;
        if request.start_time.zip(request.end_time).is_some_and(|(start, end)| start > end) {
            return Err(LogError::invalid("endTime should not be less than startTime"));
        }
        let (name, identifier) = (request.log_group_name.clone(), request.log_group_identifier.clone());
        let group = store.group(scope, &request::group(scope, name, identifier)?)?;
        let stream = Arc::clone(group.stream(&request.log_stream_name, scope.now_ms)?);
        Ok(Self { scope: scope.clone(), request, stream })
    }

    /// The page: always oldest first, whichever way it was reached.
    pub(super) fn page(&self) -> Result<String, LogError> {
        let Self { scope, request, stream } = self;
        let sent = request.next_token.as_deref();
        let invalid = || LogError::invalid("The specified nextToken is invalid.");
        let place = sent.map(|text| Place::read(text).ok_or_else(invalid)).transpose()?;
        let from_head = if request.start_from_head == Some(true) { Order::OldestFirst } else { Order::NewestFirst };
        let range = self.range(place.map_or(from_head, |place| place.order), place.map(|place| place.key));

        let limit = request.limit.unwrap_or(page::EVENTS).clamp(1, page::EVENTS);
        let seed = seed_of(&stream.name);
        let mut room = match Whim::of(seed, range.after) {
            Whim::Short(events) if sent.is_some() => Room::new(events.min(limit)),
            Whim::Short(_) | Whim::None | Whim::Empty | Whim::Repeat => Room::new(limit),
        };
        let mut found = Vec::new();
        let (mut first, mut last) = (None, None);
        for sighting in Merge::new([stream], range) {
            let key = sighting.stamp.key;
            if first.is_none() && self.is_empty_stretch(seed, &range, key) {
                first = Some(edge(range.order, key));
                last = first;
                break;
            }
            let message = sighting.message();
            if !room.take(&message) {
                break;
            }
            first = first.or(Some(key));
            last = Some(key);
            found.push((sighting, message));
        }
        if range.order == Order::NewestFirst {
            found.reverse();
            (first, last) = (last, first);
        }
        let nothing = range.after.unwrap_or(Key::before(request.start_time.unwrap_or(0).min(scope.now_ms)));
        let forward = Place { order: Order::OldestFirst, key: last.unwrap_or(nothing) };
        let backward = Place { order: Order::NewestFirst, key: first.unwrap_or(nothing) };
        let mut body = Body::new(Whose::OneStream);
        for (sighting, message) in &found {
            body.push(sighting, message);
        }
        Ok(body.finish(&[("nextForwardToken", &forward.write()), ("nextBackwardToken", &backward.write())]))
    }

    /// Whether the page shows only that nothing lies before that event.
    fn is_empty_stretch(&self, seed: u64, range: &Range, next: Key) -> bool {
        let reached = range.after == Some(edge(range.order, next));
        let from = range.after.map_or(self.request.start_time.unwrap_or(next.timestamp), |after| after.timestamp);
        self.request.next_token.is_some() && !reached && page::ends_in_gap(seed, from, next)
    }

    fn range(&self, order: Order, after: Option<Key>) -> Range {
        let Self { scope, request, stream: _ } = self;
        Range {
            from_ms: request.start_time.unwrap_or(0),
            to_ms: request.end_time.map_or(u64::MAX, |end| end.saturating_sub(1)),
            order,
            after,
            seen_at: Some(scope.now_ms),
        }
    }
}

/// The place just before an event, on the way to it.
fn edge(order: Order, key: Key) -> Key {
    match order {
        Order::OldestFirst => Key::before(key.timestamp),
        Order::NewestFirst => Key::before(key.timestamp + 1),
    }
}
