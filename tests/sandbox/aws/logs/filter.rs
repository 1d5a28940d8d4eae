//! `FilterLogEvents`: many streams in one order.
//!
//! Pages may be partial or empty; only a missing token ends the listing.
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html>

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::body::{Body, Whose};
use super::chance::seed_of;
use super::event::Key;
use super::merge::{Merge, Order, Range};
use super::page::{self, Room, Whim};
use super::pattern::Pattern;
use super::store::{Group, Store, known};
use super::stream::Stream;
use super::token::Token;
use super::{LogError, Repeated, Scope, request};

/// How many events one request looks at for those that match its pattern.
const LOOKED_AT: usize = 50_000;
/// 2024-01-01: newest first goes back no further.
const NEWEST_FIRST_SINCE_MS: u64 = 1_704_067_200_000;

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
struct Request {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_names: Option<Vec<String>>,
    log_stream_name_prefix: Option<String>,
    start_time: Option<u64>,
    end_time: Option<u64>,
    filter_pattern: Option<String>,
    start_from_head: Option<bool>,
    #[serde(skip_serializing)]
    limit: Option<usize>,
    #[serde(skip_serializing)]
    next_token: Option<String>,
}

impl Request {
    /// What a token of this request is bound to: all but the limit and the token itself.
    fn seed(&self) -> u64 {
        seed_of(&serde_json::to_string(self).expect("plain members"))
    }

    fn check(&self) -> Result<(), LogError> {
        if self.log_stream_names.is_some() && self.log_stream_name_prefix.is_some() {
            return Err(LogError::invalid("logStreamNamePrefix and logStreamNames cannot both be specified"));
        }
        if self.start_time.zip(self.end_time).is_some_and(|(start, end)| start > end) {
            return Err(LogError::invalid("endTime should not be less than startTime"));
        }
        let newest_first = self.start_from_head == Some(false);
        if newest_first && self.start_time.is_none_or(|start| start < NEWEST_FIRST_SINCE_MS) {
            return Err(LogError::invalid(
                "startTime must be 2024-01-01 00:00:00 UTC or later when startFromHead is false",
            ));
        }
        Ok(())
    }
}

pub(super) struct Search {
    scope: Scope,
    request: Request,
    pattern: Pattern,
    streams: Vec<Arc<Stream>>,
}

impl Search {
    /// What a request asks for, among the streams that are known at this moment.
    pub(super) fn new(store: &Store, scope: &Scope, body: &Value) -> Result<Self, LogError> {
        let mut request: Request = request::read(body)?;
        request.check()?;
        let pattern = Pattern::parse(request.filter_pattern.as_deref().unwrap_or_default())?;
        let (name, identifier) = (request.log_group_name.clone(), request.log_group_identifier.clone());
        let group = store.group(scope, &request::group(scope, name, identifier)?)?;
        let streams =
            select(group, scope, request.log_stream_names.as_deref(), request.log_stream_name_prefix.as_deref())?;
        request.limit = Some(request.limit.unwrap_or(page::EVENTS).clamp(1, page::EVENTS));
        Ok(Self { scope: scope.clone(), request, pattern, streams })
    }

    /// The page.
    pub(super) fn page(&self, repeated: &Repeated) -> Result<String, LogError> {
        let Self { scope, request, pattern, streams } = self;
        let seed = request.seed();
        let text = request.next_token.as_deref();
        let token = text.map(|text| Token::read(text, seed, scope.now_ms)).transpose()?;
        let (mut after, on_a_whim) = token.map_or((None, false), |token| (token.after, token.after_whim));

        let mut body = Body::new(Whose::ManyStreams);
        let mut room = Room::new(request.limit.unwrap_or(page::EVENTS));
        let whim = if on_a_whim { Whim::None } else { Whim::of(seed, after) };
        match (whim, text) {
            (Whim::None, _) | (Whim::Repeat, None) => {}
            (Whim::Short(events), _) => room = Room::new(events.min(request.limit.unwrap_or(events))),
            (Whim::Empty, _) => return Ok(body.finish(&[("nextToken", &self.token(seed, after, true))])),
            (Whim::Repeat, Some(text)) => {
                if repeated.first_time(text) {
                    return Ok(body.finish(&[("nextToken", text)]));
                }
            }
        }

        let range = self.range(after);
        let mut looked_at_ms = match range.order {
            Order::OldestFirst => after.map_or(range.from_ms, |key| key.timestamp),
            Order::NewestFirst => after.map_or(range.to_ms.min(scope.now_ms), |key| key.timestamp),
        };
        for (count, sighting) in Merge::new(streams, range).enumerate() {
            let key = sighting.stamp.key;
            let in_gap = !on_a_whim && page::ends_in_gap(seed, looked_at_ms, key);
            if in_gap {
                let edge = if range.order == Order::OldestFirst { key.timestamp } else { key.timestamp + 1 };
                return Ok(body.finish(&[("nextToken", &self.token(seed, Some(Key::before(edge)), true))]));
            }
            let message = sighting.message();
            let wanted = pattern.is_empty() || pattern.matches(&message);
            if room.is_full() || count == LOOKED_AT || (wanted && !room.take(&message)) {
                let short = matches!(whim, Whim::Short(_));
                return Ok(body.finish(&[("nextToken", &self.token(seed, after, short))]));
            }
            if wanted {
                body.push(&sighting, &message);
            }
            after = Some(key);
            looked_at_ms = key.timestamp;
        }
        Ok(body.finish(&[]))
    }

    fn range(&self, after: Option<Key>) -> Range {
        let Self { scope, request, pattern: _, streams: _ } = self;
        Range {
            from_ms: request.start_time.unwrap_or(0),
            to_ms: request.end_time.unwrap_or(u64::MAX),
            order: if request.start_from_head == Some(false) { Order::NewestFirst } else { Order::OldestFirst },
            after,
            seen_at: Some(scope.now_ms),
        }
    }

    fn token(&self, request: u64, after: Option<Key>, after_whim: bool) -> String {
        Token { request, issued_ms: self.scope.now_ms, after, after_whim }.write()
    }
}

/// The streams that a request names.
fn select(
    group: &Group,
    scope: &Scope,
    names: Option<&[String]>,
    prefix: Option<&str>,
) -> Result<Vec<Arc<Stream>>, LogError> {
    if let Some(names) = names {
        // A name given twice is one stream all the same.
        let names = names.iter().collect::<BTreeSet<_>>();
        return names.into_iter().map(|name| group.stream(name, scope.now_ms).cloned()).collect();
    }
    let streams = group.with_prefix(prefix.unwrap_or_default());
    Ok(streams.filter(|stream| known(stream.appears_ms(), scope.now_ms)).cloned().collect())
}
