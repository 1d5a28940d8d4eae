//! The measures of following, and where it begins.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::quota::polite;
use super::{Event, EventId, Millis, Quota};

/// The measures of following.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How long no line must have come after the job's end.
    pub quiet: Duration,
    /// How long after the job's end lines are waited for at most.
    pub cap: Duration,
    /// How much further than the longest delay seen a window reaches back.
    pub margin: Duration,
    /// The time between two polls while lines flow.
    pub interval: Duration,
    /// The time between two polls of a log that has been quiet for a minute.
    pub slowest: Duration,
    /// The lines that a page holds.
    pub page_lines: usize,
    /// The bytes that a page holds.
    pub page_bytes: usize,
    /// How many printed lines are remembered exactly, at 8 bytes each.
    pub memory: usize,
    /// The account's quota.
    pub quota: Quota,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            // The agents on the hosts flush every 5 seconds; totals were seen to settle up to 90 seconds late.
            quiet: Duration::from_secs(15),
            cap: Duration::from_mins(2),
            margin: Duration::from_secs(25),
            interval: Duration::from_secs(1),
            slowest: Duration::from_secs(4),
            page_lines: 10_000,
            page_bytes: 1 << 20,
            memory: 4 << 20,
            quota: Quota { filter: 10, stream: 10 },
        }
    }
}

impl Settings {
    /// Measures for somebody who wants the log to be quiet for that long before it counts as complete.
    #[must_use]
    pub fn quiet_for(quiet: Duration) -> Self {
        let usual = Self::default();
        Self { quiet, cap: usual.cap.max(quiet), ..usual }
    }

    /// Measures for one of several logs that are followed at the same time, and share the quota.
    #[must_use]
    pub fn shared_by(self, logs: usize) -> Self {
        let turns = polite(self.quota.filter).saturating_mul(u32::try_from(logs).unwrap_or(u32::MAX));
        let interval = self.interval.max(turns);
        Self { interval, slowest: self.slowest.max(interval), ..self }
    }
}

/// Where following begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Start {
    /// The earliest timestamp.
    pub from: Millis,
    /// What was left out on purpose.
    pub left_out: Option<LeftOut>,
}

/// The lines that were there when `--tail` was read, but older than what it shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    before: Millis,
    first: Option<EventId>,
    /// What the service took in later was not there yet, however old it is: it was not left out, but comes late.
    ingested: Millis,
}

impl Start {
    /// How much older than what was printed a line may be that comes late, beside the longest delay seen.
    pub(super) const LATE: Duration = Duration::from_mins(5);

    /// All lines from that timestamp on.
    pub fn at(from: Millis) -> Self {
        Self { from, left_out: None }
    }

    /// What comes after a tail, given oldest line first: newer lines, and older ones that were not there yet.
    #[must_use]
    pub fn after(tail: &[Event], earliest: Millis) -> Self {
        let (Some(first), Some(ingested)) = (tail.first(), tail.iter().map(|event| event.ingested).max()) else {
            return Self::at(earliest);
        };
        let delay = tail.iter().map(Event::delay).max().unwrap_or_default();
        let left_out = LeftOut { before: first.timestamp, first: first.id.clone(), ingested };
        Self { from: earliest.max(first.timestamp - delay - Self::LATE), left_out: Some(left_out) }
    }

    /// Whether following is not to print it.
    pub(super) fn is_before(&self, event: &Event) -> bool {
        event.timestamp < self.from || self.left_out.as_ref().is_some_and(|left_out| left_out.has(event))
    }
}

impl LeftOut {
    fn has(&self, event: &Event) -> bool {
        let Self { before, first, ingested } = self;
        let is_older = match (first, &event.id) {
            (Some(first), Some(id)) => (event.timestamp, id) < (*before, first),
            // Without an id it cannot be told; the next sweep can.
            (Some(_), None) => event.timestamp <= *before,
            (None, _) => event.timestamp < *before,
        };
        is_older && event.ingested <= *ingested
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_logs_share_the_quota() {
        let millis = |logs| Settings::default().shared_by(logs).interval.as_millis();
        // Six calls a second are for all of them together.
        assert_eq!([millis(1), millis(6), millis(30)], [1000, 1000, 5000]);
    }

    #[test]
    fn a_longer_quiet_is_waited_for_beyond_the_usual_cap() {
        let cap = |quiet| Settings::quiet_for(Duration::from_secs(quiet)).cap.as_secs();
        assert_eq!([cap(1), cap(15), cap(600)], [120, 120, 600]);
    }
}
