//! The measures of following, and where it begins.

use std::time::Duration;

use super::{EventId, Millis, Quota};

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

/// Where following begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// The earliest timestamp.
    pub from: Millis,
    /// The first event wanted, where older ones of the same millisecond are not: the oldest line of `--tail`.
    pub first: Option<EventId>,
}
