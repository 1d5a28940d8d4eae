//! Which events have been printed, in bounded memory, whatever path they came by.
//!
//! `FilterLogEvents` gives ids and `GetLogEvents` gives none, so neither call's identity can serve both. What both tell is
//! stream, times and text: a fingerprint. Identical lines are legitimate, so a fingerprint is counted: the n-th copy
//! met **within one reading** is new if fewer than n copies have been printed. Readings count for themselves: a
//! [`Pass`] by event id, a cursor by its position in the stream.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Event, EventId, Fingerprint, Millis};

/// The length of a bucket in milliseconds.
const BUCKET: i64 = 10_000;
/// How long after the service took a line in calls may still not show it.
const VISIBILITY: Duration = Duration::from_secs(10);
/// How many buckets behind the newest a reading remembers; answers come in the order of time.
const REMEMBERED: i64 = 12;

fn bucket_of(timestamp: Millis) -> i64 {
    timestamp.0.div_euclid(BUCKET)
}

/// The beginning of the bucket that this moment falls into.
pub(super) fn start_of_bucket(at: Millis) -> Millis {
    Millis(bucket_of(at) * BUCKET)
}

fn end_of(bucket: i64) -> Millis {
    Millis((bucket + 1) * BUCKET)
}

/// The printed events of a span of time.
#[derive(Debug, Clone, Default)]
struct Bucket {
    /// Copies printed, beside those in `sealed`.
    open: HashMap<Fingerprint, Copies>,
    sealed: Option<Sealed>,
}

#[derive(Debug, Clone, Copy)]
struct Copies {
    count: u32,
    ingested: Millis,
}

/// A bucket that the window of following has left, packed.
#[derive(Debug, Clone)]
struct Sealed {
    /// Sorted, a copy each; `None` once they were too many to keep.
    prints: Option<Vec<Fingerprint>>,
    /// All that the service had taken in by then has been printed.
    through: Millis,
}

impl Bucket {
    fn printed(&self, print: Fingerprint) -> u32 {
        let open = self.open.get(&print).map_or(0, |copies| copies.count);
        let packed = self.sealed.as_ref().and_then(|sealed| sealed.prints.as_ref()).map_or(0, |prints| {
            prints.partition_point(|other| *other <= print) - prints.partition_point(|other| *other < print)
        });
        open.saturating_add(u32::try_from(packed).unwrap_or(u32::MAX))
    }

    fn is_forgotten_before(&self, event: &Event) -> bool {
        self.sealed.as_ref().is_some_and(|sealed| sealed.prints.is_none() && event.ingested <= sealed.through)
    }
}

/// Spans of time of which all has been printed that the service had taken in up to some time after their end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Run {
    first: i64,
    last: i64,
    /// From the end of each span, in milliseconds.
    through: i64,
}

impl Run {
    fn covers(&self, event: &Event) -> bool {
        let bucket = bucket_of(event.timestamp);
        (self.first..=self.last).contains(&bucket) && event.ingested.0 <= end_of(bucket).0 + self.through
    }
}

/// What happened to a ledger, to be repeated by another one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Changes {
    /// Lines that were admitted: time, when they were taken in, fingerprint.
    pub(super) admitted: Vec<(Millis, Millis, Fingerprint)>,
    /// What was sealed after that: before, through, and how late lines were expected.
    pub(super) sealed: Vec<(Millis, Millis, Duration)>,
}

/// A line as a file holds it: how many copies were printed, and when the service took the first of them in.
type KeptLine = (Fingerprint, u32, Millis);

/// A ledger as a file holds it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kept {
    past: Vec<Run>,
    open: Vec<(i64, Vec<KeptLine>)>,
}

/// The printed events.
#[derive(Debug, Clone)]
pub(super) struct Ledger {
    buckets: BTreeMap<i64, Bucket>,
    /// What an earlier process printed.
    past: Vec<Run>,
    past_ends: i64,
    packed: usize,
    limit: usize,
    changes: Option<Changes>,
}

impl Ledger {
    /// A ledger that keeps up to `limit` packed fingerprints of 8 bytes; beyond that, the oldest spans of time are
    /// told by when the service took a line in.
    pub(super) fn new(limit: usize) -> Self {
        Self { buckets: BTreeMap::new(), past: Vec::new(), past_ends: i64::MIN, packed: 0, limit, changes: None }
    }

