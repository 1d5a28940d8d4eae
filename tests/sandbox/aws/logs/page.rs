//! How much goes into one page, and when a page is cut short for no reason a caller could see.

use super::chance::{mix, pick};
use super::event::Key;

/// The bytes of a page; each event counts 26 beside its text.
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html>
const BYTES: usize = 1024 * 1024;
const OVERHEAD: usize = 26;
/// The most events of a page.
pub(super) const EVENTS: usize = 10_000;
/// A stretch without events that a page may end before.
const GAP_MS: u64 = 60_000;

/// Purposes that the chances of a page are drawn for.
const WHIM: u64 = 0x31;
const SIZE: u64 = 0x32;
const GAP: u64 = 0x33;

/// The room left on a page.
#[derive(Debug)]
pub(super) struct Room {
    events: usize,
    bytes: usize,
    untouched: bool,
}

impl Room {
    /// A page of at most so many events.
    pub(super) fn new(events: usize) -> Self {
        Self { events, bytes: BYTES, untouched: true }
    }

    pub(super) fn is_full(&self) -> bool {
        self.events == 0
    }

    /// Takes room for an event, or says that there is none. The first event always has room.
    pub(super) fn take(&mut self, message: &str) -> bool {
        let bytes = message.len() + OVERHEAD;
        let fits = !self.is_full() && (bytes <= self.bytes || self.untouched);
        if fits {
            self.events -= 1;
            self.bytes = self.bytes.saturating_sub(bytes);
            self.untouched = false;
        }
        fits
    }
}

/// What the service does to a page, decided by the request and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whim {
    /// As much as fits.
    None,
    /// At most so many events.
    Short(usize),
    /// Nothing, with another token.
    Empty,
    /// Nothing, with the same token once more.
    Repeat,
}

impl Whim {
    pub(super) fn of(request: u64, after: Option<Key>) -> Self {
        let seed = seed(request, after);
        match pick(seed, WHIM, 0) % 64 {
            0 => Self::Empty,
            1..=4 => Self::Short(1 << (pick(seed, SIZE, 0) % 13)),
            5 => Self::Repeat,
            _ => Self::None,
        }
    }
}

/// Whether a page ends before an event that lies far from the last place looked at.
pub(super) fn ends_in_gap(request: u64, from_ms: u64, next: Key) -> bool {
    from_ms.abs_diff(next.timestamp) > GAP_MS && pick(seed(request, Some(next)), GAP, 0).is_multiple_of(4)
}

fn seed(request: u64, after: Option<Key>) -> u64 {
    let Key { timestamp, ingestion, batch, index } = after.unwrap_or(Key::before(0));
    mix(mix(mix(request ^ timestamp) ^ ingestion) ^ batch) ^ u64::from(index)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_holds_as_many_events_as_documented() {
        for (length, events) in [(1, 10_000), (78, 10_000), (120, 7_182), (500, 1_993), (2 << 20, 1)] {
            let message = "x".repeat(length);
            let mut room = Room::new(EVENTS);
            let taken = (0..20_000).take_while(|_| room.take(&message)).count();
            assert_eq!(taken, events, "events of {length} bytes");
        }
    }

    #[test]
    fn every_whim_strikes_but_seldom() {
        let whims = (0..6400).map(|ms| Whim::of(1, Some(Key::before(ms)))).collect::<Vec<_>>();
        let count = |wanted: fn(&Whim) -> bool| whims.iter().filter(|whim| wanted(whim)).count();
        assert!(count(|whim| *whim == Whim::None) > 5400);
        assert!(count(|whim| *whim == Whim::Empty) > 50);
        assert!(count(|whim| *whim == Whim::Repeat) > 50);
        assert!(count(|whim| matches!(whim, Whim::Short(_))) > 200);
    }
}
