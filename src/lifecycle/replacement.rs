//! How often a resource that differs from its spec is deleted and made again: each time that helped, but not in a circle.

use chrono::{DateTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How long a second replacement in a row keeps the third from coming.
const FIRST_WAIT: TimeDelta = TimeDelta::minutes(1);
/// The longest that a replacement keeps the next one from coming.
const LONGEST_WAIT: TimeDelta = TimeDelta::minutes(30);
/// After so long, a replacement is the first of a new row.
const CALM: TimeDelta = TimeDelta::hours(1);

/// The last time that the resource was replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Replacement {
    /// When it was deleted.
    pub at: DateTime<Utc>,
    /// The generation of the spec for which it was replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generation: Option<i64>,
    /// True once the resource was seen to be as that spec wants it: what differs after that is somebody's doing. Until then
    /// it may be SageMaker's own way to put things, which no replacement changes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub helped: bool,
    /// How many there were in a row.
    pub times: i32,
}

/// Whether the resource may be replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// At once.
    Now,
    /// From that moment on.
    From(DateTime<Utc>),
    /// Not before the spec changes: it did not help the last time.
    InVain,
}

impl Replacement {
    /// The one that is made now, after `last`.
    #[must_use]
    pub fn after(last: Option<&Self>, generation: Option<i64>, now: DateTime<Utc>) -> Self {
        let in_a_row = last.filter(|last| last.generation == generation && now - last.at < CALM);
        let times = in_a_row.map_or(0, |last| last.times).saturating_add(1);
        Self { at: now, generation, helped: false, times }
    }

    /// Whether there may be another one for that generation of the spec.
    pub fn again(&self, generation: Option<i64>, now: DateTime<Utc>) -> Again {
        if self.generation != generation {
            return Again::Now;
        }
        if !self.helped {
            return Again::InVain;
        }
        let from = self.at + self.wait();
        if now < from { Again::From(from) } else { Again::Now }
    }

    fn wait(&self) -> TimeDelta {
        match self.times {
            ..=1 => TimeDelta::zero(),
            2..=6 => FIRST_WAIT * (1 << (self.times - 2)),
            7.. => LONGEST_WAIT,
        }
        .min(LONGEST_WAIT)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone as _;

    use super::*;

    fn noon() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 11, 23, 12, 0, 0).unwrap()
    }

    #[test]
    fn what_did_not_help_is_not_repeated_for_the_same_spec() {
        let first = Replacement::after(None, Some(1), noon());
        assert_eq!(first.again(Some(1), noon() + TimeDelta::days(9)), Again::InVain);
        assert_eq!(first.again(Some(2), noon()), Again::Now);
    }

    #[test]
    fn what_helped_is_repeated_more_and_more_slowly() {
        let mut now = noon();
        let mut last = None;
        let mut waits = Vec::new();
        for _ in 0..9 {
            let helped = Replacement { helped: true, ..Replacement::after(last.as_ref(), Some(1), now) };
            if let Again::From(from) = helped.again(Some(1), now) {
                waits.push((from - now).num_minutes());
                now = from;
                assert_eq!(helped.again(Some(1), now), Again::Now);
            }
            last = Some(helped);
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30, 30], "the first one is followed at once");
        let next = Replacement::after(last.as_ref(), Some(1), now + TimeDelta::hours(2));
        assert_eq!(next.times, 1, "after a calm hour all is forgotten");
        assert_eq!(Replacement::after(last.as_ref(), Some(2), now).times, 1, "and so with an edit");
    }
}
