//! One container's stream: when it writes each line, and when its agent sends it.
//!
//! A stream is three stretches, preamble, training and epilogue, numbered through. Times never fall with the number, so a
//! time is found among millions of lines by arithmetic.

use std::ops::Range;

use super::chance::pick;
use super::event::Key;
use super::lines::Lines;
use super::{Ending, Host, Workload};

/// Purposes that the chances of a stream are drawn for.
const PHASE: u64 = 0x21;
const JITTER: u64 = 0x22;
const LATE: u64 = 0x23;
const NETWORK: u64 = 0x24;
const INDEXING: u64 = 0x25;

/// Time between two lines of the preamble.
const PREAMBLE_STEP_MS: u64 = 40;
/// Parts of the time between two training lines that jitter is counted in.
const JITTER_STEPS: u64 = 1024;
/// One in so many sends fails at first and arrives after the one that follows it.
const SENDS_A_LATE_ONE: u64 = 32;
/// The most events that one put takes.
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html>
const EVENTS_A_PUT: u64 = 10_000;
/// No agent sends more often than this.
const SHORTEST_FLUSH_MS: u64 = 100;
/// Training lines a second, at most.
const FASTEST: f64 = 1_000_000.0;

/// A stream that is computed, not stored.
#[derive(Debug, Clone)]
pub(super) struct Written {
    lines: Lines,
    /// Sets this stream's puts apart from those of all others; below 2^24.
    serial: u64,
    starts_ms: u64,
    /// The first moment at which the agent sends.
    first_flush_ms: u64,
    flush_ms: u64,
    /// Training lines in a thousand seconds.
    rate: u64,
    end: Option<End>,
}

#[derive(Debug, Clone)]
struct End {
    at_ms: u64,
    /// How many lines of preamble and training there are.
    body: u64,
    epilogue: Vec<String>,
}

/// One event, but for its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) key: Key,
    /// From when on it is found by a request.
    pub(super) visible_ms: u64,
}

impl Written {
    /// What a host writes; `serial` is the stream's own number.
    pub(super) fn new(workload: &Workload, host: &Host, hosts: usize, serial: u64) -> Self {
        let Workload { seed, lines_per_second, line_bytes, flush_seconds, flavour } = workload.clone();
        let seed = pick(seed, super::chance::seed_of(&host.stream), 0);
        let flush_ms = thousandfold(flush_seconds).max(SHORTEST_FLUSH_MS);
        let lines = Lines { seed, flavour, host: container(&host.stream), hosts, line_bytes };
        Self {
            lines,
            serial,
            starts_ms: host.starts_ms,
            first_flush_ms: host.starts_ms + pick(seed, PHASE, 0) % flush_ms,
            flush_ms,
            rate: thousandfold(lines_per_second.min(FASTEST)),
            end: None,
        }
    }

    /// Whether the container has not ended by then.
    pub(super) fn goes_on_after(&self, ms: u64) -> bool {
        self.end.as_ref().is_none_or(|end| end.at_ms > ms)
    }

    /// Lets the container end at that moment, whatever was said before.
    pub(super) fn end(&mut self, at_ms: u64, ending: &Ending) {
        self.end = None;
        let started = self.starts_ms <= at_ms;
        let epilogue = if started { self.lines.epilogue(ending, at_ms) } else { Vec::new() };
        self.end = Some(End { at_ms, body: self.first_from(at_ms), epilogue });
    }

    /// The number of the first event at that time or later; the count of events if there is none.
    pub(super) fn first_from(&self, ms: u64) -> u64 {
        match &self.end {
            None => self.body_from(ms),
            Some(end) if ms <= end.at_ms => self.body_from(ms).min(end.body),
            Some(end) => end.body + end.epilogue.len() as u64,
        }
    }

    /// The first event, if there ever is one.
    pub(super) fn first_stamp(&self) -> Option<Stamp> {
        let writes = self.end.as_ref().is_none_or(|end| end.body > 0 || !end.epilogue.is_empty());
        writes.then(|| self.stamp(0))
    }

    /// Time, order and visibility of an event.
    pub(super) fn stamp(&self, number: u64) -> Stamp {
        let timestamp = self.timestamp(number);
        let flush = self.flush_of(timestamp);
        let place = number - self.sent_from(flush);
        let ingestion = self.ingestion(flush);
        let key = Key {
            timestamp,
            ingestion,
            batch: self.serial << 40 | flush << 12 | (place / EVENTS_A_PUT),
            index: u16::try_from(place % EVENTS_A_PUT).expect("below 10,000"),
        };
        Stamp { key, visible_ms: ingestion + 100 + pick(self.lines.seed, INDEXING, flush) % 300 }
    }

