//! Request quotas: a token bucket for each account, region and operation.

use std::collections::HashMap;

use super::clock::Millis;

/// Full at first, refilled evenly.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Bucket {
    tokens: f64,
    at: Millis,
}

impl Bucket {
    /// Takes one token if there is one.
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of this age fit a double")]
    fn take(&mut self, rate: f64, burst: f64, now: Millis) -> bool {
        let elapsed = (now - self.at).max(0) as f64 / 1000.0;
        self.tokens = (self.tokens + elapsed * rate).min(burst);
        self.at = self.at.max(now);
        let granted = self.tokens >= 1.0;
        if granted {
            self.tokens -= 1.0;
        }
        granted
    }
}

/// All buckets.
#[derive(Debug, Default)]
pub(super) struct Quotas {
    buckets: HashMap<(String, String, String), Bucket>,
}

impl Quotas {
    /// Whether the account may make this call now.
    pub(super) fn admits(&mut self, account: &str, region: &str, service: &str, operation: &str, now: Millis) -> bool {
        let rate = rate(region, service, operation);
        let burst = rate.max(1.0);
        let key = (account.to_owned(), region.to_owned(), operation.to_owned());
        self.buckets.entry(key).or_insert(Bucket { tokens: burst, at: now }).take(rate, burst, now)
    }
}

/// Requests a second. `CreateTrainingJob`, `ListTrainingJobs` and those of CloudWatch Logs are published (service quotas
/// pages). For other operations SageMaker publishes no figure outside the console; those here are guesses.
fn rate(region: &str, service: &str, operation: &str) -> f64 {
    match (service, operation) {
        ("sagemaker", "CreateTrainingJob") => 1.0,
        ("sagemaker", "ListTrainingJobs") => 2.0,
        ("sagemaker", operation) if operation.starts_with("Create") || operation.starts_with("Update") => 2.0,
        ("sagemaker", operation) if operation.starts_with("List") => 4.0,
        ("sagemaker", operation) if operation.starts_with("Describe") => 10.0,
        ("sagemaker", _) => 5.0,
        ("logs", "FilterLogEvents") => match region {
            "us-east-1" => 25.0,
            "eu-central-1" | "ap-northeast-3" | "ap-southeast-3" | "ca-west-1" | "il-central-1" => 5.0,
            _ => 10.0,
        },
        ("logs", "GetLogEvents") => match region {
            "us-west-2" | "eu-west-1" | "eu-central-1" | "ap-northeast-3" | "ap-southeast-3" | "ca-west-1"
            | "il-central-1" => 10.0,
            "eu-west-3" => 30.0,
            _ => 25.0,
        },
        ("logs", "DescribeLogStreams") => 25.0,
        ("logs", "DescribeLogGroups") | ("application-autoscaling", _) => 10.0,
        ("sts", _) => 600.0,
        _ => 100.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_grants_its_rate_and_no_more() {
        let mut quotas = Quotas::default();
        let mut granted = |account: &str, at: Millis| {
            quotas.admits(account, "us-west-2", "sagemaker", "ListTrainingJobs", 1_000_000 + at)
        };
        let first: Vec<_> = [0, 0, 0, 499, 500, 501, 1000, 1400, 9000, 9000, 9000].map(|at| granted("a", at)).to_vec();
        assert_eq!(first, [true, true, false, false, true, false, true, false, true, true, false]);
        assert!(granted("b", 9000), "another account has a bucket of its own");
    }
}