    /// The ledger that this one was when it was kept.
    pub(super) fn restored(kept: Kept, limit: usize) -> Self {
        let Kept { past, open } = kept;
        let bucket = |lines: Vec<KeptLine>| {
            let open = lines.into_iter().map(|(print, count, ingested)| (print, Copies { count, ingested }));
            Bucket { open: open.collect(), sealed: None }
        };
        let buckets = open.into_iter().map(|(key, lines)| (key, bucket(lines))).collect();
        let past_ends = past.iter().map(|run| run.last).max().unwrap_or(i64::MIN);
        Self { buckets, past, past_ends, ..Self::new(limit) }
    }

    /// All that another process has to know: lines of spans that are not sealed, and how far the others were read.
    pub(super) fn kept(&self) -> Kept {
        let mut past = self.past.clone();
        for (key, bucket) in &self.buckets {
            let Some(sealed) = &bucket.sealed else { continue };
            let through = sealed.through.0 - end_of(*key).0;
            match past.last_mut() {
                // Of a span between the two, in which nothing was printed, the same is true.
                Some(run) if run.through == through && run.last < *key => run.last = *key,
                Some(_) | None => past.push(Run { first: *key, last: *key, through }),
            }
        }
        let open = self.buckets.iter().filter(|(_, bucket)| !bucket.open.is_empty()).map(|(key, bucket)| {
            let mut lines: Vec<_> =
                bucket.open.iter().map(|(print, copies)| (*print, copies.count, copies.ingested)).collect();
            lines.sort_unstable();
            (*key, lines)
        });
        Kept { past, open: open.collect() }
    }

    /// From now on, changes are noted down.
    pub(super) fn note_changes(&mut self) {
        self.changes = Some(Changes::default());
    }

    /// What has changed since the last time.
    pub(super) fn take_changes(&mut self) -> Changes {
        self.changes.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Repeats what happened to another ledger.
    pub(super) fn repeat(&mut self, changes: &Changes) {
        for (timestamp, ingested, print) in &changes.admitted {
            self.enter(*timestamp, *ingested, *print);
        }
        for (before, through, reach) in &changes.sealed {
            self.seal(*before, *through, *reach);
        }
    }

    /// Whether the `nth` copy that a reading met is to be printed; if so it counts as printed from now on.
    pub(super) fn admit(&mut self, event: &Event, print: Fingerprint, nth: u32) -> bool {
        // Most lines are newer than all of the past.
        if bucket_of(event.timestamp) <= self.past_ends && self.past.iter().any(|run| run.covers(event)) {
            return false;
        }
        if let Some(bucket) = self.buckets.get(&bucket_of(event.timestamp))
            && (bucket.is_forgotten_before(event) || nth <= bucket.printed(print))
        {
            return false;
        }
        self.enter(event.timestamp, event.ingested, print);
        if let Some(changes) = &mut self.changes {
            changes.admitted.push((event.timestamp, event.ingested, print));
        }
        true
    }

    fn enter(&mut self, timestamp: Millis, ingested: Millis, print: Fingerprint) {
        let bucket = self.buckets.entry(bucket_of(timestamp)).or_default();
        bucket.open.entry(print).or_insert(Copies { count: 0, ingested }).count += 1;
    }

    /// Packs what is older than `before`, of which all that was taken in up to `through` has been printed. Lines are
    /// expected to come up to `reach` late.
    pub(super) fn seal(&mut self, before: Millis, through: Millis, reach: Duration) {
        let through = through - VISIBILITY;
        let mut has_sealed = false;
        let open = self.buckets.range_mut(..bucket_of(before)).rev();
        for (key, bucket) in open.take_while(|(_, bucket)| bucket.sealed.is_none()) {
            has_sealed = true;
            // No later than it has to be: then most spans have the same distance, and take little room in a file.
            let through = through.min(end_of(*key) + reach - VISIBILITY);
            // What came in last stays open: it cannot be told by its time from what was not shown yet.
            let known = bucket.open.extract_if(|_, copies| copies.ingested <= through);
            let mut prints: Vec<Fingerprint> =
                known.flat_map(|(print, copies)| (0..copies.count).map(move |_| print)).collect();
            prints.sort_unstable();
            self.packed += prints.len();
            bucket.sealed = Some(Sealed { prints: Some(prints), through });
        }
        if let Some(changes) = self.changes.as_mut().filter(|_| has_sealed) {
            changes.sealed.push((before, through + VISIBILITY, reach));
        }
        self.forget();
    }

    /// How many printed lines are not packed.
    #[cfg(test)]
    pub(super) fn open(&self) -> usize {
        self.buckets.values().map(|bucket| bucket.open.len()).sum()
    }

    fn forget(&mut self) {
        let mut oldest = self.buckets.values_mut().filter_map(|bucket| bucket.sealed.as_mut());
        while self.packed > self.limit {
            let Some(sealed) = oldest.next() else { break };
            self.packed -= sealed.prints.take().map_or(0, |prints| prints.len());
        }
    }
}

/// One listing of events from beginning to end, in which no event counts twice however the pages were cut.
#[derive(Debug, Default)]
pub(super) struct Pass {
    buckets: BTreeMap<i64, Met>,
}

#[derive(Debug, Default)]
struct Met {
    ids: HashSet<EventId>,
    copies: HashMap<Fingerprint, u32>,
}

impl Pass {
    /// The number of this copy within the listing; `None` for an event that the listing has brought already.
    pub(super) fn nth(&mut self, event: &Event, print: Fingerprint) -> Option<u32> {
        let key = bucket_of(event.timestamp);
        if self.buckets.last_key_value().is_none_or(|(newest, _)| key > *newest) {
            self.buckets = self.buckets.split_off(&(key - REMEMBERED));
        }
        let met = self.buckets.entry(key).or_default();
        if let Some(id) = &event.id
            && !met.ids.insert(id.clone())
        {
            return None;
        }
        let copies = met.copies.entry(print).or_default();
        *copies += 1;
        Some(*copies)
    }
}

/// The copies that a cursor of `GetLogEvents` has met at its place; it moves forward in time.
#[derive(Debug, Default)]
pub(super) struct Place {
    at: Millis,
    copies: HashMap<Fingerprint, u32>,
}

impl Place {
    /// The time of the last event met.
    pub(super) fn at(&self) -> Millis {
        self.at
    }

