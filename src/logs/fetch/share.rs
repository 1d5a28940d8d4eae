//! What readings that go on at the same time share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::super::Quota;
use super::pace::Pace;

/// The most reads whose lines may be in memory, one page or so each.
const HELD: usize = 22;

/// The quota of an account in a region, and the memory for what was read ahead, for all readings that go on at the same
/// time. They count time from the same moment.
#[derive(Debug, Clone)]
pub struct Share(Arc<Mutex<Shared>>);

#[derive(Debug)]
struct Shared {
    /// Of `FilterLogEvents` and of `GetLogEvents`.
    paces: [Pace; 2],
    readings: usize,
}

impl Share {
    /// All of a quota, for one reading or for many.
    #[must_use]
    pub fn of(quota: Quota) -> Self {
        Self(Arc::new(Mutex::new(Shared { paces: [Pace::new(quota.filter), Pace::new(quota.stream)], readings: 0 })))
    }

    pub(super) fn join(&self) -> Part {
        self.shared().readings += 1;
        Part(self.clone())
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The part that a reading has, for as long as it goes on. Calls are of sort 0, `FilterLogEvents`, or 1,
/// `GetLogEvents`.
#[derive(Debug)]
pub(super) struct Part(Share);

impl Part {
    /// Takes a call, or tells how long there is none.
    pub(super) fn take(&self, sort: usize, now: Duration) -> Result<(), Duration> {
        self.0.shared().paces[sort].take(now)
    }

    /// The seconds until so many calls more could have left.
    pub(super) fn seconds_for(&self, sort: usize, calls: f64, now: Duration) -> f64 {
        self.0.shared().paces[sort].seconds_for(calls, now)
    }

    /// The calls a second that are tried.
    pub(super) fn rate(&self, sort: usize) -> f64 {
        self.0.shared().paces[sort].rate()
    }

    pub(super) fn throttled(&self, sort: usize, now: Duration) {
        self.0.shared().paces[sort].throttled(now);
    }

    pub(super) fn answered(&self, sort: usize, now: Duration) {
        self.0.shared().paces[sort].answered(now);
    }

    /// The most reads whose lines this reading may have in memory.
    pub(super) fn held(&self) -> usize {
        HELD / self.0.shared().readings.max(1)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        self.0.shared().readings -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readings_share_calls_and_memory_until_they_end() {
        let share = Share::of(Quota { filter: 10, stream: 10 });
        let one = share.join();
        assert_eq!(one.held(), HELD);
        let two = share.join();
        assert_eq!((one.held(), two.held()), (HELD / 2, HELD / 2));
        let left = |part: &Part| (0..20).filter(|_| part.take(0, Duration::ZERO).is_ok()).count();
        assert_eq!((left(&one), left(&two)), (10, 0), "one bucket for both");
        assert!(two.take(1, Duration::ZERO).is_ok(), "the other call has a bucket of its own");
        two.throttled(1, Duration::ZERO);
        assert!(one.rate(1) < 10.0, "a lesson for both");
        drop(two);
        assert_eq!(one.held(), HELD);
    }
}