    /// The events that are sent together with that one, and so are seen from the same moment on.
    pub(super) fn send(&self, number: u64) -> Range<u64> {
        let flush = self.flush_of(self.timestamp(number));
        self.sent_from(flush)..self.sent_from(flush + 1)
    }

    /// An event's text.
    pub(super) fn message(&self, number: u64) -> String {
        match &self.end {
            Some(end) if number >= end.body => {
                let line = usize::try_from(number - end.body).ok().and_then(|line| end.epilogue.get(line));
                line.cloned().unwrap_or_default()
            }
            _ => match number.checked_sub(self.lines.preamble_len()) {
                None => self.lines.preamble(number, self.timestamp(number)),
                Some(training) => self.lines.training(training),
            },
        }
    }

    /// Whether the event is a line of training, not of what comes before or after.
    pub(super) fn is_training(&self, number: u64) -> bool {
        number >= self.lines.preamble_len() && self.end.as_ref().is_none_or(|end| number < end.body)
    }

    fn timestamp(&self, number: u64) -> u64 {
        match &self.end {
            Some(end) if number >= end.body => end.at_ms,
            _ => self.body_timestamp(number),
        }
    }

    /// When a line of preamble or training is written, as if the container never ended.
    fn body_timestamp(&self, number: u64) -> u64 {
        let Some(training) = number.checked_sub(self.lines.preamble_len()) else {
            return self.starts_ms + number * PREAMBLE_STEP_MS;
        };
        let line = if self.lines.repeats(training) { training - 1 } else { training };
        let jitter = pick(self.lines.seed, JITTER, line) % JITTER_STEPS;
        let steps = u128::from(line) * u128::from(JITTER_STEPS) + u128::from(jitter);
        let after = steps * 1_000_000 / u128::from(self.rate * JITTER_STEPS);
        self.training_ms() + u64::try_from(after).unwrap_or(u64::MAX / 2)
    }

    /// The first line of preamble or training at that time or later.
    fn body_from(&self, ms: u64) -> u64 {
        let preamble = self.lines.preamble_len();
        let Some(after) = ms.checked_sub(self.training_ms()) else {
            return ms.saturating_sub(self.starts_ms).div_ceil(PREAMBLE_STEP_MS).min(preamble);
        };
        if self.rate == 0 {
            return preamble;
        }
        // A line is written within its own share of time, a repeated one within the share before.
        let estimate = u128::from(after) * u128::from(self.rate) / 1_000_000;
        let mut number = preamble + u64::try_from(estimate).unwrap_or(u64::MAX / 2).saturating_sub(2);
        while self.body_timestamp(number) < ms {
            number += 1;
        }
        number
    }

    fn training_ms(&self) -> u64 {
        self.starts_ms + self.lines.preamble_len() * PREAMBLE_STEP_MS
    }

    /// Which send carries what was written then.
    fn flush_of(&self, ms: u64) -> u64 {
        ms.saturating_sub(self.first_flush_ms).div_ceil(self.flush_ms)
    }

    /// The first event that a send carries.
    fn sent_from(&self, flush: u64) -> u64 {
        flush.checked_sub(1).map_or(0, |previous| self.first_from(self.flush_at(previous) + 1))
    }

    fn flush_at(&self, flush: u64) -> u64 {
        self.first_flush_ms + flush * self.flush_ms
    }

    /// When the service takes in what was written up to that flush.
    fn ingestion(&self, flush: u64) -> u64 {
        let seed = self.lines.seed;
        let network = pick(seed, NETWORK, flush);
        let late = flush > 0 && pick(seed, LATE, flush).is_multiple_of(SENDS_A_LATE_ONE);
        if late { self.flush_at(flush + 1) + 700 + network % 300 } else { self.flush_at(flush) + 20 + network % 180 }
    }
}

/// `algo-1` out of `job/algo-1-1763926800`.
fn container(stream: &str) -> String {
    let last = stream.rsplit('/').next().unwrap_or(stream);
    last.rsplit_once('-').map_or(last, |(name, _)| name).to_owned()
}

