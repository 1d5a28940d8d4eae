//! Who asks what, where and when: the frame of one operation.

use super::clock::Millis;
use super::identity::Caller;
use super::logs::LogService;

/// What an operation is told besides its request.
#[derive(Debug, Clone)]
pub(super) struct Context<'a> {
    pub(super) caller: &'a Caller,
    pub(super) account: &'a str,
    pub(super) region: &'a str,
    pub(super) now: Millis,
    /// Reads do not see what is younger than this, and what is created now stays unseen so long.
    pub(super) blind: Millis,
    pub(super) pace: Pace,
    pub(super) logs: &'a LogService,
}

impl Context<'_> {
    /// The ARN of a SageMaker resource here.
    pub(super) fn arn(&self, kind: &str, name: &str) -> String {
        format!("arn:{}:sagemaker:{}:{}:{kind}/{name}", partition(self.region), self.region, self.account)
    }
}

/// The partition that a region belongs to.
pub(super) fn partition(region: &str) -> &'static str {
    if region.starts_with("cn-") {
        "aws-cn"
    } else if region.starts_with("us-gov-") {
        "aws-us-gov"
    } else {
        "aws"
    }
}

/// How fast things happen. Durations scale; clocks do not.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace(pub(super) f64);

impl Pace {
    /// So many unscaled seconds, in real milliseconds.
    #[expect(clippy::cast_possible_truncation, reason = "a float to integer cast saturates")]
    pub(super) fn seconds(self, unscaled: f64) -> Millis {
        (unscaled * 1000.0 / self.0).round() as Millis
    }
}
