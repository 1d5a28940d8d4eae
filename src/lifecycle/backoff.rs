//! Waiting longer after each failure, spread out so that objects do not come back in step.

use std::time::Duration;

/// How long to wait between attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The longest wait after the first failure.
    pub base: Duration,
    /// The longest wait of all.
    pub cap: Duration,
}

impl Backoff {
    /// The wait before attempt number `attempt` (0 is the first repetition): anything up to `base` doubled `attempt` times,
    /// but at most `cap`. `chance` is in `0.0..1.0`.
    ///
    /// Full jitter, because it empties a crowd fastest:
    /// <https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>. The lowest tenth is left out, so that
    /// no failure is repeated at once.
    pub fn delay(&self, attempt: u32, chance: f64) -> Duration {
        let ceiling = self.base.saturating_mul(1_u32.checked_shl(attempt.min(31)).unwrap_or(u32::MAX)).min(self.cap);
        ceiling.mul_f64(0.1 + 0.9 * chance.clamp(0.0, 1.0))
    }
}

/// `around`, give or take a tenth.
pub fn jittered(around: Duration, chance: f64) -> Duration {
    around.mul_f64(0.9 + 0.2 * chance.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACKOFF: Backoff = Backoff { base: Duration::from_secs(1), cap: Duration::from_mins(5) };

    #[test]
    fn the_ceiling_doubles_up_to_the_cap() {
        for (attempt, seconds) in [(0, 1), (1, 2), (2, 4), (8, 256), (9, 300), (31, 300), (u32::MAX, 300)] {
            assert_eq!(BACKOFF.delay(attempt, 1.0), Duration::from_secs(seconds), "attempt {attempt}");
        }
    }

    #[test]
    fn chance_spreads_over_the_whole_range() {
        assert_eq!(BACKOFF.delay(3, 0.0), Duration::from_millis(800));
        assert_eq!(BACKOFF.delay(3, 0.5), Duration::from_millis(4400));
        assert_eq!(jittered(Duration::from_secs(10), 0.0), Duration::from_secs(9));
        assert_eq!(jittered(Duration::from_secs(10), 1.0), Duration::from_secs(11));
    }
}
