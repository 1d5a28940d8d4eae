//! Whether waiting helps against a quota.

use crate::lifecycle::Cause;

/// `The account-level service limit 'X' is 0 Instances, with current utilization of 0 Instances and a request delta of
/// 1 Instances. …`: a quota smaller than the request will never do, a larger one is used up for now.
pub(super) fn judge(message: &str) -> Cause {
    let limit = number_after(message, "' is ");
    let wanted = number_after(message, "request delta of ").unwrap_or(1);
    match limit {
        Some(limit) if limit < wanted => Cause::QuotaZero,
        Some(_) | None => Cause::QuotaInUse,
    }
}

fn number_after(text: &str, mark: &str) -> Option<u64> {
    let (_, rest) = text.split_once(mark)?;
    let digits: String = rest.chars().take_while(|c| c.is_ascii_digit() || *c == ',').filter(|c| *c != ',').collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_below_the_request_never_passes_and_one_in_use_may() {
        for (limit, used, wanted, cause) in [
            ("0", "0", "1", Cause::QuotaZero),
            ("4", "0", "8", Cause::QuotaZero),
            ("4", "4", "1", Cause::QuotaInUse),
            ("4", "2", "4", Cause::QuotaInUse),
            ("1,000", "1,000", "1", Cause::QuotaInUse),
        ] {
            let message = format!(
                "The account-level service limit 'ml.p3.2xlarge for training job usage' is {limit} Instances, with \
                 current utilization of {used} Instances and a request delta of {wanted} Instances. Please use AWS \
                 Service Quotas to request an increase for this quota."
            );
            assert_eq!(judge(&message), cause, "{message}");
        }
        assert_eq!(judge("You have too many jobs"), Cause::QuotaInUse);
    }
}