/// A count a second as a count in a thousand seconds; seconds as milliseconds. Nothing below zero.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates, which is what is wanted")]
fn thousandfold(value: f64) -> u64 {
    (value * 1000.0).round() as u64
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;
    use crate::aws::logs::Flavour;

    const START: u64 = 1_700_000_000_000;

    fn written(seed: u64, lines_per_second: f64, flush_seconds: f64) -> Written {
        let workload = Workload { seed, lines_per_second, flush_seconds, ..Workload::default() };
        Written::new(&workload, &Host { stream: "job/algo-1-1700000000".to_owned(), starts_ms: START }, 1, 1)
    }

    prop_compose! {
        fn any_written()(
            seed: u64,
            rate in prop_oneof![Just(0.0), 0.01..5.0, 100.0..5000.0],
            flush in 0.0..20.0,
            end in prop::option::of(0..60_000_u64),
        ) -> Written {
            let mut written = written(seed, rate, flush);
            if let Some(after) = end {
                written.end(START + after, &Ending::Completed);
            }
            written
        }
    }

    proptest! {
        #[test]
        fn events_stand_in_order_and_are_sent_after_they_were_written(written in any_written()) {
            let stamps = (0..written.first_from(START + 30_000).min(3000)).map(|n| written.stamp(n)).collect::<Vec<_>>();
            prop_assert!(stamps.windows(2).all(|pair| pair[0].key < pair[1].key));
            prop_assert!(stamps.iter().all(|stamp| stamp.key.timestamp <= stamp.key.ingestion));
            prop_assert!(stamps.iter().all(|stamp| stamp.key.ingestion < stamp.visible_ms));
        }

        #[test]
        fn a_line_is_shown_soon_after_the_second_send_at_the_latest(written in any_written()) {
            let count = written.first_from(START + 40_000);
            for number in 0..count {
                let stamp = written.stamp(number);
                prop_assert!(stamp.visible_ms <= stamp.key.timestamp + 2 * written.flush_ms + 1400);
            }
        }

        #[test]
        fn a_time_is_found_where_a_search_through_all_lines_finds_it(written in any_written(), after in 0..40_000_u64) {
            let count = written.first_from(START + 40_000);
            let found = written.first_from(START + after);
            prop_assert!(found <= count);
            prop_assert!(found == 0 || written.timestamp(found - 1) < START + after);
            prop_assert!(found == count || written.timestamp(found) >= START + after);
        }

        #[test]
        fn an_end_changes_nothing_that_was_written_before_it(seed: u64, after in 0..60_000_u64) {
            let open = written(seed, 50.0, 5.0);
            let mut ended = open.clone();
            ended.end(START + after, &Ending::Terminated);
            let body = ended.first_from(START + after);
            prop_assert_eq!(body, open.first_from(START + after));
            for number in 0..body {
                prop_assert_eq!(open.stamp(number), ended.stamp(number));
                prop_assert_eq!(open.message(number), ended.message(number));
            }
        }
    }

    #[test]
    fn the_rate_is_kept() {
        let written = written(1, 20.0, 5.0);
        let lines = written.first_from(START + 60_000) - written.first_from(START + 10_000);
        assert!((999..=1001).contains(&lines), "{lines} lines in 50 s");
    }

    #[test]
    fn some_sends_overtake_others_and_most_do_not() {
        let written = written(1, 1.0, 5.0);
        let late = (0..1000).filter(|flush| written.ingestion(*flush) > written.ingestion(flush + 1)).count();
        assert!((10..100).contains(&late), "{late} of 1000");
    }

    #[test]
    fn a_long_burst_is_sent_in_puts_of_ten_thousand() {
        let written = written(1, 100_000.0, 5.0);
        let keys = (0..50_000).map(|number| written.stamp(number).key).collect::<Vec<_>>();
        assert!(keys.iter().all(|key| key.index < 10_000));
        assert_eq!(keys.iter().collect::<HashSet<_>>().len(), keys.len());
    }

    #[test]
    fn a_host_that_never_started_writes_nothing() {
        let mut written = written(1, 1.0, 5.0);
        written.end(START - 1, &Ending::Terminated);
        assert_eq!(written.first_from(u64::MAX), 0);
    }

    #[test]
    fn the_last_lines_say_how_it_ended() {
        let workload = Workload { flavour: Flavour::Pytorch, ..Workload::default() };
        let host = Host { stream: "job/algo-2-1700000000".to_owned(), starts_ms: START };
        let mut written = Written::new(&workload, &host, 2, 1);
        written.end(START + 9000, &Ending::Failed { exit_code: 1, error: "RuntimeError: out of memory".to_owned() });
        let last = written.first_from(u64::MAX) - 1;
        assert_eq!(written.stamp(last).key.timestamp, START + 9000);
        assert!(written.message(last).ends_with("ExitCode 1"));
    }
}
