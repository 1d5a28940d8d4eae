//! How long to wait before a failed call is repeated. Chance is an argument.

use std::time::Duration;

/// Repeating a call with full jitter: uniformly between nothing and a bound that doubles.
#[derive(Debug, Clone, Copy, Default)]
pub struct Backoff {
    failures: u32,
}

impl Backoff {
    const FIRST: Duration = Duration::from_millis(400);
    const LONGEST: Duration = Duration::from_secs(10);
    /// Never at once: a dry token bucket fills up at 5 to 25 a second.
    const SHORTEST: Duration = Duration::from_millis(100);

    /// The wait before the next attempt; `chance` is from 0 to 1.
    pub fn after_failure(&mut self, chance: f64) -> Duration {
        let bound = Self::FIRST.saturating_mul(1 << self.failures.min(10)).min(Self::LONGEST);
        self.failures = self.failures.saturating_add(1);
        bound.mul_f64(chance.clamp(0.0, 1.0)).max(Self::SHORTEST)
    }

    /// How many attempts have failed in a row.
    #[must_use]
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// A call came through.
    pub fn succeeded(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_doubles_up_to_ten_seconds() {
        let mut backoff = Backoff::default();
        let bounds: Vec<u128> = (0..7).map(|_| backoff.after_failure(1.0).as_millis()).collect();
        assert_eq!(bounds, [400, 800, 1600, 3200, 6400, 10_000, 10_000]);
        backoff.succeeded();
        assert_eq!(backoff.after_failure(0.0), Backoff::SHORTEST);
    }
}
