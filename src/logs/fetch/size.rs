//! How much time a page covers, learned from the pages so far.

use std::collections::HashMap;
use std::sync::Arc;

use super::super::{Events, Millis};

/// What a page holds.
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html>
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Capacity {
    pub(super) events: f64,
    /// Each event counts 26 beside its text.
    pub(super) bytes: f64,
}

impl Default for Capacity {
    fn default() -> Self {
        Self { events: 10_000.0, bytes: 1_048_576.0 }
    }
}

impl Capacity {
    /// The share of a page that these events take; more than 1 if they are more than a page.
    pub(super) fn pages(self, events: &Events) -> f64 {
        let (mut count, mut bytes) = (0_u32, 0_usize);
        for event in events.glimpses() {
            count += 1;
            bytes += event.weight;
        }
        self.cost(count, bytes)
    }

    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    fn cost(self, count: u32, bytes: usize) -> f64 {
        (f64::from(count) / self.events).max(bytes as f64 / self.bytes)
    }
}

/// How full pages are meant to be: lines do not come evenly, and what does not fit costs a call more.
const FILL: f64 = 0.88;
/// The weight of the newest slice beside all before it.
const NEWEST: f64 = 0.5;

/// Milliseconds as a number to reckon with.
#[expect(clippy::cast_precision_loss, reason = "an estimate")]
pub(super) fn span(from: Millis, to: Millis) -> f64 {
    to.0.saturating_sub(from.0).saturating_add(1).max(1) as f64
}

/// How dense a log is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    /// Pages in a millisecond.
    density: f64,
    /// Lines in a page.
    lines: f64,
    /// The share of the stream that writes most.
    busiest: f64,
    /// Whether a stretch has been read whole since the first page. A log begins with hosts that come up one by one, and
    /// goes on denser.
    is_proven: bool,
}

impl Size {
    /// The time that a page for all streams covers.
    pub(super) fn of_page(self) -> i64 {
        length(FILL / self.density)
    }

    /// The time that a page of the busiest stream covers.
    pub(super) fn of_stream_page(self) -> i64 {
        let fill = if self.is_proven { FILL } else { FILL / 2.0 };
        length(fill / (self.density * self.busiest))
    }

    /// How many pages a span of time has.
    pub(super) fn pages(self, from: Millis, to: Millis) -> f64 {
        self.density * span(from, to)
    }

    /// How many lines a span of time has.
    pub(super) fn lines(self, from: Millis, to: Millis) -> f64 {
        self.pages(from, to) * self.lines
    }

    /// How full the pages are if each of so many streams is read by itself.
    pub(super) fn evenness(self, streams: u32) -> f64 {
        1.0 / (self.busiest * f64::from(streams.max(1)))
    }

    /// Learns from all lines of a span of time.
    pub(super) fn learn(known: &mut Option<Self>, capacity: Capacity, events: &Events, span: f64) {
        let mut streams = HashMap::<&Arc<str>, (u32, usize)>::new();
        for event in events.glimpses() {
            let (count, bytes) = streams.entry(event.stream).or_default();
            *count += 1;
            *bytes += event.weight;
        }
        let busiest = streams.values().map(|(count, bytes)| capacity.cost(*count, *bytes)).fold(0.0, f64::max);
        Self::learn_sum(known, capacity.pages(events), busiest, events.len(), span);
    }

    /// Learns from a span of time with so many pages in all and of the busiest stream, and so many lines.
    pub(super) fn learn_sum(known: &mut Option<Self>, total: f64, busiest: f64, lines: usize, span: f64) {
        if total <= 0.0 {
            // Nothing there: longer steps find out sooner where there is.
            if let Some(known) = known {
                known.density /= 4.0;
            }
            return;
        }
        let count = u32::try_from(lines).unwrap_or(u32::MAX);
        let (lines, busiest) = (f64::from(count) / total, (busiest / total).min(1.0));
        let new = Self { density: total / span, lines, busiest, is_proven: false };
        *known = Some(known.map_or(new, |old| Self {
            density: mixed(old.density, new.density),
            lines: mixed(old.lines, new.lines),
            busiest: mixed(old.busiest, new.busiest),
            is_proven: old.is_proven,
        }));
    }

    /// A stretch has been read whole.
    pub(super) fn prove(known: &mut Option<Self>) {
        if let Some(known) = known {
            known.is_proven = true;
        }
    }
}

fn mixed(old: f64, new: f64) -> f64 {
    old * (1.0 - NEWEST) + new * NEWEST
}

#[expect(clippy::cast_possible_truncation, reason = "a float beyond the range becomes its end")]
fn length(millis: f64) -> i64 {
    (millis as i64).max(1)
}
