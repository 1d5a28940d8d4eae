//! A token bucket that learns its rate: up a little while answers are good, down by a part when AWS throttles.

use std::time::{Duration, Instant};

/// Operations that count against the same quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::aws) enum Family {
    /// `CreateTrainingJob`: 1 a second, not adjustable.
    CreateTrainingJob,
    /// `ListTrainingJobs`: 2 a second, not adjustable.
    ListTrainingJobs,
    /// Other Creates, whose quotas AWS does not publish.
    Create,
    /// Other Lists.
    List,
    /// Describe calls.
    Describe,
    /// Stop, Delete and Update calls.
    Change,
    /// Tags: read, set and removed.
    Tags,
    /// All of Application Auto Scaling, a service of its own.
    Scaling,
}

/// Where a family's rate starts and what it stays between, in requests a second.
/// Source of the published ones: <https://docs.aws.amazon.com/general/latest/gr/sagemaker.html>
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rates {
    /// Somebody else in the account uses the same quota, so we begin at about 60 % of it.
    pub(super) start: f64,
    pub(super) least: f64,
    pub(super) most: f64,
    /// How many requests may leave at once after a rest.
    pub(super) burst: f64,
}

impl Family {
    pub(super) fn rates(self) -> Rates {
        match self {
            Self::CreateTrainingJob => Rates { start: 0.6, least: 0.1, most: 0.9, burst: 1.0 },
            Self::ListTrainingJobs => Rates { start: 1.2, least: 0.1, most: 1.8, burst: 1.0 },
            Self::Create => Rates { start: 0.6, least: 0.1, most: 5.0, burst: 1.0 },
            // Seven operations, each with a quota of its own.
            Self::List => Rates { start: 1.2, least: 0.1, most: 5.0, burst: 4.0 },
            Self::Describe | Self::Scaling => Rates { start: 5.0, least: 0.2, most: 20.0, burst: 5.0 },
            Self::Change | Self::Tags => Rates { start: 2.0, least: 0.1, most: 10.0, burst: 2.0 },
        }
    }
}

/// A throttle takes this part of the rate.
const BACK: f64 = 0.5;
/// Good answers add this part of the starting rate each second.
const FORTH: f64 = 0.05;
/// One burst of throttles is one lesson: the answers of requests that left before it say nothing new.
const LESSON: Duration = Duration::from_secs(1);

/// A token, but for the rounding error that waiting for exactly one may end short of it.
const WHOLE: f64 = 1.0 - 1e-6;

/// How many requests may leave, and when. Time is an argument; a time before the last one counts as the last one.
#[derive(Debug, Clone)]
pub(super) struct Bucket {
    rates: Rates,
    rate: f64,
    tokens: f64,
    filled: Instant,
    /// Up to when good answers have been counted.
    gained: Instant,
    lesson: Option<Instant>,
}

impl Bucket {
    pub(super) fn new(rates: Rates, now: Instant) -> Self {
        Self { rates, rate: rates.start, tokens: rates.burst, filled: now, gained: now, lesson: None }
    }

    /// Takes a token, or says how long it will be until there is one.
    pub(super) fn take(&mut self, now: Instant) -> Result<(), Duration> {
        let passed = now.saturating_duration_since(self.filled);
        self.tokens = (self.tokens + passed.as_secs_f64() * self.rate).min(self.rates.burst);
        self.filled = self.filled.max(now);
        if self.tokens >= WHOLE {
            self.tokens = (self.tokens - 1.0).max(0.0);
            Ok(())
        } else {
            Err(Duration::from_secs_f64((1.0 - self.tokens) / self.rate))
        }
    }

    /// AWS said that this was too fast.
    pub(super) fn throttled(&mut self, now: Instant) {
        if self.lesson.is_some_and(|last| now.saturating_duration_since(last) < LESSON) {
            return;
        }
        self.rate = (self.rate * BACK).max(self.rates.least);
        self.tokens = 0.0;
        self.filled = self.filled.max(now);
        self.gained = self.gained.max(now);
        self.lesson = Some(now);
    }

