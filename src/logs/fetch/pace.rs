//! When the next call of a sort may leave.

use std::time::Duration;

/// What remains of the rate after a throttle.
const BACK: f64 = 0.7;
/// The share of the quota that a second of good answers wins back.
const FORTH: f64 = 0.05;
/// The lowest rate, in calls a second.
const LEAST: f64 = 1.0;
/// Throttles of one burst are one lesson.
const LESSON: Duration = Duration::from_secs(1);

/// A bucket of the service's quota, and what throttles have taught about who else drinks from it.
#[derive(Debug, Clone)]
pub(super) struct Pace {
    quota: f64,
    rate: f64,
    tokens: f64,
    filled: Duration,
    gained: Duration,
    lesson: Option<Duration>,
}

impl Pace {
    /// A full bucket: the service grants a second's calls at once.
    pub(super) fn new(quota: u32) -> Self {
        let quota = f64::from(quota.max(1));
        let start = Duration::ZERO;
        Self { quota, rate: quota, tokens: quota, filled: start, gained: start, lesson: None }
    }

    /// Takes a call, or tells how long there is none.
    pub(super) fn take(&mut self, now: Duration) -> Result<(), Duration> {
        self.tokens = (self.tokens + now.saturating_sub(self.filled).as_secs_f64() * self.rate).min(self.quota);
        self.filled = self.filled.max(now);
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            return Ok(());
        }
        // Never so short that waiting for it would not get there.
        Err(Duration::from_secs_f64((1.0 - self.tokens) / self.rate).max(Duration::from_millis(1)))
    }

    /// The seconds until so many calls more could have left.
    pub(super) fn seconds_for(&self, calls: f64, now: Duration) -> f64 {
        let tokens = self.tokens + now.saturating_sub(self.filled).as_secs_f64() * self.rate;
        ((calls - tokens.min(self.quota)) / self.rate).max(0.0)
    }

    /// The calls a second that are tried.
    pub(super) fn rate(&self) -> f64 {
        self.rate
    }

    pub(super) fn throttled(&mut self, now: Duration) {
        if self.lesson.is_none_or(|last| now.saturating_sub(last) >= LESSON) {
            self.rate = (self.rate * BACK).max(LEAST.min(self.quota));
            self.tokens = 0.0;
            (self.filled, self.gained, self.lesson) = (self.filled.max(now), now, Some(now));
        }
    }

    pub(super) fn answered(&mut self, now: Duration) {
        let passed = now.saturating_sub(self.gained).min(LESSON).as_secs_f64();
        self.rate = (self.rate + passed * FORTH * self.quota).min(self.quota);
        self.gained = self.gained.max(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_of_calls_leaves_at_once_and_then_the_quota_holds() {
        let mut pace = Pace::new(25);
        let mut left = (0..40_u32).filter(|_| pace.take(Duration::ZERO).is_ok()).count();
        assert_eq!(left, 25);
        for tenth in 1..=10 {
            left += (0..40_u32).filter(|_| pace.take(Duration::from_millis(tenth * 100)).is_ok()).count();
        }
        assert_eq!(left, 50);
    }

    #[test]
    fn a_throttle_slows_down_and_good_answers_win_back() {
        let mut pace = Pace::new(10);
        pace.throttled(Duration::from_secs(1));
        pace.throttled(Duration::from_millis(1500));
        assert!((pace.rate() - 7.0).abs() < 1e-9, "one lesson: {}", pace.rate());
        assert!(pace.take(Duration::from_secs(1)).is_err());
        for second in 2..60 {
            pace.answered(Duration::from_secs(second));
        }
        assert!((pace.rate() - 10.0).abs() < 1e-9, "{}", pace.rate());
    }
}