    /// The number of this copy.
    pub(super) fn nth(&mut self, event: &Event, print: Fingerprint) -> u32 {
        if event.timestamp != self.at {
            self.at = event.timestamp;
            self.copies.clear();
        }
        let copies = self.copies.entry(print).or_default();
        *copies += 1;
        *copies
    }
}

/// How long events were on their way, and how far back a window must reach for that.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Delays {
    /// The newest time at which the service took a line in.
    pub(super) newest: Option<Millis>,
    /// The longest way seen.
    pub(super) largest: Duration,
}

impl Delays {
    /// A host whose clock is off by more than this must not make every poll read the whole log. What comes later still
    /// is found by the last sweep.
    const LONGEST: Duration = Duration::from_mins(15);

    pub(super) fn learn(&mut self, event: &Event) {
        self.newest = self.newest.max(Some(event.ingested));
        self.largest = self.largest.max(event.delay()).min(Self::LONGEST);
    }
}

#[cfg(test)]
mod tests {
    use super::super::Fingerprinter;
    use super::*;

    fn event(timestamp: i64, ingested: i64, message: &str) -> Event {
        Event {
            stream: "job/algo-1-1700000000".into(),
            timestamp: Millis(timestamp),
            ingested: Millis(ingested),
            message: message.to_owned(),
            id: None,
        }
    }

    #[test]
    fn identical_lines_are_counted_not_dropped() {
        let prints = Fingerprinter::default();
        let mut ledger = Ledger::new(100);
        let line = event(5, 6, "step");
        let print = prints.of(&line);
        assert!(ledger.admit(&line, print, 1));
        assert!(ledger.admit(&line, print, 2), "the second copy of one reading");
        assert!(!ledger.admit(&line, print, 1), "the first copy of another reading");
        assert!(!ledger.admit(&line, print, 2));
        assert!(ledger.admit(&line, print, 3), "a third that the first reading missed");
    }

    #[test]
    fn a_packed_span_still_knows_its_lines() {
        let prints = Fingerprinter::default();
        let mut ledger = Ledger::new(100);
        let line = event(5, 6, "step");
        let late = event(7, 90_000, "late");
        assert!(ledger.admit(&line, prints.of(&line), 1));
        ledger.seal(Millis(50_000), Millis(60_000), Duration::from_mins(1));
        assert!(!ledger.admit(&line, prints.of(&line), 1));
        assert!(ledger.admit(&late, prints.of(&late), 1));
        assert!(!ledger.admit(&late, prints.of(&late), 1));
    }

    #[test]
    fn a_forgotten_span_is_told_by_when_lines_were_taken_in() {
        let prints = Fingerprinter::default();
        let mut ledger = Ledger::new(0);
        let line = event(5, 6, "step");
        let late = event(7, 90_000, "late");
        assert!(ledger.admit(&line, prints.of(&line), 1));
        ledger.seal(Millis(50_000), Millis(60_000), Duration::from_mins(1));
        assert!(!ledger.admit(&line, prints.of(&line), 1));
        assert!(ledger.admit(&late, prints.of(&late), 1));
        assert!(!ledger.admit(&late, prints.of(&late), 1));
    }
}