    /// AWS took the request.
    pub(super) fn answered(&mut self, now: Instant) {
        // At most a second's gain for an answer: a bucket that rests has not learned that it may go faster.
        let passed = now.saturating_duration_since(self.gained).min(LESSON);
        self.rate = (self.rate + passed.as_secs_f64() * FORTH * self.rates.start).min(self.rates.most);
        self.gained = self.gained.max(now);
    }

    #[cfg(test)]
    pub(super) fn rate(&self) -> f64 {
        self.rate
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RATES: Rates = Rates { start: 1.0, least: 0.1, most: 2.0, burst: 2.0 };

    fn after(start: Instant, seconds: f64) -> Instant {
        start + Duration::from_secs_f64(seconds)
    }

    #[test]
    fn a_burst_leaves_at_once_and_then_the_rate_holds() {
        let start = Instant::now();
        let mut bucket = Bucket::new(RATES, start);
        assert_eq!(bucket.take(start), Ok(()));
        assert_eq!(bucket.take(start), Ok(()));
        assert_eq!(bucket.take(start), Err(Duration::from_secs(1)));
        assert_eq!(bucket.take(after(start, 0.25)), Err(Duration::from_millis(750)));
        assert_eq!(bucket.take(after(start, 1.0)), Ok(()));
    }

    #[test]
    fn throttles_of_one_burst_halve_the_rate_once() {
        let start = Instant::now();
        let mut bucket = Bucket::new(RATES, start);
        for at in [0.0, 0.1, 0.9] {
            bucket.throttled(after(start, at));
        }
        assert!((bucket.rate() - 0.5).abs() < 1e-9, "{}", bucket.rate());
        bucket.throttled(after(start, 1.0));
        assert!((bucket.rate() - 0.25).abs() < 1e-9, "{}", bucket.rate());
        for at in 2..20 {
            bucket.throttled(after(start, f64::from(at)));
        }
        assert!((bucket.rate() - RATES.least).abs() < 1e-9, "{}", bucket.rate());
    }

    #[test]
    fn good_answers_win_the_rate_back_slowly_and_never_past_the_most() {
        let start = Instant::now();
        let mut bucket = Bucket::new(RATES, start);
        bucket.throttled(start);
        for second in 1..=10 {
            bucket.answered(after(start, f64::from(second)));
        }
        assert!((bucket.rate() - 1.0).abs() < 1e-9, "{}", bucket.rate());
        for second in 11..=1000 {
            bucket.answered(after(start, f64::from(second)));
        }
        assert!((bucket.rate() - RATES.most).abs() < 1e-9, "{}", bucket.rate());
    }

    proptest! {
        /// In no stretch of time do more requests leave than the burst and the highest rate allow, whatever AWS says.
        #[test]
        fn never_faster_than_the_most(
            steps in proptest::collection::vec((0_u64..2_000, any::<bool>(), any::<bool>()), 1..200)
        ) {
            let start = Instant::now();
            let mut bucket = Bucket::new(RATES, start);
            let (mut millis, mut left) = (0, 0.0);
            for (pause, throttled, take) in steps {
                millis += pause;
                let now = start + Duration::from_millis(millis);
                if take && bucket.take(now).is_ok() {
                    left += 1.0;
                    if throttled { bucket.throttled(now) } else { bucket.answered(now) }
                }
                prop_assert!(RATES.least <= bucket.rate() && bucket.rate() <= RATES.most);
            }
            let seconds = Duration::from_millis(millis).as_secs_f64();
            prop_assert!(left <= RATES.burst + seconds * RATES.most + 1e-3, "{left} in {seconds} s");
        }

        /// Who waits as long as told gets the token.
        #[test]
        fn the_wait_is_enough(rests in proptest::collection::vec(0_u64..500, 1..50)) {
            let mut now = Instant::now();
            let mut bucket = Bucket::new(RATES, now);
            for rest in rests {
                now += Duration::from_millis(rest);
                if let Err(wait) = bucket.take(now) {
                    now += wait;
                    prop_assert_eq!(bucket.take(now), Ok(()));
                }
            }
        }
    }
}
