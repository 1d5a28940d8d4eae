//! How many calls a second the service grants, and the share of it that following takes.

use std::time::Duration;

/// Calls a second of an account in a region; both calls have a quota of their own, and neither can be raised.
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// `FilterLogEvents`.
    pub filter: u32,
    /// `GetLogEvents`.
    pub stream: u32,
}

impl Quota {
    /// The quota of a region.
    #[must_use]
    pub fn of(region: &str) -> Self {
        let (filter, stream) = match region {
            "us-east-1" => (25, 25),
            "us-west-2" | "eu-west-1" => (10, 10),
            "eu-central-1" | "ap-northeast-3" | "ap-southeast-3" | "ca-west-1" | "il-central-1" => (5, 10),
            "eu-west-3" => (10, 30),
            _ => (10, 25),
        };
        Self { filter, stream }
    }
}

/// The time between two calls that leaves 40 % of the quota to everybody else in the account.
pub(super) fn polite(quota: u32) -> Duration {
    Duration::from_secs(1).mul_f64(1.0 / (0.6 * f64::from(quota.max(1))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn following_leaves_four_tenths_to_others() {
        assert_eq!(polite(10).as_millis(), 166);
        assert_eq!(Quota::of("us-east-1"), Quota { filter: 25, stream: 25 });
    }
}
