//! Every event that exists, seen or not: what a reader's output is compared with.

use std::fmt::Write;
use std::sync::Arc;

use serde_json::{Value, json};

use super::event::Key;
use super::merge::{Merge, Order, Range};
use super::stream::Stream;

/// Events whose lines make up one chunk of text.
const CHUNK: usize = 1000;

/// How many events each stream has by now, and their first and last times.
pub(super) fn count(streams: &[Arc<Stream>], now_ms: u64) -> Value {
    let mut total = 0;
    let mut entries = Vec::new();
    for stream in streams {
        let events = stream.tracks().map(|track| track.first_from(now_ms + 1)).sum::<u64>();
        if events == 0 {
            continue;
        }
        let at = |order| Merge::new([stream], range(now_ms, order, None)).next().map(|first| first.stamp.key.timestamp);
        let (first, last) = (at(Order::OldestFirst), at(Order::NewestFirst));
        total += events;
        entries.push(json!({"name": stream.name, "events": events, "first": first, "last": last}));
    }
    json!({"events": total, "streams": entries})
}

/// The events as text, a chunk of whole lines at a time.
pub(super) struct Text {
    streams: Vec<Arc<Stream>>,
    now_ms: u64,
    after: Option<Key>,
    ended: bool,
    with_visibility: bool,
}

impl Text {
    pub(super) fn new(streams: Vec<Arc<Stream>>, now_ms: u64, with_visibility: bool) -> Self {
        Self { streams, now_ms, after: None, ended: false, with_visibility }
    }
}

impl Iterator for Text {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        if self.ended {
            return None;
        }
        let mut lines = Vec::new();
        self.ended = true;
        for sighting in Merge::new(&self.streams, range(self.now_ms, Order::OldestFirst, self.after)) {
            let key = sighting.stamp.key;
            // A chunk ends between two milliseconds, so that sorting within it suffices.
            if lines.len() >= CHUNK && self.after.is_some_and(|last| last.timestamp != key.timestamp) {
                self.ended = false;
                break;
            }
            self.after = Some(key);
            let visible = sighting.stamp.visible_ms;
            lines.push((key.timestamp, &sighting.stream.name, sighting.message().replace('\n', "\\n"), visible));
        }
        // Stable, so that lines of one stream and millisecond stay in their order.
        lines.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)));
        let mut text = String::new();
        for (at, stream, line, visible) in &lines {
            if self.with_visibility {
                write!(text, "{visible}\t").expect("a String takes all");
            }
            writeln!(text, "{at}\t{stream}\t{line}").expect("a String takes all");
        }
        (!text.is_empty()).then_some(text)
    }
}

fn range(now_ms: u64, order: Order, after: Option<Key>) -> Range {
    Range { from_ms: 0, to_ms: now_ms, order, after, seen_at: None }
}
